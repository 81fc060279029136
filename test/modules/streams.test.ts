import type { TerraformStack } from 'cdktf';
import { EncryptionKey, KinesisStream, LambdaFunction, Table } from '../../modules';
import type { ConsumeStreamOptions, KinesisStreamProps, TableProps } from '../../modules';
import { synthesize } from '../support/template';

const fn = (stack: TerraformStack, name = 'fn') =>
  new LambdaFunction(stack, name, { name, entry: `${name}.ts` });
const key = (stack: TerraformStack) => new EncryptionKey(stack, 'key', { name: 'key' });
const table = (stack: TerraformStack, props: Partial<TableProps> = {}) =>
  new Table(stack, 'items', {
    name: 'items',
    partitionKey: { name: 'id', type: 'S' },
    stream: 'new-and-old-images',
    ...props,
  });
const stream = (stack: TerraformStack, props: Partial<KinesisStreamProps> = {}) =>
  new KinesisStream(stack, 'clicks', { name: 'clicks', mode: { shards: 2 }, ...props });
const changes = (options: ConsumeStreamOptions = {}) =>
  synthesize((stack) => void table(stack).consumeStreamWith(fn(stack), options));
const records = (options: ConsumeStreamOptions = {}, props: Partial<KinesisStreamProps> = {}) =>
  synthesize((stack) => void stream(stack, props).consumeWith(fn(stack), options));
const MAPPING = 'aws_lambda_event_source_mapping';

