import { isObject } from './diff';
import type { Shown, ShownChange } from './shown';

/** What is gone when a resource of this type is destroyed or replaced; the gravest first. */
const held: Readonly<Record<string, string>> = {
  aws_rds_cluster: 'its databases are lost',
  aws_docdb_cluster: 'its databases are lost',
  aws_db_instance: 'its databases are lost',
  aws_dynamodb_table: 'its items are lost',
  aws_s3_bucket: 'its objects are lost',
  aws_kms_key: 'what is encrypted with it cannot be read any more',
  aws_backup_vault: 'its backups are lost',
  aws_db_snapshot: 'the snapshot is lost',
  aws_cognito_user_pool: 'its users are lost',
  aws_efs_file_system: 'its files are lost',
  aws_ebs_volume: 'its files are lost',
  aws_opensearch_domain: 'its indexes are lost',
  aws_sqs_queue: 'its messages are lost',
  aws_kinesis_stream: 'its records are lost',
  aws_cloudwatch_event_archive: 'its events cannot be replayed any more',
  aws_secretsmanager_secret: 'the secret is lost',
  aws_secretsmanager_secret_version: 'this version of the secret is lost',
  aws_ssm_parameter: 'its value is lost',
  aws_s3_object: 'the object is lost',
  aws_ecr_repository: 'its images are lost',
  aws_elasticache_cluster: 'its entries are lost',
  aws_elasticache_replication_group: 'its entries are lost',
  aws_cloudwatch_log_group: 'its logs are lost',
  aws_cloudfront_distribution: 'its domain name is lost: another one gets another',
  aws_sesv2_email_identity: 'no mail can be sent from it until it is verified again',
};
const byGravity = Object.keys(held);

/** A number to sort resource types by: the lower, the more is at stake. */
export function gravityOf(type: string): number {
  const index = byGravity.indexOf(type);
  return index < 0 ? byGravity.length : index;
}

/** Why data is lost, or lost more easily than before, when the change is applied. One sentence each. */
export function lossesOf(type: string, change: ShownChange, removed: boolean): string[] {
  if (removed && isOfTheSources(type, change.before)) return [];
  if (removed)
    return held[type] === undefined ? removedGuard(type) : [`${held[type]}${lastCopy(type, change.before)}`];
  if (!isObject(change.before) || !isObject(change.after)) return [];
  const { before, after } = change;
  const found = rules.flatMap(({ attribute, types, says }) => {
    if (types && !types.includes(type)) return [];
    const [one, other] = [dig(before, attribute), dig(after, attribute)];
    const text = says(one, other);
    return text === undefined ? [] : [`${attribute.join('.')} ${text}`];
  });
  return found;
}

/** An object that is made of a file or a text of the configuration, such as a page of a site, is made again at any time. */
function isOfTheSources(type: string, before: Shown): boolean {
  if (type !== 'aws_s3_object' || !isObject(before)) return false;
  return ['source', 'content', 'content_base64'].some((name) => typeof before[name] === 'string');
}

/** Databases keep a last copy, if they were told to. */
function lastCopy(type: string, before: Shown): string {
  if (type === 'aws_kms_key') return waits(before, 'deletion_window_in_days');
  if (type === 'aws_secretsmanager_secret') return waits(before, 'recovery_window_in_days');
  if (type === 'aws_s3_bucket') return refuses(before);
  if (!['aws_db_instance', 'aws_rds_cluster', 'aws_docdb_cluster'].includes(type) || !isObject(before))
    return '';
  if (before['skip_final_snapshot'] === true) return ', without a final snapshot';
  return typeof before['final_snapshot_identifier'] === 'string'
    ? `, but for the final snapshot ${before['final_snapshot_identifier']}`
    : '';
}

function waits(before: Shown, attribute: string): string {
  const days = isObject(before) ? before[attribute] : undefined;
  return typeof days === 'number' && days > 0 ? `; it can be restored for ${days} days` : '';
}

/** S3 deletes no bucket that holds something, and Terraform empties it only where it was told to. */
function refuses(before: Shown): string {
  const kept = isObject(before) && before['force_destroy'] === false;
  return kept ? ', unless S3 refuses because there are some' : '';
}

