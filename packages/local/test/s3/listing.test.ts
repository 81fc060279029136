import {
  CreateBucketCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import type { S3 } from '../../src/s3';
import { TestS3 } from './support';

const test3 = new TestS3();
let s3: S3;

beforeAll(async () => {
  await test3.start();
  s3 = await test3.s3();
});

afterAll(() => test3.stop());

async function bucketWith(name: string, keys: readonly string[]): Promise<void> {
  await s3.buckets.create(name, {});
  const settings = { headers: {}, metadata: {}, tags: {} };
  const object = { ...settings, segments: [], size: 0, etag: 'd41d8cd98f00b204e9800998ecf8427e' };
  const actor = { principalId: 'test', requestId: 'test' };
  await Promise.all(
    keys.map((key) => s3.objects.replace(name, { ...object, key }, 'ObjectCreated:Put', actor)),
  );
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** What S3 documents, on a sorted list of all keys. */
function model(keys: readonly string[], prefix: string, delimiter: string, startAfter: string): string[] {
  const shown: string[] = [];
  for (const key of [...new Set(keys)].sort(byBytes)) {
    if (!key.startsWith(prefix) || byBytes(key, startAfter) <= 0) continue;
    const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const entry = at < 0 ? `key ${key}` : `prefix ${key.slice(0, at + delimiter.length)}`;
    const isMarker = at >= 0 && key.slice(0, at + delimiter.length) === startAfter;
    if (!shown.includes(entry) && !isMarker) shown.push(entry);
  }
  return shown;
}

async function listed(
  Bucket: string,
  options: { Prefix: string; Delimiter: string; StartAfter: string },
  MaxKeys: number,
): Promise<string[]> {
  const { Prefix, Delimiter, StartAfter } = options;
  const shown: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await test3.client.send(
      new ListObjectsV2Command({ Bucket, Prefix, Delimiter, StartAfter, MaxKeys, ContinuationToken }),
    );
    const keys = (page.Contents ?? []).map(({ Key }) => `key ${Key}`);
    const prefixes = (page.CommonPrefixes ?? []).map((each) => `prefix ${each.Prefix}`);
    expect(page.KeyCount).toBe(keys.length + prefixes.length);
    expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys);
    shown.push(
      ...[...keys, ...prefixes].sort((a, b) => byBytes(a.replace(/^\w+ /, ''), b.replace(/^\w+ /, ''))),
    );
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return shown;
}

const character = fc.constantFrom('a', 'b', '/', '//', '-', '~', '!', 'é', '\uffff', '😀', '\u{10fffe}');
const key = fc.array(character, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
const part = fc.array(character, { maxLength: 2 }).map((parts) => parts.join(''));
let count = 0;

it('lists what a simple model lists, whatever prefix, delimiter and size of pages', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(key, { maxLength: 25 }),
      part,
      fc.constantFrom('', '/', '//', 'a'),
      part,
      fc.integer({ min: 1, max: 7 }),
      async (keys, Prefix, Delimiter, StartAfter, maxKeys) => {
        const Bucket = `list-${(count += 1)}`;
        await bucketWith(Bucket, [...new Set(keys)]);
        expect(await listed(Bucket, { Prefix, Delimiter, StartAfter }, maxKeys)).toEqual(
          model(keys, Prefix, Delimiter, StartAfter),
        );
      },
    ),
    { numRuns: 60 },
  );
});

it('goes on from a marker that is a common prefix, as the first version of the list has it', async () => {
  await bucketWith('first', ['a/1', 'a/2', 'b', 'c/1']);
  const list = (Marker?: string) =>
    test3.client.send(new ListObjectsCommand({ Bucket: 'first', Delimiter: '/', MaxKeys: 1, Marker }));
  const one = await list();
  expect(one).toMatchObject({ CommonPrefixes: [{ Prefix: 'a/' }], IsTruncated: true, NextMarker: 'a/' });
  const two = await list('a/');
  expect(two).toMatchObject({ Contents: [{ Key: 'b' }], NextMarker: 'b' });
  const three = await list('b');
  expect(three).toMatchObject({ CommonPrefixes: [{ Prefix: 'c/' }], IsTruncated: false });
  expect(three.NextMarker).toBeUndefined();
});

it('encodes keys where that is asked for', async () => {
  await bucketWith('encoded', ['a b+é&<.txt']);
  const { Contents } = await test3.client.send(
    new ListObjectsV2Command({ Bucket: 'encoded', EncodingType: 'url' }),
  );
  expect(Contents![0]!.Key).toBe('a+b%2B%C3%A9%26%3C.txt');
});

it('lists nothing for no keys at all, and refuses a token that is none', async () => {
  const list = (more: object) => test3.client.send(new ListObjectsV2Command({ Bucket: 'encoded', ...more }));
  expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
  await expect(list({ ContinuationToken: 'x' })).rejects.toMatchObject({ name: 'InvalidArgument' });
  await expect(list({ Bucket: 'nowhere' })).rejects.toMatchObject({ name: 'NoSuchBucket' });
});

it('lists versions with a delimiter', async () => {
  await bucketWith('versions', ['a/1', 'a/2', 'b']);
  const page = await test3.client.send(
    new ListObjectVersionsCommand({ Bucket: 'versions', Delimiter: '/', MaxKeys: 1 }),
  );
  expect(page).toMatchObject({ CommonPrefixes: [{ Prefix: 'a/' }], NextKeyMarker: 'a/' });
  const rest = await test3.client.send(
    new ListObjectVersionsCommand({ Bucket: 'versions', Delimiter: '/', KeyMarker: 'a/' }),
  );
  expect(rest).toMatchObject({ Versions: [{ Key: 'b', VersionId: 'null', IsLatest: true }] });
});

it.each(['a', 'A-b', 'a..b', '-ab', 'ab-', '192.168.0.1', 'xn--a', 'a_b', `${'a'.repeat(64)}`])(
  'refuses a bucket named %s',
  async (Bucket) => {
    await expect(test3.client.send(new CreateBucketCommand({ Bucket }))).rejects.toMatchObject({
      name: 'InvalidBucketName',
    });
  },
);
