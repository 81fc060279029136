import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ApiRequest } from './request';

/** How far a signature's time may be off. */
const TOLERANCE_MS = 5 * 60 * 1000;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;

/** The services that take signed requests here: API Gateway, and Lambda for its function URLs. */
export type SignedService = 'execute-api' | 'lambda';

export interface Verification {
  readonly service: SignedService;
  /** The secret of an access key; undefined for unknown keys. */
  readonly secretOf: (accessKeyId: string) => string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Who signed a request, or what is wrong with its signature. */
export type Signature = { readonly accessKeyId: string } | 'unsigned' | 'unknown key' | 'wrong';

/** Verifies AWS Signature Version 4, in the Authorization header. */
export function verifySignature(request: ApiRequest, { service, secretOf, now }: Verification): Signature {
  const headers = joinedHeaders(request.rawHeaders);
  const authorization = headers.get('authorization') ?? '';
  const match = AUTHORIZATION.exec(authorization);
  if (match === null) {
    return authorization.startsWith('AWS4-') ? 'wrong' : 'unsigned';
  }
  const time = headers.get('x-amz-date') ?? '';
  const [, accessKeyId, date, region, signedService, signedHeaders, signature] = match as unknown as string[];
  const names = signedHeaders!.split(';');
  if (
    !isRecent(time, now) ||
    signedService !== service ||
    !time.startsWith(date!) ||
    !names.includes('host')
  ) {
    return 'wrong';
  }
  const secret = secretOf(accessKeyId!);
  if (secret === undefined) {
    return 'unknown key';
  }
  const expected = signatureOf({
    method: request.method,
    path: request.fullPath,
    query: request.query,
    headers,
    signedNames: names,
    body: request.body,
    time,
    scope: { date: date!, region: region!, service },
    secret,
  });
  const isRight = timingSafeEqual(expected, Buffer.from(signature!, 'hex'));
  return isRight ? { accessKeyId: accessKeyId! } : 'wrong';
}

export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A request that is to be signed. */
export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  /** Lower-case names, without `host`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * The headers with which a request to API Gateway, or to a function's URL, is signed: its own, and `host`, `x-amz-date`,
 * `authorization`.
 *
 * @param now milliseconds since the epoch
 */
export function signedHeaders(
  { method, url, headers: given, body }: UnsignedRequest,
  { accessKeyId, secretAccessKey, sessionToken }: SigningCredentials,
  region: string,
  now: number,
  service: SignedService = 'execute-api',
): Record<string, string> {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const headers: Record<string, string> = {
    ...given,
    host: url.host,
    'x-amz-date': time,
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  };
  const signedNames = Object.keys(headers).sort();
  const scope = { date: time.slice(0, 8), region, service };
  const signature = signatureOf({
    method,
    path: url.pathname,
    query: url.search.slice(1),
    headers: new Map(Object.entries(headers)),
    signedNames,
    body,
    time,
    scope,
    secret: secretAccessKey,
  }).toString('hex');
  const credential = `${accessKeyId}/${scope.date}/${region}/${scope.service}/aws4_request`;
  const parts = [
    `Credential=${credential}`,
    `SignedHeaders=${signedNames.join(';')}`,
    `Signature=${signature}`,
  ];
  return { ...headers, authorization: `AWS4-HMAC-SHA256 ${parts.join(', ')}` };
}

interface Signing {
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
  readonly query: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly signedNames: readonly string[];
  readonly body: Buffer;
  /** `20260102T030405Z` */
  readonly time: string;
  readonly scope: { readonly date: string; readonly region: string; readonly service: string };
  readonly secret: string;
}

function signatureOf(signing: Signing): Buffer {
  const { method, path, query, headers, signedNames, body, time, scope, secret } = signing;
  const canonicalRequest = [
    method,
    canonicalPath(path),
    canonicalQuery(query),
    ...signedNames.map((name) => `${name}:${(headers.get(name) ?? '').trim().replace(/\s+/g, ' ')}`),
    '',
    signedNames.join(';'),
    sha256(body),
  ].join('\n');
  const steps = [scope.date, scope.region, scope.service, 'aws4_request'];
  const toSign = ['AWS4-HMAC-SHA256', time, steps.join('/'), sha256(canonicalRequest)].join('\n');
  const key = steps.reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return createHmac('sha256', key).update(toSign).digest();
}

function joinedHeaders(rawHeaders: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase();
    const former = headers.get(name);
    headers.set(name, former === undefined ? rawHeaders[index + 1]! : `${former},${rawHeaders[index + 1]!}`);
  }
  return headers;
}

/** `20260102T030405Z` */
function isRecent(time: string, now: number): boolean {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time) ?? [];
  const [year, month, day, hour, minute, second] = parts.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return (
    parts.length === 6 && Math.abs(Date.UTC(year, month - 1, day, hour, minute, second) - now) <= TOLERANCE_MS
  );
}

/** All services but S3 sign the path encoded once more. */
function canonicalPath(path: string): string {
  return path.split('/').map(encode).join('/');
}

function canonicalQuery(query: string): string {
  return (
    query
      .split('&')
      .filter(Boolean)
      .map((pair) => {
        const equals = pair.indexOf('=');
        const name = equals === -1 ? pair : pair.slice(0, equals);
        const value = equals === -1 ? '' : pair.slice(equals + 1);
        return [encode(decodeURIComponent(name)), encode(decodeURIComponent(value))] as const;
      })
      // By name, then by value: as text, "a2=" would come before "a=".
      .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
      .map((pair) => pair.join('='))
      .join('&')
  );
}

function compare(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
