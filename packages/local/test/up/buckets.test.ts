import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketEncryptionCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientConfig } from '../wire/support';
import { ACCOUNT, BUCKET_ARN, functions, stack } from './buckets-stack';
import { merge, TestProject } from './support';
import type { RuntimeProcess } from './support';

const project = new TestProject();
let runtime: RuntimeProcess;
let endpoint: string;
let s3: S3Client;
let sqs: SQSClient;

async function start(): Promise<void> {
  runtime = project.run();
  await runtime.api();
  [, endpoint = ''] = await runtime.prints(/AWS_ENDPOINT_URL=(\S+)/);
  s3 = new S3Client(clientConfig(endpoint));
  sqs = new SQSClient(clientConfig(endpoint));
}

beforeAll(async () => {
  project.writeStack(stack(project));
  await start();
});

afterAll(async () => {
  s3.destroy();
  sqs.destroy();
  await project.remove();
});

const put = (Key: string, Body = 'hello') =>
  s3.send(new PutObjectCommand({ Bucket: 'documents', Key, Body }));

/** The next message of a queue, as JSON. */
async function take(name: string): Promise<Record<string, unknown>> {
  const QueueUrl = `${endpoint}/${ACCOUNT}/${name}`;
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    const [message] = Messages ?? [];
    if (message === undefined) continue;
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
    return JSON.parse(message.Body!) as Record<string, unknown>;
  }
  throw new Error(`nothing came to ${name}:\n${runtime.output}`);
}

async function call(operation: string, input: object, presign = false): Promise<Record<string, unknown>> {
  const url = await runtime.api();
  const body = JSON.stringify([operation, { Bucket: 'documents', ...input }, presign]);
  const response = await fetch(`${url}/call`, { method: 'POST', body });
  return (await response.json()) as Record<string, unknown>;
}

test('the stack’s buckets are there with what it says of them', async () => {
  expect((await s3.send(new ListBucketsCommand({}))).Buckets).toMatchObject([{ Name: 'documents' }]);
  const Bucket = 'documents';
  expect(await s3.send(new GetBucketVersioningCommand({ Bucket }))).toMatchObject({ Status: 'Enabled' });
  const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
  expect(ServerSideEncryptionConfiguration).toMatchObject({
    Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
  });
  const settings = await s3.send(new GetObjectCommand({ Bucket, Key: 'settings.json' }));
  expect(await settings.Body!.transformToString()).toBe('{}');
  expect(settings).toMatchObject({ ContentType: 'text/x', ServerSideEncryption: 'AES256' });
  expect(runtime.output).toMatch(/^ {2}buckets +documents$/m);
  expect(runtime.output).not.toContain('not hosted  ');
});

test('functions reach S3 with nothing but their environment, as far as their roles go', async () => {
  expect(await call('PutObject', { Key: 'mine/a', Body: 'own' })).toMatchObject({
    ServerSideEncryption: 'aws:kms',
  });
  expect(await call('GetObject', { Key: 'mine/a' })).toMatchObject({ text: 'own' });
  expect(await call('ListObjectsV2', { Prefix: 'mine/' })).toMatchObject({ KeyCount: 1 });
  expect(await call('ListObjectsV2', { Prefix: 'other/' })).toMatchObject({ error: 'AccessDenied' });
  expect(await call('PutObject', { Key: 'other', Body: 'x' })).toEqual({
    error: 'AccessDenied',
    message: expect.stringContaining(
      'is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::documents/other',
    ) as string,
  });
  // Who may not list is not told what there is not.
  expect(await call('GetObject', { Key: 'mine/missing' })).toMatchObject({ error: 'AccessDenied' });
});

test('functions hand out presigned URLs, which the endpoint verifies with their secrets', async () => {
  const { url } = (await call('PutObject', { Key: 'mine/upload' }, true)) as { url: string };
  const uploaded = await fetch(url, { method: 'PUT', body: 'from outside' });
  expect(uploaded.status).toBe(200);
  const read = (await call('GetObject', { Key: 'mine/upload' }, true)) as { url: string };
  expect(await (await fetch(read.url)).text()).toBe('from outside');
  expect((await fetch(read.url.replace('mine/upload', 'settings.json'))).status).toBe(403);
});

