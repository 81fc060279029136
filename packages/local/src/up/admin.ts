import { AdminApi } from '../admin';
import type { Clock } from '../clock';
import type { Broker } from '../engine';
import { nameOfFunction } from '../iam';
import type { Resolver } from '../synth';
import type { TraceRecorder } from '../trace';
import type { Apis } from './apis';
import type { StackFunction } from './functions';

export interface HostedStack {
  readonly name: string;
  readonly resolver: Resolver;
  readonly apis: Apis;
  readonly functions: readonly StackFunction[];
}

/** The runtime's own programming interface, with what it tells of the stack. */
export function adminApi(
  { name, resolver, apis, functions }: HostedStack,
  rooms: { readonly broker: Broker; readonly traces: TraceRecorder; readonly clock: Clock },
): AdminApi {
  return new AdminApi({
    ...rooms,
    stack: {
      name,
      apis: apis.configs.map((config) => ({
        name: config.name,
        url: `${resolver.hosts.apiEndpoint(config.address)}${config.basePath}`,
        routes: config.routes.map(({ routeKey, functionArn }) => ({
          routeKey,
          functionName: nameOfFunction(functionArn),
        })),
      })),
      functions: functions.map((fn) => ({ name: fn.name, arn: fn.arn })),
      tables: resolver.resources('aws_dynamodb_table').map((table) => ({ name: table.id('name') })),
      sites: resolver.resources('aws_cloudfront_distribution').map((each) => ({
        name: each.optionalText('comment') ?? each.id(),
        url: resolver.hosts.apiEndpoint(each.address),
      })),
      userPools: resolver.resources('aws_cognito_user_pool').map((pool) => ({
        name: pool.id('name'),
        id: pool.id(),
        url: resolver.hosts.apiEndpoint(pool.address),
        clients: resolver
          .resources('aws_cognito_user_pool_client')
          .filter((client) => client.text('user_pool_id') === pool.id())
          .map((client) => ({ name: client.id('name'), id: client.id() })),
      })),
    },
  });
}
