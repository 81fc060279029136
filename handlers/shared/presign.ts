import { createHash, createHmac } from 'node:crypto';

export interface PresignOptions {
  readonly method: 'GET' | 'PUT';
  /** With the port where it is not the protocol's own: `127.0.0.1:4566`. */
  readonly host: string;
  /** From `/` on, encoded as it is sent. */
  readonly path: string;
  readonly service: 'rds-db' | 's3';
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** Parameters beside those of the signature. @default none */
  readonly query?: Readonly<Record<string, string>>;
  /** Headers beside `host` that have to be sent with these values, by names in lower case. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  readonly validSeconds: number;
  /** Milliseconds since the epoch. @default now */
  readonly signedAt?: number;
}

/**
 * A request that its bearer may send once and again until it expires, signed without any call. By hand, because an SDK
 * client that signs is a hundred times the size. Credentials that expire before end it before.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 *
 * @returns host, path and query, without a protocol
 */
export function presign(options: PresignOptions): string {
  const { method, host, path, service, region, credentials, signedAt = Date.now() } = options;
  const time = new Date(signedAt).toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const headers = sorted({ host, ...options.headers });
  const signedHeaders = headers.map(([name]) => name).join(';');
  const query = sorted({
    ...options.query,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${credentials.accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(options.validSeconds),
    ...(credentials.sessionToken && { 'X-Amz-Security-Token': credentials.sessionToken }),
    'X-Amz-SignedHeaders': signedHeaders,
  })
    .map((pair) => pair.map(encode).join('='))
    .join('&');
  const canonicalHeaders = headers.map(([name, value]) => `${name}:${value.trim()}\n`).join('');
  // S3 alone takes a body that is not known yet.
  const payload = service === 's3' ? 'UNSIGNED-PAYLOAD' : sha256('');
  const request = [method, path, query, canonicalHeaders, signedHeaders, payload].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n');
  const key = scope
    .split('/')
    .reduce<Buffer>((parent, part) => hmac(parent, part), Buffer.from(`AWS4${credentials.secretAccessKey}`));
  return `${host}${path}?${query}&X-Amz-Signature=${hmac(key, text).toString('hex')}`;
}

/** By name, as the signature wants them. */
function sorted(values: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** RFC 3986's unreserved characters stay as they are, and no others. */
export function encode(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
