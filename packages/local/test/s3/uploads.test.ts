import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { CompletedPart, CreateMultipartUploadCommandInput } from '@aws-sdk/client-s3';
import { readdirSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { TestS3 } from './support';

const s3 = new TestS3();
const Bucket = 'uploads';
const MEGABYTE = 1024 * 1024;

beforeAll(async () => {
  await s3.start();
  await s3.client.send(new CreateBucketCommand({ Bucket }));
});

afterAll(() => s3.stop());

async function create(Key: string, more: Partial<CreateMultipartUploadCommandInput> = {}): Promise<string> {
  const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
  return UploadId!;
}

async function part(Key: string, UploadId: string, PartNumber: number, Body: Buffer): Promise<CompletedPart> {
  const uploaded = await s3.client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
  return { PartNumber, ETag: uploaded.ETag, ChecksumCRC32: uploaded.ChecksumCRC32 };
}

const complete = (Key: string, UploadId: string, Parts: CompletedPart[]) =>
  s3.client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));

const files = () =>
  readdirSync(join(s3.folder, 'bytes'), { recursive: true, withFileTypes: true }).filter((file) =>
    file.isFile(),
  ).length;

it('joins parts in their order, with an ETag and a checksum of the parts', async () => {
  const Key = 'large';
  const first = Buffer.alloc(5 * MEGABYTE, 'a');
  const second = Buffer.from('the rest');
  const UploadId = await create(Key, {
    ContentType: 'text/plain',
    Metadata: { a: 'b' },
    ChecksumAlgorithm: 'CRC32',
  });
  const parts = [await part(Key, UploadId, 2, second)];
  parts.unshift(await part(Key, UploadId, 1, first));
  const { Parts } = await s3.client.send(new ListPartsCommand({ Bucket, Key, UploadId }));
  expect(Parts).toMatchObject([
    { PartNumber: 1, Size: first.length },
    { PartNumber: 2, Size: second.length },
  ]);
  const md5 = (data: Buffer) => createHash('md5').update(data).digest();
  const sums = [first, second].map((data) => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(data));
    return sum;
  });
  const whole = Buffer.alloc(4);
  whole.writeUInt32BE(crc32(Buffer.concat(sums)));
  expect(await complete(Key, UploadId, parts)).toMatchObject({
    ETag: `"${createHash('md5').update(md5(first)).update(md5(second)).digest('hex')}-2"`,
    ChecksumCRC32: `${whole.toString('base64')}-2`,
    ChecksumType: 'COMPOSITE',
  });
  const got = await s3.client.send(new GetObjectCommand({ Bucket, Key }));
  expect(Buffer.from(await got.Body!.transformToByteArray()).equals(Buffer.concat([first, second]))).toBe(
    true,
  );
  expect(got).toMatchObject({ ContentType: 'text/plain', Metadata: { a: 'b' } });
  const Range = `bytes=${first.length - 2}-${first.length + 2}`;
  const across = await s3.client.send(new GetObjectCommand({ Bucket, Key, Range }));
  expect(await across.Body!.transformToString()).toBe('aathe');
  const PartNumber = 2;
  const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key, PartNumber }));
  expect(head).toMatchObject({ PartsCount: 2, ContentLength: second.length });
  await expect(complete(Key, UploadId, parts)).rejects.toMatchObject({ name: 'NoSuchUpload' });
});

it('sums up the whole object where that is asked for', async () => {
  const Key = 'full';
  const UploadId = await create(Key, { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
  const body = Buffer.from('123456789');
  const done = await complete(Key, UploadId, [await part(Key, UploadId, 7, body)]);
  expect(done).toMatchObject({ ChecksumCRC32: 'y/Q5Jg==', ChecksumType: 'FULL_OBJECT' });
});

it('refuses parts that are too small, out of order or unknown, and keeps the upload', async () => {
  const Key = 'refused';
  const UploadId = await create(Key);
  const one = await part(Key, UploadId, 1, Buffer.from('small'));
  const two = await part(Key, UploadId, 2, Buffer.from('last'));
  const refusal = (parts: CompletedPart[]) =>
    complete(Key, UploadId, parts).catch((error: Error) => error.name);
  expect(await refusal([one, two])).toBe('EntityTooSmall');
  expect(await refusal([two, one])).toBe('InvalidPartOrder');
  expect(await refusal([{ ...one, ETag: '"0"' }])).toBe('InvalidPart');
  expect(await refusal([one, { PartNumber: 3, ETag: one.ETag }])).toBe('InvalidPart');
  const zero = part(Key, UploadId, 10_001, Buffer.from('x')).catch((error: Error) => error.name);
  expect(await zero).toBe('InvalidArgument');
  await complete(Key, UploadId, [two]);
  const got = await s3.client.send(new GetObjectCommand({ Bucket, Key }));
  expect(await got.Body!.transformToString()).toBe('last');
});

it('takes parts from other objects', async () => {
  await s3.client.send(new PutObjectCommand({ Bucket, Key: 'from', Body: '0123456789' }));
  const Key = 'copied';
  const UploadId = await create(Key);
  const source = { Bucket, Key, UploadId, PartNumber: 1, CopySource: `${Bucket}/from` };
  const copy = new UploadPartCopyCommand({ ...source, CopySourceRange: 'bytes=2-5' });
  const { CopyPartResult } = await s3.client.send(copy);
  await complete(Key, UploadId, [{ PartNumber: 1, ETag: CopyPartResult!.ETag }]);
  const got = await s3.client.send(new GetObjectCommand({ Bucket, Key }));
  expect(await got.Body!.transformToString()).toBe('2345');
});

it('is listed while it is under way, and gone with its bytes when it is aborted', async () => {
  const before = files();
  const Key = 'aborted/one';
  const UploadId = await create(Key);
  await part(Key, UploadId, 1, Buffer.from('first'));
  await part(Key, UploadId, 1, Buffer.from('again'));
  expect(files()).toBe(before + 1);
  const list = () => s3.client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'aborted/' }));
  expect((await list()).Uploads).toMatchObject([{ Key, UploadId }]);
  await s3.client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  expect((await list()).Uploads).toBeUndefined();
  expect(files()).toBe(before);
  await expect(part(Key, UploadId, 2, Buffer.from('late'))).rejects.toMatchObject({ name: 'NoSuchUpload' });
});

it('keeps no bytes of objects that were replaced', async () => {
  await s3.client.send(new PutObjectCommand({ Bucket, Key: 'twice', Body: '1' }));
  const before = files();
  await s3.client.send(new PutObjectCommand({ Bucket, Key: 'twice', Body: '2' }));
  expect(files()).toBe(before);
});
