import type { MessageAttributes } from '../attributes';
import type { ConsumedMessage, ConsumeOptions, HandlerContext } from '../consumer';
import type { ReceivedMessage } from '../queues/types';

export interface RequesterOptions {
  /** Name of the queue that requests go to. */
  readonly queue: string;
  /**
   * Name of the queue for the replies, of this requester alone. Absent: a temporary one, `<prefix>replies-<random>`, made with the
   * first request and deleted by `close`.
   */
  readonly replyQueue?: string;
  /** How long a reply is waited for, in milliseconds. @default 30000 */
  readonly timeoutMs?: number;
}

export interface RequestOptions {
  readonly attributes?: MessageAttributes;
  /** @default the requester's */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** For a FIFO queue. */
  readonly groupId?: string;
  /** For a FIFO queue. */
  readonly deduplicationId?: string;
}

/** A reply; where the other side failed its attribute `error` says so. */
export type Reply = ReceivedMessage;

export interface RequesterStats {
  readonly sent: number;
  readonly replied: number;
  readonly timedOut: number;
  /** Replies after the timeout. */
  readonly late: number;
  /** Messages in the reply queue that answer nothing that was asked. */
  readonly foreign: number;
  readonly inFlight: number;
}

/** What a responder answers. */
export type ReplyContent = string | { readonly body: string; readonly attributes?: MessageAttributes };

export type RequestHandler<Data = string> = (
  request: ConsumedMessage<Data>,
  context: HandlerContext,
) => Promise<ReplyContent> | ReplyContent;

export interface RespondOptions<Data = string> extends ConsumeOptions<Data> {
  /**
   * Queues that replies may go to: names, name prefixes ending in `*`, or (for queues of other accounts in this region) ARNs. A request
   * that names another one is never answered; it is left to the dead letters.
   */
  readonly replyTo: readonly string[];
}
