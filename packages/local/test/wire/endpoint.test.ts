import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AwsEndpoint } from '../../src/wire';
import type { Runtime } from './support';
import { clientConfig, FUNCTION_KEY, query, startRuntime, stopRuntime } from './support';

let runtime: Runtime;

beforeEach(async () => {
  runtime = await startRuntime();
});

afterEach(() => stopRuntime(runtime));

/** `fetch` sets some headers itself; this sends what it is given. */
function send(headers: Record<string, string>, body = ''): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(runtime.endpoint.url, { method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

describe('who may call', () => {
  const whoAmI = 'Action=GetCallerIdentity&Version=2011-06-15';

  it.each(['127.0.0.1:4566', 'localhost', 'LOCALHOST:4566', 'sqs.us-east-1.localhost:4566', '[::1]:4566'])(
    'accepts the host %s',
    async (host) => expect((await send({ host }, whoAmI)).status).toBe(200),
  );

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80', '10.0.0.1'])(
    'refuses the host %j',
    async (host) => expect((await send({ host }, whoAmI)).status).toBe(403),
  );

  it.each<Record<string, string>>([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('refuses what web pages send: %j', async (headers) => {
    const response = await fetch(runtime.endpoint.url, { method: 'POST', headers, body: whoAmI });
    expect(response.status).toBe(403);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('listens on the loopback address only', () => {
    expect(runtime.endpoint.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('refuses a body that is too large', async () => {
    const reply = await send({ 'content-type': 'text/plain' }, 'x'.repeat(56 * 1024 * 1024 + 1)).catch(
      () => undefined,
    );
    // The connection may break while the rest is still being sent.
    if (reply) expect(reply.status).toBe(413);
    expect((await send({}, whoAmI)).status).toBe(200);
  });

  it('rejects a port that is taken', async () => {
    const { broker, secrets, invoker, guard, reporter, endpoint } = runtime;
    const second = AwsEndpoint.start({ broker, secrets, invoker, guard, reporter, port: endpoint.port });
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('what is not hosted', () => {
  const signed = (service: string) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
  });

  it('is named', async () => {
    const service = await send({ ...signed('glacier'), 'x-amz-target': 'Glacier.ListVaults' }, '{}');
    expect(JSON.parse(service.text)).toEqual({
      __type: 'UnknownOperationException',
      message: expect.stringMatching(
        /^The service glacier is not hosted by the local runtime; sns, sqs, (?:[\w-]+, )*sts, s3 are\.$/,
      ) as string,
    });
    const json = await send({ 'x-amz-target': 'AmazonSQS.DoMagic' }, '{}');
    expect(JSON.parse(json.text)).toMatchObject({
      __type: 'com.amazonaws.sqs#UnknownOperationException',
      message: 'The operation DoMagic of sqs is not hosted by the local runtime.',
    });
    const form = await query(runtime.endpoint.url, '2010-03-31', { Action: 'OptInPhoneNumber' });
    expect(form).toMatchObject({
      status: 400,
      text: expect.stringContaining('<Code>InvalidAction</Code>') as string,
    });
    const rest = await fetch(`${runtime.endpoint.url}/2015-03-31/functions/f/unheard-of`);
    expect(await rest.json()).toMatchObject({
      Message: expect.stringContaining('GET /2015-03-31/functions/f/unheard-of of lambda') as string,
    });
    expect((await send({}, 'hello')).text).toContain('What this request asks for is not hosted');
  });

  it.each(['constructor', '__proto__', 'toString'])(
    'is not found in what every object has: %s',
    async (Action) => {
      const reply = await send(signed('sns'), `Action=${Action}`);
      expect(reply).toMatchObject({ status: 400, text: expect.stringContaining('InvalidAction') as string });
    },
  );

  it.each([
    ['JSON that is none', { 'x-amz-target': 'AmazonSQS.ListQueues' }, '{'],
    ['JSON that is no object', { 'x-amz-target': 'AmazonSQS.ListQueues' }, '[]'],
    ['a form with a broken escape', signed('sns'), 'Action=%zz'],
    ['a form that nests without end', signed('sns'), `Action=Publish&${'a.'.repeat(1000)}b=1`],
    [
      'a list that is not numbered',
      signed('sns'),
      'Action=Publish&TopicArn=x&MessageAttributes.entry.x.Name=1',
    ],
    ['no action', signed('sns'), 'Message=x'],
    ['a target of another service', { ...signed('sqs'), 'x-amz-target': 'Other.ListQueues' }, '{}'],
  ])('is refused, and nothing breaks: %s', async (_what, headers, body) => {
    expect((await send(headers, body)).status).toBe(400);
    expect((await send(signed('sns'), 'Action=ListTopics')).status).toBe(200);
  });
});

describe("a function's calls", () => {
  const TopicArn = 'arn:aws:sns:us-east-1:000000000000:events';
  const queue = () => `${runtime.endpoint.url}/000000000000/orders`;

  it('are judged by action and resource; batches as what they consist of', async () => {
    const config = clientConfig(runtime.endpoint.url);
    const sns = new SNSClient(config);
    const sqs = new SQSClient(config);
    const PublishBatchRequestEntries = [{ Id: 'a', Message: 'x' }];
    const calls = [
      sns.send(new PublishCommand({ TopicArn, Message: 'x' })),
      sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries })),
      sqs.send(new SendMessageCommand({ QueueUrl: queue(), MessageBody: 'x' })),
      sqs.send(new SendMessageBatchCommand({ QueueUrl: queue(), Entries: [{ Id: 'a', MessageBody: 'x' }] })),
      sqs.send(
        new DeleteMessageBatchCommand({ QueueUrl: queue(), Entries: [{ Id: 'a', ReceiptHandle: 'x' }] }),
      ),
      runtime.lambda.send(new InvokeCommand({ FunctionName: 'reader' })),
      runtime.secretsManager.send(new GetSecretValueCommand({ SecretId: 'db' })),
    ];
    await Promise.allSettled(calls);
    const judged = runtime.guard.calls
      .map(({ service, action, resource }) => `${service} ${action} ${resource}`)
      .sort();
    const queueArn = 'arn:aws:sqs:us-east-1:000000000000:orders';
    expect(judged).toEqual([
      'lambda lambda:InvokeFunction arn:aws:lambda:us-east-1:000000000000:function:reader',
      'secretsmanager secretsmanager:GetSecretValue arn:aws:secretsmanager:us-east-1:000000000000:secret:db-??????',
      `sns sns:Publish ${TopicArn}`,
      `sns sns:Publish ${TopicArn}`,
      `sqs sqs:DeleteMessage ${queueArn}`,
      `sqs sqs:SendMessage ${queueArn}`,
      `sqs sqs:SendMessage ${queueArn}`,
    ]);
  });

  it("are denied in the service's own words", async () => {
    const message = 'User: producer is not authorized to perform: x';
    runtime.guard.rule = () => ({ kind: 'deny', message });
    await runtime.broker.ensureTopic('events');
    const config = clientConfig(runtime.endpoint.url, FUNCTION_KEY);
    const sns = new SNSClient(config).send(new PublishCommand({ TopicArn, Message: 'x' }));
    await expect(sns).rejects.toMatchObject({ name: 'AuthorizationErrorException', message });
    const sqs = new SQSClient(config).send(new SendMessageCommand({ QueueUrl: queue(), MessageBody: 'x' }));
    await expect(sqs).rejects.toMatchObject({
      name: 'AccessDenied',
      message,
      $metadata: { httpStatusCode: 403 },
    });
    const secrets = new SecretsManagerClient(config).send(new GetSecretValueCommand({ SecretId: 'db' }));
    await expect(secrets).rejects.toMatchObject({ name: 'AccessDeniedException', message });
    const lambda = new LambdaClient(config).send(new InvokeCommand({ FunctionName: 'reader' }));
    await expect(lambda).rejects.toMatchObject({ name: 'AccessDeniedException', message });
    const form = new URLSearchParams({ Action: 'ListQueues', Version: '2012-11-05' }).toString();
    const authorization = `AWS4-HMAC-SHA256 Credential=${FUNCTION_KEY}/20260101/us-east-1/sqs/aws4_request, Signature=0`;
    expect((await send({ authorization }, form)).text).toContain('<Code>AccessDenied</Code>');
  });

  it('get no answer where the network has no way, and the reason is printed once', async () => {
    runtime.guard.rule = () => ({ kind: 'unreachable', reason: 'its subnets have no route to sns' });
    const leaving = new AbortController();
    const client = new SNSClient(clientConfig(runtime.endpoint.url, FUNCTION_KEY));
    const abortSignal = leaving.signal;
    const pending = [1, 2].map(() =>
      client.send(new PublishCommand({ TopicArn, Message: 'x' }), { abortSignal }),
    );
    const ended = pending.map((call) => expect(call).rejects.toMatchObject({ name: 'AbortError' }));
    while (runtime.guard.calls.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(await Promise.race([...pending, Promise.resolve('no answer')])).toBe('no answer');
    leaving.abort();
    await Promise.all(ended);
    expect(runtime.reporter.warnings).toEqual(['producer: its subnets have no route to sns']);
  });

  it('that hang do not keep the server from stopping', async () => {
    runtime.guard.rule = () => ({ kind: 'unreachable', reason: 'no route' });
    const socket = connect(runtime.endpoint.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('close', resolve));
    const body = 'Action=ListTopics';
    const credential = `Credential=${FUNCTION_KEY}/20260101/us-east-1/sns/aws4_request`;
    socket.write(
      `POST / HTTP/1.1\r\nhost: localhost\r\nauthorization: AWS4-HMAC-SHA256 ${credential}, Signature=0\r\n` +
        `content-length: ${body.length}\r\n\r\n${body}`,
    );
    while (runtime.guard.calls.length < 1) await new Promise((resolve) => setImmediate(resolve));
    await runtime.endpoint.stop();
    await closed;
  });

  it('are recognized by a presigned URL too', async () => {
    const credential = encodeURIComponent(`${FUNCTION_KEY}/20260101/us-east-1/sns/aws4_request`);
    const url = `${runtime.endpoint.url}/?Action=ListTopics&X-Amz-Credential=${credential}`;
    expect((await fetch(url)).status).toBe(200);
    expect(runtime.guard.calls).toMatchObject([
      { accessKeyId: FUNCTION_KEY, action: 'sns:ListTopics', resource: '*' },
    ]);
  });

  it('show in queues as sent by the function', async () => {
    await runtime.broker.ensureQueue('orders');
    const client = new SQSClient(clientConfig(runtime.endpoint.url, FUNCTION_KEY));
    await client.send(new SendMessageCommand({ QueueUrl: queue(), MessageBody: 'x' }));
    const arn = 'arn:aws:sqs:us-east-1:000000000000:orders';
    const [message] = await runtime.broker.receive(arn, { maxMessages: 1, waitSeconds: 0 });
    expect(message!.senderId).toBe('AROALOCAL:producer');
  });
});
