import { S3BucketNotification } from '@cdktf/provider-aws/lib/s3-bucket-notification';
import { Construct } from 'constructs';
import type { Bucket } from './bucket';
import { validatePrefix } from './bucket-rules';
import type { BucketToFunction } from './bucket-to-function';
import { dependOn } from './depend-on';
import type { Queue } from './queue';
import type { Topic } from './topic';
import { areKnown, requireThat } from './validate';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html */
const EVENTS = [
  's3:ObjectCreated:*',
  's3:ObjectCreated:Put',
  's3:ObjectCreated:Post',
  's3:ObjectCreated:Copy',
  's3:ObjectCreated:CompleteMultipartUpload',
  's3:ObjectRemoved:*',
  's3:ObjectRemoved:Delete',
  's3:ObjectRemoved:DeleteMarkerCreated',
  's3:ObjectRestore:*',
  's3:ObjectRestore:Post',
  's3:ObjectRestore:Completed',
  's3:ObjectRestore:Delete',
  's3:ObjectTagging:*',
  's3:ObjectTagging:Put',
  's3:ObjectTagging:Delete',
  's3:LifecycleExpiration:*',
  's3:LifecycleExpiration:Delete',
  's3:LifecycleExpiration:DeleteMarkerCreated',
] as const;

/** What happens to objects. */
export type BucketEvent = (typeof EVENTS)[number];

export interface NotifyOptions {
  /** @default ['s3:ObjectCreated:*'] */
  readonly events?: readonly BucketEvent[];
  /** What the object's key begins with. @default any */
  readonly prefix?: string;
  /** What the object's key ends in. @default any */
  readonly suffix?: string;
}

interface Told extends Required<NotifyOptions> {
  readonly destination: string;
}

export interface BucketNotificationsProps {
  readonly bucket: Bucket;
}

/**
 * Whom a bucket tells of its objects. S3 keeps one configuration a bucket and replaces it whole, so there is one resource. Made
 * by `bucket.notifyFunction`, `notifyQueue`, `notifyTopic` and the bucket's `eventBridge`.
 *
 * Emits aws_s3_bucket_notification. Free.
 */
export class BucketNotifications extends Construct {
  readonly notification: S3BucketNotification;
  private readonly told: Told[] = [];
  private readonly functions: { lambdaFunctionArn: string; events: string[] }[] = [];
  private readonly queues: { queueArn: string; events: string[] }[] = [];
  private readonly topics: { topicArn: string; events: string[] }[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: BucketNotificationsProps,
  ) {
    super(scope, id);
    const { bucket, bucketPolicy } = props.bucket;
    // S3 refuses two changes of a bucket at the same time.
    this.notification = new S3BucketNotification(this, 'notification', {
      bucket: bucket.id,
      dependsOn: [bucketPolicy],
    });
  }

  sendToEventBridge(): void {
    this.notification.eventbridge = true;
  }

  sendToFunction({ fn, permission }: BucketToFunction, options: NotifyOptions): void {
    this.functions.push({ lambdaFunctionArn: fn.arn, ...this.settings(fn.name, options) });
    this.notification.putLambdaFunction(this.functions);
    // S3 sends a test event first, and refuses the configuration where it is refused.
    dependOn(this.notification, permission, fn.asyncInvocations.config);
  }

  sendToQueue(queue: Queue, options: NotifyOptions): void {
    requireThat(this, !queue.isFifo, 'queue', queue.name, 'S3 tells standard queues only');
    queue.allowDelivery({ service: 's3', arn: this.props.bucket.arn });
    this.queues.push({ queueArn: queue.arn, ...this.settings(queue.name, options) });
    this.notification.putQueue(this.queues);
    dependOn(this.notification, queue.queuePolicy);
  }

  sendToTopic(topic: Topic, options: NotifyOptions): void {
    requireThat(this, !topic.isFifo, 'topic', topic.name, 'S3 tells standard topics only');
    topic.allowDelivery({ service: 's3', arn: this.props.bucket.arn });
    this.topics.push({ topicArn: topic.arn, ...this.settings(topic.name, options) });
    this.notification.putTopic(this.topics);
    dependOn(this.notification, topic.topicPolicy);
  }

  private settings(destination: string, options: NotifyOptions) {
    const { events = ['s3:ObjectCreated:*'], prefix = '', suffix = '' } = options;
    this.validate({ events, prefix, suffix, destination });
    return {
      events: [...events],
      ...(prefix && { filterPrefix: prefix }),
      ...(suffix && { filterSuffix: suffix }),
    };
  }

  private validate(told: Told): void {
    const { events, prefix, suffix } = told;
    requireThat(this, events.length > 0, 'events', events, 'one or more are needed');
    for (const event of events) {
      requireThat(this, EVENTS.includes(event), 'events', event, `S3 knows ${EVENTS.join(', ')}`);
    }
    validatePrefix(this, prefix);
    validatePrefix(this, suffix, 'suffix');
    const other = this.told.find((known) => overlaps(known, told));
    const rule =
      `${other?.destination} is told of the same event for some of these keys, and S3 tells one: ` +
      'give prefixes or suffixes that exclude each other, or publish to a topic';
    requireThat(this, other === undefined, 'notification', told, rule);
    this.told.push(told);
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html: overlapping filters */
function overlaps(known: Told, added: Told): boolean {
  if (!areKnown(known.prefix, added.prefix, known.suffix, added.suffix)) return false;
  const sameEvent = known.events.some((one) => added.events.some((other) => includes(one, other)));
  const samePrefix = known.prefix.startsWith(added.prefix) || added.prefix.startsWith(known.prefix);
  const sameSuffix = known.suffix.endsWith(added.suffix) || added.suffix.endsWith(known.suffix);
  return sameEvent && samePrefix && sameSuffix;
}

function includes(one: string, other: string): boolean {
  const [a, b] = [one, other].map((event) => event.replace(/\*$/, ''));
  return one === other || (one !== a && other.startsWith(a!)) || (other !== b && one.startsWith(b!));
}
