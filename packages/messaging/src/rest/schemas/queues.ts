import * as v from 'valibot';
import { anyObject, closed, component, Count, dictionary, Moment, page, told, whole } from './base';
import { AccountId, Arn, QueueName, QueueNameOrArn, TagKey, TagValue } from './names';

export const Tags = component(
  'Tags',
  told(v.pipe(dictionary(TagKey, TagValue), v.maxEntries(50)), 'Tags of the resource.', { team: 'shop' }),
);

/** Tags in an answer: who set them kept to other rules, perhaps. */
export const AnyTags = v.record(v.string(), v.string());

const KeyId = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9/_:-]{1,256}$/, 'must be the id, alias or ARN of a KMS key'),
);
export const KmsKey = closed({ keyId: told(KeyId, 'Id, alias or ARN of a KMS key.', 'alias/orders') });

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const attributes = {
  visibilityTimeoutSeconds: told(
    v.optional(whole(0, 43_200)),
    'How long a message that was received stays hidden from others; 30 unless told.',
    30,
  ),
  retentionSeconds: told(
    v.optional(whole(60, 1_209_600)),
    'How long a message is kept; 345600 (4 days) unless told.',
    345_600,
  ),
  delaySeconds: told(v.optional(whole(0, 900)), 'Until a message can be received; 0 unless told.', 0),
  maxMessageBytes: told(v.optional(whole(1024, 1_048_576)), 'Of body and attributes.', 1_048_576),
  receiveWaitSeconds: told(
    v.optional(whole(0, 20)),
    'How long a receive waits that does not say how long; 0 unless told.',
    20,
  ),
  encryption: told(
    v.optional(v.union([v.picklist(['sqs', 'none']), KmsKey])),
    'sqs: with keys that SQS manages, which is the default.',
    'sqs',
  ),
  contentBasedDeduplication: told(
    v.optional(v.boolean()),
    'FIFO: the body stands in for the deduplication id.',
  ),
  highThroughput: told(v.optional(v.boolean()), 'FIFO: order and duplicates count within a group only.'),
};

const DeadLetter = closed({
  queue: QueueNameOrArn,
  maxReceiveCount: told(whole(1, 1000), 'Receives after which a message goes there.', 5),
});

export const NewQueue = component(
  'NewQueue',
  closed({
    name: QueueName,
    fifo: told(v.optional(v.boolean()), 'A FIFO queue; its name ends in .fifo.', false),
    ...attributes,
    deadLetter: v.optional(DeadLetter),
    tags: v.optional(Tags),
  }),
);

export const QueueChanges = component(
  'QueueChanges',
  closed({
    ...attributes,
    deadLetter: told(v.optional(v.nullable(DeadLetter)), 'null: messages stay until they expire.'),
    tags: told(v.optional(Tags), 'All tags: those that are not told here are removed.'),
  }),
);

export const QueueSummary = component(
  'QueueSummary',
  closed({ name: v.string(), url: v.string(), arn: Arn, fifo: v.boolean() }),
);

export const QueuePage = component('QueuePage', page(QueueSummary));

export const QueueInfo = component(
  'Queue',
  closed({
    name: v.string(),
    url: v.string(),
    arn: Arn,
    fifo: v.boolean(),
    createdAt: Moment,
    modifiedAt: Moment,
    visible: told(Count, 'Messages that can be received.'),
    inFlight: told(Count, 'Messages that were received and are hidden.'),
    delayed: told(Count, 'Messages that cannot be received yet.'),
    visibilityTimeoutSeconds: Count,
    retentionSeconds: Count,
    delaySeconds: Count,
    maxMessageBytes: Count,
    receiveWaitSeconds: Count,
    deadLetter: v.nullable(closed({ queue: v.string(), arn: Arn, maxReceiveCount: Count })),
    encryption: v.union([v.picklist(['sqs', 'none']), closed({ keyId: v.string() })]),
    contentBasedDeduplication: v.boolean(),
    highThroughput: v.boolean(),
    tags: AnyTags,
    policy: told(v.nullable(anyObject()), 'The policy of the resource, as IAM writes it.'),
  }),
);

export const DeadLetters = component(
  'DeadLetters',
  closed({
    queue: told(v.nullable(v.string()), "The queue's own dead-letter queue."),
    messages: told(v.nullable(Count), 'Messages that wait in it; null where it cannot be asked.'),
    sources: told(v.array(v.string()), 'Queues whose dead letters come to this queue.'),
  }),
);

export const NewRedrive = component(
  'NewRedrive',
  closed({
    to: told(v.optional(QueueName), 'Where the messages go; to where they came from unless told.'),
    maxPerSecond: told(v.optional(whole(1, 500)), 'As fast as SQS can unless told.', 50),
  }),
);

export const Redrive = component(
  'Redrive',
  closed({
    id: told(v.string(), 'For cancelling it.'),
    source: v.string(),
    destination: told(v.nullable(v.string()), 'null: to where the messages came from.'),
    status: v.picklist(['running', 'completed', 'cancelling', 'cancelled', 'failed']),
    moved: Count,
    toMove: told(v.nullable(Count), 'When it began, about; null where SQS does not tell.'),
    startedAt: Moment,
    failureReason: v.nullable(v.string()),
  }),
);

export const Redrives = component('Redrives', closed({ items: v.array(Redrive) }));

/** A redrive's id holds what AWS calls a task handle: base64. */
export const RedriveId = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9+/=_-]{1,4096}$/, 'is not the id of a redrive'),
);

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html */
export const QueueShare = component(
  'QueueShare',
  closed({
    accountIds: told(
      v.pipe(v.array(AccountId), v.minLength(1), v.maxLength(20)),
      'AWS accounts that get the actions.',
      ['111122223333'],
    ),
    actions: told(
      v.pipe(
        v.array(
          v.picklist([
            'SendMessage',
            'ReceiveMessage',
            'DeleteMessage',
            'ChangeMessageVisibility',
            'GetQueueAttributes',
            'GetQueueUrl',
            'PurgeQueue',
            'ListDeadLetterSourceQueues',
          ]),
        ),
        v.minLength(1),
        v.maxLength(8),
      ),
      'What they may do.',
      ['SendMessage'],
    ),
  }),
);
