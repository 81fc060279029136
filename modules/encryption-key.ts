import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { Construct } from 'constructs';
import { Account } from './account';
import { PolicyDocument } from './policy';
import type { Grantee, Statement } from './policy';
import { requireInteger, requireMatch } from './validate';

/**
 * AWS services that use the key in their own name: topics that write to queues, alarms that publish, log groups, buckets and
 * rules that write to queues or topics, event buses that keep events and patterns.
 */
export type KeyUser = 'sns' | 'cloudwatch' | 'logs' | 's3' | 'events' | 'event-bus';

/** Services that encrypt and decrypt in the name of whoever calls them. */
type Via = 'sns' | 'sqs' | 'secretsmanager' | 'dynamodb' | 'scheduler' | 's3' | 'kinesis';
const VIA_LABELS: Readonly<Record<Via, string>> = {
  sns: 'Sns',
  sqs: 'Sqs',
  secretsmanager: 'SecretsManager',
  dynamodb: 'DynamoDb',
  scheduler: 'Scheduler',
  s3: 'S3',
  kinesis: 'Kinesis',
};

export interface EncryptionKeyProps {
  /** The alias without `alias/`. */
  readonly name: string;
  /** @default the name */
  readonly description?: string;
  /** How long a deletion can be undone, 7-30. @default 30 */
  readonly deletionWindowDays?: number;
  /** 90-2560. @default 365 */
  readonly rotationPeriodDays?: number;
}

/**
 * A customer managed KMS key with rotation and a written-out policy, to be shared by everything in a stack. AWS's own
 * keys (`alias/aws/...`) cannot do that: no other service may use them, so an alarm cannot publish to a topic
 * encrypted by one, and a message to a queue encrypted by one vanishes.
 *
 * The policy leaves access to the account's IAM policies and admits a service only when a module needs that, and only
 * on behalf of resources of this account.
 *
 * Emits aws_kms_key and aws_kms_alias. 1 USD a month (2 after the first rotation, 3 after the second, then no more), 0.03 USD per
 * 10,000 requests.
 *
 * @example
 * const key = new EncryptionKey(scope, 'key', { name: 'orders' });
 * new Topic(scope, 'topic', { name: 'orders', encryptionKey: key });
 */
export class EncryptionKey extends Construct {
  readonly key: KmsKey;
  readonly alias: KmsAlias;
  private readonly policy: PolicyDocument;
  private readonly account: Account;

  constructor(scope: Construct, id: string, props: EncryptionKeyProps) {
    super(scope, id);
    validate(this, props);
    this.account = Account.of(this);
    this.policy = new PolicyDocument([accountStatement(this.account)]);
    this.key = new KmsKey(this, 'key', {
      description: props.description ?? props.name,
      enableKeyRotation: true,
      rotationPeriodInDays: props.rotationPeriodDays ?? 365,
      deletionWindowInDays: props.deletionWindowDays ?? 30,
      policy: this.policy.json,
    });
    this.alias = new KmsAlias(this, 'alias', { name: `alias/${props.name}`, targetKeyId: this.key.keyId });
  }

  get arn(): string {
    return this.key.arn;
  }

  /** Lets an AWS service use the key for resources of this account; asking again changes nothing. */
  admit(user: KeyUser): void {
    this.policy.add(serviceStatement(this.account, user));
  }

  /** Lets somebody outside the account publish to topics of this account that the key encrypts. */
  admitPublisher({ sid, principal, condition }: Pick<Statement, 'sid' | 'principal' | 'condition'>): void {
    const { StringEquals = {} } = condition ?? {};
    this.policy.add({
      sid,
      principal,
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
      condition: { StringEquals: { ...StringEquals, 'kms:ViaService': [this.endpointOf('sns')] } },
    });
  }

  /** The grantee's requests to the service may encrypt (and, as SNS and SQS need for that, decrypt). */
  grantEncrypt(grantee: Grantee, through: Via): void {
    const decrypt = through === 'sns' || through === 'sqs' ? ['kms:Decrypt'] : [];
    this.grant(grantee, 'Encrypt', through, [...decrypt, 'kms:GenerateDataKey']);
  }

  /** The grantee's requests to the service may decrypt. */
  grantDecrypt(grantee: Grantee, through: Via): void {
    this.grant(grantee, 'Decrypt', through, ['kms:Decrypt']);
  }

  /** The service calls KMS in the grantee's name: a function itself needs no way to KMS. */
  private grant(grantee: Grantee, what: string, through: Via, actions: string[]): void {
    grantee.grantIndirect({
      sid: `${what}Through${VIA_LABELS[through]}`,
      actions,
      resources: [this.arn],
      condition: { StringEquals: { 'kms:ViaService': [this.endpointOf(through)] } },
    });
  }

  private endpointOf(service: Via): string {
    return `${service}.${this.account.region}.amazonaws.com`;
  }
}

/** Without it nobody could ever change the key again; in a key policy `*` is the key itself. */
function accountStatement(account: Account): Statement {
  return { sid: 'Account', principal: { AWS: account.rootArn }, actions: ['kms:*'], resources: ['*'] };
}

function serviceStatement(account: Account, user: KeyUser): Statement {
  const dataKey = ['kms:Decrypt', 'kms:GenerateDataKey*'];
  const from = (arn: string) => ({ ArnLike: { 'aws:SourceArn': [arn] } });
  const own = (arn: string) => ({ ...from(arn), StringEquals: { 'aws:SourceAccount': [account.id] } });
  switch (user) {
    case 'sns':
      return allow('Topics', 'sns.amazonaws.com', dataKey, from(account.arn('sns', '*')));
    case 'cloudwatch':
      return allow('Alarms', 'cloudwatch.amazonaws.com', dataKey, from(account.arn('cloudwatch', 'alarm:*')));
    case 's3':
      return allow('Buckets', 's3.amazonaws.com', dataKey, own(`arn:${account.partition}:s3:::*`));
    case 'events':
      return allow('Rules', 'events.amazonaws.com', dataKey, own(account.arn('events', 'rule/*')));
    case 'event-bus':
      // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmkey.html
      return allow(
        'EventBuses',
        'events.amazonaws.com',
        ['kms:DescribeKey', 'kms:Decrypt', 'kms:GenerateDataKey'],
        own(account.arn('events', 'event-bus/*')),
      );
    case 'logs':
      return allow(
        'Logs',
        `logs.${account.region}.amazonaws.com`,
        ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
        { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': [account.arn('logs', 'log-group:*')] } },
      );
  }
}

function allow(
  sid: string,
  service: string,
  actions: string[],
  condition: Statement['condition'],
): Statement {
  return { sid, principal: { Service: service }, actions, resources: ['*'], condition };
}

function validate(key: EncryptionKey, props: EncryptionKeyProps): void {
  const source = 'KMS ScheduleKeyDeletion, EnableKeyRotation';
  requireInteger(key, 'deletionWindowDays', props.deletionWindowDays, { min: 7, max: 30 }, source);
  requireInteger(key, 'rotationPeriodDays', props.rotationPeriodDays, { min: 90, max: 2560 }, source);
  const rule = 'letters, digits, /, _ and - only, and aws/ is reserved';
  requireMatch(key, 'name', props.name, /^(?!aws\/)[a-zA-Z0-9/_-]{1,250}$/, rule);
}