describe("a table's stream", () => {
  const template = changes();

  test('the mapping matches its snapshot', () => expect(template.only(MAPPING)).toMatchSnapshot());

  test('loses nothing: partial failures, halves, ten tries in a day, then dead letters', () => {
    expect(template.only(MAPPING)).toMatchObject({
      starting_position: 'TRIM_HORIZON',
      batch_size: 100,
      function_response_types: ['ReportBatchItemFailures'],
      bisect_batch_on_function_error: true,
      maximum_retry_attempts: 10,
      maximum_record_age_in_seconds: 86_400,
      destination_config: {
        on_failure: { destination_arn: expect.stringMatching(/^\$\{aws_sqs_queue\./) as string },
      },
    });
    expect(template.only('aws_sqs_queue')).toMatchObject({ name: 'fn-changes-failed' });
  });

  test('the function’s role reads this stream and sends dead letters, nothing else of either', () => {
    const statements = template.statements('aws_iam_role_policy');
    expect(statements.find(({ Sid }) => Sid === 'ReadStreams')).toMatchObject({
      Action: [
        'dynamodb:DescribeStream',
        'dynamodb:GetRecords',
        'dynamodb:GetShardIterator',
        'dynamodb:ListStreams',
      ],
      Resource: [expect.stringMatching(/^\$\{aws_dynamodb_table\.items_.*\.stream_arn\}$/)],
    });
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => /^(dynamodb|sqs)/.test(action))).toHaveLength(5);
    expect(actions).toContain('sqs:SendMessage');
    // Lambda asks for the rights when the mapping is made.
    expect(template.only(MAPPING)['depends_on']).toEqual([
      template.resourcesOf('aws_iam_role_policy')[0]?.address,
    ]);
  });

  test('with a key the role decrypts by DynamoDB, and the dead letters have the key', () => {
    const encrypted = synthesize((stack) => {
      table(stack, { encryptionKey: key(stack) }).consumeStreamWith(fn(stack));
    });
    const decrypt = encrypted
      .statements('aws_iam_role_policy')
      .find(({ Sid }) => Sid === 'DecryptThroughDynamoDb');
    expect(decrypt?.Action).toEqual(['kms:Decrypt']);
    expect(encrypted.only('aws_sqs_queue')['kms_master_key_id']).toMatch(/aws_kms_key/);
  });

  test('what the code of the function calls does not grow by what Lambda polls', () => {
    synthesize((stack) => {
      const consumer = fn(stack);
      table(stack).consumeStreamWith(consumer);
      expect([...consumer.calledActions]).toEqual([]);
    });
  });

  test.each([
    ['keys-only', 'KEYS_ONLY'],
    ['new-image', 'NEW_IMAGE'],
    ['old-image', 'OLD_IMAGE'],
    ['new-and-old-images', 'NEW_AND_OLD_IMAGES'],
  ] as const)('%s is DynamoDB’s %s', (view, viewType) => {
    const shown = synthesize((stack) => void table(stack, { stream: view }));
    expect(shown.only('aws_dynamodb_table')).toMatchObject({
      stream_enabled: true,
      stream_view_type: viewType,
    });
  });

  test('options', () => {
    const options = {
      batchSize: 10,
      batchWindowSeconds: 5,
      startingPosition: 'LATEST',
      filters: [{ eventName: ['INSERT'], dynamodb: { NewImage: { kind: { S: [{ prefix: 'o' }] } } } }],
      bisectOnError: false,
      maximumRetryAttempts: 0,
      maximumRecordAgeSeconds: 60,
      parallelization: 10,
    } as const;
    expect(changes(options).only(MAPPING)).toMatchObject({
      batch_size: 10,
      maximum_batching_window_in_seconds: 5,
      starting_position: 'LATEST',
      filter_criteria: { filter: [{ pattern: options.filters[0] }] },
      bisect_batch_on_function_error: false,
      maximum_retry_attempts: 0,
      maximum_record_age_in_seconds: 60,
      parallelization_factor: 10,
    });
  });

  test.each<[ConsumeStreamOptions, RegExp]>([
    [{ batchSize: 10_001 }, /batchSize is 10001.*1 to 10000/],
    [{ batchWindowSeconds: 301 }, /batchWindowSeconds is 301.*0 to 300/],
    [{ maximumRetryAttempts: -1 }, /maximumRetryAttempts is -1.*0 to 10000/],
    [{ maximumRecordAgeSeconds: 59 }, /maximumRecordAgeSeconds is 59.*60 to/],
    [
      { maximumRecordAgeSeconds: 86_401 },
      /maximumRecordAgeSeconds is 86401: the stream forgets records after 86400/,
    ],
    [{ parallelization: 11 }, /parallelization is 11.*1 to 10/],
    [{ startingPosition: 'AT_TIMESTAMP' as 'LATEST' }, /startingPosition is "AT_TIMESTAMP"/],
    [{ filters: [{ body: ['x'] }] }, /filter is "body": a record's fields are eventName/],
    [{ filters: [{ eventName: [{ wildcard: '*' }] }] }, /one comparison of/],
    [{ filters: [] }, /number of filters is 0/],
  ])('refuses %j', (options, message) => expect(() => changes(options)).toThrow(message));

  test('refuses a table without a stream, and a third consumer', () => {
    expect(() =>
      synthesize((stack) => {
        const plain = new Table(stack, 'plain', { name: 'plain', partitionKey: { name: 'id', type: 'S' } });
        plain.consumeStreamWith(fn(stack));
      }),
    ).toThrow(/say what the stream shows/);
    expect(() =>
      synthesize((stack) => {
        const items = table(stack);
        for (const name of ['one', 'two', 'three']) items.consumeStreamWith(fn(stack, name));
      }),
    ).toThrow(/consumer is "three": two functions consume/);
  });
});

