import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { all, Distribution, EdgeFunctions, none } from '../../src/cdn';
import type { Behavior, DistributionConfig, ObjectAnswer, ObjectRequest, Origin } from '../../src/cdn';

export const EVERYTHING = { query: all, headers: all, cookies: all };
export const NOTHING = { query: none, headers: none, cookies: none };
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'];

export function behavior(changes: Partial<Behavior> = {}): Behavior {
  return {
    pattern: '*',
    originId: 'files',
    allowedMethods: METHODS,
    compress: false,
    forwarding: NOTHING,
    headers: { remove: [], set: [] },
    ...changes,
  };
}

export function file(body: string, headers: Readonly<Record<string, string>> = {}): ObjectAnswer {
  const length = String(Buffer.byteLength(body));
  return {
    status: 200,
    headers: { 'content-type': 'text/plain', etag: '"1"', 'content-length': length, ...headers },
    body: Buffer.from(body),
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A distribution on a port of its own, in front of a server and of a bucket. */
export class TestSite {
  readonly problems: string[] = [];
  readonly logs: string[] = [];
  readonly asked: ObjectRequest[] = [];
  readonly objects = new Map<string, () => ObjectAnswer>();
  /** What the server answers. */
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end('ok');
  private readonly functions = new EdgeFunctions();
  private readonly servers: Server[] = [];
  private port = 0;
  private base = '';

  async start(changes: Partial<DistributionConfig>): Promise<void> {
    this.base = `http://127.0.0.1:${await this.listen((...both) => this.answer(...both))}`;
    const server = { kind: 'server', base: this.base, path: '', headers: { 'x-secret': 's3cret' } } as const;
    const reader = { kind: 'distribution' } as const;
    const distribution = new Distribution({
      config: {
        id: 'E1',
        arn: 'arn:aws:cloudfront::000000000000:distribution/E1',
        domainName: 'd1.cloudfront.net',
        enabled: true,
        origins: new Map<string, Origin>([
          ['files', { kind: 'bucket', bucket: 'site', path: '', reader }],
          ['api', server],
          ['gone', { kind: 'unknown', host: 'elsewhere.example.org' }],
          ['dead', { ...server, base: 'http://127.0.0.1:1' }],
        ]),
        groups: new Map(),
        behaviors: [behavior()],
        errorPages: [],
        ...changes,
      },
      objects: {
        read: (asked) => {
          this.asked.push(asked);
          const missing = { status: 403, headers: {}, body: Buffer.alloc(0), denied: 'the policy says no' };
          return Promise.resolve(this.objects.get(asked.key)?.() ?? missing);
        },
      },
      functions: this.functions,
      localize: (text) => text.replaceAll('https://api.aws.example', 'http://127.0.0.1:3000'),
      onProblem: (text) => this.problems.push(text),
      onLog: (name, line) => this.logs.push(`${name}: ${line}`),
    });
    this.port = await this.listen((incoming, response) => void distribution.handle(incoming, response));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The path goes out as it is, whatever it looks like. */
  ask(
    path: string,
    { method = 'GET', headers = {}, body }: { method?: string; headers?: object; body?: string } = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { port } = this;
      const options = { host: '127.0.0.1', port, path, method, headers: { ...headers }, agent: false };
      const outgoing = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  async stop(): Promise<void> {
    const closing = this.servers.splice(0).map(
      (server) =>
        new Promise((resolve) => {
          server.close(resolve);
          server.closeAllConnections();
        }),
    );
    await Promise.all(closing);
    await this.functions.stop();
  }

  private async listen(
    handler: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<number> {
    const server = createServer(handler);
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }
}
