import { Alarms, DeadLetterQueue, EncryptionKey, LambdaFunction, Queue, Topic } from '../../modules';
import type { QueueProps } from '../../modules';
import { synthesize } from '../support/template';
import type { Template } from '../support/template';
import type { TerraformStack } from 'cdktf';

const fn = (stack: TerraformStack, id = 'fn', timeoutSeconds = 10) =>
  new LambdaFunction(stack, id, { name: id, entry: `${id}.ts`, timeoutSeconds });
const queue = (stack: TerraformStack, props: Partial<QueueProps> = {}) =>
  new Queue(stack, 'orders', { name: 'orders', ...props });
const DEAD = 'dead-letters';

/** Address as it is inside `${...}`. */
function refer(template: Template, type: string, part = ''): string {
  return `\${${template.resourcesOf(type, part)[0]?.address ?? 'none'}.arn}`;
}

function queueOf(template: Template, part: 'main' | 'dead') {
  const found = template
    .resourcesOf('aws_sqs_queue')
    .filter(({ address }) => address.includes(DEAD) === (part === 'dead'));
  return found[0]?.attributes ?? {};
}

describe('Queue', () => {
  const plain = synthesize((stack) => void queue(stack));

  test('matches its snapshot', () => expect(plain.snapshot()).toMatchSnapshot());

  test.each(['main', 'dead'] as const)('%s queue is encrypted by SSE-SQS', (part) => {
    expect(queueOf(plain, part)).toMatchObject({ sqs_managed_sse_enabled: true });
    expect(queueOf(plain, part)).not.toHaveProperty('kms_master_key_id');
  });

  test('messages go to the dead letters after five receives', () => {
    expect(queueOf(plain, 'main')['redrive_policy']).toEqual({
      deadLetterTargetArn: refer(plain, 'aws_sqs_queue', DEAD),
      maxReceiveCount: 5,
    });
  });

  test('only the queue itself may move messages to its dead letters', () => {
    const source = plain.resourcesOf('aws_sqs_queue').find(({ address }) => !address.includes(DEAD));
    expect(plain.only('aws_sqs_queue_redrive_allow_policy')['redrive_allow_policy']).toEqual({
      redrivePermission: 'byQueue',
      sourceQueueArns: [`\${${source?.address}.arn}`],
    });
  });

  test('dead letters are kept as long as SQS can', () => {
    expect(queueOf(plain, 'dead')).toMatchObject({ message_retention_seconds: 1_209_600 });
  });

  test('messages may be as large as a topic’s, or smaller where asked for; dead letters take all', () => {
    const small = synthesize((stack) => void queue(stack, { maxMessageBytes: 1024 }));
    expect(queueOf(plain, 'main')).toMatchObject({ max_message_size: 262_144 });
    expect(queueOf(small, 'main')).toMatchObject({ max_message_size: 1024 });
    expect(queueOf(small, 'dead')).toMatchObject({ max_message_size: 262_144 });
  });

  test('receives wait for messages', () => {
    expect(queueOf(plain, 'main')).toMatchObject({ receive_wait_time_seconds: 20, delay_seconds: 0 });
  });

  test.each(['orders_policy', DEAD])('%s: requests without TLS are refused, nothing is allowed', (part) => {
    const statements = plain.statements('aws_sqs_queue_policy', part);
    expect(statements).toHaveLength(1);
    expect(statements[0]).toMatchObject({
      Effect: 'Deny',
      Principal: '*',
      Action: ['sqs:*'],
      Condition: { Bool: { 'aws:SecureTransport': ['false'] } },
    });
  });

  test.each<[string, Partial<QueueProps>, RegExp]>([
    ['name', { name: 'orders.fifo' }, /name is "orders.fifo".*80 letters/],
    ['visibility', { visibilityTimeoutSeconds: 43_201 }, /visibilityTimeoutSeconds is 43201.*0 to 43200/],
    ['retention', { retentionSeconds: 59 }, /retentionSeconds is 59.*60 to 1209600/],
    ['fractions', { delaySeconds: 1.5 }, /delaySeconds is 1.5.*whole number/],
    ['size', { maxMessageBytes: 1023 }, /maxMessageBytes is 1023.*1024 to 262144/],
    ['a larger size', { maxMessageBytes: 262_145 }, /maxMessageBytes is 262145/],
    ['delay', { delaySeconds: 901 }, /delaySeconds is 901.*0 to 900/],
    ['wait', { receiveWaitSeconds: 21 }, /receiveWaitSeconds is 21.*0 to 20/],
    ['receives', { maxReceiveCount: 0 }, /maxReceiveCount is 0.*1 to 1000/],
    ['dead letters', { deadLetterRetentionSeconds: 600 }, /deadLetterRetentionSeconds is 600.*345600/],
  ])('refuses a wrong value: %s', (_name, props, message) => {
    expect(() => synthesize((stack) => void queue(stack, props))).toThrow(message);
  });
});

