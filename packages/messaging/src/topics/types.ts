import type { MessageAttributes } from '../attributes';

export interface TopicEncryption {
  /** Id, ARN or alias of a KMS key. With `alias/aws/sns`, AWS's own services cannot publish to the topic. */
  readonly keyId: string;
}

export interface CreateTopic {
  /** 1-256 letters, digits, `-` and `_`; a FIFO topic's ends in `.fifo`. */
  readonly name: string;
  /** @default whether the name ends in `.fifo` */
  readonly fifo?: boolean;
  /** What mail and text messages come from; 1-100 characters. */
  readonly displayName?: string;
  /** FIFO topics only: the body's hash is the deduplication id. @default false */
  readonly contentBasedDeduplication?: boolean;
  readonly encryption?: TopicEncryption;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface TopicChanges {
  readonly displayName?: string;
  readonly contentBasedDeduplication?: boolean;
  /** 'none' ends it. */
  readonly encryption?: TopicEncryption | 'none';
  /** All that the topic has then. */
  readonly tags?: Readonly<Record<string, string>>;
}

export interface TopicSummary {
  readonly name: string;
  readonly arn: string;
  readonly fifo: boolean;
}

export interface TopicInfo extends TopicSummary {
  readonly displayName: string;
  readonly subscriptionsConfirmed: number;
  readonly subscriptionsPending: number;
  readonly encryption: TopicEncryption | 'none';
  readonly contentBasedDeduplication: boolean;
  readonly tags: Record<string, string>;
  /** The document that says who may publish and subscribe. */
  readonly policy: Record<string, unknown> | null;
}

export interface ListTopics {
  /** Names that begin so. */
  readonly prefix?: string;
  /** 1-1000. @default 100 */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface TopicMessage {
  /** Up to 262,144 bytes of UTF-8 with the attributes; more only where large messages are set up. */
  readonly body: string;
  /** The subject of mails: up to 99 characters of ASCII, no line breaks. */
  readonly subject?: string;
  readonly attributes?: MessageAttributes;
  /** Required by FIFO topics; standard topics pass it on to queues that are fair. */
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** Bodies for single protocols (`email`, `sms`, `sqs`, `lambda`, `http`, `https`, ...); `body` is for all others. */
  readonly perProtocol?: Readonly<Record<string, string>>;
}

export interface ShareTopic {
  /** Names the statement in the topic's policy; 1-80 letters, digits, `-` and `_`. */
  readonly label: string;
  /** 12 digits each. */
  readonly accountIds: readonly string[];
  /** As SNS names them, such as `Publish` and `Subscribe`. */
  readonly actions: readonly string[];
}
