import path from 'node:path';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { App, LocalBackend, TerraformStack } from 'cdktf';
import {
  Account,
  Bucket,
  BUNDLER,
  EncryptionKey,
  EventBus,
  HttpApi,
  KinesisStream,
  lambdaAuthorizer,
  LambdaFunction,
  publicAccess,
  Queue,
  RestApi,
  Rule,
  Secret,
  Table,
  Topic,
} from '../../../modules';
import { stubBundler } from '../../support/template';

/** Every kind of bucket, event bus, stream, API and function URL that the modules make; the app has only some of them. */
class ModulesStack extends TerraformStack {
  private readonly key: EncryptionKey;

  constructor(app: App) {
    super(app, 'modules');
    new AwsProvider(this, 'aws', { region: 'us-east-1', defaultTags: [{ tags: { Project: 'modules' } }] });
    new LocalBackend(this, { path: 'terraform.tfstate' });
    this.key = new EncryptionKey(this, 'key', { name: 'modules' });
    this.buckets();
    this.events();
    this.streams();
    this.apis();
    const secret = new Secret(this, 'secret', {
      name: 'modules/webhook-secret',
      description: 'Signs webhooks',
      encryptionKey: this.key,
      recoveryDays: 0,
    });
    secret.grantRead(this.fn('reader'));
  }

  private fn(name: string): LambdaFunction {
    return new LambdaFunction(this, name, { name, entry: `${name}.ts` });
  }

  private buckets(): void {
    const bucket = new Bucket(this, 'bucket', {
      name: `modules-${Account.of(this).id}`,
      encryptionKey: this.key,
      expireAfterDays: 365,
      forceDestroy: true,
      cors: { allowOrigins: ['https://shop.example.com'], allowMethods: ['GET', 'PUT'] },
      eventBridge: true,
    });
    const fn = this.fn('intake');
    bucket.grantRead(fn, 'incoming/');
    bucket.grantWrite(fn, 'reports/');
    bucket.grantDelete(fn, 'incoming/');
    bucket.grantList(fn, 'incoming/');
    bucket.notifyFunction(fn, { prefix: 'incoming/', suffix: '.csv' });
    bucket.notifyFunction(fn, { events: ['s3:ObjectRemoved:*'], prefix: 'incoming/' });
    const queue = new Queue(this, 'uploads', { name: 'uploads', encryption: this.key });
    bucket.notifyQueue(queue, { prefix: 'uploads/' });
    const topic = new Topic(this, 'images', { name: 'images', encryptionKey: this.key });
    bucket.notifyTopic(topic, { prefix: 'images/' });
    new Bucket(this, 'scratch', { name: 'modules-scratch', versioned: false, forceDestroy: true });
  }

  private events(): void {
    const bus = new EventBus(this, 'orders', { name: 'orders', encryptionKey: this.key, archiveDays: 7 });
    const audit = new EventBus(this, 'audit', { name: 'audit' });
    const fn = this.fn('tracker');
    bus.grantPut(fn, { sources: ['shop.orders'], detailTypes: ['Order Placed'] });
    fn.onFailure(audit);
    fn.onSuccess(bus);
    const rule = new Rule(this, 'placed', {
      name: 'orders-placed',
      bus,
      description: 'Orders that were placed',
      pattern: {
        source: ['shop.orders'],
        'detail-type': [{ prefix: { 'equals-ignore-case': 'order' } }],
        detail: {
          status: [{ 'anything-but': ['cancelled'] }],
          total: [{ numeric: ['>', 0, '<=', 5e9] }],
          note: [{ exists: false }],
          customer: { ip: [{ cidr: '10.0.0.0/8' }], mail: [{ wildcard: '*@example.*' }] },
          $or: [{ country: ['DE'] }, { vip: [true] }],
        },
      },
    });
    const ordered = new Queue(this, 'ordered', {
      name: 'ordered',
      fifo: { contentBasedDeduplication: true },
      encryption: this.key,
    });
    const topic = new Topic(this, 'placed-topic', { name: 'orders-placed', encryptionKey: this.key });
    rule.invoke(fn, { inputPath: '$.detail' });
    rule.sendTo(ordered, { messageGroupId: 'orders', maximumRetryAttempts: 3 });
    rule.publishTo(topic, {
      inputTransformer: { paths: { order: '$.detail.orderId' }, template: '{"order": <order>}' },
    });
    rule.forwardTo(audit, { maximumEventAgeSeconds: 3600 });
    const uploaded = new Rule(this, 'uploaded', {
      name: 'modules-uploaded',
      pattern: { source: ['aws.s3'], 'detail-type': ['Object Created'] },
      enabled: false,
    });
    uploaded.invoke(this.fn('uploaded-fn'), { input: { kind: 'upload' } });
  }

  private streams(): void {
    const table = new Table(this, 'items', {
      name: 'items',
      partitionKey: { name: 'id', type: 'S' },
      stream: 'new-and-old-images',
      encryptionKey: this.key,
      deletionProtection: false,
    });
    table.consumeStreamWith(this.fn('changelog'), {
      filters: [{ eventName: ['INSERT', 'MODIFY'] }],
      batchWindowSeconds: 1,
    });
    const stream = new KinesisStream(this, 'clicks', {
      name: 'clicks',
      mode: { shards: 1 },
      retentionHours: 48,
      encryptionKey: this.key,
    });
    const fn = this.fn('clicks-fn');
    stream.grantPut(fn, ['PutRecords']);
    stream.consumeWith(fn, {
      startingPosition: 'LATEST',
      parallelization: 2,
      filters: [{ data: { kind: ['click'] } }],
    });
    new KinesisStream(this, 'on-demand', { name: 'on-demand', mode: 'on-demand' });
  }

  private apis(): void {
    const fn = this.fn('handler');
    const guard = this.fn('guard');
    const http = new HttpApi(this, 'http', { name: 'modules-http' });
    http.route('GET /orders/{id}', fn, { authorization: lambdaAuthorizer(guard, { cacheSeconds: 60 }) });
    http.route('GET /legacy', fn, { authorization: 'iam', payloadFormat: '1.0' });
    const rest = new RestApi(this, 'rest', { name: 'modules-rest', binaryMediaTypes: ['image/png'] });
    rest.route('GET /', fn, { authorization: publicAccess('the front page is for everyone') });
    rest.route('GET /orders/{id}', fn, { authorization: lambdaAuthorizer(guard) });
    rest.route('ANY /files/{path+}', fn, { authorization: 'iam' });
    const url = fn.addUrl({
      authorization: 'iam',
      cors: { allowOrigins: ['https://shop.example.com'], allowMethods: ['GET'] },
    });
    url.grantInvoke(guard);
    guard.addUrl({ authorization: publicAccess('a health check has no credentials') });
  }
}

/** Writes the stack's Terraform into `outdir/stacks/modules`, with empty functions. */
export function synthesizeModules(outdir: string): string {
  const app = new App({ outdir, stackTraces: false, context: { [BUNDLER]: stubBundler() } });
  new ModulesStack(app);
  app.synth();
  return path.join(outdir, 'stacks/modules');
}