describe('queue.consumeWith', () => {
  const template = synthesize((stack) => {
    queue(stack).consumeWith(fn(stack), { batchWindowSeconds: 5, maximumConcurrency: 3 });
  });

  test('the visibility timeout is six times the function timeout plus the window', () => {
    expect(queueOf(template, 'main')).toMatchObject({ visibility_timeout_seconds: 65 });
  });

  test('the mapping reports partial failures and bounds concurrency', () => {
    expect(template.only('aws_lambda_event_source_mapping')).toMatchObject({
      function_response_types: ['ReportBatchItemFailures'],
      scaling_config: { maximum_concurrency: 3 },
      batch_size: 10,
      maximum_batching_window_in_seconds: 5,
    });
  });

  test('the mapping’s defaults: ten messages at once, ten functions at a time', () => {
    const plain = synthesize((stack) => void queue(stack).consumeWith(fn(stack)));
    expect(plain.only('aws_lambda_event_source_mapping')).toMatchObject({
      scaling_config: { maximum_concurrency: 10 },
      batch_size: 10,
      maximum_batching_window_in_seconds: 0,
    });
  });

  test('the function may consume this queue and no other', () => {
    const statements = template
      .statements('aws_iam_role_policy')
      .filter(({ Sid }) => Sid === 'ConsumeMessages');
    const source = template.resourcesOf('aws_sqs_queue').find(({ address }) => !address.includes(DEAD));
    expect(statements).toEqual([
      {
        Sid: 'ConsumeMessages',
        Effect: 'Allow',
        Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        Resource: [`\${${source?.address}.arn}`],
      },
    ]);
  });

  test('the function may decrypt with the queue key, through SQS only', () => {
    const encrypted = synthesize((stack) => {
      const key = new EncryptionKey(stack, 'key', { name: 'key' });
      queue(stack, { encryption: key }).consumeWith(fn(stack));
    });
    const statement = encrypted
      .statements('aws_iam_role_policy')
      .find(({ Sid }) => Sid === 'DecryptThroughSqs');
    expect(statement).toMatchObject({ Action: ['kms:Decrypt'], Resource: [refer(encrypted, 'aws_kms_key')] });
    expect(statement?.Condition?.['StringEquals']?.['kms:ViaService']).toEqual([
      expect.stringMatching(/^sqs\..*\.amazonaws\.com$/),
    ]);
  });

  const consume = (props: Partial<QueueProps>, options = {}, timeoutSeconds = 10) =>
    synthesize((stack) => void queue(stack, props).consumeWith(fn(stack, 'fn', timeoutSeconds), options));

  test.each<[string, () => unknown, RegExp]>([
    [
      'short visibility',
      () => consume({ visibilityTimeoutSeconds: 59 }),
      /is 59: 6 x function timeout.* = 60/,
    ],
    [
      'short visibility for the window',
      () => consume({ visibilityTimeoutSeconds: 60 }, { batchWindowSeconds: 1 }),
      /visibilityTimeoutSeconds is 60.* = 61/,
    ],
    ['a short default', () => consume({ visibilityTimeoutSeconds: 30 }), /visibilityTimeoutSeconds is 30/],
    ['few receives', () => consume({ maxReceiveCount: 4 }), /maxReceiveCount is 4.*5 or more/],
    ['large batches at once', () => consume({}, { batchSize: 11 }), /batchSize is 11.*batchWindowSeconds/],
    ['huge batches', () => consume({}, { batchSize: 10_001 }), /batchSize is 10001/],
    ['long windows', () => consume({}, { batchWindowSeconds: 301 }), /batchWindowSeconds is 301/],
    [
      'one consumer at a time',
      () => consume({}, { maximumConcurrency: 1 }),
      /maximumConcurrency is 1.*2 to 1000/,
    ],
  ])('refuses %s', (_name, build, message) => expect(build).toThrow(message));

  test('refuses more consumers than the function has reserved', () => {
    const build = () =>
      synthesize((stack) => {
        const reserved = new LambdaFunction(stack, 'fn', {
          name: 'fn',
          entry: 'fn.ts',
          reservedConcurrency: 4,
        });
        queue(stack).consumeWith(reserved, { maximumConcurrency: 5 });
      });
    expect(build).toThrow(/maximumConcurrency is 5.*4 reserved/);
  });

  test('refuses a second consumer', () => {
    const build = () =>
      synthesize((stack) => {
        const orders = queue(stack);
        orders.consumeWith(fn(stack, 'one'));
        orders.consumeWith(fn(stack, 'two'));
      });
    expect(build).toThrow(/consumer is "two".*already/);
  });
});

