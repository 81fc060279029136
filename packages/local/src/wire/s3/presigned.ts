import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { S3Error } from '../../s3';
import type { WireContext } from '../protocol';
import type { S3Input } from './request';

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html */
const MAX_SECONDS = 7 * 24 * 60 * 60;
/** Subresources and overrides that version 2 of the signature covers. */
const SIGNED_V2 = [
  ...['acl', 'cors', 'delete', 'lifecycle', 'location', 'logging', 'notification', 'partNumber', 'policy'],
  ...['requestPayment', 'tagging', 'torrent', 'uploadId', 'uploads', 'versionId', 'versioning', 'versions'],
  ...['website', 'response-cache-control', 'response-content-disposition', 'response-content-encoding'],
  ...['response-content-language', 'response-content-type', 'response-expires'],
].sort();

/** Whether a URL carries its signature itself: version 4, or version 2 as older command lines make it. */
export function isPresigned({ query }: Pick<S3Input, 'query'>): boolean {
  return query.has('X-Amz-Signature') || (query.has('AWSAccessKeyId') && query.has('Signature'));
}

/**
 * Verifies the time of a presigned URL and, for access keys that were handed out here, its signature. Other keys are the developer's own,
 * whose secrets nobody here knows.
 * @throws S3Error AccessDenied, SignatureDoesNotMatch, AuthorizationQueryParametersError
 */
export function checkPresigned(input: S3Input, context: WireContext): void {
  if (input.query.has('X-Amz-Signature')) checkVersion4(input, context);
  else checkVersion2(input, context);
}

/** Whether it was signed with a key that was handed out here, correctly and in time. */
export function isSignedHere(input: S3Input, context: WireContext): boolean {
  if (!isPresigned(input)) return false;
  const { query } = input;
  const accessKeyId = query.get('AWSAccessKeyId') ?? query.get('X-Amz-Credential')?.split('/')[0] ?? '';
  if (context.s3?.secretOf(accessKeyId) === undefined) return false;
  try {
    checkPresigned(input, context);
    return true;
  } catch {
    return false;
  }
}

function checkVersion4(input: S3Input, context: WireContext): void {
  const { query } = input;
  const [accessKeyId = '', date = '', region = '', service = '', terminator] = (
    query.get('X-Amz-Credential') ?? ''
  ).split('/');
  const time = query.get('X-Amz-Date') ?? '';
  const seconds = Number(query.get('X-Amz-Expires'));
  const signedAt = timeOf(time);
  if (query.get('X-Amz-Algorithm') !== ALGORITHM || terminator !== 'aws4_request' || signedAt === undefined) {
    throw parametersError(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, ' +
        'X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  }
  if (!Number.isInteger(seconds) || seconds < 0) throw parametersError('X-Amz-Expires should be a number');
  if (seconds > MAX_SECONDS) {
    throw parametersError('X-Amz-Expires must be less than a week (in seconds); that is, 604800');
  }
  const now = context.s3!.now();
  if (now > signedAt + seconds * 1000) throw expired(seconds, signedAt + seconds * 1000, now);
  checkSignedHeaders(input);
  const secret = context.s3!.secretOf(accessKeyId);
  if (secret === undefined) return;
  const scope = [date, region, service, 'aws4_request'];
  const signed = [ALGORITHM, time, scope.join('/'), sha256(canonicalRequest(input))].join('\n');
  const key = scope.reduce<string | Buffer>((chain, part) => hmac('sha256', chain, part), `AWS4${secret}`);
  compare(
    hmac('sha256', key, signed),
    Buffer.from(query.get('X-Amz-Signature')!, 'hex'),
    accessKeyId,
    signed,
  );
}

/** Who has a URL cannot ask for more than it was made for. */
function checkSignedHeaders({ query, request }: S3Input): void {
  const names = new Set((query.get('X-Amz-SignedHeaders') ?? '').split(';'));
  const unsigned = Object.keys(request.headers).filter(
    (name) => name.startsWith('x-amz-') && name !== 'x-amz-content-sha256' && !names.has(name),
  );
  if (unsigned.length === 0) return;
  const message = 'There were headers present in the request which were not signed';
  throw new S3Error('AccessDenied', message, 403, { HeadersNotSigned: unsigned.join(', ') });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
function canonicalRequest({ request, query, headers }: S3Input): string {
  const names = (query.get('X-Amz-SignedHeaders') ?? 'host').split(';');
  const pairs = [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encoded(name), encoded(value)] as const)
    .sort(([a, x], [b, y]) => order(a, b) || order(x, y));
  const valueOf = (name: string) => (headers.get(name) ?? '').trim().replace(/ +/g, ' ');
  return [
    request.method,
    request.path
      .split('/')
      .map((part) => encoded(decodeURIComponent(part)))
      .join('/'),
    pairs.map((pair) => pair.join('=')).join('&'),
    ...names.map((name) => `${name}:${valueOf(name)}`),
    '',
    names.join(';'),
    headers.get('x-amz-content-sha256') ?? query.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD',
  ].join('\n');
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#RESTAuthenticationQueryStringAuth */
function checkVersion2(input: S3Input, context: WireContext): void {
  const { query, headers, request, bucket } = input;
  const expires = Number(query.get('Expires'));
  const now = context.s3!.now();
  if (!Number.isInteger(expires)) {
    throw new S3Error(
      'AccessDenied',
      'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters',
      403,
    );
  }
  if (now > expires * 1000) throw expired(undefined, expires * 1000, now);
  const accessKeyId = query.get('AWSAccessKeyId')!;
  const secret = context.s3!.secretOf(accessKeyId);
  if (secret === undefined) return;
  const amz = [...headers]
    .filter(([name]) => name.startsWith('x-amz-'))
    .sort(([a], [b]) => order(a, b))
    .map(([name, value]) => `${name}:${value.trim()}\n`);
  const subresources = SIGNED_V2.filter((name) => query.has(name)).map((name) => {
    const value = query.get(name)!;
    return value === '' ? name : `${name}=${value}`;
  });
  const isInPath = request.path === `/${bucket}` || request.path.startsWith(`/${bucket}/`);
  const resource = isInPath ? request.path : `/${bucket}${request.path}`;
  const signed = [
    request.method,
    headers.get('content-md5') ?? '',
    headers.get('content-type') ?? '',
    String(expires),
    `${amz.join('')}${resource}${subresources.length > 0 ? `?${subresources.join('&')}` : ''}`,
  ].join('\n');
  const given = Buffer.from(query.get('Signature')!, 'base64');
  compare(hmac('sha1', secret, signed), given, accessKeyId, signed);
}

function compare(expected: Buffer, given: Buffer, accessKeyId: string, signed: string): void {
  if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  const message =
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.';
  throw new S3Error('SignatureDoesNotMatch', message, 403, {
    AWSAccessKeyId: accessKeyId,
    StringToSign: signed,
  });
}

function expired(seconds: number | undefined, at: number, now: number): S3Error {
  return new S3Error('AccessDenied', 'Request has expired', 403, {
    ...(seconds !== undefined && { 'X-Amz-Expires': String(seconds) }),
    Expires: new Date(at).toISOString(),
    ServerTime: new Date(now).toISOString(),
  });
}

function parametersError(message: string): S3Error {
  return new S3Error('AuthorizationQueryParametersError', message, 400);
}

/** `20260102T030405Z` */
function timeOf(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute, second);
}

function order(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(algorithm: string, key: string | Buffer, text: string): Buffer {
  return createHmac(algorithm, key).update(text).digest();
}
