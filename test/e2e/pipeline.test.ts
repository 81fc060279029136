import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ListBucketsCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient, paginateListTopics } from '@aws-sdk/client-sns';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { until } from '../support/load';
import { processTree } from '../support/processes';
import { System } from '../support/system';

const execute = promisify(execFile);
const projectDir = join(__dirname, '..', '..');

jest.setTimeout(180_000);

describe('the system that npm start runs', () => {
  const system = new System({ npm: true });
  let connection: Connection;
  let aws: {
    region: string;
    endpoint: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };

  beforeAll(async () => {
    await system.start();
    connection = await system.connectToDatabase();
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    aws = { region: 'us-east-1', endpoint: system.awsUrl, credentials };
  });

  afterAll(async () => {
    await connection?.end();
    await system.dispose();
  });

  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${system.apiUrl}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });

  const rowOf = (messageId: string) =>
    until(`the row of ${messageId}`, 30_000, async () => {
      const [rows] = await connection.query<RowDataPacket[]>(
        'SELECT message FROM app.messages WHERE message_id = ?',
        [messageId],
      );
      return rows[0]?.['message'] as string | undefined;
    });

  it('says where things are and what to try', () => {
    expect(system.output).toMatch(new RegExp(`^ +API +${system.apiUrl}  \\d+ routes:$`, 'm'));
    expect(system.output).toContain(`AWS_ENDPOINT_URL=${system.awsUrl} `);
    expect(system.output).toContain(`  curl ${system.apiUrl}/books\n`);
  });

  it('turns a POST into a row, and gives it back', async () => {
    const message = 'höllo "wörld" \u{1F30D}\u0000\\';
    const answer = await post(JSON.stringify({ message }));
    expect(answer.status).toBe(202);
    const { messageSent, messageId } = (await answer.json()) as { messageSent: boolean; messageId: string };
    expect(messageSent).toBe(true);

    expect(await rowOf(messageId)).toBe(message);
    const one = await (await fetch(`${system.apiUrl}/messages/${messageId}`)).json();
    expect(one).toEqual({ messageId, message, createdAt: expect.stringMatching(/^\d{4}-.*Z$/) as string });
    const page = (await (await fetch(`${system.apiUrl}/messages?limit=1`)).json()) as { items: unknown[] };
    expect(page.items).toEqual([one]);
  });

  it('makes a repeated POST with the same Idempotency-Key the same message', async () => {
    const send = async (message: string) => {
      const answer = await post(JSON.stringify({ message }), { 'idempotency-key': 'order-17' });
      return ((await answer.json()) as { messageId: string }).messageId;
    };
    const messageId = await send('first');
    expect(await rowOf(messageId)).toBe('first');
    expect(await send('second')).toBe(messageId);
    await until('the conflict in the log', 10_000, () =>
      Promise.resolve(system.output.includes('conflicting message ignored') ? true : undefined),
    );
    expect(await rowOf(messageId)).toBe('first');
  });

  it('answers a mistake with a problem document that says where it is', async () => {
    const answer = await post('{"message":42}');
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ status: 422, errors: [{ pointer: '#/message' }] });
  });

  it('does with a script what the documentation does by hand', async () => {
    const { stdout } = await execute(join(projectDir, 'bin/test.sh'), ['from the script'], {
      env: { ...process.env, API_URL: system.apiUrl },
    });
    expect(stdout).toContain('"message":"from the script"');
  });

  it('moves what can never be stored to the dead letters, and nothing else', async () => {
    const sns = new SNSClient(aws);
    const sqs = new SQSClient(aws);
    const queueUrl = await urlOf(sqs, 'aws-micro-dev-messages');
    const deadLettersUrl = await urlOf(sqs, 'aws-micro-dev-messages-dead-letters');
    await shortenPatience(sqs, queueUrl);
    await sns.send(new PublishCommand({ TopicArn: await topicArn(sns), Message: 'not an envelope' }));
    const answer = await post('{"message":"good"}');

    expect(await rowOf(((await answer.json()) as { messageId: string }).messageId)).toBe('good');
    await until('the dead letter', 60_000, async () =>
      (await visibleIn(sqs, deadLettersUrl)) === 1 ? true : undefined,
    );
    expect(await visibleIn(sqs, queueUrl)).toBe(0);
    sns.destroy();
    sqs.destroy();
  });

  it('carries messages that the topic does not, up to what Lambda leaves', async () => {
    const idOf = async (message: string) => {
      const answer = await post(JSON.stringify({ message }));
      expect(answer.status).toBe(202);
      return ((await answer.json()) as { messageId: string }).messageId;
    };
    const text = 'größe "2 MB" \u{1F30D}'.padEnd(2_000_000, 'x');
    // As JSON in JSON: 6,225,920 bytes and six for the quotes around it.
    const largest = 'x'.repeat(6 * 1024 * 1024 - 64 * 1024 - 6);
    for (const message of [text, largest]) {
      const messageId = await idOf(message);
      expect((await rowOf(messageId)) === message).toBe(true);
      const one = await (await fetch(`${system.apiUrl}/messages/${messageId}`)).json();
      expect((one as { message: string }).message === message).toBe(true);
    }
    const page = await (await fetch(`${system.apiUrl}/messages?limit=2`)).json();
    expect((page as { items: { message: string }[] }).items.map(({ message }) => message.length)).toEqual([
      largest.length,
    ]);

    const tooLarge = await post(JSON.stringify({ message: `${largest}x` }));
    expect([tooLarge.status, tooLarge.headers.get('content-type')]).toEqual([
      413,
      'application/problem+json',
    ]);
    expect(await tooLarge.json()).toMatchObject({ status: 413, errors: [{ pointer: '#/message' }] });
    // Here API Gateway itself says so: Lambda does not take the event.
    expect((await post(JSON.stringify({ message: 'x'.repeat(6 * 1024 * 1024) }))).status).toBe(413);
  });

  it('stores a batch of the largest messages in the memory that the consumer has', async () => {
    // Characters of two bytes, half as many of them: strings take as much as they do at most.
    const message = 'ж'.repeat((6 * 1024 * 1024 - 64 * 1024 - 6) / 2);
    const ids = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const answer = await post(JSON.stringify({ message }));
        return ((await answer.json()) as { messageId: string }).messageId;
      }),
    );
    for (const id of ids) expect((await rowOf(id)) === message).toBe(true);
    expect(system.output).not.toMatch(/messages-consumer.*(?:memory|timed out)/i);
  });

  it('does not read for a pointer what the consumer may not read', async () => {
    const sns = new SNSClient(aws);
    const published = async (s3Key: string) => {
      const s3BucketName = await largeMessagesBucket(aws);
      const pointer = ['software.amazon.payloadoffloading.PayloadS3Pointer', { s3BucketName, s3Key }];
      await sns.send(
        new PublishCommand({
          TopicArn: await topicArn(sns),
          Message: JSON.stringify(pointer),
          MessageAttributes: { ExtendedPayloadSize: { DataType: 'Number', StringValue: '300000' } },
        }),
      );
    };
    const digest = '0'.repeat(64);
    const missing = `messages/00000000-0000-4000-8000-000000000000/${digest}`;
    await published(missing);
    await published(`other/00000000-0000-4000-8000-000000000000/${digest}`);
    const logged = (text: string) =>
      until(text, 20_000, () => Promise.resolve(system.output.includes(text) ? true : undefined));
    // It may not list, so that what is missing is forbidden to it.
    await logged('large message not read');
    expect(system.output).toMatch(/large message not read.*AccessDenied/);
    await logged('malformed message');
    sns.destroy();
  });

  it('leaves no process behind when npm is stopped', async () => {
    const tree = processTree(system.pid).map(({ pid }) => pid);
    expect(tree.length).toBeGreaterThan(4);
    await system.stop('SIGTERM');
    await until('every process to end', 20_000, () => Promise.resolve(tree.some(isAlive) ? undefined : true));
  });
});

