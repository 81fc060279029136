/** What makes a queue first-in-first-out within each message group. */
export interface QueueFifo {
  /** SQS takes the SHA-256 of the body where a sender gives no deduplication id. @default false */
  readonly contentBasedDeduplication?: boolean;
  /** Where duplicates are looked for: in the whole queue, or in the message's group only. @default 'queue' */
  readonly deduplicationScope?: 'queue' | 'messageGroup';
  /** `perMessageGroupId` is SQS's high throughput; it needs the deduplication scope `messageGroup`. @default 'perQueue' */
  readonly throughputLimit?: 'perQueue' | 'perMessageGroupId';
}

/** What makes a topic first-in-first-out within each message group. */
export interface TopicFifo {
  /** SNS takes the SHA-256 of the message where a publisher gives no deduplication id. @default false */
  readonly contentBasedDeduplication?: boolean;
  /** Where order, duplicates and throughput are bounded: over the whole topic, or in each group by itself. @default 'Topic' */
  readonly throughputScope?: 'Topic' | 'MessageGroup';
  /**
   * Keeps published messages so that subscribers can have them replayed, 1-365 days; 0.10 USD a GB in, 0.023 USD a
   * GB-month. SNS deletes no topic that has an archive: take this away and deploy before a destroy. @default none kept
   */
  readonly archiveDays?: number;
}

const SUFFIX = '.fifo';

/** AWS wants `.fifo` at the end of the names of FIFO queues and topics, and of no others. */
export function fifoName(name: string, fifo: object | undefined): string {
  return fifo && !name.endsWith(SUFFIX) ? `${name}${SUFFIX}` : name;
}

/** The name of something that belongs to a queue: `orders.fifo` and `dead-letters` give `orders-dead-letters`. */
export function derivedName(name: string, part: string): string {
  return `${name.replace(/\.fifo$/, '')}-${part}`;
}
