import type { IncomingMessage } from 'node:http';

export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Incoming {
  readonly status: number;
  readonly statusText: string;
  readonly httpVersion: string;
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** Sends one request as it is: nothing is followed, decoded or added. */
export async function exchange({ method, url, headers, body }: Outgoing): Promise<Incoming> {
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const length = body.length > 0 ? { 'content-length': body.length } : {};
    const outgoing = request(url, { method, headers: { ...headers, ...length }, agent: false }, resolve);
    outgoing.once('error', reject);
    outgoing.end(body);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return {
    status: incoming.statusCode ?? 0,
    statusText: incoming.statusMessage ?? '',
    httpVersion: incoming.httpVersion,
    rawHeaders: incoming.rawHeaders,
    body: Buffer.concat(chunks),
  };
}
