import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { LifecycleRule } from '@aws-sdk/client-s3';
import { TestS3 } from './support';

const DAY = 24 * 60 * 60;
const s3 = new TestS3();

beforeEach(() => s3.start());
afterEach(() => s3.stop());

async function bucket(Bucket: string, Rules: LifecycleRule[], versioned = false): Promise<void> {
  await s3.client.send(new CreateBucketCommand({ Bucket }));
  const LifecycleConfiguration = { Rules };
  await s3.client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration }));
  if (!versioned) return;
  const VersioningConfiguration = { Status: 'Enabled' as const };
  await s3.client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
}

const put = (Bucket: string, Key: string, Body = 'x', Tagging?: string) =>
  s3.client.send(new PutObjectCommand({ Bucket, Key, Body, Tagging }));

/** Keys of versions and, with a minus, of delete markers. */
async function contents(Bucket: string): Promise<string[]> {
  const { Versions = [], DeleteMarkers = [] } = await s3.client.send(
    new ListObjectVersionsCommand({ Bucket }),
  );
  return [...Versions.map(({ Key }) => Key!), ...DeleteMarkers.map(({ Key }) => `-${Key}`)].sort();
}

/** Lets a sweep that has begun end. */
async function pass(seconds: number): Promise<void> {
  s3.clock.advanceSeconds(seconds);
  const { lifecycle } = await s3.s3();
  await lifecycle.settled;
}

it('deletes objects at the midnight after their days, by prefix, tag and size', async () => {
  const Status = 'Enabled' as const;
  const Expiration = { Days: 2 };
  await bucket('expiring', [
    { ID: 'logs', Status, Expiration, Filter: { Prefix: 'logs/' } },
    { ID: 'tagged', Status, Expiration, Filter: { And: { Prefix: 'a', Tags: [{ Key: 't', Value: '1' }] } } },
    { ID: 'large', Status, Expiration, Filter: { ObjectSizeGreaterThan: 5 } },
    { ID: 'off', Status: 'Disabled', Expiration, Filter: { Prefix: '' } },
  ]);
  (await s3.s3()).lifecycle.start();
  s3.clock.advanceSeconds(3600);
  await put('expiring', 'logs/1');
  await put('expiring', 'a-tagged', 'x', 't=1');
  await put('expiring', 'a-untagged');
  await put('expiring', 'b-large', '123456');
  const head = await s3.client.send(new HeadObjectCommand({ Bucket: 'expiring', Key: 'logs/1' }));
  expect(head.Expiration).toBe('expiry-date="Sun, 04 Jan 2026 00:00:00 GMT", rule-id="logs"');
  await pass(3 * DAY - 3601);
  expect(await contents('expiring')).toHaveLength(4);
  await pass(1);
  expect(await contents('expiring')).toEqual(['a-untagged']);
  expect(s3.lines.lines).toContain('s3 expiring: 3 objects expired');
});

it('hides current versions, deletes old ones, and then the markers that are left', async () => {
  await bucket(
    'versions',
    [
      { ID: 'hide', Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 1 } },
      {
        ID: 'old',
        Status: 'Enabled',
        Filter: { Prefix: '' },
        NoncurrentVersionExpiration: { NoncurrentDays: 3, NewerNoncurrentVersions: 1 },
      },
    ],
    true,
  );
  (await s3.s3()).lifecycle.start();
  for (const Body of ['1', '2', '3']) await put('versions', 'k', Body);
  await pass(DAY);
  expect(await contents('versions')).toEqual(['-k', 'k', 'k', 'k']);
  // One noncurrent version is spared.
  await pass(DAY);
  expect(await contents('versions')).toEqual(['-k', 'k', 'k', 'k']);
  await pass(DAY);
  expect(await contents('versions')).toEqual(['-k', 'k']);
});

it('deletes a marker that hides nothing', async () => {
  const Expiration = { ExpiredObjectDeleteMarker: true };
  await bucket('markers', [{ ID: 'm', Status: 'Enabled', Filter: { Prefix: '' }, Expiration }], true);
  await put('markers', 'kept');
  await s3.client.send(new DeleteObjectCommand({ Bucket: 'markers', Key: 'kept' }));
  await s3.client.send(new DeleteObjectCommand({ Bucket: 'markers', Key: 'alone' }));
  (await s3.s3()).lifecycle.start();
  await pass(DAY);
  expect(await contents('markers')).toEqual(['-kept', 'kept']);
});

it('aborts uploads that nobody completes', async () => {
  const AbortIncompleteMultipartUpload = { DaysAfterInitiation: 1 };
  await bucket('uploads', [
    { ID: 'u', Status: 'Enabled', Filter: { Prefix: 'in/' }, AbortIncompleteMultipartUpload },
  ]);
  (await s3.s3()).lifecycle.start();
  for (const Key of ['in/a', 'out/b']) {
    await s3.client.send(new CreateMultipartUploadCommand({ Bucket: 'uploads', Key }));
  }
  await pass(2 * DAY);
  const { Uploads } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: 'uploads' }));
  expect(Uploads).toMatchObject([{ Key: 'out/b' }]);
  const { Key, UploadId } = Uploads![0]!;
  await s3.client.send(new AbortMultipartUploadCommand({ Bucket: 'uploads', Key, UploadId }));
});

it.each([
  [[], 'MalformedXML'],
  [[{ ID: 'a', Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: -1 } }], 'InvalidArgument'],
  [
    [1, 2].map(() => ({ ID: 'a', Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 1 } })),
    'InvalidArgument',
  ],
])('refuses rules that S3 would refuse: %j', async (Rules, name) => {
  await expect(bucket('refused', Rules as LifecycleRule[])).rejects.toMatchObject({ name });
});
