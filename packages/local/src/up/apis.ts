import type { Server } from 'node:http';
import type { Clock } from '../clock';
import type { Guard, Invoker, LogSink, Tracer } from '../contracts';
import type { Activity } from '../engine/activity';
import { apiServer, hostedApis } from '../http';
import type { ApiDescription } from '../http';
import type { Resolver } from '../synth';
import { DEVELOPER_KEY } from './developer-key';
import { hostedAddresses } from './hosted-addresses';
import { Servers } from './servers';

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
  private readonly gateways: readonly { readonly server: Server; readonly port: number }[];
  private readonly servers: Servers;
  readonly configs: readonly ApiDescription[];

  constructor(options: ApisOptions) {
    const { resolver, ports, secrets, clock } = options;
    const secretOf = (accessKeyId: string) =>
      accessKeyId === DEVELOPER_KEY.accessKeyId ? DEVELOPER_KEY.secretAccessKey : secrets.get(accessKeyId);
    const issuers = hostedAddresses(resolver);
    const apis = hostedApis(resolver, { ...options, secretOf, issuers });
    this.servers = new Servers(clock);
    this.configs = apis.map(({ description }) => description);
    this.gateways = apis.map(({ gateway, description }) => ({
      server: apiServer(gateway),
      port: ports.get(description.address)!,
    }));
  }

  async listen(): Promise<void> {
    await Promise.all(this.gateways.map(({ server, port }) => this.servers.listen(server, port)));
  }

  /** Takes no more requests; those that are under way are answered. Connections without one are ended. */
  stop(): Promise<void> {
    return this.servers.stop();
  }
}
