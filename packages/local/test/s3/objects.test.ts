import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import type { ChecksumAlgorithm, PutObjectCommandInput } from '@aws-sdk/client-s3';
import { TestS3 } from './support';

const s3 = new TestS3();
const Bucket = 'objects';

beforeAll(async () => {
  await s3.start();
  await s3.client.send(new CreateBucketCommand({ Bucket }));
});

afterAll(() => s3.stop());

function put(Key: string, more: Partial<PutObjectCommandInput> = {}) {
  return s3.client.send(new PutObjectCommand({ Bucket, Key, Body: 'hello', ...more }));
}

async function read(Key: string, more: object = {}): Promise<string> {
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Body!.transformToString();
}

describe('an object', () => {
  it('comes back with what was said of it', async () => {
    const written = await put('a b/ü+%.txt', {
      ContentType: 'text/plain',
      CacheControl: 'max-age=5',
      ContentEncoding: 'gzip',
      ContentDisposition: 'inline',
      Metadata: { colour: 'blue' },
      Tagging: 'kind=letter&a%20b=c',
    });
    expect(written).toMatchObject({
      ETag: '"5d41402abc4b2a76b9719d911017c592"',
      ServerSideEncryption: 'AES256',
    });
    const { Body, ...rest } = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'a b/ü+%.txt' }));
    expect(await Body!.transformToString()).toBe('hello');
    expect(rest).toMatchObject({
      ContentType: 'text/plain',
      CacheControl: 'max-age=5',
      ContentEncoding: 'gzip',
      ContentDisposition: 'inline',
      ContentLength: 5,
      ETag: '"5d41402abc4b2a76b9719d911017c592"',
      LastModified: new Date(s3.clock.now()),
      Metadata: { colour: 'blue' },
      TagCount: 2,
    });
    expect(rest.VersionId).toBeUndefined();
    const { TagSet } = await s3.client.send(new GetObjectTaggingCommand({ Bucket, Key: 'a b/ü+%.txt' }));
    expect(TagSet).toEqual([
      { Key: 'kind', Value: 'letter' },
      { Key: 'a b', Value: 'c' },
    ]);
  });

  it('may be empty', async () => {
    await put('empty', { Body: Buffer.alloc(0) });
    expect(await read('empty')).toBe('');
    const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'empty' }));
    expect(head).toMatchObject({ ContentLength: 0, ContentType: 'application/octet-stream' });
  });

  it('that is not there is NoSuchKey, and NoSuchBucket where there is no bucket', async () => {
    await expect(read('missing')).rejects.toMatchObject({
      name: 'NoSuchKey',
      message: 'The specified key does not exist.',
      $metadata: { httpStatusCode: 404 },
    });
    await expect(s3.client.send(new HeadObjectCommand({ Bucket, Key: 'missing' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    await expect(put('a', { Bucket: 'nowhere' })).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  it('has a key of at most 1024 bytes', async () => {
    await put('ü'.repeat(512));
    await expect(put(`${'ü'.repeat(512)}a`)).rejects.toMatchObject({ name: 'KeyTooLongError' });
  });
});

describe('checksums', () => {
  const algorithms: [ChecksumAlgorithm, string][] = [
    ['CRC32', 'y/Q5Jg=='],
    ['CRC32C', '4waSgw=='],
    ['SHA1', '98O8HYCOBHMq32eZZczDTKeuNEE='],
    ['SHA256', 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU='],
    ['CRC64NVME', 'rosUhgp5mIg='],
  ];

  it.each(algorithms)(
    'by %s are verified, as headers and as trailers of streams',
    async (algorithm, value) => {
      const name = `x-amz-checksum-${algorithm.toLowerCase()}`;
      const send = (headers: Record<string, string>, body: string) =>
        fetch(`${s3.url}/${Bucket}/sum`, { method: 'PUT', headers: { ...AUTHORIZED, ...headers }, body });
      const stored = await send({ [name]: value }, '123456789');
      expect(stored.status).toBe(200);
      expect(stored.headers.get(name)).toBe(value);
      const wrong = await send({ [name]: value }, '12345678');
      expect(wrong.status).toBe(400);
      expect(await wrong.text()).toContain(
        `<Code>BadDigest</Code><Message>The ${algorithm} you specified did not match the calculated checksum.`,
      );
      const chunked = (sum: string) =>
        `5;chunk-signature=00\r\n12345\r\n4\r\n6789\r\n0\r\n${name}:${sum}\r\n\r\n`;
      const headers = {
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'x-amz-decoded-content-length': '9',
        'x-amz-trailer': name,
        'content-encoding': 'aws-chunked',
      };
      const streamed = await send(headers, chunked(value));
      expect([streamed.status, streamed.headers.get(name)]).toEqual([200, value]);
      expect(await read('sum')).toBe('123456789');
      expect((await send(headers, chunked(Buffer.from('no').toString('base64')))).status).toBe(400);
      const head = await s3.client.send(
        new HeadObjectCommand({ Bucket, Key: 'sum', ChecksumMode: 'ENABLED' }),
      );
      expect(head).toMatchObject({ [`Checksum${algorithm}`]: value, ContentLength: 9 });
      expect(head.ContentEncoding).toBeUndefined();
    },
  );

  it('of streams are sent and read by the SDK', async () => {
    const Body = Readable.from([Buffer.from('hello '), Buffer.alloc(100_000, 'x')]);
    await put('stream', { Body, ContentLength: 100_006, ChecksumAlgorithm: 'SHA256' });
    const got = await s3.client.send(
      new GetObjectCommand({ Bucket, Key: 'stream', ChecksumMode: 'ENABLED' }),
    );
    expect(await got.Body!.transformToString()).toBe(`hello ${'x'.repeat(100_000)}`);
    expect(got.ChecksumSHA256).toMatch(/=$/);
    const attributes = await s3.client.send(
      new GetObjectAttributesCommand({
        Bucket,
        Key: 'stream',
        ObjectAttributes: ['ETag', 'ObjectSize', 'Checksum'],
      }),
    );
    expect(attributes).toMatchObject({
      ObjectSize: 100_006,
      Checksum: { ChecksumSHA256: got.ChecksumSHA256 },
    });
  });

  it.each([
    [{ 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' }, 'BadDigest'],
    [{ 'content-md5': 'AAAA' }, 'InvalidDigest'],
    [{ 'x-amz-content-sha256': '0'.repeat(64) }, 'XAmzContentSHA256Mismatch'],
    [{ 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-sha1': 'AAAA' }, 'InvalidRequest'],
    [
      { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'x-amz-decoded-content-length': '5' },
      'IncompleteBody',
    ],
  ])('that do not hold refuse the object: %j', async (headers, code) => {
    await put('kept', { Body: 'before' });
    const response = await fetch(`${s3.url}/${Bucket}/kept`, {
      method: 'PUT',
      headers: { ...AUTHORIZED, ...(headers as unknown as Record<string, string>) },
      body: 'hello',
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(`<Code>${code}</Code>`);
    expect(await read('kept')).toBe('before');
  });
});

const AUTHORIZED = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0',
};

describe('reading', () => {
  beforeAll(() => put('digits', { Body: '0123456789' }));

  it.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=5-500', '56789', 'bytes 5-9/10'],
  ])('takes the range %s', async (Range, text, ContentRange) => {
    const got = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'digits', Range }));
    expect(await got.Body!.transformToString()).toBe(text);
    expect(got).toMatchObject({
      ContentRange,
      ContentLength: text.length,
      $metadata: { httpStatusCode: 206 },
    });
  });

  it('refuses a range beyond the end, and takes no notice of what is none', async () => {
    await expect(read('digits', { Range: 'bytes=10-' })).rejects.toMatchObject({
      name: 'InvalidRange',
      $metadata: { httpStatusCode: 416 },
    });
    expect(await read('digits', { Range: 'bytes=4-2' })).toBe('0123456789');
  });

  it('heeds conditions', async () => {
    const ETag = '"781e5e245d69b566979b86e28d23f2c7"';
    const earlier = new Date(s3.clock.now() - 60_000);
    const later = new Date(s3.clock.now() + 60_000);
    const status = (more: object) =>
      read('digits', more).then(
        () => 200,
        (error: { $metadata: { httpStatusCode: number } }) => error.$metadata.httpStatusCode,
      );
    expect(await status({ IfMatch: ETag })).toBe(200);
    expect(await status({ IfMatch: '"other"' })).toBe(412);
    expect(await status({ IfNoneMatch: ETag })).toBe(304);
    expect(await status({ IfNoneMatch: '"other"' })).toBe(200);
    expect(await status({ IfModifiedSince: earlier })).toBe(200);
    expect(await status({ IfModifiedSince: later })).toBe(304);
    expect(await status({ IfUnmodifiedSince: earlier })).toBe(412);
    expect(await status({ IfUnmodifiedSince: later })).toBe(200);
    expect(await status({ IfMatch: ETag, IfUnmodifiedSince: earlier })).toBe(200);
  });

  it('shows other headers where that is asked for', async () => {
    const got = await s3.client.send(
      new GetObjectCommand({
        Bucket,
        Key: 'digits',
        ResponseContentType: 'text/csv',
        ResponseContentDisposition: 'attachment; filename="a.csv"',
      }),
    );
    await got.Body!.transformToString();
    expect(got).toMatchObject({
      ContentType: 'text/csv',
      ContentDisposition: 'attachment; filename="a.csv"',
    });
  });
});

describe('writing', () => {
  it('heeds conditions', async () => {
    const first = await put('once', { IfNoneMatch: '*' });
    await expect(put('once', { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
    await expect(put('once', { IfMatch: '"other"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(put('nobody', { IfMatch: first.ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
    await put('once', { IfMatch: first.ETag, Body: 'second' });
    expect(await read('once')).toBe('second');
  });

  it('of which only one of many at once is the first', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => put('race', { IfNoneMatch: '*', Body: String(i) })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('copies, with the same or other metadata', async () => {
    await put('source +1', { Metadata: { a: '1' }, ContentType: 'text/plain', Tagging: 'x=y' });
    const CopySource = `${Bucket}/${encodeURIComponent('source +1')}`;
    const copied = await s3.client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource }));
    expect(copied.CopyObjectResult).toMatchObject({ ETag: '"5d41402abc4b2a76b9719d911017c592"' });
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'source +1' }));
    expect(await read('copy')).toBe('hello');
    const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'copy' }));
    expect(head).toMatchObject({ Metadata: { a: '1' }, ContentType: 'text/plain' });
    const itself = { Bucket, Key: 'copy', CopySource: `${Bucket}/copy` };
    await expect(s3.client.send(new CopyObjectCommand(itself))).rejects.toMatchObject({
      name: 'InvalidRequest',
    });
    const replaced = { ...itself, MetadataDirective: 'REPLACE' as const, Metadata: { b: '2' } };
    await s3.client.send(new CopyObjectCommand(replaced));
    const after = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'copy' }));
    expect(after.Metadata).toEqual({ b: '2' });
    expect(await read('copy')).toBe('hello');
  });

  it('refuses tags that S3 would refuse', async () => {
    const tag = (TagSet: { Key: string; Value: string }[]) =>
      s3.client.send(new PutObjectTaggingCommand({ Bucket, Key: 'digits', Tagging: { TagSet } }));
    const many = Array.from({ length: 11 }, (_, i) => ({ Key: `k${i}`, Value: 'v' }));
    await expect(tag(many)).rejects.toMatchObject({ name: 'BadRequest' });
    await expect(tag([{ Key: 'a'.repeat(129), Value: '' }])).rejects.toMatchObject({ name: 'InvalidTag' });
    await tag(many.slice(1));
  });
});