test('a function is told of objects by prefix and suffix, created and removed', async () => {
  await put('incoming/a b.txt');
  await put('incoming/a.csv');
  await put('elsewhere/a.txt');
  const { VersionId } = await put('incoming/ü.txt', 'longer');
  await s3.send(new DeleteObjectCommand({ Bucket: 'documents', Key: 'incoming/a b.txt' }));
  await runtime.prints(/got .*ObjectRemoved:DeleteMarkerCreated.*incoming\/a\+b\.txt/);
  await runtime.prints(/got .*ObjectCreated:Put.*incoming\/%C3%BC\.txt/);
  const records = [...runtime.output.matchAll(/got (\{.*\})/g)].map(
    ([, text]) => JSON.parse(text!) as { s3: { object: { key: string; sequencer: string } } },
  );
  expect(records.map((record) => record.s3.object.key).sort()).toEqual([
    'incoming/%C3%BC.txt',
    'incoming/a+b.txt',
    'incoming/a+b.txt',
  ]);
  expect(records.find((record) => record.s3.object.key.includes('%C3%BC'))).toEqual({
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'us-east-1',
    eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
    eventName: 'ObjectCreated:Put',
    userIdentity: { principalId: expect.any(String) as string },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: {
      'x-amz-request-id': expect.stringMatching(/^[0-9A-F]{16}$/) as string,
      'x-amz-id-2': expect.any(String) as string,
    },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'intake',
      bucket: {
        name: 'documents',
        ownerIdentity: { principalId: expect.any(String) as string },
        arn: BUCKET_ARN,
      },
      object: {
        key: 'incoming/%C3%BC.txt',
        size: 6,
        eTag: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        versionId: VersionId,
        sequencer: expect.stringMatching(/^[0-9A-F]{18}$/) as string,
      },
    },
  });
});

test('a queue, a topic and the default bus are told too; a queue that lets nobody in is not', async () => {
  const isTest = { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'documents' };
  expect(await take('changes')).toMatchObject(isTest);
  expect(await take('heard')).toMatchObject(isTest);
  const Key = 'queued/large';
  const upload = { Bucket: 'documents', Key };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(upload));
  const Parts = await Promise.all(
    [Buffer.alloc(6 * 1024 * 1024, 'a'), Buffer.from('end')].map(async (Body, i) => {
      const part = { ...upload, UploadId, PartNumber: i + 1 };
      const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body }));
      return { PartNumber: i + 1, ETag };
    }),
  );
  await s3.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts } }));
  expect(await take('changes')).toMatchObject({
    Records: [
      {
        eventName: 'ObjectCreated:CompleteMultipartUpload',
        s3: { object: { key: Key, size: 6 * 1024 * 1024 + 3, eTag: expect.stringMatching(/-2$/) as string } },
      },
    ],
  });
  await put('told/a');
  await s3.send(new DeleteObjectCommand({ Bucket: 'documents', Key: 'told/a' }));
  expect(await take('heard')).toMatchObject({
    Records: [{ eventName: 'ObjectRemoved:DeleteMarkerCreated' }],
  });
  await put('bus/a b');
  expect(await take('bus')).toMatchObject({
    source: 'aws.s3',
    'detail-type': 'Object Created',
    resources: [BUCKET_ARN],
    detail: {
      version: '0',
      bucket: { name: 'documents' },
      object: { key: 'bus/a b', size: 5 },
      reason: 'PutObject',
    },
  });
  await put('closed/a');
  expect(runtime.output).toContain(
    's3 ! documents does not notify arn:aws:sqs:us-east-1:000000000000:closed, as AWS would refuse it: its queue policy',
  );
});

test('configurations that AWS would refuse are refused', async () => {
  const configure = (...queues: { Filter?: object; QueueArn: string }[]) => {
    const QueueConfigurations = queues.map((each) => ({ Events: ['s3:ObjectCreated:*' as const], ...each }));
    return s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: 'documents',
        NotificationConfiguration: { QueueConfigurations },
      }),
    );
  };
  const arn = (name: string) => `arn:aws:sqs:us-east-1:${ACCOUNT}:${name}`;
  const prefixed = (Value: string) => ({ Key: { FilterRules: [{ Name: 'prefix' as const, Value }] } });
  await expect(configure({ QueueArn: arn('closed') })).rejects.toMatchObject({
    name: 'InvalidArgument',
    message: expect.stringContaining('Unable to validate the following destination configurations') as string,
  });
  const overlapping = [
    { QueueArn: arn('changes'), Filter: { Key: prefixed('a').Key } },
    { QueueArn: arn('changes'), Filter: { Key: prefixed('ab').Key } },
  ];
  await expect(configure(...overlapping)).rejects.toMatchObject({
    message: expect.stringContaining('Configurations overlap') as string,
  });
});

test('objects stay over a SIGKILL; a bucket that is no longer in the stack stays while it holds some', async () => {
  await runtime.kill();
  s3.destroy();
  project.writeStack(merge(functions(project), { aws_s3_bucket: { documents: { bucket: 'others' } } }));
  await start();
  expect(runtime.output).toContain('s3 ! documents is no longer in the stack but kept: it holds objects');
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'documents', Prefix: 'mine/' }));
  expect(Contents).toMatchObject([{ Key: 'mine/a' }, { Key: 'mine/upload' }]);
  await s3.send(new HeadBucketCommand({ Bucket: 'others' }));
});