async function largeMessagesBucket(aws: S3ClientConfig): Promise<string> {
  const s3 = new S3Client({ ...aws, forcePathStyle: true });
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  s3.destroy();
  return Buckets.find(({ Name }) => Name?.startsWith('aws-micro-dev-messages-'))?.Name ?? '';
}

async function urlOf(sqs: SQSClient, name: string): Promise<string> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
  return QueueUrl ?? '';
}

/** The stack's ten receives, 90 seconds apart, would take a quarter of an hour. */
async function shortenPatience(sqs: SQSClient, queueUrl: string): Promise<void> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['RedrivePolicy'] }),
  );
  const redrive = JSON.parse(Attributes?.['RedrivePolicy'] ?? '{}') as object;
  const RedrivePolicy = JSON.stringify({ ...redrive, maxReceiveCount: 2 });
  await sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl: queueUrl,
      Attributes: { VisibilityTimeout: '0', RedrivePolicy },
    }),
  );
}

async function topicArn(sns: SNSClient): Promise<string> {
  for await (const { Topics = [] } of paginateListTopics({ client: sns }, {})) {
    const found = Topics.find(({ TopicArn }) => TopicArn?.endsWith(':aws-micro-dev-messages'));
    if (found?.TopicArn !== undefined) return found.TopicArn;
  }
  throw new Error('the topic is not listed');
}

async function visibleIn(sqs: SQSClient, queueUrl: string): Promise<number> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  return Number(Attributes?.['ApproximateNumberOfMessages']);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
