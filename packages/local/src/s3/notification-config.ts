import { invalidArgument, malformedXml } from './errors';
import type { XmlTree } from './types';
import { text, texts, trees } from './xml-tree';

/** Who is told of what happens in a bucket. */
export interface NotificationTarget {
  readonly kind: 'function' | 'queue' | 'topic' | 'eventbridge';
  /** Its `Id`, which events repeat as `configurationId`. */
  readonly id: string;
  readonly arn: string;
  /** `s3:ObjectCreated:*` */
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

const KINDS = {
  CloudFunctionConfiguration: { kind: 'function', arn: 'CloudFunction' },
  QueueConfiguration: { kind: 'queue', arn: 'Queue' },
  TopicConfiguration: { kind: 'topic', arn: 'Topic' },
} as const;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html */
const EVENTS = [
  's3:ReducedRedundancyLostObject',
  's3:ObjectCreated:Put',
  's3:ObjectCreated:Post',
  's3:ObjectCreated:Copy',
  's3:ObjectCreated:CompleteMultipartUpload',
  's3:ObjectRemoved:Delete',
  's3:ObjectRemoved:DeleteMarkerCreated',
  's3:ObjectRestore:Post',
  's3:ObjectRestore:Completed',
  's3:ObjectRestore:Delete',
  's3:Replication:OperationFailedReplication',
  's3:Replication:OperationMissedThreshold',
  's3:Replication:OperationReplicatedAfterThreshold',
  's3:Replication:OperationNotTracked',
  's3:LifecycleExpiration:Delete',
  's3:LifecycleExpiration:DeleteMarkerCreated',
  's3:LifecycleTransition',
  's3:IntelligentTiering',
  's3:ObjectAcl:Put',
  's3:ObjectTagging:Put',
  's3:ObjectTagging:Delete',
];

/** The targets of a `NotificationConfiguration`. @throws S3Error MalformedXML, InvalidArgument */
export function notificationTargets(document: XmlTree | undefined): NotificationTarget[] {
  if (document === undefined) return [];
  const targets = Object.entries(KINDS).flatMap(([element, { kind, arn }]) =>
    trees(document[element]).map((each, i) => {
      const target = text(each[arn]);
      const events = texts(each['Event']);
      if (target === '' || events.length === 0) throw malformedXml();
      events.forEach(checkEvent);
      return { kind, id: text(each['Id']) || `${element}-${i}`, arn: target, events, ...filterOf(each) };
    }),
  );
  checkOverlaps(targets);
  if (document['EventBridgeConfiguration'] === undefined) return targets;
  const bridge = { kind: 'eventbridge' as const, id: '', arn: '', events: ['s3:*'], prefix: '', suffix: '' };
  return [...targets, bridge];
}

/** Whether a target wants to know of an event. */
export function wants(target: NotificationTarget, event: string, key: string): boolean {
  return (
    target.events.some((wanted) => covers(wanted, event)) &&
    key.startsWith(target.prefix) &&
    key.endsWith(target.suffix)
  );
}

function filterOf(configuration: XmlTree): { prefix: string; suffix: string } {
  const filter = { prefix: '', suffix: '' };
  for (const key of trees(configuration['Filter']).flatMap((each) => trees(each['S3Key']))) {
    for (const rule of trees(key['FilterRule'])) {
      const name = text(rule['Name']).toLowerCase();
      if (name !== 'prefix' && name !== 'suffix') {
        throw invalidArgument('filter rule name must be either prefix or suffix', 'FilterRule.Name', name);
      }
      filter[name] = text(rule['Value']);
    }
  }
  return filter;
}

function checkEvent(event: string): void {
  if (!EVENTS.some((known) => covers(event, known))) {
    throw invalidArgument('The event is not supported for notifications', 'Event', event);
  }
}

function covers(pattern: string, event: string): boolean {
  return pattern.endsWith('*') ? event.startsWith(pattern.slice(0, -1)) : pattern === event;
}

/**
 * Of two configurations with a common event, no key may match both filters.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
 */
function checkOverlaps(targets: readonly NotificationTarget[]): void {
  targets.forEach((one, i) => {
    for (const other of targets.slice(i + 1)) {
      const events = one.events.some((a) => other.events.some((b) => covers(a, b) || covers(b, a)));
      const prefixes = one.prefix.startsWith(other.prefix) || other.prefix.startsWith(one.prefix);
      const suffixes = one.suffix.endsWith(other.suffix) || other.suffix.endsWith(one.suffix);
      if (events && prefixes && suffixes) {
        const message =
          'Configurations overlap. Configurations on the same bucket cannot share a common event type.';
        throw invalidArgument(message, 'Id', `${one.id}, ${other.id}`);
      }
    }
  });
}
