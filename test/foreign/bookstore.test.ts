import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { ListSubscriptionsCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { RuntimeProcess } from '../../packages/local/test/up/support';
import { banner, clientSettings, eventually, ForeignProject, warnings } from './support';

const project = new ForeignProject('bookstore');
let runtime: RuntimeProcess;
let api: string;

beforeAll(async () => {
  project.install();
  runtime = project.up();
  await runtime.prints(/^ {2}data +\S+$/m);
  api = await runtime.api();
});
afterAll(() => project.remove());

async function order(book: string, customer: string): Promise<string> {
  const answer = await fetch(`${api}/orders`, { method: 'POST', body: JSON.stringify({ book, customer }) });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { orderId: string }).orderId;
}

test('all stacks of the app start together, and one line names what is not hosted', () => {
  expect(runtime.output).toMatch(/^bookstore-shared, bookstore-\w+, bookstore-\w+ run here, after/m);
  expect(banner(runtime.output, 'functions')).toBe('bookstore-api, bookstore-audit, bookstore-packer');
  expect(banner(runtime.output, 'tables')).toBe('bookstore-orders');
  expect(banner(runtime.output, 'not hosted')).toBe('aws_cloudwatch_dashboard');
  expect(warnings(runtime.output)).toEqual([]);
});

test('an order goes over the REST API, the topic of one stack and the queue of another into the table of the first', async () => {
  const orderId = await order('emma', 'jane');
  const packed = await eventually(async () => {
    const answer = await fetch(`${api}/orders/${orderId}`);
    const { status } = (await answer.json()) as { status: string };
    return status === 'packed' ? status : undefined;
  });
  expect(packed).toBe('packed');
});

test('the topic calls a function of another stack directly', async () => {
  const orderId = await order('persuasion', 'anne');
  const dynamodb = new DynamoDBClient(clientSettings(runtime.output));
  const noted = await eventually(async () => {
    const Key = { orderId: { S: `audit-${orderId}` } };
    return (await dynamodb.send(new GetItemCommand({ TableName: 'bookstore-orders', Key }))).Item;
  });
  expect(noted).toEqual({
    orderId: { S: `audit-${orderId}` },
    customer: { S: 'anne' },
    status: { S: 'noted' },
  });
});

test('what the stacks tell each other is the same everywhere', async () => {
  const settings = clientSettings(runtime.output);
  const sqs = new SQSClient(settings);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'bookstore-packing' }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  const { Subscriptions } = await new SNSClient(settings).send(new ListSubscriptionsCommand({}));
  const topic = 'arn:aws:sns:eu-west-1:000000000000:bookstore-order-events';
  expect(Attributes).toMatchObject({
    QueueArn: 'arn:aws:sqs:eu-west-1:000000000000:bookstore-packing',
    RedrivePolicy: expect.stringContaining('bookstore-packing-dead') as string,
    Policy: expect.stringContaining(topic) as string,
  });
  expect(Subscriptions!.map(({ TopicArn, Protocol }) => [TopicArn, Protocol]).sort()).toEqual([
    [topic, 'lambda'],
    [topic, 'sqs'],
  ]);
});

test('an answer that the REST API does not know is its own', async () => {
  const unknown = await fetch(`${api}/books`);
  expect(unknown.status).toBe(404);
  expect(await unknown.json()).toEqual({ message: 'GET /books is not known' });
});

test('the health names every stack', async () => {
  const { endpoint } = clientSettings(runtime.output);
  const health = (await (await fetch(`${endpoint}/_aws-micro/health`)).json()) as { stack: string };
  expect(health.stack.split(', ').sort()).toEqual(['bookstore-api', 'bookstore-shared', 'bookstore-workers']);
});

test('a stack without the one that it reads from is refused by name; with it, others stay out', async () => {
  const data = `${project.folder}/.aws-micro-other`;
  const missing = project.up(['--stack', 'bookstore-workers', '--data', data]);
  expect(await missing.exited).toBe(1);
  expect(missing.errors).toContain(
    'The stack bookstore-workers reads outputs of bookstore-shared: add --stack bookstore-shared',
  );
  const two = project.up(['--stack', 'bookstore-workers', '--stack', 'bookstore-shared', '--data', data]);
  await two.prints(/bookstore-shared, bookstore-workers run here/);
  await two.prints(/^ {2}functions +bookstore-audit, bookstore-packer$/m);
  expect(banner(two.output, 'API')).toBeUndefined();
});
