import { S3Error } from '../../s3';
import type { VersionRecord } from '../../s3';
import { DOCUMENTS } from '../../s3/documents';
import type { Actor } from '../../s3/types';
import type { Call, Input, Output, WireReply, WireRequest } from '../protocol';
import { formPairs } from '../query-decoder';
import { targetOf } from './target';

/** A request of S3, before its body is read. */
export interface S3Input extends Input {
  readonly bucket: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  /** In lower case, with those that a presigned URL carries. */
  readonly headers: ReadonlyMap<string, string>;
  readonly request: WireRequest;
}

/** Subresources that exist and are not hosted, lest they be taken for lists or objects. */
const NOT_HOSTED = [
  ...['analytics', 'inventory', 'metrics', 'intelligent-tiering', 'metadataTable', 'session', 'abac'],
  ...['retention', 'legal-hold', 'restore', 'select', 'torrent', 'renameObject', 'metadataConfiguration'],
];
/** Of objects alone. */
const OBJECT_SUBRESOURCES = ['tagging', 'acl', 'attributes'];
const WORDS: Readonly<Record<string, string>> = { GET: 'Get', PUT: 'Put', DELETE: 'Delete' };

/** @throws S3Error */
export function decode(request: WireRequest): { readonly operation: string; readonly input: S3Input } {
  const { bucket, key } = targetOf(request);
  const query = new Map(formPairs(request.query));
  const input = {
    bucket: bucket ?? '',
    key: key ?? '',
    query,
    headers: headersOf(request, query),
    request,
  };
  return { operation: operationOf(input), input };
}

function operationOf(input: S3Input): string {
  const { bucket, key, query, request } = input;
  const { method } = request;
  if (method === 'OPTIONS') return 'Preflight';
  const other = NOT_HOSTED.find((name) => query.has(name));
  if (other !== undefined) return `${method} ?${other}`;
  if (bucket === '') return method === 'GET' ? 'ListBuckets' : `${method} /`;
  return key === '' ? bucketOperation(method, query) : objectOperation(input);
}

function bucketOperation(method: string, query: ReadonlyMap<string, string>): string {
  if (method === 'HEAD') return 'HeadBucket';
  if (method === 'POST') return query.has('delete') ? 'DeleteObjects' : 'POST bucket';
  if (WORDS[method] === undefined) return `${method} bucket`;
  const subresource = ['policy', 'acl', ...Object.keys(DOCUMENTS)].find((name) => query.has(name));
  if (subresource !== undefined) return `${WORDS[method]} ?${subresource}`;
  if (method === 'PUT') return 'CreateBucket';
  if (method === 'DELETE') return 'DeleteBucket';
  if (query.has('location')) return 'GetBucketLocation';
  if (query.has('policyStatus')) return 'GetBucketPolicyStatus';
  if (query.has('uploads')) return 'ListMultipartUploads';
  if (query.has('versions')) return 'ListObjectVersions';
  return query.get('list-type') === '2' ? 'ListObjectsV2' : 'ListObjects';
}

function objectOperation({ query, headers, request: { method } }: S3Input): string {
  const isCopy = headers.has('x-amz-copy-source');
  const subresource = OBJECT_SUBRESOURCES.find((name) => query.has(name));
  if (subresource !== undefined && WORDS[method] !== undefined) {
    return `${WORDS[method]}Object${subresource[0]!.toUpperCase()}${subresource.slice(1)}`;
  }
  const isPart = query.has('uploadId');
  switch (method) {
    case 'PUT':
      if (isPart) return isCopy ? 'UploadPartCopy' : 'UploadPart';
      return isCopy ? 'CopyObject' : 'PutObject';
    case 'GET':
      return isPart ? 'ListParts' : 'GetObject';
    case 'HEAD':
      return 'HeadObject';
    case 'DELETE':
      return isPart ? 'AbortMultipartUpload' : 'DeleteObject';
    case 'POST':
      if (query.has('uploads')) return 'CreateMultipartUpload';
      return isPart ? 'CompleteMultipartUpload' : 'POST object';
    default:
      return `${method} object`;
  }
}

/**
 * Whoever presigns a URL may put headers into its query. Checksums there are for nothing: S3 does not support them in presigned URLs, and
 * SDKs write the one of an empty body.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
 */
function headersOf(request: WireRequest, query: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of query) {
    if (/^x-amz-(?!checksum-|sdk-checksum-|content-sha256$)/.test(name)) headers.set(name, value);
  }
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(',') : value);
  }
  return headers;
}

export function versionIdOf({ query }: S3Input): string | undefined {
  return query.get('versionId') || undefined;
}

/** A whole number of the query. @throws S3Error InvalidArgument */
export function integerOf({ query }: S3Input, name: string, fallback: number, max: number): number {
  const value = query.get(name);
  if (value === undefined || value === '') return fallback;
  const number = Number(value);
  if (/^\d+$/.test(value) && number <= 2 ** 31 - 1) return Math.min(number, max);
  const message = `Provided ${name} not an integer or within integer range`;
  throw new S3Error('InvalidArgument', message, 400, { ArgumentName: name, ArgumentValue: value });
}

/** As the identity of an event, and of responses to it. */
export function actorOf({ principal, requestId }: Call): Actor {
  const name = principal.kind === 'function' ? principal.functionName : 'developer';
  return { principalId: `AWS:AROALOCAL:${name}`, requestId: requestIdOf(requestId) };
}

/** As S3 writes them: 16 characters. */
export function requestIdOf(requestId: string): string {
  return requestId.replaceAll('-', '').slice(0, 16).toUpperCase();
}

export function reply(
  status: number,
  headers: Readonly<Record<string, string | undefined>> = {},
  body: WireReply['body'] = '',
): Output {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { status, headers: Object.fromEntries(given), body };
}

export function quoted({ etag }: Pick<VersionRecord, 'etag'>): string {
  return `"${etag}"`;
}