describe('KinesisStream', () => {
  test('matches its snapshot', () => {
    expect(records().only('aws_kinesis_stream')).toMatchSnapshot();
  });

  test('is encrypted, by AWS’s own key or the shared one', () => {
    const own = synthesize((stack) => void stream(stack)).only('aws_kinesis_stream');
    expect(own).toMatchObject({ encryption_type: 'KMS', kms_key_id: 'alias/aws/kinesis' });
    const shared = synthesize((stack) => void stream(stack, { encryptionKey: key(stack) }));
    expect(shared.only('aws_kinesis_stream')['kms_key_id']).toMatch(/^\$\{aws_kms_key/);
  });

  test('has shards, or grows', () => {
    const made = (mode: KinesisStreamProps['mode']) =>
      synthesize((stack) => void stream(stack, { mode })).only('aws_kinesis_stream');
    expect(made({ shards: 2 })).toMatchObject({
      shard_count: 2,
      stream_mode_details: { stream_mode: 'PROVISIONED' },
    });
    expect(made('on-demand')).toMatchObject({ stream_mode_details: { stream_mode: 'ON_DEMAND' } });
    expect(made('on-demand')).not.toHaveProperty('shard_count');
  });

  test('a function puts records by the calls that it makes, and the key makes data keys for it', () => {
    const granted = (...actions: ('PutRecord' | 'PutRecords')[]) =>
      synthesize((stack) => {
        const clicks = stream(stack, { encryptionKey: key(stack) });
        if (actions.length > 0) clicks.grantPut(fn(stack), actions);
        else clicks.grantPut(fn(stack));
      }).statements('aws_iam_role_policy');
    const calls = (statements: ReturnType<typeof granted>) =>
      statements.flatMap(({ Action }) => Action).filter((action) => /^(kinesis|kms)/.test(action));
    expect(calls(granted('PutRecords'))).toEqual(['kinesis:PutRecords', 'kms:GenerateDataKey']);
    expect(calls(granted())).toEqual(['kinesis:PutRecord', 'kinesis:PutRecords', 'kms:GenerateDataKey']);
  });

  test('a function consumes: its role reads this stream only, and decrypts', () => {
    const template = synthesize((stack) => {
      stream(stack, { encryptionKey: key(stack) }).consumeWith(fn(stack), {
        filters: [{ data: { a: [1] } }],
      });
    });
    const statements = template.statements('aws_iam_role_policy');
    expect(statements.find(({ Sid }) => Sid === 'ReadRecords')).toMatchObject({
      Action: [
        'kinesis:DescribeStream',
        'kinesis:DescribeStreamSummary',
        'kinesis:GetRecords',
        'kinesis:GetShardIterator',
        'kinesis:ListShards',
      ],
      Resource: [expect.stringMatching(/^\$\{aws_kinesis_stream\.clicks/)],
    });
    expect(statements.find(({ Sid }) => Sid === 'DecryptThroughKinesis')?.Action).toEqual(['kms:Decrypt']);
    expect(template.only(MAPPING)).toMatchObject({
      function_response_types: ['ReportBatchItemFailures'],
      bisect_batch_on_function_error: true,
      destination_config: { on_failure: { destination_arn: expect.any(String) as string } },
      filter_criteria: { filter: [{ pattern: { data: { a: [1] } } }] },
    });
    expect(template.only('aws_sqs_queue')).toMatchObject({ name: 'fn-records-failed' });
  });

  test('records may be as old as the stream keeps them', () => {
    const week = { maximumRecordAgeSeconds: 604_800 };
    expect(() => records(week)).toThrow(/maximumRecordAgeSeconds is 604800.*86400/);
    expect(() => records(week, { retentionHours: 168 })).not.toThrow();
  });

  test.each<[Partial<KinesisStreamProps>, RegExp]>([
    [{ name: 'a b' }, /name is "a b".*128/],
    [{ mode: { shards: 0 } }, /mode\.shards is 0.*1 to/],
    [{ retentionHours: 23 }, /retentionHours is 23.*24 to 8760/],
  ])('refuses %j', (props, message) => expect(() => records({}, props)).toThrow(message));

  test('refuses a grant of nothing, and filters of another kind', () => {
    expect(() => synthesize((stack) => stream(stack).grantPut(fn(stack), []))).toThrow(/actions is \[\]/);
    expect(() => records({ filters: [{ dynamodb: { x: ['y'] } }] })).toThrow(/fields are data, partitionKey/);
  });
});
