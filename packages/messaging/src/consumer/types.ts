import type { ReceivedMessage } from '../queues/types';

/** A message and what `parse` made of its body; without `parse` that is the body. */
export type ConsumedMessage<Data = string> = ReceivedMessage & { readonly data: Data };

export interface HandlerContext {
  /**
   * Aborted when the consumer stopped and the grace is over, or when the message could not be kept from others any longer: what the
   * handler does from then on may be done twice.
   */
  readonly signal: AbortSignal;
}

/** Done when the promise resolves: only then the message is deleted. */
export type MessageHandler<Data = string> = (
  message: ConsumedMessage<Data>,
  context: HandlerContext,
) => Promise<unknown> | void;

/** How messages are taken from a queue. */
export interface ConsumeOptions<Data = string> {
  /** Messages that are handled at a time, 1 to 1,000. @default 10 */
  readonly concurrency?: number;
  /** How long a receive waits for messages, 0 to 20. @default 20 */
  readonly waitSeconds?: number;
  /** How long a message is kept from others unless it is extended, 1 to 43,200. @default the queue's */
  readonly visibilityTimeoutSeconds?: number;
  /** How often the visibility of what is still being handled is extended. @default a third of the visibility timeout */
  readonly heartbeatSeconds?: number;
  /** Whether up to ten messages are deleted with one call. @default true */
  readonly batchDelete?: boolean;
  /**
   * When a message comes again that was not done, 0 to 43,200 seconds; a function may answer undefined for the default.
   *
   * @default when its visibility timeout ends
   */
  readonly retryAfterSeconds?: number | ((message: ReceivedMessage, error: Error) => number | undefined);
  /** Stops the consumer when it aborts, with the default grace. */
  readonly signal?: AbortSignal;
  /**
   * What is made of a body: `JSON.parse`, a schema's parser. A body for which it throws is a failed message.
   * Its parameter needs its type, for `data` to get one: `parse: (body: string) => Order.parse(JSON.parse(body))`.
   */
  readonly parse?: (body: string, message: ReceivedMessage) => Data;
}

export interface StopOptions {
  /** How long handlers may go on before their signal aborts, in milliseconds. @default 30000 */
  readonly graceMs?: number;
}

/** What a consumer did since it began, and what it is doing. */
export interface ConsumerStats {
  readonly received: number;
  /** Handlers that resolved. */
  readonly handled: number;
  readonly failed: number;
  readonly deleted: number;
  /** Given back at a stop, or because an earlier one of their group failed. */
  readonly returned: number;
  /** Visible to others while they were handled here. */
  readonly lost: number;
  /** Calls of ReceiveMessage that were answered, and those of them without a message. */
  readonly polls: number;
  readonly emptyPolls: number;
  /** Calls that failed. */
  readonly errors: number;
  /** Handlers that run now. */
  readonly running: number;
  /** Messages that wait here for an earlier one of their group. */
  readonly waiting: number;
}

/** A message of `messages()`: it is one's own until `done` or `retry`. */
export type OpenMessage<Data = string> = ConsumedMessage<Data> & {
  /** As in `HandlerContext`. */
  readonly signal: AbortSignal;
  /** Resolves when the message is deleted. */
  done(): Promise<void>;
  /** Lets the message come again after so many seconds. @default when its visibility timeout ends */
  retry(seconds?: number): Promise<void>;
};
