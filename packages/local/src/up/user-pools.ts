import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import type { ClientConfig, UserPoolConfig } from '../cognito';
import type { Resolver, Resource } from '../synth';
import { hostedAddresses, localized } from './hosted-addresses';
import { listen } from './ports';
import type { RoomContext, RoomKind } from './rooms';

const UNIT_SECONDS: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };

/** Cognito: each user pool, with its sign-in page, on a port of its own. */
export const userPools: RoomKind = {
  name: 'cognito',
  open(context) {
    const { resolver } = context;
    const declared = resolver.resources('aws_cognito_user_pool');
    const servers: Server[] = [];
    return {
      async start() {
        for (const pool of declared) servers.push(await serve(pool, context));
      },
      async stop() {
        await Promise.all(servers.map(closed));
      },
      banner: () =>
        declared.map((pool): [string, string] => [
          'sign-in',
          `${resolver.hosts.apiEndpoint(pool.address)} (${pool.id('name')})`,
        ]),
    };
  },
};

async function serve(resource: Resource, { resolver, data, clock }: RoomContext): Promise<Server> {
  const { SignInServer, UserPool } = await import('../cognito');
  const folder = data.at('cognito');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const config = configOf(resource, resolver);
  const pool = new UserPool(config, join(folder, `${config.id}.json`), clock);
  const server = new SignInServer(pool, clock).server();
  await listen(server, Number(new URL(resolver.hosts.apiEndpoint(resource.address)).port));
  return server;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function configOf(pool: Resource, resolver: Resolver): UserPoolConfig {
  const id = pool.id();
  const ofPool = (type: string) =>
    resolver.resources(type).filter((each) => each.text('user_pool_id') === id);
  const memberships = ofPool('aws_cognito_user_in_group');
  return {
    id,
    name: pool.id('name'),
    region: pool.region,
    accountId: resolver.accountId,
    clients: ofPool('aws_cognito_user_pool_client').map((client) => clientOf(client, resolver)),
    groups: ofPool('aws_cognito_user_group').map((group) => group.text('name')),
    users: ofPool('aws_cognito_user').map((user) => ({
      username: user.text('username'),
      email: user.textMap('attributes')['email'],
      groups: memberships
        .filter((each) => each.text('username') === user.text('username'))
        .map((each) => each.text('group_name')),
    })),
  };
}

function clientOf(client: Resource, resolver: Resolver): ClientConfig {
  const addresses = hostedAddresses(resolver);
  const urls = (argument: string) => client.texts(argument).map((url) => localized(url, addresses));
  const units = client.block('token_validity_units');
  const seconds = (argument: string, unit: string, usual: number, usualUnit: string) =>
    client.number(argument, usual) * (UNIT_SECONDS[units?.optionalText(unit) ?? usualUnit] ?? 1);
  return {
    id: client.id(),
    name: client.id('name'),
    callbackUrls: urls('callback_urls'),
    logoutUrls: urls('logout_urls'),
    scopes: client.texts('allowed_oauth_scopes'),
    accessTokenSeconds: seconds('access_token_validity', 'access_token', 1, 'hours'),
    idTokenSeconds: seconds('id_token_validity', 'id_token', 1, 'hours'),
    refreshTokenSeconds: seconds('refresh_token_validity', 'refresh_token', 30, 'days'),
    authFlows: client.texts('explicit_auth_flows'),
  };
}
