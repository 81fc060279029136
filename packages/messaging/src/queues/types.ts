import type { MessageAttributes } from '../attributes';

/**
 * 'sqs': keys that SQS manages; 'none': not encrypted at rest; or a key of KMS, by id, ARN or alias.
 * A topic can send to a queue with a KMS key only if the key's policy lets SNS use it.
 */
export type QueueEncryption = 'sqs' | 'none' | { readonly keyId: string };

export interface DeadLetter {
  /** Name or ARN of the queue that takes what was received too often. */
  readonly queue: string;
  /** 1 to 1000. */
  readonly maxReceiveCount: number;
}

/** What can be set of a queue; what is left out is as it was, in a new queue AWS's default. */
export interface QueueSettings {
  /** 0 to 43,200. AWS's default is 30. */
  readonly visibilityTimeoutSeconds?: number;
  /** 60 to 1,209,600. AWS's default is 345,600, four days. */
  readonly retentionSeconds?: number;
  /** 0 to 900. AWS's default is 0. */
  readonly delaySeconds?: number;
  /** 1,024 to 1,048,576. AWS's default is the most. */
  readonly maxMessageBytes?: number;
  /** 0 to 20. AWS's default is 0. */
  readonly receiveWaitSeconds?: number;
  /** null takes a dead-letter queue away. */
  readonly deadLetter?: DeadLetter | null;
  /** A new queue: 'sqs'. */
  readonly encryption?: QueueEncryption;
  /** FIFO only: the body's hash is the deduplication id of a message that has none. */
  readonly contentBasedDeduplication?: boolean;
  /** FIFO only: order and throughput a message group rather than a queue. */
  readonly highThroughput?: boolean;
}

export interface CreateQueue extends QueueSettings {
  /** 1 to 80 letters, digits, hyphens and underscores; a FIFO queue's ends in `.fifo`. */
  readonly name: string;
  /** @default whether the name ends in `.fifo` */
  readonly fifo?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface QueueChanges extends QueueSettings {
  /** All that the queue has then. */
  readonly tags?: Readonly<Record<string, string>>;
}

export interface QueueSummary {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly fifo: boolean;
}

export interface QueueInfo extends QueueSummary {
  readonly createdAt: Date;
  readonly modifiedAt: Date;
  /** Messages that can be received, about. */
  readonly visible: number;
  /** Messages that were received and neither deleted nor given back, about. */
  readonly inFlight: number;
  /** Messages that are not to be received yet, about. */
  readonly delayed: number;
  readonly visibilityTimeoutSeconds: number;
  readonly retentionSeconds: number;
  readonly delaySeconds: number;
  readonly maxMessageBytes: number;
  readonly receiveWaitSeconds: number;
  readonly deadLetter: {
    readonly queue: string;
    readonly arn: string;
    readonly maxReceiveCount: number;
  } | null;
  readonly encryption: QueueEncryption;
  readonly contentBasedDeduplication: boolean;
  readonly highThroughput: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** The document that says who else may do what. */
  readonly policy: Readonly<Record<string, unknown>> | null;
}

export interface ListQueues {
  /** Names that begin so. */
  readonly prefix?: string;
  /** 1 to 1000. @default 100 */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface OutgoingMessage {
  readonly body: string;
  readonly attributes?: MessageAttributes;
  /** 0 to 900; not for FIFO queues. @default the queue's */
  readonly delaySeconds?: number;
  /** Required by FIFO queues; in a standard queue it makes waiting fair among groups. */
  readonly groupId?: string;
  /** FIFO queues only: a second message with the same id within five minutes is accepted and dropped. */
  readonly deduplicationId?: string;
}

export interface SentMessage {
  readonly messageId: string;
  /** FIFO queues and topics only. */
  readonly sequenceNumber: string | null;
  /** Whether the body went to S3. */
  readonly large: boolean;
}

export interface SentAll {
  /** In the order of the messages, without those that failed. */
  readonly sent: SentMessage[];
  /** By the message's place, from 0. */
  readonly failed: { readonly index: number; readonly code: string; readonly detail: string }[];
}

export interface ReceiveOptions {
  /** 1 to 10. @default 10 */
  readonly max?: number;
  /** How long to wait for a first message, 0 to 20. @default 0 */
  readonly waitSeconds?: number;
  /** How long the messages are kept from others, 0 to 43,200. @default the queue's */
  readonly visibilityTimeoutSeconds?: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

export interface ReceivedMessage {
  readonly messageId: string;
  /** What was sent; of a message that came over a topic the message that was published. */
  readonly body: string;
  readonly attributes: MessageAttributes;
  /** For `deleteMessage` and `changeVisibility`; of this receive only. */
  readonly receiptHandle: string;
  readonly sentAt: Date;
  readonly firstReceivedAt: Date;
  /** This time included. */
  readonly receiveCount: number;
  readonly groupId: string | null;
  readonly deduplicationId: string | null;
  readonly sequenceNumber: string | null;
  /** Whether the body came from S3. */
  readonly large: boolean;
  /**
   * Where a message came from that a topic wrapped in its envelope. The queue's policy says who may write: without one
   * that admits the topic alone, any of its senders can write such an envelope.
   */
  readonly topic?: TopicOrigin;
}

export interface TopicOrigin {
  readonly arn: string;
  /** The topic's id of the message; the queue has another. */
  readonly messageId: string;
  readonly subject: string | null;
  readonly timestamp: Date;
}

/** A message that was received, or only its receipt handle. */
export type Handle = string | Pick<ReceivedMessage, 'receiptHandle' | 'messageId'>;

/** One message of a batch that was not deleted or not changed. */
export interface HandleFailure {
  /** Place of the receipt handle, from 0. */
  readonly index: number;
  readonly code: string;
  readonly detail: string;
}

export interface ShareQueue {
  /** Names the statement in the queue's policy; 1 to 80 letters, digits, hyphens and underscores. */
  readonly label: string;
  /** 12 digits each. */
  readonly accountIds: readonly string[];
  /** As SQS names them: `SendMessage`, `ReceiveMessage`, `DeleteMessage`, `ChangeMessageVisibility`, `GetQueueAttributes`, `GetQueueUrl`, `PurgeQueue`, `ListDeadLetterSourceQueues`. */
  readonly actions: readonly string[];
}

export interface RedriveOptions {
  /** Name of the queue that the messages go to. @default each to where it came from */
  readonly to?: string;
  /** 1 to 500. @default as fast as SQS finds good */
  readonly maxPerSecond?: number;
}

export type RedriveStatus = 'running' | 'completed' | 'cancelling' | 'cancelled' | 'failed';

export interface Redrive {
  /** For `cancelRedrive`: when it began, as SQS has no other name for a redrive that is over. */
  readonly id: string;
  /** Name of the dead-letter queue. */
  readonly source: string;
  /** Name of the queue; null where each message goes back to where it came from. */
  readonly destination: string | null;
  readonly status: RedriveStatus;
  /** So far, about. */
  readonly moved: number;
  /** When it began, about; null where SQS does not tell. */
  readonly toMove: number | null;
  readonly startedAt: Date;
  /** Why it failed. */
  readonly failureReason: string | null;
}
