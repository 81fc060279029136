import { S3Client, ListBucketsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { messagingClient } from '../../bin/demo-messaging/client';
import { steps } from '../../bin/demo-messaging/steps';
import { until } from '../support/load';
import { signedFetch, type SignedRequest } from '../support/signed';
import { System } from '../support/system';

jest.setTimeout(180_000);

const PREFIX = 'aws-micro-dev-app-';
const QUEUE = `${PREFIX}orders`;
const TOPIC = `${PREFIX}order-events`;
const ALARM = `${PREFIX}too-many-orders`;

interface Received {
  readonly messages: readonly {
    readonly body: string;
    readonly receiptHandle: string;
    readonly large: boolean;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
}

describe('the deployed messaging API', () => {
  const system = new System();
  const aws = () => ({
    region: 'us-east-1',
    endpoint: system.awsUrl,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

  beforeAll(() => system.start());
  afterAll(() => system.dispose());

  async function send(method: string, path: string, body?: unknown, headers?: SignedRequest['headers']) {
    const response = await signedFetch(system.apiUrl)({ method, path, body, headers });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? undefined : JSON.parse(text)) as Record<string, unknown>,
    };
  }

  const receive = async (queue: string) => {
    const { status, body } = await send('POST', `/v1/queues/${queue}/messages/receive`, { waitSeconds: 5 });
    expect(status).toBe(200);
    return (body as unknown as Received).messages;
  };

  it('answers nobody who did not sign', async () => {
    for (const path of ['/v1', '/v1/queues', '/openapi.json', '/problems/denied']) {
      const answer = await fetch(`${system.apiUrl}${path}`);
      expect([path, answer.status, await answer.text()]).toEqual([path, 403, '{"message":"Forbidden"}']);
    }
    const remove = await fetch(`${system.apiUrl}/v1/queues/${QUEUE}`, { method: 'DELETE' });
    expect(remove.status).toBe(403);
  });

  it('tells what it has, and how to call it', async () => {
    const index = await send('GET', '/v1');
    expect(index).toMatchObject({
      status: 200,
      body: { account: { accountId: '000000000000' }, allowWrites: true, links: { queues: '/v1/queues' } },
    });
    expect(index.headers.get('server-timing')).toMatch(/aws;dur=/);
    const { body: document } = await send('GET', '/openapi.json');
    expect(document).toMatchObject({
      openapi: '3.1.1',
      security: [{ signature: [] }],
      servers: [{ description: expect.stringContaining(PREFIX) as string }],
    });
    expect(await send('GET', '/problems/denied')).toMatchObject({ status: 200, body: { status: 403 } });
  });

  it('makes, lists, describes and changes a queue', async () => {
    const made = await send('POST', '/v1/queues', {
      name: QUEUE,
      visibilityTimeoutSeconds: 60,
      tags: { team: 'shop' },
    });
    expect(made).toMatchObject({ status: 201, body: { name: QUEUE, visibilityTimeoutSeconds: 60 } });
    expect(made.headers.get('location')).toBe(`/v1/queues/${QUEUE}`);
    expect(await send('GET', '/v1/queues?limit=5')).toMatchObject({
      status: 200,
      body: { items: [{ name: QUEUE }], nextCursor: null },
    });
    const changed = await send('PATCH', `/v1/queues/${QUEUE}`, { visibilityTimeoutSeconds: 45, tags: {} });
    expect(changed).toMatchObject({ status: 200, body: { visibilityTimeoutSeconds: 45, tags: {} } });
  });

  it('sends to a queue, receives and deletes', async () => {
    const message = { body: 'größe \u{1F30D}', attributes: { kind: { type: 'string', value: 'new' } } };
    expect(await send('POST', `/v1/queues/${QUEUE}/messages`, message)).toMatchObject({ status: 202 });
    const [received] = await receive(QUEUE);
    expect(received).toMatchObject(message);
    const path = `/v1/queues/${QUEUE}/messages/${encodeURIComponent(received?.receiptHandle ?? '')}`;
    expect((await send('PATCH', path, { visibilityTimeoutSeconds: 90 })).status).toBe(204);
    expect((await send('DELETE', path)).status).toBe(204);
  });

  it('publishes to a topic what its subscribers get', async () => {
    expect(await send('POST', '/v1/topics', { name: TOPIC })).toMatchObject({ status: 201 });
    const subscription = { topic: TOPIC, protocol: 'sqs', endpoint: QUEUE };
    const made = await send('POST', '/v1/subscriptions', subscription);
    expect(made).toMatchObject({ status: 201, body: { topic: TOPIC, pending: false } });
    const sent = await send('POST', `/v1/topics/${TOPIC}/messages`, { body: '{"order":1}' });
    expect(sent).toMatchObject({ status: 202, body: { large: false } });
    expect((await receive(QUEUE)).map(({ body }) => body)).toEqual(['{"order":1}']);

    const id = encodeURIComponent(String(made.body['id']));
    expect(await send('GET', `/v1/subscriptions/${id}`)).toMatchObject({
      status: 200,
      body: { protocol: 'sqs' },
    });
    expect((await send('PATCH', `/v1/subscriptions/${id}`, { filter: { kind: ['new'] } })).status).toBe(200);
    expect((await send('DELETE', `/v1/subscriptions/${id}`)).status).toBe(204);
    expect((await send('GET', `/v1/subscriptions?topic=${TOPIC}`)).body).toMatchObject({ items: [] });
  });

  it('carries what SNS and SQS do not by way of its bucket', async () => {
    const body = 'x'.repeat(400_000);
    const sent = await send('POST', `/v1/queues/${QUEUE}/messages`, { body });
    expect(sent).toMatchObject({ status: 202, body: { large: true } });
    const s3 = new S3Client({ ...aws(), forcePathStyle: true });
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    const Bucket = Buckets.find(({ Name }) => Name?.startsWith('aws-micro-dev-messaging-'))?.Name;
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'messages/' }));
    s3.destroy();
    expect(Contents).toHaveLength(1);
    const [received] = await receive(QUEUE);
    expect([received?.large, received?.body === body]).toEqual([true, true]);
  });

  it('redrives dead letters', async () => {
    const dead = `${PREFIX}orders-dead`;
    expect((await send('POST', '/v1/queues', { name: dead })).status).toBe(201);
    const deadLetter = { queue: dead, maxReceiveCount: 1 };
    expect((await send('PATCH', `/v1/queues/${QUEUE}`, { deadLetter })).status).toBe(200);
    expect((await send('POST', `/v1/queues/${dead}/messages`, { body: 'again' })).status).toBe(202);
    expect(await send('GET', `/v1/queues/${QUEUE}/dead-letters`)).toMatchObject({ status: 200 });
    expect(await send('POST', `/v1/queues/${dead}/redrives`, { to: QUEUE })).toMatchObject({ status: 202 });
    await until(
      'the redriven message',
      15_000,
      async () => (await receive(QUEUE)).some(({ body }) => body === 'again') || undefined,
    );
    expect((await send('GET', `/v1/queues/${dead}/redrives`)).status).toBe(200);
  });

  it('makes an alarm, sets its state and tells its history', async () => {
    const metric = { queue: QUEUE, measure: 'visible' };
    const alarm = {
      name: ALARM,
      metric,
      comparison: '>',
      threshold: 100,
      notify: { alarm: [{ topic: TOPIC }] },
    };
    expect(await send('POST', '/v1/alarms', alarm)).toMatchObject({ status: 201, body: { name: ALARM } });
    const state = { state: 'alarm', reason: 'a drill' };
    expect(await send('PUT', `/v1/alarms/${ALARM}/state`, state)).toMatchObject({
      status: 200,
      body: { state: 'alarm' },
    });
    expect(await send('GET', '/v1/alarms')).toMatchObject({
      status: 200,
      body: { items: [{ name: ALARM }] },
    });
    expect((await send('GET', `/v1/alarms/${ALARM}/history`)).status).toBe(200);
    expect((await send('DELETE', `/v1/alarms/${ALARM}`)).status).toBe(204);
    expect((await send('GET', `/v1/alarms/${ALARM}`)).status).toBe(404);
  });

  it('lists functions, streams and resources of the prefix only, and audits them', async () => {
    expect(await send('GET', '/v1/functions')).toMatchObject({ status: 200, body: { items: [] } });
    expect(await send('GET', '/v1/streams')).toMatchObject({ status: 200, body: { items: [] } });
    const { status, body } = await send('GET', '/v1/resources');
    expect(status).toBe(200);
    const names = (body['items'] as { name: string }[]).map(({ name }) => name);
    expect(names.filter((name) => !name.startsWith(PREFIX))).toEqual([]);
    expect(names).toContain(QUEUE);
    expect((await send('GET', '/v1/audit')).status).toBe(200);
  });

  it('touches nothing outside of its prefix', async () => {
    const sqs = new SQSClient(aws());
    await sqs.send(new CreateQueueCommand({ QueueName: 'aws-micro-dev-other' }));
    sqs.destroy();
    const problem = { type: '/problems/denied', status: 403 };
    for (const queue of ['aws-micro-dev-messages', 'aws-micro-dev-other']) {
      expect(await send('GET', `/v1/queues/${queue}`)).toMatchObject({ status: 403, body: problem });
      expect(await send('DELETE', `/v1/queues/${queue}`)).toMatchObject({ status: 403, body: problem });
      expect(await send('POST', `/v1/queues/${queue}/messages/receive`, {})).toMatchObject({ body: problem });
    }
    expect(await send('POST', '/v1/topics', { name: 'other' })).toMatchObject({ status: 403, body: problem });
    const { body } = await send('GET', '/v1/queues');
    const names = (body['items'] as { name: string }[]).map(({ name }) => name);
    expect(names.every((name) => name.startsWith(PREFIX))).toBe(true);
  });

  it('says what is wrong as the documentation tells', async () => {
    expect(await send('POST', '/v1/queues', { name: 7 })).toMatchObject({
      status: 422,
      body: { type: '/problems/invalid', errors: [{ pointer: '/name' }] },
    });
    expect(await send('GET', `/v1/queues/${PREFIX}none`)).toMatchObject({
      status: 404,
      body: { type: '/problems/not-found' },
    });
    expect(await send('DELETE', '/v1/queues')).toMatchObject({ status: 405 });
    expect(await send('GET', '/v1/nothing')).toMatchObject({
      status: 404,
      body: { type: '/problems/unknown-path' },
    });
  });

  it('does every step of the demo, by the client of its document', async () => {
    const client = messagingClient(system.apiUrl, undefined, async (input) => {
      const { method, url, headers, body } = input as Request;
      const { pathname, search } = new URL(url);
      const sent = body === null ? undefined : await new Response(body).json();
      const accept = headers.get('accept') ?? '*/*';
      return signedFetch(system.apiUrl)({ method, path: pathname + search, body: sent, headers: { accept } });
    });
    const scene = {
      client,
      queue: `${PREFIX}demo-queue`,
      topic: `${PREFIX}demo-topic`,
      alarm: `${PREFIX}demo-alarm`,
    };
    for (const step of steps) {
      const seen = await step.run(scene).catch((error: unknown) => error);
      expect([step.title, seen]).toEqual([step.title, expect.any(String)]);
    }
  });

  it('deletes what it made', async () => {
    expect((await send('DELETE', `/v1/topics/${TOPIC}`)).status).toBe(204);
    for (const queue of [QUEUE, `${PREFIX}orders-dead`]) {
      expect((await send('DELETE', `/v1/queues/${queue}`)).status).toBe(204);
    }
    expect(await send('GET', '/v1/topics')).toMatchObject({ body: { items: [] } });
    expect(system.output).not.toMatch(/messaging-api.*(?:is not authorized|request failed)/);
  });
});
