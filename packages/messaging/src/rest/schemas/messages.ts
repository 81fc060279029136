import * as v from 'valibot';
import type { MessageAttributes } from '../../attributes';
import type { ReceivedMessage as Received } from '../../queues/types';
import { closed, component, Count, dictionary, json, Moment, text, told, whole } from './base';
import { Arn } from './names';

/** Of a body; larger ones than 1 MiB go through S3, where the server has a bucket for them. */
export const MAX_BODY_CHARACTERS = 2_097_152;

const StringAttribute = closed({ type: v.literal('string'), value: text(1, 262_144) });

const NumberAttribute = closed({
  type: v.literal('number'),
  value: told(
    v.pipe(
      v.string(),
      v.regex(/^-?(?:\d{1,15}|\d{1,9}\.\d{1,6})$/, 'must be a decimal number of at most 15 digits'),
    ),
    'A decimal number of at most 15 digits, which is what a double holds.',
    '42.5',
  ),
});

const BinaryAttribute = closed({
  type: v.literal('binary'),
  value: told(
    v.pipe(
      v.string(),
      v.regex(
        /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/,
        'must be base64, and not empty',
      ),
      v.maxLength(262_144),
    ),
    'Bytes in base64.',
    'AQID',
  ),
});

const Attribute = component(
  'MessageAttribute',
  v.variant('type', [StringAttribute, NumberAttribute, BinaryAttribute]),
);

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
const AttributeName = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9_-]{1,100}(?:\.[A-Za-z0-9_-]{1,50}){0,3}$/,
    'a name has letters, digits, hyphens, underscores and single dots between them',
  ),
  v.check((name) => !/^(?:aws|amazon)\./i.test(name), 'a name does not begin with AWS. or Amazon.'),
);

export const Attributes = component(
  'MessageAttributes',
  told(
    v.pipe(dictionary(AttributeName, Attribute), v.maxEntries(10, 'a message has at most 10 attributes')),
    'Up to 10, beside the body.',
    { customer: { type: 'string', value: 'c-17' }, total: { type: 'number', value: '42.5' } },
  ),
);

export type AttributesJson = v.InferOutput<typeof Attributes>;

/** As the library takes them. */
export function toAttributes(attributes: AttributesJson | undefined): MessageAttributes | undefined {
  if (attributes === undefined) return undefined;
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, toValue(value)]));
}

function toValue({ type, value }: v.InferOutput<typeof Attribute>): string | number | Uint8Array {
  if (type === 'string') return value;
  return type === 'number' ? Number(value) : Buffer.from(value, 'base64');
}

/** Attributes of a message that was received: who sent it kept to other rules, perhaps. */
const ReceivedAttributes = component(
  'ReceivedAttributes',
  v.record(v.string(), closed({ type: v.picklist(['string', 'number', 'binary']), value: v.string() })),
);

export function fromAttributes(attributes: MessageAttributes): v.InferInput<typeof ReceivedAttributes> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, fromValue(value)]));
}

function fromValue(value: string | number | Uint8Array) {
  if (typeof value === 'string') return { type: 'string' as const, value };
  if (typeof value === 'number') return { type: 'number' as const, value: String(value) };
  return { type: 'binary' as const, value: Buffer.from(value).toString('base64') };
}

export const Body = told(text(1, MAX_BODY_CHARACTERS), 'What is sent: text, often JSON.', '{"order":"o-1"}');

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const FifoId = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9!"#$%&'()*+,./:;<=>?@[\\\]^_`{|}~-]{1,128}$/,
    'must be 1 to 128 letters, digits and punctuation marks',
  ),
);

export const GroupId = told(
  FifoId,
  'Messages of a group keep their order (FIFO; for other queues: fair turns).',
  'c-17',
);
export const DeduplicationId = told(
  FifoId,
  'FIFO: of messages with the same id within 5 minutes one is delivered. The Idempotency-Key, unless told.',
  'o-1-placed',
);

