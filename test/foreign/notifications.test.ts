import { GetFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { RuntimeProcess } from '../../packages/local/test/up/support';
import { banner, clientSettings, eventually, ForeignProject, warnings } from './support';

const project = new ForeignProject('notifications');
const ACCOUNT = '000000000000';
let runtime: RuntimeProcess;
let sqs: SQSClient;
let lambda: LambdaClient;
let api: string;

beforeAll(async () => {
  runtime = project.up();
  await runtime.prints(/^ {2}data +\S+$/m);
  api = await runtime.api();
  sqs = new SQSClient(clientSettings(runtime.output));
  lambda = new LambdaClient(clientSettings(runtime.output));
});
afterAll(() => project.remove());

const queue = (name: string) =>
  `${clientSettings(runtime.output).endpoint}/${ACCOUNT}/test-notifications-${name}`;

async function token(): Promise<string> {
  const { Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: 'test-notifications-authorizer', Payload: '{"headers":{}}' }),
  );
  expect(JSON.parse(Buffer.from(Payload!).toString())).toEqual({ isAuthorized: false });
  const { Configuration } = await lambda.send(
    new GetFunctionCommand({ FunctionName: 'test-notifications-authorizer' }),
  );
  return Configuration!.Environment!.Variables!['TOKEN']!;
}

async function send(channel: string, text: string, authorization: string): Promise<Response> {
  return fetch(`${api}/notifications/${channel}`, {
    method: 'POST',
    headers: { authorization },
    body: JSON.stringify({ to: 'ann', text }),
  });
}

test('starts, and says in a line each what is not as on AWS', () => {
  expect(runtime.output).toMatch(/^notifications runs here, after/m);
  expect(warnings(runtime.output)).toEqual([
    'test-notifications-scoring ! the runtime "python3.12" is not hosted, nodejs is: calls of it fail',
    `test-notifications-scoring ! its role arn:aws:iam::${ACCOUNT}:role/company-lambda is not part of the stack: nothing that it calls is refused`,
  ]);
  expect(banner(runtime.output, 'not hosted')).toBe(
    'aws_wafv2_web_acl, aws_ses_template (2), null_resource.build (provisioner)',
  );
});

test('count, for_each and modules give queues and functions their names', async () => {
  const { QueueUrls } = await sqs.send(new ListQueuesCommand({}));
  expect(QueueUrls!.map((url) => url.slice(url.lastIndexOf('/') + 1)).sort()).toEqual(
    ['email', 'email-dead', 'sms', 'sms-dead', 'spare-01', 'spare-02'].map(
      (name) => `test-notifications-${name}`,
    ),
  );
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queue('sms'), AttributeNames: ['All'] }),
  );
  expect(JSON.parse(Attributes!['RedrivePolicy']!)).toEqual({
    deadLetterTargetArn: `arn:aws:sqs:eu-central-1:${ACCOUNT}:test-notifications-sms-dead`,
    maxReceiveCount: 1,
  });
  expect(banner(runtime.output, 'functions')!.split(', ').sort()).toEqual(
    ['authorizer', 'deliver-email', 'deliver-sms', 'intake', 'scoring'].map(
      (name) => `test-notifications-${name}`,
    ),
  );
});

test('a notification goes over authorizer, payload 1.0, topic, filter and queue to the function of its channel', async () => {
  const accepted = await send('sms', 'the parcel has come', await token());
  expect(accepted.status).toBe(202);
  expect(await accepted.json()).toMatchObject({ method: 'POST' });
  const body = await eventually(async () => {
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue('spare-01') }));
    return Messages?.[0]?.Body;
  });
  expect(body).toBe('sms: HELLO ann, the parce…');
});

test('who has not the random token is not let in, and what is not known is not found', async () => {
  expect((await send('sms', 'x', 'another')).status).toBe(403);
  expect((await send('pigeon', 'x', await token())).status).toBe(404);
});

test('the function that cannot run here says so to whoever calls it', async () => {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: 'test-notifications-scoring', Payload: '{}' }),
  );
  expect(FunctionError).toBe('Unhandled');
  expect(JSON.parse(Buffer.from(Payload!).toString())).toMatchObject({
    errorType: 'Runtime.NotHosted',
    errorMessage:
      'aws_lambda_function.scoring cannot run on this machine: the runtime "python3.12" is not hosted, nodejs is',
  });
  expect((await fetch(`${api}/score`)).status).toBe(500);
});

test('random names stay the same in the data folder', async () => {
  const before = await token();
  expect(before).toMatch(/^[0-9a-f]{24}$/);
  runtime.signal('SIGTERM');
  await runtime.exited;
  runtime = project.up([], { TF_VAR_token_length: '24' });
  await runtime.prints(/^ {2}data +\S+$/m);
  lambda = new LambdaClient(clientSettings(runtime.output));
  expect(await token()).toBe(before);
});
