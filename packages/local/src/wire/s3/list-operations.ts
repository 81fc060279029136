import { invalidArgument } from '../../s3/errors';
import { encodedKey } from '../../s3/events';
import { sequenceOfVersion } from '../../s3/keys';
import type { ListRequest } from '../../s3/listing';
import { listObjects, listVersions } from '../../s3/listing';
import type { S3, VersionRecord } from '../../s3';
import type { Call, Output } from '../protocol';
import type { Xml } from '../xml';
import type { S3Operation } from './bucket-operations';
import { OWNER } from './bucket-operations';
import { onBucket } from './permissions';
import type { S3Input } from './request';
import { integerOf, quoted } from './request';
import { xmlReply } from './xml-body';

const MAX_KEYS = 1000;

export const listOperations: Readonly<Record<string, S3Operation>> = {
  ListObjects: { permissions: onBucket('ListBucket'), run: listV1 },
  ListObjectsV2: { permissions: onBucket('ListBucket'), run: listV2 },
  ListObjectVersions: { permissions: onBucket('ListBucketVersions'), run: listAllVersions },
};

async function listV1(input: S3Input, _call: Call, s3: S3): Promise<Output> {
  const { query } = input;
  const marker = query.get('marker') ?? '';
  const request = requestOf(input, marker);
  const { items, commonPrefixes, isTruncated, last } = await listObjects(
    s3.store,
    s3.buckets.get(input.bucket),
    request,
  );
  const encode = encoderOf(input);
  return xmlReply('ListBucketResult', {
    ...head(input, request, isTruncated),
    Marker: encode(marker),
    // Only where it is no key that the caller sees anyway.
    NextMarker: isTruncated && request.delimiter !== '' ? encode(last!) : undefined,
    Contents: items.map((item) => ({ ...contents(item, encode), Owner: OWNER })),
    CommonPrefixes: commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  });
}

async function listV2(input: S3Input, _call: Call, s3: S3): Promise<Output> {
  const { query } = input;
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after') ?? '';
  const request = requestOf(input, token === undefined ? startAfter : keyOfToken(token));
  const { items, commonPrefixes, isTruncated, last } = await listObjects(
    s3.store,
    s3.buckets.get(input.bucket),
    request,
  );
  const encode = encoderOf(input);
  const owner = query.get('fetch-owner') === 'true' ? { Owner: OWNER } : {};
  return xmlReply('ListBucketResult', {
    ...head(input, request, isTruncated),
    KeyCount: items.length + commonPrefixes.length,
    StartAfter: startAfter === '' ? undefined : encode(startAfter),
    ContinuationToken: token,
    NextContinuationToken: isTruncated ? tokenOf(last!) : undefined,
    Contents: items.map((item) => ({ ...contents(item, encode), ...owner })),
    CommonPrefixes: commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  });
}

async function listAllVersions(input: S3Input, _call: Call, s3: S3): Promise<Output> {
  const { query } = input;
  const keyMarker = query.get('key-marker') ?? '';
  const versionMarker = query.get('version-id-marker') ?? '';
  const bucket = s3.buckets.get(input.bucket);
  if (versionMarker !== '' && keyMarker === '') {
    const message = 'A version-id marker cannot be specified without a key marker.';
    throw invalidArgument(message, 'version-id-marker', versionMarker);
  }
  const afterSequence = await sequenceAt(s3, input.bucket, keyMarker, versionMarker);
  const request = { ...requestOf(input, keyMarker), afterSequence };
  const { items, commonPrefixes, isTruncated, last } = await listVersions(s3.store, bucket, request);
  const encode = encoderOf(input);
  const shown = items.map((item) => ({
    ...(item.deleteMarker ? marker(item, encode) : contents(item, encode)),
    Owner: OWNER,
    VersionId: item.versionId,
    IsLatest: !hasNewer(items, item, keyMarker, afterSequence),
  }));
  return xmlReply('ListVersionsResult', {
    ...head(input, request, isTruncated),
    KeyMarker: encode(keyMarker),
    VersionIdMarker: versionMarker,
    NextKeyMarker: isTruncated ? encode(last!) : undefined,
    NextVersionIdMarker: isTruncated && items.at(-1)?.key === last ? items.at(-1)?.versionId : undefined,
    Version: shown.filter((_, i) => !items[i]!.deleteMarker),
    DeleteMarker: shown.filter((_, i) => items[i]!.deleteMarker),
    CommonPrefixes: commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  });
}

/** Versions of a key come newest first; those of the marker's key have their newest on an earlier page. */
function hasNewer(
  items: readonly VersionRecord[],
  item: VersionRecord,
  keyMarker: string,
  afterSequence: number | undefined,
): boolean {
  const isOfMarker = afterSequence !== undefined && item.key === keyMarker;
  return isOfMarker || items.some(({ key, sequence }) => key === item.key && sequence > item.sequence);
}

async function sequenceAt(
  s3: S3,
  bucket: string,
  key: string,
  versionId: string,
): Promise<number | undefined> {
  if (versionId === '') return undefined;
  const sequence = sequenceOfVersion(versionId);
  if (sequence !== undefined) return sequence;
  const version = await s3.objects.find(bucket, key, versionId);
  return version.sequence;
}

function requestOf(input: S3Input, after: string): ListRequest {
  const { query } = input;
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    after,
    limit: integerOf(input, 'max-keys', MAX_KEYS, MAX_KEYS),
  };
}

function head(
  input: S3Input,
  { prefix, delimiter, limit }: ListRequest,
  isTruncated: boolean,
): Record<string, Xml> {
  const encode = encoderOf(input);
  return {
    Name: input.bucket,
    Prefix: encode(prefix),
    MaxKeys: limit,
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    EncodingType: input.query.get('encoding-type'),
    IsTruncated: isTruncated,
  };
}

function contents(version: VersionRecord, encode: (key: string) => string): Record<string, Xml> {
  const { checksum } = version;
  return {
    Key: encode(version.key),
    LastModified: new Date(version.lastModified).toISOString(),
    ETag: quoted(version),
    ChecksumAlgorithm: checksum?.algorithm,
    ChecksumType: checksum?.type,
    Size: version.size,
    StorageClass: version.storageClass ?? 'STANDARD',
  };
}

function marker({ key, lastModified }: VersionRecord, encode: (key: string) => string): Record<string, Xml> {
  return { Key: encode(key), LastModified: new Date(lastModified).toISOString() };
}

/** @throws S3Error InvalidArgument */
export function encoderOf({ query }: S3Input): (key: string) => string {
  const type = query.get('encoding-type');
  if (type === undefined) return (key) => key;
  if (type === 'url') return encodedKey;
  throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', type);
}

function tokenOf(key: string): string {
  return Buffer.from(`1${key}`).toString('base64');
}

/** @throws S3Error InvalidArgument */
function keyOfToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString('utf8');
  if (text.startsWith('1')) return text.slice(1);
  throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
}
