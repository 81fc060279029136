import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { Message } from '@aws-sdk/client-sqs';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { localLocale } from '../../local/src/engine';
import { LazyS3 } from '../../local/src/s3';
import { ManualClock } from '../../local/test/support/manual-clock';
import { Lines } from '../../local/test/support/lines';
import { clientConfig } from '../../local/test/wire/support';
import type { EventMap, LargeMessageOptions, Messaging } from '../src';
import type { Cloud } from './support';
import { startCloud } from './support';

const BUCKET = 'large-messages';
const POINTER_CLASS = 'software.amazon.payloadoffloading.PayloadS3Pointer';
const LARGE = 'ü'.repeat(140_000);

const folder = mkdtempSync(join(tmpdir(), 'aws-micro-large-'));
const room = new LazyS3({
  folder,
  clock: new ManualClock(),
  reporter: new Lines(),
  locale: localLocale,
  secretOf: () => undefined,
  wellKnownKeyId: 'developer',
});
let cloud: Cloud;
let s3: S3Client;

beforeAll(async () => {
  cloud = await startCloud({}, { s3: room });
  s3 = new S3Client({ ...clientConfig(cloud.runtime.endpoint.url), forcePathStyle: true });
  for (const Bucket of [BUCKET, 'another-bucket']) await s3.send(new CreateBucketCommand({ Bucket }));
});

afterAll(async () => {
  s3.destroy();
  await cloud.close();
  await room.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(options: Partial<LargeMessageOptions> = {}): Messaging {
  return cloud.open({ largeMessages: { bucket: BUCKET, ...options } });
}

let made = 0;

async function queue(messaging: Messaging, settings: object = {}): Promise<string> {
  const name = `queue-${++made}`;
  await messaging.queues.create({ name, ...settings });
  return name;
}

async function keys(Prefix?: string): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }));
  return Contents.map(({ Key }) => Key!);
}

/** A message as another program gets it. */
async function raw(name: string): Promise<Message> {
  const QueueUrl = (await cloud.open().queues.get(name)).url;
  const { Messages } = await cloud.runtime.sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'], WaitTimeSeconds: 5 }),
  );
  return Messages![0]!;
}

async function sendRaw(name: string, body: string, size?: string): Promise<void> {
  const QueueUrl = (await cloud.open().queues.get(name)).url;
  const MessageAttributes =
    size === undefined ? undefined : { [size]: { DataType: 'Number', StringValue: '5' } };
  await cloud.runtime.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes }));
}

/** As Amazon's clients call their objects. */
const THEIRS = '0f3c9a52-7d1e-4b6a-9c55-2f8e1d0b7a64';

const pointerTo = (bucket: string, key: string, type = POINTER_CLASS) =>
  JSON.stringify([type, { s3BucketName: bucket, s3Key: key }]);

