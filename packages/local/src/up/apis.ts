import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Clock } from '../clock';
import type { Guard, Invoker, LogSink, Tracer } from '../contracts';
import type { Activity } from '../engine/activity';
import { apiServer, hostedApis } from '../http';
import type { ApiDescription } from '../http';
import type { Resolver } from '../synth';
import { DEVELOPER_KEY } from './developer-key';
import { hostedAddresses } from './hosted-addresses';
import { listen } from './ports';

export interface ApisOptions {
  readonly resolver: Resolver;
  /** Ports by the API's address in the stack. */
  readonly ports: ReadonlyMap<string, number>;
  readonly invoker: Invoker;
  readonly guard: Guard;
  /** Of the functions. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly activity: Activity;
  readonly clock: Clock;
  readonly tracer?: Tracer;
  /** Where access logs go. @default nowhere */
  readonly logs?: () => LogSink | undefined;
}

/** How long requests that are under way may take when everything stops. */
const GRACE_MS = 5_000;

const WITH_PORTS = [
  'aws_apigatewayv2_api',
  'aws_api_gateway_rest_api',
  'aws_lambda_function_url',
  'aws_cloudfront_distribution',
  'aws_cognito_user_pool',
];

/** What has a port of its own: APIs, function URLs, sites and user pools; the first gets the port that was asked for. */
export function apiAddresses(resolver: Resolver): string[] {
  return resolver.resources(...WITH_PORTS).map(({ address }) => address);
}

/** The HTTP APIs, REST APIs and function URLs of the stack, ready to listen. */
export class Apis {
  private readonly servers: readonly { readonly server: Server; readonly port: number }[];
  private readonly underWay = new Map<ServerResponse, IncomingMessage>();
  readonly configs: readonly ApiDescription[];

  constructor(private readonly options: ApisOptions) {
    const { resolver, ports, secrets } = options;
    const secretOf = (accessKeyId: string) =>
      accessKeyId === DEVELOPER_KEY.accessKeyId ? DEVELOPER_KEY.secretAccessKey : secrets.get(accessKeyId);
    const issuers = hostedAddresses(resolver);
    const apis = hostedApis(resolver, { ...options, secretOf, issuers });
    this.configs = apis.map(({ description }) => description);
    this.servers = apis.map(({ gateway, description }) => ({
      server: this.watch(apiServer(gateway)),
      port: ports.get(description.address)!,
    }));
  }

  async listen(): Promise<void> {
    await Promise.all(this.servers.map(({ server, port }) => listen(server, port)));
  }

  /** Takes no more requests; those that are under way are answered. Connections without one are ended. */
  async stop(): Promise<void> {
    const closed = this.servers.map(({ server }) => new Promise((resolve) => server.close(resolve)));
    // Or a client would go on with its next request, on the same connection.
    for (const response of this.underWay.keys()) response.shouldKeepAlive = false;
    this.servers.forEach(({ server }) => server.closeIdleConnections());
    await this.answered();
    // Browsers open connections in advance and keep them: the server would wait for those for minutes.
    this.servers.forEach(({ server }) => server.closeAllConnections());
    await Promise.all(closed);
  }

  private watch(server: Server): Server {
    return server.on('request', (request, response) => {
      this.underWay.set(response, request);
      response.once('close', () => this.underWay.delete(response));
    });
  }

  /** Resolves when every request that has arrived whole has its answer, or time is up. */
  private answered(): Promise<void> {
    const waiting = [...this.underWay].filter(([, request]) => request.complete);
    const answers = waiting.map(([response]) => new Promise((resolve) => response.once('close', resolve)));
    return new Promise((resolve) => {
      const impatience = this.options.clock.schedule(GRACE_MS, resolve);
      void Promise.all(answers).then(() => {
        impatience.cancel();
        resolve();
      });
    });
  }
}
