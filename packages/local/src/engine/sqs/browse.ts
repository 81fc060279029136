import type { MessageAttributes } from '../../contracts';
import { sequenceNumber } from './deduplication';
import { invalidParameterValue } from '../errors';
import type { Content, Entry } from './message';
import { sequenceKey } from './message';
import type { QueueMessages } from './queue-messages';

const MAX_LIMIT = 1000;
const MAX_PAGE_CHARACTERS = 8 * 1024 * 1024;
const CURSOR = /^[0-9a-z]{11}$/;

export interface BrowseOptions {
  /** Messages a page; 1 to 1,000. Large messages make a page shorter. */
  readonly limit: number;
  /** `next` of the page before. @default the oldest message */
  readonly after?: string;
}

/** A message as someone sees it who does not take it. */
export interface BrowsedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly traceHeader?: string;
  readonly senderId: string;
  readonly state: 'visible' | 'in-flight' | 'delayed';
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
  /** When it can be received (again); unset where it can be now. Milliseconds since the epoch. */
  readonly visibleAt?: number;
  readonly receiveCount: number;
  /** Milliseconds since the epoch. */
  readonly firstReceivedAt?: number;
  readonly deadLetterSourceArn?: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** 20 digits; FIFO queues only. */
  readonly sequenceNumber?: string;
}

/**
 * A page of a queue's messages in the order of their arrival, read from the store and touched by nobody. Its cost depends on the
 * page, not on how many messages there are.
 * @throws ServiceError InvalidParameterValue
 */
export async function browse(
  entries: ReadonlyMap<number, Entry>,
  stored: QueueMessages,
  fifo: boolean,
  options: BrowseOptions,
): Promise<{ messages: BrowsedMessage[]; next?: string }> {
  const { limit } = options;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw invalidParameterValue(`limit must be an integer from 1 to ${MAX_LIMIT}, and is ${limit}`);
  }
  const messages: BrowsedMessage[] = [];
  let characters = 0;
  let last = 0;
  for await (const { sequence, content } of stored.after(startOf(entries, options.after))) {
    const entry = entries.get(sequence);
    if (!entry || entry.state === 'moving') continue;
    if (messages.length >= limit || characters >= MAX_PAGE_CHARACTERS) {
      return { messages, next: sequenceKey(last) };
    }
    messages.push(browsed(entry, content, fifo));
    characters += entry.size;
    last = sequence;
  }
  return { messages };
}

/** Reading begins no earlier than the oldest message: what the store still knows of deleted ones need not be passed. */
function startOf(entries: ReadonlyMap<number, Entry>, after: string | undefined): number {
  if (after !== undefined && !CURSOR.test(after)) {
    throw invalidParameterValue(`after must be the \`next\` of a page, and is ${after.slice(0, 100)}`);
  }
  const [oldest = 1] = entries.keys();
  return Math.max(oldest - 1, after === undefined ? 0 : parseInt(after, 36));
}

function browsed(entry: Entry, content: Content, fifo: boolean): BrowsedMessage {
  const { state, receives } = entry;
  return {
    messageId: content.messageId,
    body: content.body,
    attributes: content.attributes,
    traceHeader: content.traceHeader,
    senderId: content.senderId,
    state: state as BrowsedMessage['state'],
    sentAt: entry.sentAt,
    visibleAt: state === 'visible' ? undefined : entry.eventAt,
    receiveCount: entry.receiveCount,
    firstReceivedAt: receives?.firstAt,
    deadLetterSourceArn: content.deadLetterSourceArn,
    groupId: content.groupId,
    deduplicationId: content.deduplicationId,
    sequenceNumber: fifo ? sequenceNumber(entry.sequence) : undefined,
  };
}