/** Resources that hold nothing, but without which something else is not kept. */
function removedGuard(type: string): string[] {
  const guards: Readonly<Record<string, string>> = {
    aws_db_instance_automated_backups_replication: 'backups are no longer copied to the other region',
    aws_backup_plan: 'backups are no longer made',
    aws_backup_selection: 'backups of what it selects are no longer made',
    aws_s3_bucket_versioning: 'overwritten and deleted objects are no longer kept',
    aws_s3_bucket_replication_configuration: 'objects are no longer copied',
    aws_s3_bucket_object_lock_configuration: 'objects can be deleted before their time',
    aws_sqs_queue_redrive_policy: 'messages that keep failing are no longer kept in the dead-letter queue',
  };
  return guards[type] === undefined ? [] : [guards[type]];
}

interface Rule {
  readonly attribute: readonly string[];
  /** @default every type that has the attribute */
  readonly types?: readonly string[];
  readonly says: (before: Shown, after: Shown) => string | undefined;
}

const switchedOff = (before: Shown, after: Shown) =>
  before === true && after !== true ? 'is turned off' : undefined;
const switchedOn = (before: Shown, after: Shown) =>
  after === true && before !== true ? 'is turned on' : undefined;
const shortened = (before: Shown, after: Shown) =>
  typeof before === 'number' && typeof after === 'number' && after < before
    ? `is shortened from ${before} to ${after}`
    : undefined;
const removed = (before: Shown, after: Shown) =>
  typeof before === 'string' && before !== '' && (after === '' || after === null || after === undefined)
    ? 'is removed'
    : undefined;
const suspended = (before: Shown, after: Shown) =>
  before === 'Enabled' && after !== 'Enabled' ? 'is suspended' : undefined;
/** Log groups: 0 days mean that events never expire. */
const expiresSooner = (before: Shown, after: Shown) =>
  typeof before === 'number' && typeof after === 'number' && after !== 0 && (before === 0 || after < before)
    ? `is shortened from ${before === 0 ? 'for ever' : before} to ${after}`
    : undefined;

const rules: readonly Rule[] = [
  { attribute: ['deletion_protection'], says: switchedOff },
  { attribute: ['deletion_protection_enabled'], says: switchedOff },
  { attribute: ['deletion_protection'], types: ['aws_cognito_user_pool'], says: activeToInactive },
  { attribute: ['point_in_time_recovery', '0', 'enabled'], says: switchedOff },
  { attribute: ['point_in_time_recovery', '0', 'recovery_period_in_days'], says: shortened },
  { attribute: ['skip_final_snapshot'], says: switchedOn },
  { attribute: ['delete_automated_backups'], says: switchedOn },
  { attribute: ['force_destroy'], says: switchedOn },
  { attribute: ['force_delete'], says: switchedOn },
  { attribute: ['backup_retention_period'], says: shortened },
  { attribute: ['message_retention_seconds'], says: shortened },
  { attribute: ['retention_period'], says: shortened },
  { attribute: ['recovery_window_in_days'], says: shortened },
  { attribute: ['deletion_window_in_days'], says: shortened },
  { attribute: ['retention_in_days'], says: expiresSooner },
  { attribute: ['redrive_policy'], types: ['aws_sqs_queue', 'aws_sns_topic_subscription'], says: removed },
  { attribute: ['archive_policy'], types: ['aws_sns_topic'], says: removed },
  { attribute: ['versioning_configuration', '0', 'status'], says: suspended },
  { attribute: ['stream_enabled'], types: ['aws_dynamodb_table'], says: endsStream },
  { attribute: ['stream_view_type'], types: ['aws_dynamodb_table'], says: replacesStream },
  { attribute: ['retention_days'], types: ['aws_cloudwatch_event_archive'], says: expiresSooner },
  { attribute: ['ttl', '0', 'enabled'], types: ['aws_dynamodb_table'], says: switchedOn },
];

function endsStream(before: Shown, after: Shown): string | undefined {
  return before === true && after !== true
    ? 'is turned off: changes that nobody has read yet are lost'
    : undefined;
}

/** DynamoDB makes another stream for it: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html */
function replacesStream(before: Shown, after: Shown): string | undefined {
  const both = [before, after].every((view) => typeof view === 'string' && view !== '');
  return both && before !== after
    ? 'changes, which makes another stream: changes that nobody has read yet are lost'
    : undefined;
}

function activeToInactive(before: Shown, after: Shown): string | undefined {
  return before === 'ACTIVE' && after !== 'ACTIVE' ? 'is turned off' : undefined;
}

function dig(value: Shown, attribute: readonly string[]): Shown {
  return attribute.reduce<Shown>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)];
    return isObject(inner) ? inner[key] : undefined;
  }, value);
}