describe('DeadLetterQueue', () => {
  test('no queue may move messages to one that is for undelivered messages', () => {
    const template = synthesize((stack) => void new DeadLetterQueue(stack, 'dead', { name: 'dead' }));
    expect(template.only('aws_sqs_queue_redrive_allow_policy')['redrive_allow_policy']).toEqual({
      redrivePermission: 'denyAll',
    });
  });
});

test('refuses an eleventh source of dead letters', () => {
  const build = () =>
    synthesize((stack) => {
      const dead = new DeadLetterQueue(stack, 'dead', { name: 'dead' });
      for (let n = 0; n < 11; n++) dead.allowSource(new Queue(stack, `q${n}`, { name: `q${n}` }));
    });
  expect(build).toThrow(/source is "q10".*ten queues/);
});

describe('Topic', () => {
  const template = synthesize((stack) => {
    const key = new EncryptionKey(stack, 'key', { name: 'key' });
    new Topic(stack, 'created', { name: 'created', encryptionKey: key }).grantPublish(fn(stack));
  });

  test('matches its snapshot', () => {
    const plain = synthesize((stack) => void new Topic(stack, 'created', { name: 'created' }));
    expect(plain.snapshot()).toMatchSnapshot();
    expect(plain.only('aws_sns_topic')).toMatchObject({ kms_master_key_id: 'alias/aws/sns' });
  });

  test('is encrypted by the given key and signs with SHA-256', () => {
    expect(template.only('aws_sns_topic')).toMatchObject({
      kms_master_key_id: refer(template, 'aws_kms_key'),
      signature_version: 2,
    });
  });

  test('is open to its own account only, and by TLS only', () => {
    const statements = template.statements('aws_sns_topic_policy');
    expect(statements.map(({ Sid, Effect }) => [Sid, Effect])).toEqual([
      ['Account', 'Allow'],
      ['DenyInsecureTransport', 'Deny'],
    ]);
    expect(statements[0]?.Principal).toEqual({ AWS: expect.stringMatching(/account_id\}:root$/) as string });
    expect(statements[1]?.Condition).toEqual({ Bool: { 'aws:SecureTransport': ['false'] } });
  });

  test('a publisher may publish to this topic and use its key through SNS, nothing else', () => {
    const statements = template.statements('aws_iam_role_policy').slice(2);
    expect(statements.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [['sns:Publish'], [refer(template, 'aws_sns_topic')]],
      [['kms:Decrypt', 'kms:GenerateDataKey'], [refer(template, 'aws_kms_key')]],
    ]);
    expect(statements[1]?.Condition?.['StringEquals']).toHaveProperty('kms:ViaService');
  });

  test('grants on two topics are one statement', () => {
    const two = synthesize((stack) => {
      const publisher = fn(stack);
      for (const id of ['a', 'b', 'a2']) new Topic(stack, id, { name: id }).grantPublish(publisher);
    });
    const publish = two.statements('aws_iam_role_policy').filter(({ Sid }) => Sid === 'PublishMessages');
    expect(publish).toHaveLength(1);
    expect(publish[0]?.Resource).toHaveLength(3);
  });

  test('a grant that is given twice is rendered once', () => {
    const twice = synthesize((stack) => {
      const [publisher, topic] = [fn(stack), new Topic(stack, 'created', { name: 'created' })];
      topic.grantPublish(publisher);
      topic.grantPublish(publisher);
    });
    const publish = twice.statements('aws_iam_role_policy').find(({ Sid }) => Sid === 'PublishMessages');
    expect(publish?.Resource).toHaveLength(1);
  });

  test('refuses a wrong name', () => {
    const build = () => synthesize((stack) => void new Topic(stack, 't', { name: 'a b' }));
    expect(build).toThrow(/name is "a b".*256 letters/);
  });

  test('refuses alarms without a key that they may use', () => {
    const build = () => synthesize((stack) => new Topic(stack, 't', { name: 't' }).allowAlarms());
    expect(build).toThrow(/encryptionKey is "alias\/aws\/sns".*CloudWatch may not use/);
  });
});

