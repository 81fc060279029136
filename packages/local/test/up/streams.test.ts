import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import type { JsonObject } from '../../src/synth';
import { clientConfig } from '../wire/support';
import { merge, role, TestProject } from './support';
import type { Bodies, RuntimeProcess } from './support';

/** Prints what it gets, and puts it into the Kinesis stream if it comes from the table. */
const READER = `
const { KinesisClient, PutRecordCommand } = require(${JSON.stringify(require.resolve('@aws-sdk/client-kinesis'))});
const kinesis = new KinesisClient({ maxAttempts: 1 });
exports.handler = async ({ Records }) => {
  for (const { kinesis: data, dynamodb, eventName } of Records) {
    if (data) {
      console.log('read', Buffer.from(data.data, 'base64').toString());
      continue;
    }
    const id = dynamodb.Keys.id.S;
    console.log('saw', eventName, id, dynamodb.SequenceNumber);
    if (id === 'slow') await new Promise((resolve) => setTimeout(resolve, 60000));
    const { SequenceNumber } = await kinesis.send(
      new PutRecordCommand({ StreamName: 'clicks', PartitionKey: id, Data: Buffer.from('from ' + id) }),
    );
    if (!SequenceNumber) throw new Error('it has no number');
  }
};`;

const project = new TestProject();
let running: RuntimeProcess | undefined;

function run(): RuntimeProcess {
  running = project.run();
  return running;
}

afterEach(() => running?.kill());
afterAll(() => project.remove());

const table = {
  name: 'items',
  hash_key: 'id',
  billing_mode: 'PAY_PER_REQUEST',
  attribute: [{ name: 'id', type: 'S' }],
  stream_enabled: true,
  stream_view_type: 'NEW_AND_OLD_IMAGES',
};

const READS = {
  Effect: 'Allow',
  Action: ['GetRecords', 'GetShardIterator', 'DescribeStream', 'ListStreams'].map(
    (name) => `dynamodb:${name}`,
  ),
  Resource: '${aws_dynamodb_table.items.stream_arn}',
};
const USES = {
  Effect: 'Allow',
  Action: 'kinesis:*',
  Resource: ['${aws_kinesis_stream.clicks.arn}', '${aws_kinesis_stream_consumer.app.arn}'],
};

function stack(
  mapping: JsonObject = {},
  statements: JsonObject[] = [READS, USES],
  more: Bodies = {},
): Bodies {
  const from = (event_source_arn: string) => ({
    event_source_arn,
    function_name: '${aws_lambda_function.reader.arn}',
    starting_position: 'TRIM_HORIZON',
  });
  return merge(
    role('open', ...statements),
    {
      aws_lambda_function: { reader: { ...project.writeFunction('reader', READER), timeout: 120 } },
      aws_dynamodb_table: { items: table },
      aws_kinesis_stream: { clicks: { name: 'clicks', shard_count: 2, retention_period: 48 } },
      aws_kinesis_stream_consumer: { app: { name: 'app', stream_arn: '${aws_kinesis_stream.clicks.arn}' } },
      aws_lambda_event_source_mapping: {
        items: { ...from('${aws_dynamodb_table.items.stream_arn}'), ...mapping },
        clicks: from('${aws_kinesis_stream_consumer.app.arn}'),
      },
    },
    more,
  );
}

async function endpoint(runtime: RuntimeProcess): Promise<string> {
  const [, url] = await runtime.prints(/AWS_ENDPOINT_URL=(\S+)/);
  await runtime.prints(/^ {2}data /m);
  return url!;
}

async function put(url: string, id: string): Promise<void> {
  const client = new DynamoDBClient(clientConfig(url));
  await client.send(new PutItemCommand({ TableName: 'items', Item: { id: { S: id } } }));
  client.destroy();
}

