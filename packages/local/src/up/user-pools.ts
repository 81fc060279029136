import { mkdirSync } from 'node:fs';
import type { ClientConfig, PasswordPolicy, UserPoolConfig, UserPools } from '../cognito';
import { ServiceError } from '../engine';
import { UserError } from '../errors';
import type { Fields, Resolver, Resource } from '../synth';
import { hostedAddresses, localized } from './hosted-addresses';
import type { RoomContext, RoomKind } from './rooms';
import { Servers } from './servers';

const UNIT_SECONDS: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };

/** Cognito: each user pool, with its sign-in page, on a port of its own. */
export const userPools: RoomKind = {
  name: 'cognito',
  async open(context) {
    const { resolver, clock } = context;
    const declared = resolver.resources('aws_cognito_user_pool');
    if (declared.length === 0) return {};
    const pools = await openPools(declared, context);
    const servers = new Servers(clock);
    return {
      wire: { userPools: pools },
      async start() {
        const { SignInServer } = await import('../cognito');
        for (const resource of declared) {
          const { pool, tokens } = pools.find(resource.id())!;
          const server = new SignInServer(pool, clock, tokens).server();
          await servers.listen(server, Number(new URL(resolver.hosts.apiEndpoint(resource.address)).port));
        }
      },
      stop: () => servers.stop(),
      banner: () =>
        declared.map((pool): [string, string] => [
          'sign-in',
          `${resolver.hosts.apiEndpoint(pool.address)}  ${pool.id('name')} (${pool.id()})`,
        ]),
    };
  },
};

/** @throws UserError for users that Cognito would refuse */
async function openPools(
  declared: readonly Resource[],
  { resolver, data, clock, reporter }: RoomContext,
): Promise<UserPools> {
  const { UserPools } = await import('../cognito');
  const folder = data.at('cognito');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const onInvited = (username: string, password: string) =>
    reporter.event('cognito', `${username} may sign in with the temporary password ${password}`);
  try {
    const configs = declared.map((pool) => configOf(pool, resolver));
    return new UserPools(configs, folder, clock, onInvited);
  } catch (error) {
    throw error instanceof ServiceError ? new UserError(`aws_cognito_user: ${error.message}`) : error;
  }
}

function configOf(pool: Resource, resolver: Resolver): UserPoolConfig {
  const id = pool.id();
  const ofPool = (type: string) =>
    resolver.resources(type).filter((each) => each.text('user_pool_id') === id);
  const memberships = ofPool('aws_cognito_user_in_group');
  return {
    id,
    name: pool.id('name'),
    arn: pool.id('arn'),
    region: pool.region,
    accountId: resolver.accountId,
    clients: ofPool('aws_cognito_user_pool_client').map((client) => clientOf(client, resolver)),
    groups: ofPool('aws_cognito_user_group').map((group) => group.text('name')),
    users: ofPool('aws_cognito_user').map((user) => ({
      username: user.text('username'),
      attributes: user.textMap('attributes'),
      groups: memberships
        .filter((each) => each.text('username') === user.text('username'))
        .map((each) => each.text('group_name')),
      password: user.optionalText('password'),
      temporaryPassword: user.optionalText('temporary_password'),
    })),
    emailIsUsername: pool.texts('username_attributes').includes('email'),
    caseSensitive: pool.block('username_configuration')?.flag('case_sensitive', true) ?? true,
    adminCreatesUsersOnly:
      pool.block('admin_create_user_config')?.flag('allow_admin_create_user_only', false) ?? false,
    passwords: passwordsOf(pool.block('password_policy')),
  };
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html */
function passwordsOf(policy: Fields | undefined): PasswordPolicy {
  // A pool that says nothing has every rule; one that has a policy has what that says.
  const rule = (name: string) => policy === undefined || policy.flag(name, false);
  return {
    minimumLength: policy?.number('minimum_length', 8) ?? 8,
    uppercase: rule('require_uppercase'),
    lowercase: rule('require_lowercase'),
    numbers: rule('require_numbers'),
    symbols: rule('require_symbols'),
    temporaryDays: policy?.number('temporary_password_validity_days', 7) ?? 7,
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
    ...(client.flag('generate_secret', false) && { secret: client.id('client_secret') }),
    hidesUsers: client.optionalText('prevent_user_existence_errors') === 'ENABLED',
  };
}