describe('deleting', () => {
  it('many at once says what became of each', async () => {
    await put('d 1&<2>');
    await put('d2');
    const Objects = [{ Key: 'd 1&<2>' }, { Key: 'd2', ETag: '"other"' }, { Key: 'never' }];
    const { Deleted, Errors } = await s3.client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects } }),
    );
    expect(Deleted).toEqual([{ Key: 'd 1&<2>' }, { Key: 'never' }]);
    expect(Errors).toEqual([expect.objectContaining({ Key: 'd2', Code: 'PreconditionFailed' })]);
    await expect(read('d 1&<2>')).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await read('d2')).toBe('hello');
  });
});

describe('versions', () => {
  const Versioned = 'versioned';

  beforeAll(async () => {
    await s3.client.send(new CreateBucketCommand({ Bucket: Versioned }));
    await put('old', { Bucket: Versioned, Body: 'null version' });
    const VersioningConfiguration = { Status: 'Enabled' as const };
    await s3.client.send(new PutBucketVersioningCommand({ Bucket: Versioned, VersioningConfiguration }));
  });

  const all = async (Prefix: string) => {
    const { Versions = [], DeleteMarkers = [] } = await s3.client.send(
      new ListObjectVersionsCommand({ Bucket: Versioned, Prefix }),
    );
    return { versions: Versions, markers: DeleteMarkers };
  };

  it('are all kept, and read by their ids', async () => {
    const first = await put('v', { Bucket: Versioned, Body: '1' });
    const second = await put('v', { Bucket: Versioned, Body: '2' });
    expect(first.VersionId).toMatch(/^[\w-]{32}$/);
    expect(await read('v', { Bucket: Versioned })).toBe('2');
    expect(await read('v', { Bucket: Versioned, VersionId: first.VersionId })).toBe('1');
    const { versions } = await all('v');
    expect(versions).toMatchObject([
      { VersionId: second.VersionId, IsLatest: true, Size: 1 },
      { VersionId: first.VersionId, IsLatest: false },
    ]);
    await expect(read('v', { Bucket: Versioned, VersionId: 'x' })).rejects.toMatchObject({
      name: 'InvalidArgument',
    });
  });

  it('are hidden by a delete marker, and shown again when that is deleted', async () => {
    await put('m', { Bucket: Versioned, Body: '1' });
    const deleted = await s3.client.send(new DeleteObjectCommand({ Bucket: Versioned, Key: 'm' }));
    expect(deleted).toMatchObject({ DeleteMarker: true, VersionId: expect.any(String) as string });
    await expect(read('m', { Bucket: Versioned })).rejects.toMatchObject({ name: 'NoSuchKey' });
    const VersionId = deleted.VersionId;
    await expect(read('m', { Bucket: Versioned, VersionId })).rejects.toMatchObject({
      name: 'MethodNotAllowed',
    });
    expect((await all('m')).markers).toMatchObject([{ VersionId, IsLatest: true }]);
    await s3.client.send(new DeleteObjectCommand({ Bucket: Versioned, Key: 'm', VersionId }));
    expect(await read('m', { Bucket: Versioned })).toBe('1');
  });

  it('of before are the null version, which a suspended bucket replaces', async () => {
    await put('old', { Bucket: Versioned, Body: 'new version' });
    expect(await read('old', { Bucket: Versioned, VersionId: 'null' })).toBe('null version');
    const suspend = (Status: 'Suspended' | 'Enabled') =>
      s3.client.send(
        new PutBucketVersioningCommand({ Bucket: Versioned, VersioningConfiguration: { Status } }),
      );
    await suspend('Suspended');
    await put('old', { Bucket: Versioned, Body: 'another null version' });
    expect((await all('old')).versions.map(({ VersionId }) => VersionId)).toEqual([
      'null',
      expect.stringMatching(/^[\w-]{32}$/),
    ]);
    expect(await read('old', { Bucket: Versioned })).toBe('another null version');
    await s3.client.send(new DeleteObjectCommand({ Bucket: Versioned, Key: 'old', VersionId: 'null' }));
    expect(await read('old', { Bucket: Versioned })).toBe('new version');
    await suspend('Enabled');
  });

  it('are listed page by page', async () => {
    for (const Body of ['1', '2', '3']) await put('p', { Bucket: Versioned, Body });
    const seen: unknown[] = [];
    let KeyMarker: string | undefined;
    let VersionIdMarker: string | undefined;
    do {
      const page = await s3.client.send(
        new ListObjectVersionsCommand({
          ...{ Bucket: Versioned, Prefix: 'p', MaxKeys: 2 },
          ...{ KeyMarker, VersionIdMarker },
        }),
      );
      seen.push(...(page.Versions ?? []).map(({ IsLatest }) => IsLatest));
      ({ NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page);
    } while (KeyMarker !== undefined);
    expect(seen).toEqual([true, false, false]);
  });
});