test('changes and records reach functions, and after a SIGKILL those that were not through', async () => {
  project.writeStack(stack());
  const first = run();
  const url = await endpoint(first);
  expect(first.output).toMatch(/^ {2}streams +clicks$/m);
  expect(first.output).not.toContain('not hosted  ');
  await put(url, 'a');
  await first.prints(/saw INSERT a 100000000000000000001/);
  await first.prints(/read from a/);
  await put(url, 'slow');
  await first.prints(/saw INSERT slow/);
  await put(url, 'b');
  await first.kill();

  // What was slow is so once only: it is the code that changes.
  project.writeFunction('reader', READER.replace('60000', '0'));
  const second = run();
  await endpoint(second);
  await second.prints(/saw INSERT slow[^]*saw INSERT b/);
  await second.prints(/read from b/);
  expect(second.output).not.toContain('saw INSERT a');
  expect(second.output).not.toContain('read from a');
});

test('the Lambda API makes, changes and deletes mappings', async () => {
  project.writeStack(stack({ enabled: false }));
  const runtime = run();
  const url = await endpoint(runtime);
  const lambda = new LambdaClient(clientConfig(url));
  const kinesis = new KinesisClient(clientConfig(url));
  const EventSourceArn = 'arn:aws:kinesis:us-east-1:000000000000:stream/clicks';
  const settings = {
    EventSourceArn,
    StartingPosition: 'LATEST' as const,
    BatchSize: 7,
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: 2,
    MaximumRecordAgeInSeconds: 60,
    ParallelizationFactor: 2,
    DestinationConfig: { OnFailure: { Destination: 'arn:aws:sns:us-east-1:000000000000:failures' } },
    FilterCriteria: { Filters: [{ Pattern: '{"data":["wanted"]}' }] },
  };
  const { UUID, State } = await lambda.send(
    new CreateEventSourceMappingCommand({ ...settings, FunctionName: 'reader' }),
  );
  expect(State).toBe('Creating');
  const mapping = async () => {
    const { EventSourceMappings } = await lambda.send(new ListEventSourceMappingsCommand({ EventSourceArn }));
    return EventSourceMappings![0];
  };
  while ((await mapping())!.State === 'Creating') await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await mapping()).toMatchObject({ ...settings, UUID, State: 'Enabled' });
  const send = (text: string) =>
    kinesis.send(
      new PutRecordCommand({ StreamName: 'clicks', PartitionKey: 'p', Data: new TextEncoder().encode(text) }),
    );
  await send('wanted');
  // The mapping of the stack reads it, and so does this one.
  await runtime.prints(/read wanted[^]*read wanted/);
  await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false, BatchSize: 9 }));
  expect(await mapping()).toMatchObject({ ...settings, BatchSize: 9, State: 'Disabled' });
  await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
  expect(await mapping()).toBeUndefined();
  for (const [changes, message] of [
    [{ EventSourceArn: `${EventSourceArn}2` }, /Stream not found/],
    [{ StartingPosition: undefined }, /StartingPosition must be one of/],
    [{ ParallelizationFactor: 11 }, /parallelization factor 11/],
  ] as const) {
    const input = { ...settings, FunctionName: 'reader', ...changes };
    await expect(lambda.send(new CreateEventSourceMappingCommand(input))).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringMatching(message) as string,
    });
  }
  lambda.destroy();
  kinesis.destroy();
});

test('a function without the permissions gets no records, which a line says', async () => {
  project.writeStack(stack({}, [{ ...READS, Action: 'dynamodb:GetRecords' }]));
  const runtime = run();
  await endpoint(runtime);
  expect(runtime.output).toContain(
    'aws_lambda_event_source_mapping.items: its role does not allow dynamodb:GetShardIterator, ' +
      'dynamodb:DescribeStream, dynamodb:ListStreams, so it gets no records',
  );
  expect(runtime.output).toContain(
    'aws_lambda_event_source_mapping.clicks: its role does not allow kinesis:GetRecords',
  );
});
