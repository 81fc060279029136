import type { TerraformStack } from 'cdktf';
import { Bucket, EncryptionKey, LambdaFunction, Queue, Topic } from '../../modules';
import type { BucketProps, NotifyOptions } from '../../modules';
import { synthesize } from '../support/template';
import type { Template } from '../support/template';

const fn = (stack: TerraformStack, name = 'fn') =>
  new LambdaFunction(stack, name, { name, entry: `${name}.ts` });
const bucket = (stack: TerraformStack, props: Partial<BucketProps> = {}) =>
  new Bucket(stack, 'files', { name: 'orders-files', ...props });
const synth = (props: Partial<BucketProps> = {}) => synthesize((stack) => void bucket(stack, props));
const allowed = (template: Template, sid: string) =>
  template.statements('aws_iam_role_policy').find((statement) => statement.Sid === sid);
const ARN = /^\$\{aws_s3_bucket\.files_\w+\.arn\}$/;

describe('Bucket', () => {
  const template = synth();

  test('matches its snapshot', () => expect(template.snapshot()).toMatchSnapshot());

  test('is private whatever a policy or an ACL says', () => {
    expect(template.only('aws_s3_bucket_public_access_block')).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    expect(template.only('aws_s3_bucket_ownership_controls')).toMatchObject({
      rule: { object_ownership: 'BucketOwnerEnforced' },
    });
  });

  test('refuses requests without TLS, for itself and its objects, and allows nobody anything', () => {
    expect(template.statements('aws_s3_bucket_policy')).toEqual([
      {
        Sid: 'DenyInsecureTransport',
        Effect: 'Deny',
        Principal: '*',
        Action: ['s3:*'],
        Resource: [expect.stringMatching(ARN), expect.stringMatching(/\.arn\}\/\*$/)],
        Condition: { Bool: { 'aws:SecureTransport': ['false'] } },
      },
    ]);
    // S3 answers two changes of a bucket's access at the same time with a conflict.
    expect(template.only('aws_s3_bucket_policy')['depends_on']).toEqual([
      template.resourcesOf('aws_s3_bucket_public_access_block')[0]?.address,
    ]);
  });

  test('is encrypted by S3, or by the key with one request for many objects', () => {
    const ruleOf = (from: Template) =>
      from.only('aws_s3_bucket_server_side_encryption_configuration')['rule'];
    expect(ruleOf(template)).toEqual([
      { apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } },
    ]);
    const encrypted = synthesize((stack) => {
      bucket(stack, { encryptionKey: new EncryptionKey(stack, 'key', { name: 'key' }) });
    });
    expect(ruleOf(encrypted)).toEqual([
      {
        apply_server_side_encryption_by_default: {
          sse_algorithm: 'aws:kms',
          kms_master_key_id: expect.stringMatching(/^\$\{aws_kms_key\./) as string,
        },
        bucket_key_enabled: true,
      },
    ]);
  });

  test('keeps old versions for a month and unfinished uploads for a week', () => {
    expect(template.only('aws_s3_bucket_versioning')).toMatchObject({
      versioning_configuration: { status: 'Enabled' },
    });
    expect(template.only('aws_s3_bucket_lifecycle_configuration')['rule']).toEqual([
      {
        id: 'abort-uploads',
        status: 'Enabled',
        filter: [{ prefix: '' }],
        abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
      },
      {
        id: 'old-versions',
        status: 'Enabled',
        filter: [{ prefix: '' }],
        noncurrent_version_expiration: [{ noncurrent_days: 30 }],
        expiration: [{ expired_object_delete_marker: true }],
      },
    ]);
  });

  test('objects expire where that is asked for, and versions are a choice', () => {
    const custom = synth({ expireAfterDays: 365, abortUploadsAfterDays: 1, versioned: false });
    expect(custom.only('aws_s3_bucket_lifecycle_configuration')['rule']).toMatchObject([
      { abort_incomplete_multipart_upload: [{ days_after_initiation: 1 }] },
      { id: 'expire', expiration: [{ days: 365 }] },
    ]);
    expect(custom.only('aws_s3_bucket_versioning')).toMatchObject({
      versioning_configuration: { status: 'Disabled' },
    });
    const both = synth({ expireAfterDays: 365, expireOldVersionsAfterDays: 3 });
    expect(both.only('aws_s3_bucket_lifecycle_configuration')['rule']).toMatchObject([
      {},
      { noncurrent_version_expiration: [{ noncurrent_days: 3 }] },
      { expiration: [{ days: 365 }] },
    ]);
  });

  test('is not destroyed with its objects unless that was said', () => {
    expect(template.only('aws_s3_bucket')).toMatchObject({
      force_destroy: false,
      lifecycle: { prevent_destroy: true },
    });
    const forced = synth({ forceDestroy: true }).only('aws_s3_bucket');
    expect(forced).toMatchObject({ force_destroy: true });
    expect(forced).not.toHaveProperty('lifecycle');
  });

  test('other origins may do what CORS says', () => {
    template.countIs('aws_s3_bucket_cors_configuration', 0);
    const cors = {
      allowOrigins: ['https://shop.example.com'],
      allowMethods: ['PUT'],
      exposeHeaders: ['ETag'],
    } as const;
    expect(synth({ cors }).only('aws_s3_bucket_cors_configuration')['cors_rule']).toEqual([
      {
        allowed_origins: ['https://shop.example.com'],
        allowed_methods: ['PUT'],
        allowed_headers: [],
        expose_headers: ['ETag'],
        max_age_seconds: 3600,
      },
    ]);
  });

  test.each<[Partial<BucketProps>, RegExp]>([
    [{ name: 'ab' }, /name is "ab": 3 to 63/],
    [{ name: 'Orders' }, /name is "Orders".*lower-case/],
    [{ name: 'orders.files' }, /name is "orders\.files"/],
    [{ name: 'xn--orders' }, /name is "xn--orders".*beginnings and ends/],
    [{ name: 'orders-s3alias' }, /name is "orders-s3alias"/],
    [{ expireAfterDays: 0 }, /expireAfterDays is 0.*1 to/],
    [{ abortUploadsAfterDays: 0.5 }, /abortUploadsAfterDays is 0\.5/],
    [{ expireOldVersionsAfterDays: -1 }, /expireOldVersionsAfterDays is -1/],
    [{ versioned: false, expireOldVersionsAfterDays: 7 }, /expireOldVersionsAfterDays is 7.*not versioned/],
    [
      { cors: { allowOrigins: ['shop.example.com'], allowMethods: ['GET'] } },
      /cors\.allowOrigins.*scheme and host/,
    ],
    [{ cors: { allowOrigins: [], allowMethods: ['GET'] } }, /cors\.allowOrigins is \[\]/],
    [{ cors: { allowOrigins: ['*'], allowMethods: [] } }, /cors\.allowMethods is \[\]/],
  ])('refuses %j', (props, message) => expect(() => synth(props)).toThrow(message));
});

