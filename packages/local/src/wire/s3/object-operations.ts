import { S3Error } from '../../s3';
import type { S3, VersionRecord } from '../../s3';
import { receiveBody } from '../../s3/body';
import type { WriteConditions } from '../../s3/objects';
import { MAX_PUT_BYTES, methodNotAllowed, objectOf } from '../../s3/objects';
import { text, trees } from '../../s3/xml-tree';
import type { Call, Output } from '../protocol';
import type { S3Operation } from './bucket-operations';
import { aclReply } from './bucket-operations';
import { checkReadConditions, rangeOf, partOf } from './conditions';
import { incomingBody } from './incoming-body';
import { checksumHeaders, objectHeaders, settingsOf, tagsOf, versionHeaders } from './object-headers';
import {
  bucketArnOf,
  copySourceOf,
  judgedLater,
  mayToo,
  objectArnOf,
  onObject,
  onWrite,
} from './permissions';
import type { S3Input } from './request';
import { actorOf, quoted, reply, versionIdOf } from './request';
import { readXml, xmlReply } from './xml-body';

const OVERRIDES = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];
const MAX_DELETED = 1000;

export const objectOperations: Readonly<Record<string, S3Operation>> = {
  PutObject: { permissions: onWrite, run: putObject },
  CopyObject: { permissions: onWrite, run: copyObject },
  GetObject: { permissions: onObject('GetObject', 'GetObjectVersion'), run: getObject },
  HeadObject: { permissions: onObject('GetObject', 'GetObjectVersion'), run: getObject },
  DeleteObject: { permissions: onObject('DeleteObject', 'DeleteObjectVersion'), run: deleteObject },
  DeleteObjects: { permissions: judgedLater, run: deleteObjects },
  GetObjectTagging: { permissions: onObject('GetObjectTagging', 'GetObjectVersionTagging'), run: getTagging },
  PutObjectTagging: { permissions: onObject('PutObjectTagging', 'PutObjectVersionTagging'), run: putTagging },
  DeleteObjectTagging: {
    permissions: onObject('DeleteObjectTagging', 'DeleteObjectVersionTagging'),
    run: deleteTagging,
  },
  GetObjectAcl: { permissions: onObject('GetObjectAcl', 'GetObjectVersionAcl'), run: getAcl },
  PutObjectAcl: { permissions: onObject('PutObjectAcl', 'PutObjectVersionAcl'), run: putAcl },
  GetObjectAttributes: {
    permissions: onObject('GetObjectAttributes', 'GetObjectVersionAttributes'),
    run: getAttributes,
  },
};

export function writeConditions({ headers }: S3Input): WriteConditions {
  const ifNoneMatch = headers.get('if-none-match');
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    const message = 'A header you provided implies functionality that is not implemented';
    throw new S3Error('NotImplemented', message, 501, { Header: 'If-None-Match' });
  }
  return { ifMatch: headers.get('if-match'), ifNoneMatch };
}

async function putObject(input: S3Input, call: Call, s3: S3): Promise<Output> {
  const { bucket: name, key, request } = input;
  const bucket = s3.buckets.get(name);
  const settings = settingsOf(input, bucket);
  const conditions = writeConditions(input);
  const body = incomingBody(request);
  const version = await s3.objects.put(name, key, body, settings, conditions, actorOf(call));
  return reply(200, { ...versionHeaders(s3, bucket, version), ...checksumHeaders(version) });
}

async function copyObject(input: S3Input, call: Call, s3: S3): Promise<Output> {
  const { bucket: name, key, headers } = input;
  const bucket = s3.buckets.get(name);
  const source = copySourceOf(input)!;
  const original = await s3.objects.find(source.bucket, source.key, source.versionId);
  if (original.deleteMarker)
    throw new S3Error(
      'InvalidRequest',
      'The source of a copy request may not specifically refer to a delete marker by version id.',
    );
  checkReadConditions(headers, original, 'x-amz-copy-source-');
  const replaces = headers.get('x-amz-metadata-directive') === 'REPLACE';
  const given = settingsOf(input, bucket);
  const isSame = source.bucket === name && source.key === key && source.versionId === undefined;
  const changes = ['x-amz-storage-class', 'x-amz-server-side-encryption', 'x-amz-website-redirect-location'];
  if (isSame && !replaces && !changes.some((header) => headers.has(header))) {
    const message =
      'This copy request is illegal because it is trying to copy an object to itself without changing the ' +
      "object's metadata, storage class, website redirect location or encryption attributes.";
    throw new S3Error('InvalidRequest', message);
  }
  const settings = {
    ...given,
    ...(!replaces && { headers: original.headers, metadata: original.metadata }),
    tags: headers.get('x-amz-tagging-directive') === 'REPLACE' ? given.tags : original.tags,
  };
  const copy = objectOf(key, await copied(s3, original), settings);
  const version = await s3.objects.replace(
    name,
    copy,
    'ObjectCreated:Copy',
    actorOf(call),
    writeConditions(input),
  );
  const result = {
    LastModified: new Date(version.lastModified).toISOString(),
    ETag: quoted(version),
  };
  const isVersioned = s3.buckets.versioning(s3.buckets.get(source.bucket)) !== undefined;
  return xmlReply('CopyObjectResult', result, {
    ...versionHeaders(s3, bucket, version),
    etag: undefined,
    'x-amz-copy-source-version-id': isVersioned ? original.versionId : undefined,
  });
}

