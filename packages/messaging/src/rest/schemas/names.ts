import * as v from 'valibot';
import { component, line, told } from './base';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html */
export const QueueName = component(
  'QueueName',
  told(
    v.pipe(
      v.string(),
      v.regex(
        /^(?:[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo)$/,
        'must be 1 to 80 letters, digits, hyphens and underscores; a FIFO queue ends in .fifo',
      ),
    ),
    'Name of a queue: 1 to 80 letters, digits, hyphens and underscores; a FIFO queue ends in .fifo.',
    'orders',
  ),
);

export const QueueNameOrArn = component(
  'QueueNameOrArn',
  told(
    v.pipe(
      v.string(),
      v.regex(
        /^(?:arn:aws[a-z-]{0,20}:sqs:[a-z0-9-]{1,32}:[0-9]{12}:)?(?:[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo)$/,
        'must be the name or the ARN of a queue',
      ),
    ),
    'Name of a queue, or the ARN of one in another account.',
    'orders-dead',
  ),
);

/** https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html */
export const TopicName = component(
  'TopicName',
  told(
    v.pipe(
      v.string(),
      v.regex(
        /^(?:[A-Za-z0-9_-]{1,256}|[A-Za-z0-9_-]{1,251}\.fifo)$/,
        'must be 1 to 256 letters, digits, hyphens and underscores; a FIFO topic ends in .fifo',
      ),
    ),
    'Name of a topic: 1 to 256 letters, digits, hyphens and underscores; a FIFO topic ends in .fifo.',
    'order-events',
  ),
);

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
export const AlarmName = component(
  'AlarmName',
  told(line(1, 255), 'Name of an alarm: 1 to 255 characters.', 'orders-waiting'),
);

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export const FunctionName = component(
  'FunctionName',
  told(
    v.pipe(
      v.string(),
      v.regex(
        /^[A-Za-z0-9_-]{1,64}(?::[A-Za-z0-9$_-]{1,128})?$/,
        'must be 1 to 64 letters, digits, hyphens and underscores, with :version or :alias if need be',
      ),
    ),
    'Name of a function, with `:version` or `:alias` if need be.',
    'price-of-books',
  ),
);

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html */
export const StreamName = component(
  'StreamName',
  told(
    v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9_.-]{1,128}$/, 'must be 1 to 128 letters, digits, dots, hyphens and underscores'),
    ),
    'Name of a stream: 1 to 128 letters, digits, dots, hyphens and underscores.',
    'clicks',
  ),
);

/** An ARN in an answer. */
export const Arn = v.string();

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html */
export const ShareLabel = told(
  v.pipe(
    v.string(),
    v.regex(/^[A-Za-z0-9_-]{1,80}$/, 'must be 1 to 80 letters, digits, hyphens and underscores'),
  ),
  'Name of the grant, for taking it back.',
  'partner',
);

export const AccountId = v.pipe(v.string(), v.regex(/^\d{12}$/, 'must be the 12 digits of an AWS account'));

const TAG_TEXT = /^[A-Za-z0-9 _.:/=+@-]*$/;

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
export const TagKey = v.pipe(
  v.string(),
  v.minLength(1, 'a tag has a key'),
  v.maxLength(128, 'a key of a tag has at most 128 characters'),
  v.regex(TAG_TEXT, 'a key of a tag has letters, digits, spaces and _.:/=+-@'),
);

export const TagValue = v.pipe(
  v.string(),
  v.maxLength(256, 'a tag has at most 256 characters'),
  v.regex(TAG_TEXT, 'a tag has letters, digits, spaces and _.:/=+-@'),
);
