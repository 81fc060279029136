import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import type { S3BucketConfig } from '@cdktf/provider-aws/lib/s3-bucket';
import { S3BucketCorsConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-cors-configuration';
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration';
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning';
import { Construct } from 'constructs';
import { BucketNotifications } from './bucket-notifications';
import type { NotifyOptions } from './bucket-notifications';
import { lifecycleRules, validateBucket, validatePrefix } from './bucket-rules';
import { BucketToFunction } from './bucket-to-function';
import type { EncryptionKey } from './encryption-key';
import type { LambdaFunction } from './function';
import { pathId } from './names';
import { denyInsecureTransport, PolicyDocument } from './policy';
import type { Statement } from './policy';
import type { Queue } from './queue';
import type { Topic } from './topic';

export interface BucketCors {
  /** `https://shop.example.com`; `*` is any. */
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly ('GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE')[];
  /** @default none */
  readonly allowHeaders?: readonly string[];
  /** Headers that scripts may read, such as `ETag`. @default none */
  readonly exposeHeaders?: readonly string[];
  /** How long a browser keeps the answer. @default 3600 */
  readonly maxAgeSeconds?: number;
}

export interface BucketProps {
  /** 3 to 63 lower-case letters, digits and -; nobody else in the world has a bucket of that name. */
  readonly name: string;
  /** @default SSE-S3, which is free */
  readonly encryptionKey?: EncryptionKey;
  /**
   * Keeps what was overwritten or deleted, for `expireOldVersionsAfterDays`. It stays: S3 refuses to make a versioned bucket one
   * that never was. @default true
   */
  readonly versioned?: boolean;
  /** When objects are deleted, counted from when they were written. @default never */
  readonly expireAfterDays?: number;
  /** When the parts of uploads are deleted that were never completed; they cost like objects, unseen. @default 7 */
  readonly abortUploadsAfterDays?: number;
  /** @default 30 */
  readonly expireOldVersionsAfterDays?: number;
  /** Whether a destroy deletes the objects first. Without it S3 refuses to delete them, and Terraform any plan that would. @default false */
  readonly forceDestroy?: boolean;
  /** What pages of other origins may do, with presigned URLs for instance. @default nothing */
  readonly cors?: BucketCors;
  /** Tells the default event bus of every event of the bucket; see `EventBus.default` and `Rule`. @default false */
  readonly eventBridge?: boolean;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<S3BucketConfig>;
}

/**
 * An S3 bucket that is private whatever is written into a policy or an ACL later, encrypted, reachable by TLS only,
 * versioned, and cleaned up after. It tells functions, queues, topics or EventBridge of its objects.
 *
 * Emits aws_s3_bucket and, for it, aws_s3_bucket_public_access_block, _ownership_controls, _policy, _versioning,
 * _server_side_encryption_configuration and _lifecycle_configuration; _cors_configuration and _notification where they are
 * asked for. 0.023 USD a GB-month, old versions included; 0.005 USD a thousand writes and lists, 0.0004 a thousand reads.
 * With an own key one KMS request serves many objects (a bucket key). Notifications are free.
 *
 * @example
 * const reports = new Bucket(scope, 'reports', { name: 'orders-reports-123456789012', expireAfterDays: 365 });
 * reports.grantWrite(fn, 'daily/');
 * reports.notifyFunction(fn, { prefix: 'incoming/', suffix: '.csv' });
 */
export class Bucket extends Construct {
  readonly bucket: S3Bucket;
  readonly publicAccessBlock: S3BucketPublicAccessBlock;
  readonly bucketPolicy: S3BucketPolicy;
  /** What is uploaded before it is on has no version. */
  readonly versioning: S3BucketVersioningA;
  private readonly policy: PolicyDocument;
  private lazyNotifications?: BucketNotifications;

  constructor(
    scope: Construct,
    id: string,
    readonly props: BucketProps,
  ) {
    super(scope, id);
    validateBucket(this, props);
    this.bucket = this.createBucket();
    this.publicAccessBlock = this.blockPublicAccess();
    this.policy = new PolicyDocument([denyInsecureTransport(['s3:*'], this.arn, `${this.arn}/*`)]);
    this.bucketPolicy = new S3BucketPolicy(this, 'policy', {
      bucket: this.bucket.id,
      policy: this.policy.json,
      // S3 refuses two changes of a bucket's access at the same time.
      dependsOn: [this.publicAccessBlock],
    });
    this.encrypt();
    this.versioning = this.keepVersions();
    this.allowOrigins();
    if (props.eventBridge) this.notifications.sendToEventBridge();
  }

  get name(): string {
    return this.bucket.bucket;
  }

  get arn(): string {
    return this.bucket.arn;
  }

  /** Lets the function's code read objects. One that is not there is refused (403) rather than missing (404), unless it may list as well. */
  grantRead(fn: LambdaFunction, prefix?: string): void {
    this.grant(fn, 'ReadObjects', 's3:GetObject', prefix);
    this.props.encryptionKey?.grantDecrypt(fn, 's3');
  }

  /** Lets the function's code write objects in one request each, or sign URLs by which others do. */
  grantWrite(fn: LambdaFunction, prefix?: string): void {
    this.grant(fn, 'WriteObjects', 's3:PutObject', prefix);
    this.props.encryptionKey?.grantEncrypt(fn, 's3');
  }

  /** Lets the function's code delete objects; of a versioned bucket the old versions stay for their time. */
  grantDelete(fn: LambdaFunction, prefix?: string): void {
    this.grant(fn, 'DeleteObjects', 's3:DeleteObject', prefix);
  }

  /** Lets the function's code list the keys with that prefix. */
  grantList(fn: LambdaFunction, prefix?: string): void {
    validatePrefix(this, prefix);
    const statement: Statement = { sid: 'ListBuckets', actions: ['s3:ListBucket'], resources: [this.arn] };
    if (!prefix) return fn.grant(statement);
    // Of this bucket alone: merged with another's, each would be listed by both prefixes.
    const sid = `List${pathId(this).replaceAll(/[^a-zA-Z0-9]/g, '')}`;
    fn.grant({ ...statement, sid, condition: { StringLike: { 's3:prefix': [`${prefix}*`] } } });
  }

  /**
   * Lets a service of AWS read objects, in the name of one of our resources.
   * @param service `cloudfront.amazonaws.com`
   */
  allowReadBy(service: string, sourceArn: string): void {
    this.policy.add({
      sid: 'ReadByService',
      principal: { Service: service },
      actions: ['s3:GetObject'],
      resources: [`${this.arn}/*`],
      condition: { StringEquals: { 'aws:SourceArn': [sourceArn] } },
    });
  }

  /**
   * Invokes the function, asynchronously, for events of the bucket. What it fails on for good goes to `failed` of the edge, unless
   * the function has a destination for failures already.
   */
  notifyFunction(fn: LambdaFunction, options: NotifyOptions = {}): BucketToFunction {
    const id = `to-${pathId(fn)}`;
    const known = this.node.tryFindChild(id) as BucketToFunction | undefined;
    const edge = known ?? new BucketToFunction(this, id, { bucket: this, fn });
    this.notifications.sendToFunction(edge, options);
    return edge;
  }

  /** Puts events of the bucket into the queue. */
  notifyQueue(queue: Queue, options: NotifyOptions = {}): void {
    this.notifications.sendToQueue(queue, options);
  }

  /** Publishes events of the bucket; the topic needs an encryption key of its own. */
  notifyTopic(topic: Topic, options: NotifyOptions = {}): void {
    this.notifications.sendToTopic(topic, options);
  }

  /** A bucket has one configuration for all that it tells. */
  private get notifications(): BucketNotifications {
    this.lazyNotifications ??= new BucketNotifications(this, 'notifications', { bucket: this });
    return this.lazyNotifications;
  }

  private grant(fn: LambdaFunction, sid: string, action: string, prefix = ''): void {
    validatePrefix(this, prefix);
    fn.grant({ sid, actions: [action], resources: [`${this.arn}/${prefix}*`] });
  }

  private createBucket(): S3Bucket {
    const { name, forceDestroy = false, overrides } = this.props;
    return new S3Bucket(this, 'bucket', {
      bucket: name,
      forceDestroy,
      // S3's own refusal is met in the middle of a destroy; this one stops the plan.
      ...(!forceDestroy && { lifecycle: { preventDestroy: true } }),
      ...overrides,
    });
  }

  private blockPublicAccess(): S3BucketPublicAccessBlock {
    new S3BucketOwnershipControls(this, 'ownership', {
      bucket: this.bucket.id,
      rule: { objectOwnership: 'BucketOwnerEnforced' },
    });
    return new S3BucketPublicAccessBlock(this, 'public-access', {
      bucket: this.bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
  }

  private encrypt(): void {
    const { encryptionKey } = this.props;
    const algorithm = encryptionKey
      ? { sseAlgorithm: 'aws:kms', kmsMasterKeyId: encryptionKey.arn }
      : { sseAlgorithm: 'AES256' };
    new S3BucketServerSideEncryptionConfigurationA(this, 'encryption', {
      bucket: this.bucket.id,
      rule: [
        {
          applyServerSideEncryptionByDefault: algorithm,
          ...(encryptionKey && { bucketKeyEnabled: true }),
        },
      ],
    });
  }

  private keepVersions(): S3BucketVersioningA {
    const { versioned = true } = this.props;
    const versioning = new S3BucketVersioningA(this, 'versioning', {
      bucket: this.bucket.id,
      versioningConfiguration: { status: versioned ? 'Enabled' : 'Disabled' },
    });
    new S3BucketLifecycleConfiguration(this, 'lifecycle', {
      bucket: this.bucket.id,
      rule: lifecycleRules(this.props),
      // Rules about versions are about nothing before.
      dependsOn: [versioning],
    });
    return versioning;
  }

  private allowOrigins(): void {
    const { cors } = this.props;
    if (!cors) return;
    new S3BucketCorsConfiguration(this, 'cors', {
      bucket: this.bucket.id,
      corsRule: [
        {
          allowedOrigins: [...cors.allowOrigins],
          allowedMethods: [...cors.allowMethods],
          allowedHeaders: [...(cors.allowHeaders ?? [])],
          exposeHeaders: [...(cors.exposeHeaders ?? [])],
          maxAgeSeconds: cors.maxAgeSeconds ?? 3600,
        },
      ],
    });
  }
}