/** A copy of an object of parts is one of a piece, with an ETag of its own. */
async function copied(s3: S3, { segments, size, etag, checksum, multipart }: VersionRecord) {
  if (!multipart) return { segments: await s3.blobs.copy(segments), size, md5: etag, checksum };
  const chunks = s3.blobs.read(segments) as AsyncIterable<Buffer>;
  return receiveBody(s3.blobs, { chunks, claims: {} }, MAX_PUT_BYTES);
}

async function getObject(input: S3Input, call: Call, s3: S3): Promise<Output> {
  const { bucket: name, headers, query, request } = input;
  const version = await readable(input, call, s3);
  const bucket = s3.buckets.get(name);
  const shown = { ...objectHeaders(version), ...versionHeaders(s3, bucket, version) };
  checkReadConditions(headers, version, '', {
    etag: quoted(version),
    'last-modified': shown['last-modified'],
  });
  const part = partOf(query.get('partNumber'), version);
  const range = part?.range ?? rangeOf(headers.get('range'), version.size);
  const length = range === undefined ? version.size : range.end - range.start + 1;
  const isWhole = range === undefined;
  const all = {
    ...shown,
    ...overridden(input),
    ...(isWhole &&
      headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED' &&
      checksumHeaders(version)),
    'content-length': String(length),
    'content-range': isWhole ? undefined : `bytes ${range.start}-${range.end}/${version.size}`,
    'x-amz-mp-parts-count': part === undefined ? undefined : String(part.count),
  };
  const isEmpty = request.method === 'HEAD' || length === 0;
  return reply(isWhole ? 200 : 206, all, isEmpty ? '' : s3.blobs.read(version.segments, range));
}

