import { S3Error } from '../../s3';
import type { BucketRecord, ObjectSettings, S3, VersionRecord } from '../../s3';
import { checksumHeader } from '../../s3/checksums';
import { expiryNotice } from '../../s3/lifecycle';
import { text, trees } from '../../s3/xml-tree';
import { formPairs } from '../query-decoder';
import type { S3Input } from './request';
import { quoted } from './request';

const KEPT = [
  ...['cache-control', 'content-disposition', 'content-language', 'content-type', 'expires'],
  'x-amz-website-redirect-location',
];
const META = 'x-amz-meta-';
const MAX_METADATA_BYTES = 2048;
const MAX_TAGS = 10;

/** What a writer says of an object in headers. @throws S3Error */
export function settingsOf({ headers }: S3Input, bucket: BucketRecord): ObjectSettings {
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const name of KEPT) {
    const value = headers.get(name);
    if (value !== undefined && value !== '') kept[name] = value;
  }
  const encodings = (headers.get('content-encoding') ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '' && each !== 'aws-chunked');
  if (encodings.length > 0) kept['content-encoding'] = encodings.join(',');
  const storageClass = headers.get('x-amz-storage-class');
  return {
    headers: kept,
    metadata: metadataOf(headers),
    tags: tagsOf(formPairs(headers.get('x-amz-tagging') ?? '')),
    ...(storageClass !== undefined && storageClass !== 'STANDARD' && { storageClass }),
    encryption: encryptionOf(headers, bucket),
  };
}

/** @throws S3Error InvalidTag, BadRequest */
export function tagsOf(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  if (pairs.length > MAX_TAGS) throw new S3Error('BadRequest', 'Object tags cannot be greater than 10');
  const tags: Record<string, string> = {};
  for (const [key, value] of pairs) {
    if (key.length === 0 || key.length > 128) {
      throw new S3Error('InvalidTag', 'The TagKey you have provided is invalid', 400, { TagKey: key });
    }
    if (value.length > 256) {
      throw new S3Error('InvalidTag', 'The TagValue you have provided is invalid', 400, { TagKey: key });
    }
    if (Object.hasOwn(tags, key)) {
      throw new S3Error('InvalidTag', 'Cannot provide multiple Tags with the same key', 400, { TagKey: key });
    }
    tags[key] = value;
  }
  return tags;
}

function metadataOf(headers: ReadonlyMap<string, string>): Record<string, string> {
  const metadata: Record<string, string> = {};
  let bytes = 0;
  for (const [name, value] of headers) {
    if (!name.startsWith(META)) continue;
    metadata[name.slice(META.length)] = value;
    bytes += name.length - META.length + value.length;
  }
  if (bytes > MAX_METADATA_BYTES) {
    const message = 'Your metadata headers exceed the maximum allowed metadata size';
    throw new S3Error('MetadataTooLarge', message, 400, { Size: String(bytes), MaxSizeAllowed: '2048' });
  }
  return metadata;
}

function encryptionOf(
  headers: ReadonlyMap<string, string>,
  bucket: BucketRecord,
): ObjectSettings['encryption'] {
  const rule = trees(bucket.documents['encryption']?.['Rule'])[0];
  const byDefault = trees(rule?.['ApplyServerSideEncryptionByDefault'])[0] ?? {};
  const asked = headers.get('x-amz-server-side-encryption');
  const algorithm = asked ?? (text(byDefault['SSEAlgorithm']) || 'AES256');
  if (!/^(?:AES256|aws:kms|aws:kms:dsse)$/.test(algorithm)) {
    throw new S3Error(
      'InvalidEncryptionAlgorithmError',
      'The encryption request you specified is not valid.',
    );
  }
  const key =
    headers.get('x-amz-server-side-encryption-aws-kms-key-id') ??
    (asked === undefined ? text(byDefault['KMSMasterKeyID']) : '');
  return { algorithm, ...(algorithm !== 'AES256' && key !== '' && { kmsKeyId: key }) };
}

/** What tells of the version that was written or read. */
export function versionHeaders(
  s3: S3,
  bucket: BucketRecord,
  version: VersionRecord,
): Record<string, string | undefined> {
  const expiry = expiryNotice(bucket, version);
  return {
    etag: quoted(version),
    'x-amz-version-id': s3.buckets.versioning(bucket) === undefined ? undefined : version.versionId,
    ...encryptionHeaders(version),
    'x-amz-expiration':
      expiry && `expiry-date="${new Date(expiry.at).toUTCString()}", rule-id="${expiry.ruleId}"`,
  };
}

export function encryptionHeaders({ encryption }: ObjectSettings): Record<string, string | undefined> {
  return {
    'x-amz-server-side-encryption': encryption?.algorithm,
    'x-amz-server-side-encryption-aws-kms-key-id': encryption?.kmsKeyId,
  };
}

/** What an object is read with. */
export function objectHeaders(version: VersionRecord): Record<string, string | undefined> {
  const metadata = Object.entries(version.metadata).map(([name, value]) => [META + name, value]);
  const tags = Object.keys(version.tags).length;
  return {
    ...(Object.fromEntries(metadata) as Record<string, string>),
    ...version.headers,
    'last-modified': new Date(version.lastModified).toUTCString(),
    'accept-ranges': 'bytes',
    'x-amz-storage-class': version.storageClass,
    'x-amz-tagging-count': tags === 0 ? undefined : String(tags),
  };
}

export function checksumHeaders({ checksum }: Pick<VersionRecord, 'checksum'>): Record<string, string> {
  if (checksum === undefined) return {};
  return { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type };
}
