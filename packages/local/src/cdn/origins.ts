import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Origin } from './config';

/** What goes to an origin. */
export interface OriginRequest {
  readonly method: string;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

export interface OriginAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Readable | Buffer;
}

/** Reads objects for a distribution. */
export interface ObjectSource {
  /**
   * Undefined for a distribution that the bucket's policy does not let in, and for an object that is not there: S3 tells
   * nobody the difference who may not list.
   */
  read(bucket: string, key: string, distributionArn: string): Promise<SourceObject | undefined>;
}

export interface SourceObject {
  readonly headers: Readonly<Record<string, string>>;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
  readonly size: number;
  readonly body: () => Readable;
}

const ACCESS_DENIED =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';
/** CloudFront's own, and those that are about one connection. */
const NOT_FORWARDED = ['host', 'connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'expect'];

/** Asks an origin. */
export async function askOrigin(
  origin: Origin | undefined,
  request: OriginRequest,
  distributionArn: string,
  objects: ObjectSource,
): Promise<OriginAnswer> {
  if (origin?.kind === 'bucket') return readObject(origin, request, distributionArn, objects);
  if (origin?.kind === 'server') return askServer(origin, request);
  return failure(502, `The origin ${origin?.host ?? ''} is not hosted on this machine.`);
}

async function readObject(
  origin: Extract<Origin, { kind: 'bucket' }>,
  { method, path, headers }: OriginRequest,
  distributionArn: string,
  objects: ObjectSource,
): Promise<OriginAnswer> {
  const key = decodeURIComponent(`${origin.path}${path}`.replace(/^\//, ''));
  const found = await objects.read(origin.bucket, key, distributionArn);
  if (found === undefined) {
    return { status: 403, headers: { 'content-type': 'application/xml' }, body: Buffer.from(ACCESS_DENIED) };
  }
  const etag = `"${found.etag}"`;
  const common = { ...found.headers, etag, 'last-modified': new Date(found.lastModified).toUTCString() };
  const known = headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known?.includes(etag)) return { status: 304, headers: common, body: Buffer.alloc(0) };
  const whole = { ...common, 'content-length': String(found.size) };
  return { status: 200, headers: whole, body: method === 'HEAD' ? Buffer.alloc(0) : found.body() };
}

function askServer(
  { base, path: prefix }: Extract<Origin, { kind: 'server' }>,
  { method, path, query, headers, body }: OriginRequest,
): Promise<OriginAnswer> {
  const url = new URL(`${base}${prefix}${path}${query === '' ? '' : `?${query}`}`);
  const forwarded = Object.fromEntries(
    Object.entries(headers).filter(([name]) => !NOT_FORWARDED.includes(name)),
  );
  return new Promise((resolve) => {
    const outgoing = httpRequest(
      url,
      { method, headers: { ...forwarded, host: url.host, via: '1.1 local (CloudFront)' } },
      (incoming) => {
        const { connection: _connection, ...given } = incoming.headers;
        resolve({
          status: incoming.statusCode ?? 502,
          headers: given as Record<string, string | string[]>,
          body: incoming,
        });
      },
    );
    outgoing.on('error', ({ message }) => resolve(failure(502, `The origin does not answer: ${message}`)));
    body.on('error', () => outgoing.destroy());
    body.pipe(outgoing);
  });
}

function failure(status: number, message: string): OriginAnswer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(message) };
}
