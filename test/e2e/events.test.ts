import { createHmac, randomUUID } from 'node:crypto';
import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { ClockedSystem } from '../support/clocked-system';
import { until } from '../support/load';

jest.setTimeout(180_000);

const STACK = 'aws-micro-dev';
const ACCOUNT = '000000000000';
const BUCKET = `${STACK}-documents-${ACCOUNT}`;
const BUS = `${STACK}-orders`;
const SECRET = `${STACK}/payments/webhook-secret`;
const DAY_SECONDS = 86_400;

/** Services that are called by what happens, on a clock that the test moves. */
describe('documents, order statuses and payments', () => {
  const system = new ClockedSystem();
  let s3: S3Client;
  let events: EventBridgeClient;
  let sqs: SQSClient;
  let secrets: SecretsManagerClient;

  beforeAll(async () => {
    await system.start();
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const aws = { region: 'us-east-1', endpoint: system.owner.awsEndpoint, credentials };
    s3 = new S3Client(aws);
    events = new EventBridgeClient(aws);
    sqs = new SQSClient(aws);
    secrets = new SecretsManagerClient(aws);
  });

  afterAll(async () => {
    [s3, events, sqs, secrets].forEach((client) => client?.destroy());
    await system.dispose();
  });

  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${system.owner.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: (text && JSON.parse(text)) as unknown };
  };
  const seen = <T>(what: string, probe: () => Promise<T | undefined>) => until(what, 20_000, probe);

  describe('documents', () => {
    interface Document {
      readonly key: string;
      readonly status: string;
      readonly words?: number;
      readonly title?: string;
    }
    const documentAt = async (key: string): Promise<Document | undefined> => {
      const { body } = await call('GET', '/documents?limit=100');
      return (body as { items: Document[] }).items.find((item) => item.key === key);
    };
    const put = (Key: string, Body: string, ContentType = 'text/plain') =>
      s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, ContentType }));

    it('are read when they arrive, again when they change, and marked when they are gone', async () => {
      const key = 'incoming/a note.txt';
      await put(key, 'A note\n\nof five words');
      const first = await seen('the document', () => documentAt(key));
      expect(first).toMatchObject({ words: 5 });
      await put(key, 'Two words');
      await seen('the change', async () => ((await documentAt(key))?.words === 2 ? true : undefined));
      await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
      await seen('the removal', async () =>
        (await documentAt(key))?.status === 'removed' ? true : undefined,
      );
    });

    it('can be uploaded by whoever got a URL for one, and for five minutes only', async () => {
      const made = await call('POST', '/documents', { name: 'plan.md', contentType: 'text/markdown' });
      expect(made.status).toBe(201);
      const { url, key } = made.body as { url: string; key: string };
      const upload = () =>
        fetch(url, { method: 'PUT', body: '# The plan\n', headers: { 'content-type': 'text/markdown' } });
      expect((await upload()).status).toBe(200);
      expect(await seen('the document', () => documentAt(key))).toMatchObject({ title: 'The plan' });
      // Functions sign by the time of their machine, which the clock is behind by what the start took.
      system.clock.advanceSeconds(3600);
      expect((await upload()).status).toBe(403);
    });

    it('are counted in a report each night, which says the same when it is made again', async () => {
      const day = new Date(system.clock.now()).toISOString().slice(0, 10);
      await put('incoming/counted.csv', 'a,b\n1,2\n', 'text/csv');
      await seen('the document', () => documentAt('incoming/counted.csv'));
      const key = `reports/${day.replaceAll('-', '/')}.json`;
      const read = async () => {
        const found = await s3
          .send(new GetObjectCommand({ Bucket: BUCKET, Key: key }))
          .catch((error: Error) => {
            if (error.name === 'NoSuchKey') return undefined;
            throw error;
          });
        return found?.Body?.transformToString();
      };
      const report = await system.passTimeUntil('the report', DAY_SECONDS / 24, read);
      expect(JSON.parse(report)).toMatchObject({ day });
    });
  });

  describe('order statuses', () => {
    const statusOf = async (id: string) => {
      const { status, body } = await call('GET', `/order-status/${id}`);
      return status === 200 ? (body as { status: string; version: number }) : undefined;
    };
    const publish = (id: string, status: string, version: number) =>
      call('PUT', `/order-status/${id}`, { status, version });
    const urlOf = async (QueueName: string) =>
      (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;

    it('travel over the bus, and a late one never wins', async () => {
      const id = randomUUID();
      expect((await publish(id, 'packed', 3)).status).toBe(202);
      await seen('the status', () => statusOf(id));
      expect((await publish(id, 'paid', 2)).status).toBe(202);
      expect((await publish(id, 'shipped', 4)).status).toBe(202);
      await seen('the newest', async () => ((await statusOf(id))?.version === 4 ? true : undefined));
      expect(await statusOf(id)).toMatchObject({ status: 'shipped', version: 4 });
    });

    it('reach who subscribes to some of them', async () => {
      const QueueUrl = await urlOf(`${STACK}-order-notifications`);
      const id = randomUUID();
      await publish(id, 'paid', 1);
      await publish(id, 'delivered', 2);
      const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
      const mine: string[] = [];
      await seen('the notification', async () => {
        const { Messages = [] } = await sqs.send(command);
        mine.push(...Messages.map(({ Body = '' }) => Body).filter((body) => body.includes(id)));
        return mine.length > 0 ? true : undefined;
      });
      expect(mine.map((body) => (JSON.parse(body) as { detail: { status: string } }).detail.status)).toEqual([
        'delivered',
      ]);
    });

    it('tell the bus that they were recorded, which a rule added meanwhile sends on', async () => {
      const QueueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: 'recorded' }))).QueueUrl;
      const rule = { Name: 'recorded', EventBusName: BUS };
      const pattern = { source: ['lambda'], detail: { requestContext: { condition: ['Success'] } } };
      await events.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify(pattern) }));
      const arn = `arn:aws:sqs:us-east-1:${ACCOUNT}:recorded`;
      const Policy = JSON.stringify({
        Statement: {
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: arn,
        },
      });
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
      const Targets = [{ Id: 'queue', Arn: arn }];
      const targets = new PutTargetsCommand({ Rule: rule.Name, EventBusName: BUS, Targets });
      expect((await events.send(targets)).FailedEntryCount).toBe(0);
      const id = randomUUID();
      await publish(id, 'placed', 1);
      const body = await seen('the record of the success', async () => {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
        return Messages.map(({ Body = '' }) => Body).find((text) => text.includes(id));
      });
      expect(JSON.parse(body)).toMatchObject({
        'detail-type': 'Lambda Function Invocation Result - Success',
        detail: { requestPayload: { detail: { orderId: id } } },
      });
    });

    it('that are no JSON objects are refused before they are events', async () => {
      const entry = { EventBusName: BUS, Source: 'aws-micro.orders', DetailType: 'Order Status Changed' };
      const { Entries, FailedEntryCount } = await events.send(
        new PutEventsCommand({ Entries: [{ ...entry, Detail: '[1]' }] }),
      );
      expect({ FailedEntryCount, code: Entries?.[0]?.ErrorCode }).toEqual({
        FailedEntryCount: 1,
        code: 'MalformedDetail',
      });
    });
  });

  describe('payments', () => {
    const secret = `whsec_${randomUUID()}`;
    const webhook = (body: string, signedAt = Date.now(), key = secret) => {
      const t = Math.floor(signedAt / 1000);
      const v1 = createHmac('sha256', key).update(`${t}.${body}`).digest('hex');
      return call('POST', '/webhooks/payments', body, { 'stripe-signature': `t=${t},v1=${v1}` });
    };
    const payment = (id: string) =>
      JSON.stringify({
        id,
        type: 'payment_intent.succeeded',
        created: Math.floor(Date.now() / 1000),
        data: { object: { id: `pi_${id}`, amount: 4200, currency: 'eur' } },
      });
    const paymentOf = async (id: string) => {
      const { status, body } = await call('GET', `/payments/${id}`);
      return status === 200 ? (body as Record<string, unknown>) : undefined;
    };

    it('wait for the secret of their provider', async () => {
      const answer = await webhook(payment(randomUUID()));
      expect(answer.status).toBe(503);
      expect(JSON.stringify(answer.body)).toContain(SECRET);
      await secrets.send(new PutSecretValueCommand({ SecretId: SECRET, SecretString: secret }));
    });

    it('are recorded once, however often the provider tells', async () => {
      const id = `evt_${randomUUID()}`;
      const body = payment(id);
      for (let time = 0; time < 3; time++) expect((await webhook(body)).status).toBe(202);
      expect(await seen('the payment', () => paymentOf(id))).toMatchObject({ amount: 4200, currency: 'eur' });
    });

    it('are refused with a wrong signature, an old one, and none', async () => {
      const body = payment(randomUUID());
      expect((await webhook(body, Date.now(), 'another secret')).status).toBe(400);
      expect((await webhook(body, Date.now() - 301_000)).status).toBe(400);
      expect((await call('POST', '/webhooks/payments', body)).status).toBe(400);
    });
  });
});