/**
 * The object that is asked for. Who may not list the bucket is not told that there is none.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
async function readable(input: S3Input, call: Call, s3: S3): Promise<VersionRecord> {
  try {
    const version = await s3.objects.find(input.bucket, input.key, versionIdOf(input));
    if (!version.deleteMarker) return version;
  } catch (error) {
    const isMissing = error instanceof S3Error && error.code === 'NoSuchKey';
    if (
      isMissing &&
      !mayToo({ ...input, query: new Map() }, call.context, 'ListBucket', bucketArnOf(input))
    ) {
      throw new S3Error('AccessDenied', 'Access Denied', 403);
    }
    throw error;
  }
  const { code, message, status, details } = methodNotAllowed('DELETE_MARKER');
  throw new S3Error(code, message, status, details, { 'x-amz-delete-marker': 'true', allow: 'DELETE' });
}

function overridden({ query }: S3Input): Record<string, string> {
  const given = OVERRIDES.map((name) => [name, query.get(`response-${name}`)] as const);
  return Object.fromEntries(
    given.filter((entry): entry is [(typeof entry)[0], string] => entry[1] !== undefined),
  );
}

async function deleteObject(input: S3Input, call: Call, s3: S3): Promise<Output> {
  const { bucket, key } = input;
  const conditions = { ifMatch: input.headers.get('if-match') };
  const deleted = await s3.objects.delete(bucket, key, versionIdOf(input), actorOf(call), conditions);
  return reply(204, {
    'x-amz-version-id': deleted.versionId,
    'x-amz-delete-marker': deleted.deleteMarker ? 'true' : undefined,
  });
}

async function deleteObjects(input: S3Input, call: Call, s3: S3): Promise<Output> {
  s3.buckets.get(input.bucket);
  const document = await readXml(input.request, 'Delete');
  const named = trees(document['Object']).map((each) => ({
    key: text(each['Key']),
    versionId: text(each['VersionId']) || undefined,
    ifMatch: text(each['ETag']) || undefined,
  }));
  if (named.length === 0 || named.length > MAX_DELETED) {
    const message =
      'The XML you provided was not well-formed or did not validate against our published schema';
    throw new S3Error('MalformedXML', message);
  }
  const isQuiet = text(document['Quiet']) === 'true';
  const results = await Promise.all(named.map((each) => deleteOne(input, call, s3, each)));
  const Deleted = results.flatMap(({ deleted }) => (deleted === undefined || isQuiet ? [] : [deleted]));
  const Error = results.flatMap(({ error }) => (error === undefined ? [] : [error]));
  return xmlReply('DeleteResult', { Deleted, Error });
}

interface NamedObject {
  readonly key: string;
  readonly versionId: string | undefined;
  readonly ifMatch: string | undefined;
}

async function deleteOne(input: S3Input, call: Call, s3: S3, { key, versionId, ifMatch }: NamedObject) {
  const named = { Key: key, ...(versionId !== undefined && { VersionId: versionId }) };
  const action = versionId === undefined ? 'DeleteObject' : 'DeleteObjectVersion';
  if (!mayToo({ ...input, key }, call.context, action, objectArnOf({ ...input, key }))) {
    return { error: { ...named, Code: 'AccessDenied', Message: 'Access Denied' } };
  }
  try {
    const deleted = await s3.objects.delete(input.bucket, key, versionId, actorOf(call), { ifMatch });
    const marker = deleted.deleteMarker
      ? { DeleteMarker: true, DeleteMarkerVersionId: deleted.versionId }
      : {};
    return { deleted: { ...named, ...marker } };
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return { error: { ...named, Code: error.code, Message: error.message } };
  }
}

async function getTagging(input: S3Input, call: Call, s3: S3): Promise<Output> {
  const { tags, versionId } = await readable(input, call, s3);
  const Tag = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return xmlReply('Tagging', { TagSet: { Tag } }, versionOf(s3, input, versionId));
}

async function putTagging(input: S3Input, call: Call, s3: S3): Promise<Output> {
  const document = await readXml(input.request, 'Tagging');
  const pairs = trees(document['TagSet'])
    .flatMap((set) => trees(set['Tag']))
    .map((tag) => [text(tag['Key']), text(tag['Value'])] as const);
  return tagged(input, call, s3, tagsOf(pairs), 'ObjectTagging:Put');
}

function deleteTagging(input: S3Input, call: Call, s3: S3): Promise<Output> {
  return tagged(input, call, s3, {}, 'ObjectTagging:Delete');
}

async function tagged(
  input: S3Input,
  call: Call,
  s3: S3,
  tags: Readonly<Record<string, string>>,
  event: 'ObjectTagging:Put' | 'ObjectTagging:Delete',
): Promise<Output> {
  const { bucket, key } = input;
  const version = await s3.objects.tag(bucket, key, versionIdOf(input), tags, event, actorOf(call));
  return reply(event === 'ObjectTagging:Put' ? 200 : 204, versionOf(s3, input, version.versionId));
}

function versionOf(s3: S3, { bucket }: S3Input, versionId: string): Record<string, string | undefined> {
  const isVersioned = s3.buckets.versioning(s3.buckets.get(bucket)) !== undefined;
  return { 'x-amz-version-id': isVersioned ? versionId : undefined };
}

async function getAcl(input: S3Input, call: Call, s3: S3): Promise<Output> {
  await readable(input, call, s3);
  return aclReply();
}

async function putAcl(input: S3Input, call: Call, s3: S3): Promise<Output> {
  await readable(input, call, s3);
  return reply(200);
}

async function getAttributes(input: S3Input, call: Call, s3: S3): Promise<Output> {
  const version = await readable(input, call, s3);
  const wanted = (input.headers.get('x-amz-object-attributes') ?? '').split(',').map((name) => name.trim());
  const { etag, checksum, size, storageClass, segments, multipart } = version;
  const attributes = {
    ETag: etag,
    Checksum: checksum && {
      [`Checksum${checksum.algorithm}`]: checksum.value,
      ChecksumType: checksum.type,
    },
    ObjectParts: multipart && { PartsCount: segments.length },
    StorageClass: storageClass ?? 'STANDARD',
    ObjectSize: size,
  };
  const shown = Object.entries(attributes).filter(([name]) => wanted.includes(name));
  return xmlReply('GetObjectAttributesResponse', Object.fromEntries(shown), {
    'last-modified': new Date(version.lastModified).toUTCString(),
    ...versionOf(s3, input, version.versionId),
  });
}
