import type { MessageAttributes, OutgoingMessage } from '../../contracts';
import type { Place } from './fifo-line';
import type { HeapItem } from './indexed-heap';

/** A message on its way into a queue, with who sent it. */
export interface Draft extends OutgoingMessage {
  readonly senderId: string;
}

/** What a message carries; it never changes. */
export interface Content {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly traceHeader?: string;
  readonly senderId: string;
  readonly deadLetterSourceArn?: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

export type EntryState =
  /** Waits for its delay to end. */
  | 'delayed'
  /** Can be received. */
  | 'visible'
  /** Was received; hidden until its visibility timeout ends. */
  | 'in-flight'
  /** On its way to the dead-letter queue. */
  | 'moving'
  /** Deleted, expired, moved or purged. */
  | 'gone';

/** What is known of a message that was received, here or in an earlier queue. */
export interface Receives {
  count: number;
  /** Receives in earlier queues: shown to consumers, as SQS does, but not counted by this queue's redrive policy. */
  readonly inherited: number;
  /** Milliseconds since the epoch. */
  firstAt: number;
  /** Milliseconds since the epoch. */
  lastAt: number;
  /** Whether the store has a record of the count. */
  stored: boolean;
}

/**
 * A message in a queue's index. Its content may be in the store only. There may be millions: what most of them do not have, most
 * of them have no fields for.
 */
export class Entry implements HeapItem {
  state: EntryState = 'visible';
  heapIndex = -1;
  eventAt = Infinity;
  content: Content | undefined;
  receives: Receives | undefined;
  /** In the line of a FIFO queue. */
  place: Place | undefined;

  constructor(
    /** Unique in the store, increasing with time. */
    readonly sequence: number,
    /** Milliseconds since the epoch; a dead-letter move keeps it. */
    readonly sentAt: number,
    /** Characters of the record, for the memory budget. */
    readonly size: number,
  ) {}

  get receiveCount(): number {
    return this.receives?.count ?? 0;
  }
}

export function newEntry(sequence: number, arrival: Arrival, size: number): Entry {
  const entry = new Entry(sequence, arrival.sentAt, size);
  const { receiveCount: count, firstReceivedAt: firstAt } = arrival;
  if (count > 0) entry.receives = { count, inherited: count, firstAt, lastAt: 0, stored: false };
  return entry;
}

export function countReceive(entry: Entry, now: number): void {
  entry.receives ??= { count: 0, inherited: 0, firstAt: now, lastAt: now, stored: false };
  entry.receives.count += 1;
  entry.receives.lastAt = now;
}

/** What counts for the queue's redrive policy. */
export function receivesHere({ receives }: Entry): number {
  return receives ? receives.count - receives.inherited : 0;
}

interface Header {
  readonly messageId: string;
  readonly senderId: string;
  readonly sentAt: number;
  readonly availableAt?: number;
  readonly attributes?: MessageAttributes;
  readonly traceHeader?: string;
  readonly receiveCount?: number;
  readonly firstReceivedAt?: number;
  readonly deadLetterSourceArn?: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

export interface Arrival {
  readonly sentAt: number;
  readonly availableAt: number;
  /** Receives in earlier queues. */
  readonly receiveCount: number;
  readonly firstReceivedAt: number;
}

/** The stored form: a JSON header, a line feed, the body as it is. */
export function encodeRecord(content: Content, arrival: Arrival): string {
  const header: Header = {
    messageId: content.messageId,
    senderId: content.senderId,
    sentAt: arrival.sentAt,
    ...(arrival.availableAt > arrival.sentAt && { availableAt: arrival.availableAt }),
    ...(hasKeys(content.attributes) && { attributes: content.attributes }),
    ...(arrival.receiveCount > 0 && {
      receiveCount: arrival.receiveCount,
      firstReceivedAt: arrival.firstReceivedAt,
    }),
    // What is undefined is left out of JSON.
    traceHeader: content.traceHeader,
    deadLetterSourceArn: content.deadLetterSourceArn,
    groupId: content.groupId,
    deduplicationId: content.deduplicationId,
  };
  return `${JSON.stringify(header)}\n${content.body}`;
}

export function decodeRecord(record: string): { content: Content; arrival: Arrival } {
  const end = record.indexOf('\n');
  const header = JSON.parse(record.slice(0, end)) as Header;
  return {
    content: {
      messageId: header.messageId,
      senderId: header.senderId,
      body: record.slice(end + 1),
      attributes: header.attributes ?? {},
      traceHeader: header.traceHeader,
      deadLetterSourceArn: header.deadLetterSourceArn,
      groupId: header.groupId,
      deduplicationId: header.deduplicationId,
    },
    arrival: {
      sentAt: header.sentAt,
      availableAt: header.availableAt ?? header.sentAt,
      receiveCount: header.receiveCount ?? 0,
      firstReceivedAt: header.firstReceivedAt ?? 0,
    },
  };
}

function hasKeys(attributes: MessageAttributes): boolean {
  for (const _name in attributes) return true;
  return false;
}

/** Fixed width, so that the store's order is the order of the sequence. */
export function sequenceKey(sequence: number): string {
  return sequence.toString(36).padStart(11, '0');
}

/** What a receipt handle says; a handle is good until its message is received again. */
export interface Receipt {
  readonly queueId: string;
  readonly sequence: number;
  readonly receiveCount: number;
}

export function encodeReceipt(receipt: Receipt): string {
  return Buffer.from(`${receipt.queueId}/${receipt.sequence}/${receipt.receiveCount}`).toString('base64');
}

/** Undefined for what is no receipt handle at all. */
export function decodeReceipt(handle: string): Receipt | undefined {
  const [queueId, sequence, receiveCount, ...rest] = Buffer.from(handle, 'base64').toString().split('/');
  const receipt = { queueId: queueId ?? '', sequence: Number(sequence), receiveCount: Number(receiveCount) };
  const valid =
    rest.length === 0 && Number.isSafeInteger(receipt.sequence) && Number.isInteger(receipt.receiveCount);
  return valid ? receipt : undefined;
}

// What the objects of a small message take beside its characters.
const CONTENT_OVERHEAD = 256;

/** How much message content stays in memory; what does not fit is read from the store when it is received. */
export class ContentBudget {
  private used = 0;

  constructor(private readonly capacity: number) {}

  /** Keeps the content with the entry if there is room. */
  hold(entry: Entry, content: Content): void {
    const size = entry.size + CONTENT_OVERHEAD;
    if (this.used + size > this.capacity) return;
    this.used += size;
    entry.content = content;
  }

  release(entry: Entry): void {
    if (!entry.content) return;
    this.used -= entry.size + CONTENT_OVERHEAD;
    entry.content = undefined;
  }
}
