import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Guard, InvocationResult, InvokeOptions, Invoker } from '../../src/contracts';
import { Activity } from '../../src/engine/activity';
import { apiServer, HttpApi } from '../../src/http';
import type { ApiConfig } from '../../src/http';
import type { RouteConfig } from '../../src/http/config';
import { ManualClock } from '../support/manual-clock';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- events are what the test makes of them
type Handler = (event: any) => unknown;

/** Runs functions in this process; what a handler throws is the function's error. */
export class InProcess implements Invoker {
  readonly events: string[] = [];
  readonly traceIds: (string | undefined)[] = [];

  constructor(private readonly handlers: Readonly<Record<string, Handler>>) {}

  has(name: string): boolean {
    return Object.hasOwn(this.handlers, name);
  }

  async invoke(name: string, payload: string, options: InvokeOptions): Promise<InvocationResult> {
    this.events.push(payload);
    this.traceIds.push(options.traceId);
    const base = { requestId: 'r', logTail: '', durationMs: 1 };
    const handler = this.handlers[name];
    if (handler === undefined) {
      throw new Error(`there is no function ${name}`);
    }
    try {
      return { ...base, payload: JSON.stringify((await handler(JSON.parse(payload))) ?? null) };
    } catch (error) {
      const payload = JSON.stringify({ errorMessage: (error as Error).message });
      return { ...base, payload, functionError: 'Unhandled' };
    }
  }
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly bytes: Buffer;
}

export interface Setup {
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly routes: readonly (Partial<RouteConfig> & { routeKey: string })[];
  readonly config?: Partial<ApiConfig>;
  readonly guard?: Guard;
}

const openGuard: Guard = { principal: () => ({ kind: 'developer' }), judge: () => ({ kind: 'allow' }) };

/** An API that listens on a port of its own. Routes go to the function `f` unless they say otherwise. */
export async function startApi(setup: Setup) {
  const clock = new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5));
  const invoker = new InProcess(setup.handlers);
  const lines: string[] = [];
  const report = (scope: string, text: string) => lines.push(`${scope} ${text}`);
  const api = new HttpApi({
    config: {
      address: 'aws_apigatewayv2_api.api',
      id: 'abc123',
      name: 'api',
      region: 'us-east-1',
      accountId: '000000000000',
      stages: [{ name: '$default', variables: {}, throttle: undefined, routeThrottles: {} }],
      cors: undefined,
      routes: setup.routes.map((route) => ({
        functionArn: 'f',
        authorization: 'NONE',
        timeoutMs: 30_000,
        ...route,
      })),
      ...setup.config,
    },
    invoker,
    clock,
    guard: setup.guard ?? openGuard,
    secretOf: (key) => ({ test: 'test', FUNCTION: 'secret' })[key],
    activity: new Activity(clock, { event: report, warn: report }),
  });
  const server = apiServer(api);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const send = (line: string, options: SendOptions = {}) => exchange(port, line, options);
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { send, stop, clock, invoker, lines, port };
}

interface SendOptions {
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
}

/** @param line method and target: `GET /x?y=1` */
function exchange(port: number, line: string, { headers, body }: SendOptions): Promise<Reply> {
  const [method, path] = line.split(' ');
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ port, host: '127.0.0.1', method, path, headers, agent: false });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({ status: incoming.statusCode!, headers: incoming.headers, body: bytes.toString(), bytes });
      });
    });
    outgoing.end(body);
  });
}