describe('a large message', () => {
  it('goes through the bucket and arrives whole', async () => {
    const messaging = open();
    const name = await queue(messaging);
    const sent = await messaging.queues.send(name, { body: LARGE, attributes: { kind: 'order' } });
    expect(sent.large).toBe(true);
    const [message] = await messaging.queues.receive(name);
    expect(message).toMatchObject({ body: LARGE, large: true, attributes: { kind: 'order' } });
    expect(message!.attributes).toEqual({ kind: 'order' });
  });

  it('is on its way as other clients write it', async () => {
    const messaging = open({ prefix: 'shop/' });
    const name = await queue(messaging);
    await messaging.queues.send(name, { body: LARGE });
    const [key] = await keys('shop/');
    const message = await raw(name);
    expect(JSON.parse(message.Body!)).toEqual([POINTER_CLASS, { s3BucketName: BUCKET, s3Key: key }]);
    expect(message.MessageAttributes).toEqual({
      ExtendedPayloadSize: { DataType: 'Number', StringValue: '280000' },
    });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    expect(await Body!.transformToString()).toBe(LARGE);
  });

  it.each([
    ['ExtendedPayloadSize', POINTER_CLASS, THEIRS],
    ['ExtendedPayloadSize', POINTER_CLASS, `messages/${THEIRS}/${'0a'.repeat(32)}`],
    ['SQSLargePayloadSize', 'com.amazon.sqs.javamessaging.MessageS3Pointer', `a/b/${THEIRS}`],
  ])('of another client is read: %s %s %s', async (attribute, type, Key) => {
    const messaging = open();
    const name = await queue(messaging);
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'hello' }));
    await sendRaw(name, pointerTo(BUCKET, Key, type), attribute);
    const [message] = await messaging.queues.receive(name);
    expect(message).toMatchObject({ body: 'hello', large: true, attributes: {} });
  });

  it('begins above the threshold, attributes included', async () => {
    const messaging = open({ thresholdBytes: 100 });
    const name = await queue(messaging);
    const bodies = [
      { body: 'x'.repeat(100) },
      { body: 'x'.repeat(101) },
      // Name, type and value are 1 + 6 + 4 bytes.
      { body: 'x'.repeat(89), attributes: { a: 'abcd' } },
      { body: 'x'.repeat(90), attributes: { a: 'abcd' } },
    ];
    const { sent } = await messaging.queues.sendAll(name, bodies);
    expect(sent.map(({ large }) => large)).toEqual([false, true, false, true]);
  });

  it('is one that the queue itself does not take', async () => {
    const messaging = open();
    const name = await queue(messaging, { maxMessageBytes: 1024 });
    const body = 'x'.repeat(2000);
    expect((await messaging.queues.send(name, { body })).large).toBe(true);
    const { sent, failed } = await messaging.queues.sendAll(name, [{ body: 'small' }, { body }]);
    expect([sent.map(({ large }) => large), failed]).toEqual([[false, true], []]);
    const received = await messaging.queues.receive(name);
    expect(received.map((message) => message.body).sort()).toEqual(['small', body, body]);
  });

  it('comes over a topic, with its envelope and without', async () => {
    const messaging = open();
    const topic = `topic-${++made}`;
    const [wrapped, bare] = [await queue(messaging), await queue(messaging)];
    await messaging.topics.create({ name: topic });
    await messaging.subscriptions.create({ topic, protocol: 'sqs', endpoint: wrapped, raw: false });
    await messaging.subscriptions.create({ topic, protocol: 'sqs', endpoint: bare, raw: true });
    expect((await messaging.topics.publish(topic, { body: LARGE })).large).toBe(true);
    for (const name of [wrapped, bare]) {
      const [message] = await messaging.queues.receive(name, { waitSeconds: 5 });
      expect(message?.body === LARGE).toBe(true);
      expect(message).toMatchObject({ large: true, attributes: {} });
      expect(message!.topic === undefined).toBe(name === bare);
    }
  });

  it('is too large where no bucket is configured', async () => {
    const messaging = cloud.open();
    const name = await queue(messaging);
    await expect(messaging.queues.send(name, { body: 'x'.repeat(1_048_577) })).rejects.toMatchObject({
      code: 'too-large',
    });
  });

  it('is not sent where its bucket is missing', async () => {
    const messaging = open({ bucket: 'no-such-bucket' });
    const name = await queue(messaging);
    const missing = { code: 'not-found', message: expect.stringContaining('"no-such-bucket"') as unknown };
    await expect(messaging.queues.send(name, { body: LARGE })).rejects.toMatchObject(missing);
    expect(await messaging.queues.sendAll(name, [{ body: LARGE }])).toMatchObject({
      sent: [],
      failed: [{ index: 0, code: 'not-found' }],
    });
  });
});

