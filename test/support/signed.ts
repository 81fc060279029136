import { createHash, createHmac, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

/** SHA-256 in the form that the signer takes. */
class Sha256 {
  private readonly hash: Hmac | ReturnType<typeof createHash>;

  constructor(secret?: Uint8Array | string) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }

  update(data: Uint8Array | string): void {
    this.hash.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.hash.digest());
  }
}

export interface SignedRequest {
  readonly method: string;
  /** With the query: `/v1/queues?limit=1`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends requests to an API of the local runtime, signed as an administrator of the account would. */
export function signedFetch(url: string): (request: SignedRequest) => Promise<Response> {
  const signer = new SignatureV4({
    service: 'execute-api',
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    sha256: Sha256 as never,
  });
  return async ({ method, path, body, headers = {} }) => {
    const target = new URL(path, url);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const { headers: signed } = await signer.sign({
      method,
      protocol: target.protocol,
      hostname: target.hostname,
      port: Number(target.port),
      path: target.pathname,
      query: Object.fromEntries(target.searchParams),
      headers: { host: target.host, ...(text && { 'content-type': 'application/json' }), ...headers },
      body: text,
    });
    return fetch(target, { method, headers: signed, body: text });
  };
}
