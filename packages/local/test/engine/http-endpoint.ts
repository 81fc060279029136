import type { IncomingHttpHeaders, Server } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface PostedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
}

/** Instead of a code: the request is never answered. */
export const SILENCE = -1;

/** A subscriber by HTTP: keeps what is posted and answers with the next of the given codes, or 200. */
export class HttpEndpoint {
  readonly requests: PostedRequest[] = [];
  /** Codes of the next answers; 0 closes the connection. */
  readonly answers: number[] = [];
  private readonly waiting: (() => void)[] = [];

  private constructor(
    private readonly server: Server,
    private readonly scheme: 'http' | 'https' = 'http',
  ) {
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const status = this.answers.shift() ?? 200;
        if (status === 0) response.destroy();
        else if (status !== SILENCE) response.writeHead(status).end();
        const body = Buffer.concat(chunks).toString();
        this.requests.push({ headers: request.headers, body, path: request.url ?? '' });
        for (const resolve of this.waiting.splice(0)) resolve();
      });
    });
  }

  static async start(): Promise<HttpEndpoint> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new HttpEndpoint(server);
  }

  /** With a certificate that nobody vouches for. */
  static async startSecure(): Promise<HttpEndpoint> {
    const { generate } = await import('selfsigned');
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
    });
    const server = createSecureServer({ key, cert });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new HttpEndpoint(server, 'https');
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.scheme}://127.0.0.1:${this.port}/sns`;
  }

  /** Resolves with a request once there are so many. */
  async request(count: number): Promise<PostedRequest> {
    while (this.requests.length < count) await new Promise<void>((resolve) => this.waiting.push(resolve));
    return this.requests[count - 1]!;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}

/** Waits until something is so; the test's own time limit ends it. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