describe('what functions may do with objects', () => {
  const granted = (grant: (files: Bucket, to: LambdaFunction) => void) =>
    synthesize((stack) => {
      const key = new EncryptionKey(stack, 'key', { name: 'key' });
      grant(bucket(stack, { encryptionKey: key }), fn(stack));
    });

  test.each<[string, (files: Bucket, to: LambdaFunction) => void, string, string]>([
    ['read', (files, to) => files.grantRead(to, 'in/'), 'ReadObjects', 's3:GetObject'],
    ['write', (files, to) => files.grantWrite(to, 'in/'), 'WriteObjects', 's3:PutObject'],
    ['delete', (files, to) => files.grantDelete(to, 'in/'), 'DeleteObjects', 's3:DeleteObject'],
  ])('%s: one action, under the prefix', (_name, grant, sid, action) => {
    expect(allowed(granted(grant), sid)).toMatchObject({
      Action: [action],
      Resource: [expect.stringMatching(/\.arn\}\/in\/\*$/)],
    });
  });

  test('reading decrypts and writing makes data keys, by S3 only', () => {
    const read = granted((files, to) => files.grantRead(to));
    expect(allowed(read, 'DecryptThroughS3')).toMatchObject({
      Action: ['kms:Decrypt'],
      Condition: { StringEquals: { 'kms:ViaService': [expect.stringMatching(/^s3\./)] } },
    });
    expect(allowed(read, 'EncryptThroughS3')).toBeUndefined();
    const write = granted((files, to) => files.grantWrite(to));
    expect(allowed(write, 'EncryptThroughS3')).toMatchObject({ Action: ['kms:GenerateDataKey'] });
    expect(allowed(write, 'DecryptThroughS3')).toBeUndefined();
    expect(
      allowed(
        granted((files, to) => files.grantDelete(to)),
        'DecryptThroughS3',
      ),
    ).toBeUndefined();
  });

  test('listing is of the bucket, and of one prefix where that is given', () => {
    const all = allowed(
      granted((files, to) => files.grantList(to)),
      'ListBuckets',
    );
    expect(all).toMatchObject({ Action: ['s3:ListBucket'], Resource: [expect.stringMatching(ARN)] });
    expect(all).not.toHaveProperty('Condition');
    expect(
      allowed(
        granted((files, to) => files.grantList(to, 'in/')),
        'Listfiles',
      ),
    ).toMatchObject({
      Condition: { StringLike: { 's3:prefix': ['in/*'] } },
    });
  });

  test.each(['/in', 'in/*', 'i?n'])('refuses the prefix %s', (prefix) => {
    for (const grant of ['grantRead', 'grantWrite', 'grantDelete', 'grantList'] as const) {
      expect(() => granted((files, to) => files[grant](to, prefix))).toThrow(`prefix is "${prefix}"`);
    }
  });
});