describe('topic.subscribeQueue', () => {
  const template = synthesize((stack) => {
    const key = new EncryptionKey(stack, 'key', { name: 'key' });
    const orders = queue(stack, { encryption: key });
    for (const id of ['created', 'changed']) new Topic(stack, id, { name: id }).subscribeQueue(orders);
  });
  const subscription = template.only('aws_sns_topic_subscription', 'created');
  const topicArns = ['created', 'changed'].map((part) => refer(template, 'aws_sns_topic', part));

  test('matches its snapshot', () => {
    expect(subscription).toMatchSnapshot();
  });

  test('delivers the message as it was published', () => {
    expect(subscription).toMatchObject({ protocol: 'sqs', raw_message_delivery: true });
  });

  test('has dead letters for what could not be delivered', () => {
    expect(subscription['redrive_policy']).toEqual({
      deadLetterTargetArn: refer(template, 'aws_sqs_queue', DEAD),
    });
  });

  test.each([`orders_policy`, DEAD])('%s admits these topics and nobody else, in one statement', (part) => {
    const allowed = template
      .statements('aws_sqs_queue_policy', part)
      .filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toHaveLength(1);
    expect(allowed[0]).toMatchObject({
      Principal: { Service: 'sns.amazonaws.com' },
      Action: ['sqs:SendMessage'],
      Condition: { ArnEquals: { 'aws:SourceArn': topicArns } },
    });
  });

  test('waits for the policies that let messages in', () => {
    const policies = template.resourcesOf('aws_sqs_queue_policy').map(({ address }) => address);
    expect(new Set(subscription['depends_on'] as string[])).toEqual(new Set(policies));
  });

  test('the key admits topics of this account, once', () => {
    const topics = template.statements('aws_kms_key').filter(({ Sid }) => Sid === 'Topics');
    expect(topics).toHaveLength(1);
    expect(topics[0]?.Action).toEqual(['kms:Decrypt', 'kms:GenerateDataKey*']);
    expect(topics[0]?.Condition?.['ArnLike']?.['aws:SourceArn']).toEqual([
      expect.stringMatching(/:sns:.*account_id\}:\*$/),
    ]);
  });

  test.each(['alias/aws/sqs', 'arn:aws:kms:us-east-1:000000000000:alias/aws/sqs'])(
    'refuses %s',
    (encryption) => {
      const build = () =>
        synthesize((stack) => {
          new Topic(stack, 'created', { name: 'created' }).subscribeQueue(queue(stack, { encryption }));
        });
      expect(build).toThrow(/encryption is ".*alias\/aws\/sqs".*drops the message/);
    },
  );
});

test('an alarm topic and a queue share a key that admits both services', () => {
  const template = synthesize((stack) => {
    const encryption = new EncryptionKey(stack, 'key', { name: 'key' });
    new Topic(stack, 'created', { name: 'created' }).subscribeQueue(queue(stack, { encryption }));
    new Alarms(stack, 'alarms', { name: 'orders', encryptionKey: encryption });
  });
  const services = template.statements('aws_kms_key').map(({ Principal }) => Principal);
  expect(services).toContainEqual({ Service: 'sns.amazonaws.com' });
  expect(services).toContainEqual({ Service: 'cloudwatch.amazonaws.com' });
});
