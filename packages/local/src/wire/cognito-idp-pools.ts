import type { ClientConfig, UserPool } from '../cognito';
import { onPool, clientOf, poolOf, userPoolsOf } from './cognito-idp-input';
import { page } from './paging';
import type { Call, Input, Operations, Output } from './protocol';
import { optionalInteger, optionalText } from './protocol';

const MAX_RESULTS = 60;
const ERROR = 'InvalidParameterException';

/** What is there: pools, their clients and groups. All of it is the stack's. */
export const poolOperations: Operations = {
  DescribeUserPool: onPool(describeUserPool),
  DescribeUserPoolClient: onPool(describeUserPoolClient),
  ListGroups: onPool(listGroups),
  ListUserPoolClients: onPool(listUserPoolClients),
  ListUserPools: { run: listUserPools },
};

function listUserPools(input: Input, { context }: Call): Output {
  const all = context.userPools === undefined ? [] : userPoolsOf(context).list();
  const { items, nextToken } = paged(all, input, 'MaxResults');
  return {
    UserPools: items.map(({ pool: { config } }) => ({ Id: config.id, Name: config.name, LambdaConfig: {} })),
    NextToken: nextToken,
  };
}

function describeUserPool(input: Input, { context }: Call): Output {
  return { UserPool: describe(poolOf(input, context).pool) };
}

function describe({ config, users }: UserPool): Output {
  const { passwords } = config;
  return {
    Id: config.id,
    Name: config.name,
    Arn: config.arn,
    Policies: {
      PasswordPolicy: {
        MinimumLength: passwords.minimumLength,
        RequireUppercase: passwords.uppercase,
        RequireLowercase: passwords.lowercase,
        RequireNumbers: passwords.numbers,
        RequireSymbols: passwords.symbols,
        TemporaryPasswordValidityDays: passwords.temporaryDays,
      },
    },
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: config.adminCreatesUsersOnly },
    ...(config.emailIsUsername && { UsernameAttributes: ['email'] }),
    UsernameConfiguration: { CaseSensitive: config.caseSensitive },
    EstimatedNumberOfUsers: users.length,
    LambdaConfig: {},
  };
}

function listUserPoolClients(input: Input, { context }: Call): Output {
  const { config } = poolOf(input, context).pool;
  const { items, nextToken } = paged(config.clients, input, 'MaxResults');
  return {
    UserPoolClients: items.map(({ id, name }) => ({
      ClientId: id,
      ClientName: name,
      UserPoolId: config.id,
    })),
    NextToken: nextToken,
  };
}

function describeUserPoolClient(input: Input, { context }: Call): Output {
  const { client, hosted } = clientOf(input, context);
  return { UserPoolClient: describeClient(client, hosted.pool.config.id) };
}

function describeClient(client: ClientConfig, UserPoolId: string): Output {
  return {
    UserPoolId,
    ClientId: client.id,
    ClientName: client.name,
    ClientSecret: client.secret,
    CallbackURLs: client.callbackUrls,
    LogoutURLs: client.logoutUrls,
    AllowedOAuthScopes: client.scopes,
    ExplicitAuthFlows: client.authFlows,
    PreventUserExistenceErrors: client.hidesUsers ? 'ENABLED' : 'LEGACY',
    AccessTokenValidity: client.accessTokenSeconds,
    IdTokenValidity: client.idTokenSeconds,
    RefreshTokenValidity: client.refreshTokenSeconds,
    TokenValidityUnits: { AccessToken: 'seconds', IdToken: 'seconds', RefreshToken: 'seconds' },
  };
}

function listGroups(input: Input, { context }: Call): Output {
  const { config } = poolOf(input, context).pool;
  const { items, nextToken } = paged(config.groups, input, 'Limit');
  return {
    Groups: items.map((GroupName) => ({ GroupName, UserPoolId: config.id })),
    NextToken: nextToken,
  };
}

/** A page by `NextToken`. @throws ServiceError InvalidParameterException */
export function paged<T>(all: readonly T[], input: Input, size: string, token = 'NextToken') {
  const limit = optionalInteger(input, size, 1, MAX_RESULTS) ?? MAX_RESULTS;
  return page(all, limit, optionalText(input, token), ERROR);
}