describe('what a bucket tells of its objects', () => {
  const told = (tell: (files: Bucket, stack: TerraformStack) => void, props: Partial<BucketProps> = {}) =>
    synthesize((stack) => tell(bucket(stack, props), stack));
  const notification = (template: Template) => template.only('aws_s3_bucket_notification');

  test('a function, which this bucket of this account may invoke, with dead letters for what it fails on', () => {
    const template = told((files, stack) => {
      const { failed } = files.notifyFunction(fn(stack), { prefix: 'in/', suffix: '.csv' });
      expect(failed?.name).toBe('fn-failed');
    });
    expect(notification(template)).toMatchObject({
      lambda_function: [
        {
          lambda_function_arn: expect.stringMatching(/^\$\{aws_lambda_function\./) as string,
          events: ['s3:ObjectCreated:*'],
          filter_prefix: 'in/',
          filter_suffix: '.csv',
        },
      ],
    });
    expect(template.only('aws_lambda_permission')).toMatchObject({
      principal: 's3.amazonaws.com',
      action: 'lambda:InvokeFunction',
      source_arn: expect.stringMatching(ARN) as string,
      source_account: expect.stringMatching(/account_id\}$/) as string,
    });
    expect(template.only('aws_lambda_function_event_invoke_config')['destination_config']).toMatchObject({
      on_failure: { destination: expect.stringMatching(/^\$\{aws_sqs_queue\./) as string },
    });
    // S3 tries the permission when it is configured.
    expect(notification(template)['depends_on']).toEqual(
      expect.arrayContaining([
        template.resourcesOf('aws_lambda_permission')[0]?.address,
        template.resourcesOf('aws_s3_bucket_policy')[0]?.address,
      ]),
    );
  });

  test('one configuration and one permission, however often a function is named', () => {
    const template = told((files, stack) => {
      const to = fn(stack);
      const edge = files.notifyFunction(to);
      expect(files.notifyFunction(to, { events: ['s3:ObjectRemoved:*'] })).toBe(edge);
    });
    template.countIs('aws_lambda_permission', 1);
    expect(notification(template)['lambda_function']).toHaveLength(2);
  });

  test('a function that has a destination for failures keeps it', () => {
    const template = told((files, stack) => {
      const to = fn(stack);
      to.onFailure(new Queue(stack, 'mine', { name: 'mine' }));
      expect(files.notifyFunction(to).failed).toBeUndefined();
    });
    expect(template.resourcesOf('aws_sqs_queue').map(({ attributes }) => attributes['name'])).toEqual([
      'mine-dead-letters',
      'mine',
    ]);
  });

  test('a queue and a topic, whose policies and key let this bucket in first', () => {
    const template = told((files, stack) => {
      const key = new EncryptionKey(stack, 'key', { name: 'key' });
      files.notifyQueue(new Queue(stack, 'queue', { name: 'q', encryption: key }), { prefix: 'a/' });
      files.notifyTopic(new Topic(stack, 'topic', { name: 't', encryptionKey: key }), { prefix: 'b/' });
    });
    const condition = {
      ArnEquals: { 'aws:SourceArn': [expect.stringMatching(ARN)] },
      StringEquals: { 'aws:SourceAccount': [expect.stringMatching(/account_id\}$/)] },
    };
    const find = (type: string, part: string) =>
      template.statements(type, part).find(({ Sid }) => Sid === 'Buckets');
    expect(find('aws_sqs_queue_policy', '.queue_policy')).toMatchObject({
      Principal: { Service: 's3.amazonaws.com' },
      Action: ['sqs:SendMessage'],
      Condition: condition,
    });
    expect(find('aws_sns_topic_policy', '')).toMatchObject({
      Principal: { Service: 's3.amazonaws.com' },
      Action: ['sns:Publish'],
      Condition: condition,
    });
    expect(find('aws_kms_key', '')).toMatchObject({
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Condition: {
        ArnLike: { 'aws:SourceArn': [expect.stringMatching(/:s3:::\*$/)] },
        StringEquals: { 'aws:SourceAccount': [expect.stringMatching(/account_id\}$/)] },
      },
    });
    expect(notification(template)['depends_on']).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^aws_sqs_queue_policy\.queue_policy/),
        expect.stringMatching(/^aws_sns_topic_policy\./),
      ]),
    );
  });

  test('EventBridge, of everything', () => {
    expect(notification(told(() => undefined, { eventBridge: true }))).toMatchObject({ eventbridge: true });
    told(() => undefined).countIs('aws_s3_bucket_notification', 0);
  });

  test.each<[string, (stack: TerraformStack, files: Bucket) => void, RegExp]>([
    [
      'a FIFO queue',
      (stack, files) => files.notifyQueue(new Queue(stack, 'q', { name: 'q', fifo: {} })),
      /queue is "q\.fifo": S3 tells standard queues only/,
    ],
    [
      'a FIFO topic',
      (stack, files) => files.notifyTopic(new Topic(stack, 't', { name: 't', fifo: {} })),
      /topic is "t\.fifo": S3 tells standard topics only/,
    ],
    [
      "a topic with AWS's own key",
      (stack, files) => files.notifyTopic(new Topic(stack, 't', { name: 't' })),
      /encryptionKey is "alias\/aws\/sns": S3 may not use AWS's own key/,
    ],
    [
      "a queue with AWS's own key",
      (stack, files) => files.notifyQueue(new Queue(stack, 'q', { name: 'q', encryption: 'alias/aws/sqs' })),
      /encryption is "alias\/aws\/sqs": S3 may not use AWS's own key/,
    ],
  ])('refuses %s', (_name, tell, message) => {
    expect(() => told((files, stack) => tell(stack, files))).toThrow(message);
  });

  const twice = (one: NotifyOptions, other: NotifyOptions) =>
    told((files, stack) => {
      files.notifyFunction(fn(stack), one);
      files.notifyQueue(new Queue(stack, 'q', { name: 'q' }), other);
    });

  test.each<[NotifyOptions, NotifyOptions]>([
    [{}, {}],
    [{ prefix: 'in/' }, {}],
    [{ prefix: 'in/' }, { prefix: 'in/csv/' }],
    [{ prefix: 'in/' }, { suffix: '.csv' }],
    [{ suffix: '.csv' }, { suffix: 'data.csv' }],
    [{ events: ['s3:ObjectCreated:Put'] }, { events: ['s3:ObjectCreated:*'] }],
  ])('refuses %j beside %j, which S3 would find ambiguous', (one, other) => {
    expect(() => twice(one, other)).toThrow(/fn is told of the same event for some of these keys/);
  });

  test.each<[NotifyOptions, NotifyOptions]>([
    [{ prefix: 'in/' }, { prefix: 'out/' }],
    [{ suffix: '.csv' }, { suffix: '.json' }],
    [{ events: ['s3:ObjectRemoved:*'] }, { events: ['s3:ObjectCreated:*'] }],
    [{ events: ['s3:ObjectCreated:Put'] }, { events: ['s3:ObjectCreated:Copy'] }],
  ])('takes %j beside %j', (one, other) => expect(() => twice(one, other)).not.toThrow());

  test.each<[NotifyOptions, RegExp]>([
    [{ events: [] }, /events is \[\]: one or more/],
    [{ events: ['s3:ObjectMoved' as 's3:ObjectCreated:*'] }, /events is "s3:ObjectMoved": S3 knows/],
    [{ prefix: '/in' }, /prefix is "\/in"/],
    [{ suffix: '*.csv' }, /suffix is "\*\.csv"/],
  ])('refuses %j', (options, message) => {
    expect(() => told((files, stack) => files.notifyFunction(fn(stack), options))).toThrow(message);
  });
});
