import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MotoRepairs } from './moto-repairs';

export interface Proxy {
  readonly url: string;
  stop(): Promise<void>;
}

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Passes everything on to moto, but for what {@link MotoRepairs} changes on the way. */
export async function startProxy(upstream: string): Promise<Proxy> {
  const repairs = new MotoRepairs();
  const server = createServer((incoming, outgoing) => {
    handle(incoming, upstream, repairs).then(
      (answer) => send(outgoing, answer),
      (error: Error) => send(outgoing, { status: 502, headers: {}, body: Buffer.from(error.message) }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(incoming: IncomingMessage, upstream: string, repairs: MotoRepairs): Promise<Answer> {
  const { method = 'GET', url = '/', headers } = incoming;
  const asked = { method, url, headers, body: await read(incoming) };
  const passed = repairs.request(asked);
  return repairs.answer(asked, 'status' in passed ? passed : await forward(passed, upstream));
}

function forward({ method, url, headers, body }: Request, upstream: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // Host stays as it came: moto makes queue URLs of it, and they have to lead here. No connection is used twice, so
    // that none is found closed.
    const outgoing = request(`${upstream}${url}`, {
      method,
      headers: { ...headers, 'content-length': body.length, connection: 'close' },
      agent: false,
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      read(response).then(
        (answered) =>
          resolve({ status: response.statusCode ?? 502, headers: response.headers, body: answered }),
        reject,
      );
    });
    outgoing.end(body);
  });
}

async function read(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  const { connection: _, 'transfer-encoding': __, ...rest } = headers;
  outgoing.writeHead(status, { ...rest, 'content-length': body.length });
  outgoing.end(body);
}
