import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Guard, InvocationResult, InvokeOptions, Invoker } from '../../src/contracts';
import { Activity } from '../../src/engine/activity';
import { HttpApi } from '../../src/http/api';
import type { ApiConfig, FunctionUrlConfig, RouteConfig } from '../../src/http/config';
import { FunctionUrl } from '../../src/http/function-url';
import type { Gateway, GatewayOptions } from '../../src/http/gateway';
import { RestApi } from '../../src/http/rest/api';
import type { RestApiConfig } from '../../src/http/rest/config';
import { apiServer } from '../../src/http/server';
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

  async invoke(name: string, payload: string, options: InvokeOptions = {}): Promise<InvocationResult> {
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

export const IDENTITY = {
  address: 'aws_apigatewayv2_api.api',
  id: 'abc123',
  name: 'api',
  region: 'us-east-1',
  accountId: '000000000000',
};

export const STAGE = { name: '$default', variables: {}, throttle: undefined, routeThrottles: {} };

/** An API that listens on a port of its own. Routes go to the function `f` unless they say otherwise. */
export function startApi(setup: Setup) {
  const config: ApiConfig = {
    ...IDENTITY,
    stages: [STAGE],
    cors: undefined,
    routes: setup.routes.map((route) => ({
      functionArn: 'f',
      authorization: 'NONE',
      timeoutMs: 30_000,
      ...route,
    })),
    ...setup.config,
  };
  return startGateway(setup, (options) => new HttpApi({ ...options, config }));
}

/** A REST API with one stage, `prod`. */
export function startRestApi(
  setup: Pick<Setup, 'handlers' | 'guard'> & { readonly config: Partial<RestApiConfig> },
) {
  const config: RestApiConfig = {
    ...IDENTITY,
    resources: [],
    stages: [{ ...STAGE, name: 'prod', deploymentId: 'd1' }],
    binaryMediaTypes: [],
    gatewayResponses: {},
    apiKeys: [],
    apiKeySource: 'HEADER',
    ...setup.config,
  };
  return startGateway(setup, (options) => new RestApi({ ...options, config }));
}

export function startFunctionUrl(
  setup: Pick<Setup, 'handlers' | 'guard'> & { readonly config?: Partial<FunctionUrlConfig> },
) {
  const config: FunctionUrlConfig = {
    ...IDENTITY,
    functionArn: 'f',
    authorization: 'NONE',
    timeoutMs: 900_000,
    cors: undefined,
    ...setup.config,
  };
  return startGateway(setup, (options) => new FunctionUrl({ ...options, config }));
}

async function startGateway(
  setup: Pick<Setup, 'handlers' | 'guard'>,
  create: (options: GatewayOptions) => Gateway,
) {
  const clock = new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5));
  const invoker = new InProcess(setup.handlers);
  const lines: string[] = [];
  /** Access logs: group, stream, milliseconds since the epoch, message. */
  const logged: (readonly [string, string, number, string])[] = [];
  const report = (scope: string, text: string) => lines.push(`${scope} ${text}`);
  const api = create({
    invoker,
    clock,
    guard: setup.guard ?? openGuard,
    secretOf: (key) => ({ test: 'test', FUNCTION: 'secret' })[key],
    activity: new Activity(clock, { event: report, warn: report }),
    logs: () => ({ append: (...line) => logged.push(line) }),
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
  return { send, stop, clock, invoker, lines, logged, port };
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