describe('a pointer', () => {
  it.each([
    ['into another bucket', pointerTo('another-bucket', THEIRS), 'ExtendedPayloadSize'],
    ['to an object that is no message', pointerTo(BUCKET, 'backups/users.csv'), 'ExtendedPayloadSize'],
    ['that climbs', pointerTo(BUCKET, `messages/../../another-bucket/${THEIRS}`), 'ExtendedPayloadSize'],
    ['without the size', pointerTo(BUCKET, THEIRS), undefined],
    ['of another class', pointerTo(BUCKET, THEIRS, 'java.lang.Runtime'), 'ExtendedPayloadSize'],
    ['without a key', JSON.stringify([POINTER_CLASS, { s3BucketName: BUCKET }]), 'ExtendedPayloadSize'],
    ['that is cut off', pointerTo(BUCKET, THEIRS).slice(0, -3), 'ExtendedPayloadSize'],
    ['of nothing', '[null,null]', 'ExtendedPayloadSize'],
  ])('%s is a body like any other', async (_what, body, size) => {
    const messaging = open({ deleteWhenDone: true });
    await s3.send(new PutObjectCommand({ Bucket: 'another-bucket', Key: THEIRS, Body: 'not for you' }));
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'backups/users.csv', Body: 'nor this' }));
    const name = await queue(messaging);
    await sendRaw(name, body, size);
    const [message] = await messaging.queues.receive(name);
    expect(message).toMatchObject({ body, large: false });
    await messaging.queues.deleteMessage(name, message!);
  });

  it('to an object that is gone is told of, and its message comes again', async () => {
    const messaging = open();
    const name = await queue(messaging, { visibilityTimeoutSeconds: 0 });
    const failures: EventMap['message.failed'][] = [];
    messaging.events.on('message.failed', (event) => failures.push(event));
    await sendRaw(name, pointerTo(BUCKET, `gone/${randomUUID()}`), 'ExtendedPayloadSize');
    await messaging.queues.send(name, { body: 'good' });
    expect((await messaging.queues.receive(name)).map(({ body }) => body)).toEqual(['good']);
    expect(failures).toEqual([
      {
        resource: name,
        messageId: expect.any(String) as unknown,
        receiveCount: 1,
        reason: 'payload',
        error: expect.objectContaining({ code: 'not-found' }) as unknown,
      },
    ]);
    expect((await messaging.queues.get(name)).visible).toBe(2);
  });
});

describe("a large message's object", () => {
  it('stays unless it is told to go', async () => {
    const messaging = open({ prefix: 'kept/' });
    const name = await queue(messaging);
    await messaging.queues.send(name, { body: LARGE });
    const [message] = await messaging.queues.receive(name);
    await messaging.queues.deleteMessage(name, message!);
    expect(await keys('kept/')).toHaveLength(1);
  });

  it('goes with its message', async () => {
    const messaging = open({ prefix: 'gone/', deleteWhenDone: true });
    const name = await queue(messaging);
    await messaging.queues.sendAll(name, [{ body: LARGE }, { body: LARGE }, { body: LARGE }]);
    const received = [];
    while (received.length < 3) received.push(...(await messaging.queues.receive(name)));
    await messaging.queues.changeVisibility(name, received[0]!.receiptHandle, 60);
    expect(await keys('gone/')).toHaveLength(3);
    await messaging.queues.deleteMessage(name, received[0]!.receiptHandle);
    expect(await keys('gone/')).toHaveLength(2);
    expect(await messaging.queues.deleteMessages(name, received.slice(1))).toEqual([]);
    expect(await keys('gone/')).toEqual([]);
    expect(await messaging.queues.receive(name)).toEqual([]);
  });

  it('of a topic stays: its other receivers may not have it yet', async () => {
    const messaging = open({ prefix: 'topic/', deleteWhenDone: true });
    const topic = `topic-${++made}`;
    const name = await queue(messaging);
    await messaging.topics.create({ name: topic });
    await messaging.subscriptions.create({ topic, protocol: 'sqs', endpoint: name, raw: false });
    await messaging.topics.publish(topic, { body: LARGE });
    const [message] = await messaging.queues.receive(name, { waitSeconds: 5 });
    await messaging.queues.deleteMessage(name, message!);
    expect(await keys('topic/')).toHaveLength(1);
  });

  it.each([
    ['of another bucket', 'another-bucket', THEIRS],
    ['that is no message', BUCKET, 'backups/precious'],
  ])('%s stays, whatever a receipt handle says', async (_what, Bucket, Key) => {
    const messaging = open({ deleteWhenDone: true });
    const name = await queue(messaging);
    await messaging.queues.send(name, { body: 'small' });
    const [message] = await messaging.queues.receive(name);
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    const forged =
      `-..s3BucketName..-${Bucket}-..s3BucketName..--..s3Key..-${Key}-..s3Key..-` + message!.receiptHandle;
    await messaging.queues.deleteMessage(name, forged);
    await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect((await messaging.queues.get(name)).inFlight).toBe(0);
  });
});