export const QueueMessage = component(
  'QueueMessage',
  closed({
    body: Body,
    attributes: v.optional(Attributes),
    delaySeconds: told(
      v.optional(whole(0, 900)),
      "Until it can be received; the queue's own delay unless told.",
    ),
    groupId: v.optional(GroupId),
    deduplicationId: v.optional(DeduplicationId),
  }),
);

export const QueueMessageBatch = component(
  'QueueMessageBatch',
  closed({ messages: v.pipe(v.array(QueueMessage), v.minLength(1), v.maxLength(1000)) }),
);

export const SentMessage = component(
  'SentMessage',
  closed({
    messageId: told(v.string(), '', '5fea7756-0ea4-451a-a703-a558b933e274'),
    sequenceNumber: told(v.nullable(v.string()), 'Of a message in a FIFO group.'),
    large: told(v.boolean(), 'Whether the body went through S3.'),
  }),
);

export const Failure = closed({
  index: told(Count, 'Place in the request, from 0.'),
  code: v.string(),
  detail: v.string(),
});

export const SentBatch = component(
  'SentBatch',
  closed({
    sent: told(v.array(SentMessage), 'In the order of the request, without those that failed.'),
    failed: told(v.array(Failure), 'Messages that were not taken.'),
  }),
);

export const ReceiveOptions = component(
  'ReceiveOptions',
  closed({
    max: told(v.optional(whole(1, 10)), 'Most messages in the answer; 10 unless told.', 10),
    waitSeconds: told(
      v.optional(whole(0, 20)),
      'How long to wait for a first message; 0 unless told. Never longer than the server lets a request take.',
      5,
    ),
    visibilityTimeoutSeconds: told(
      v.optional(whole(0, 43_200)),
      "How long the messages stay hidden from others; the queue's own timeout unless told.",
      30,
    ),
  }),
);

const TopicOrigin = closed({
  arn: Arn,
  messageId: v.string(),
  subject: v.nullable(v.string()),
  timestamp: Moment,
});

export const ReceivedMessage = component(
  'ReceivedMessage',
  closed({
    messageId: v.string(),
    body: v.string(),
    attributes: ReceivedAttributes,
    receiptHandle: told(v.string(), 'For deleting the message, percent-encoded in the path.'),
    sentAt: Moment,
    firstReceivedAt: Moment,
    receiveCount: told(Count, 'How often it has been received, this time included.'),
    groupId: v.nullable(v.string()),
    deduplicationId: v.nullable(v.string()),
    sequenceNumber: v.nullable(v.string()),
    large: told(v.boolean(), 'Whether the body came through S3.'),
    topic: told(
      v.nullable(TopicOrigin),
      "Of a message that came over a topic in SNS's envelope; body is then what was published.",
    ),
  }),
);

export const ReceivedMessages = component('ReceivedMessages', closed({ messages: v.array(ReceivedMessage) }));

export const Visibility = component(
  'Visibility',
  closed({
    visibilityTimeoutSeconds: told(whole(0, 43_200), 'From now; 0 gives the message back at once.', 60),
  }),
);

export type ReceivedJson = v.InferInput<typeof ReceivedMessage>;

export function fromReceived(message: Received): ReceivedJson {
  return {
    ...json(message),
    attributes: fromAttributes(message.attributes),
    topic: json(message.topic ?? null),
  };
}

/** Opaque, and as long as AWS likes. */
export const ReceiptHandle = told(
  v.pipe(v.string(), v.regex(/^[!-~]{1,4096}$/, 'is not a receipt handle')),
  'receiptHandle of the message, as its last receive gave it, percent-encoded.',
);

export const QueueRequest = component(
  'QueueRequest',
  closed({
    body: Body,
    attributes: v.optional(Attributes),
    groupId: v.optional(GroupId),
    deduplicationId: v.optional(DeduplicationId),
    timeoutSeconds: told(
      v.optional(whole(1, 300)),
      'How long to wait for the reply; as long as the server lets a request take, unless told shorter.',
      10,
    ),
  }),
);

export const Reply = component(
  'Reply',
  closed({ messageId: v.string(), body: v.string(), attributes: ReceivedAttributes }),
);
