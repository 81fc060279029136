import type { ClientConfig, HostedUserPool, SignInResult, TokenSet, User } from '../cognito';
import { ServiceError } from '../engine';
import { clientOf, describeUser, invalid, onPool, open, userPoolsOf } from './cognito-idp-input';
import type { Call, Input, Operations, Output, WireContext } from './protocol';
import { isInput, optionalText, text } from './protocol';

/** What people do with their password, or with their tokens. */
export const authOperations: Operations = {
  AdminInitiateAuth: onPool((input, call) => initiateAuth(input, call, ADMIN_FLOWS)),
  AdminRespondToAuthChallenge: onPool(respondToAuthChallenge),
  GetUser: open(getUser),
  GlobalSignOut: open(globalSignOut),
  InitiateAuth: open((input, call) => initiateAuth(input, call, FLOWS)),
  RespondToAuthChallenge: open(respondToAuthChallenge),
  RevokeToken: open(revokeToken),
};

/** Flow -> what a client must be allowed, by its newer and its older name. */
type Flows = Readonly<Record<string, readonly string[]>>;

const REFRESH_FLOWS: Flows = {
  REFRESH_TOKEN_AUTH: ['ALLOW_REFRESH_TOKEN_AUTH'],
  REFRESH_TOKEN: ['ALLOW_REFRESH_TOKEN_AUTH'],
};
const FLOWS: Flows = {
  ...REFRESH_FLOWS,
  USER_PASSWORD_AUTH: ['ALLOW_USER_PASSWORD_AUTH', 'USER_PASSWORD_AUTH'],
};
const ADMIN_FLOWS: Flows = {
  ...FLOWS,
  ADMIN_USER_PASSWORD_AUTH: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ADMIN_NO_SRP_AUTH'],
  ADMIN_NO_SRP_AUTH: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ADMIN_NO_SRP_AUTH'],
};
const NEW_PASSWORD = 'NEW_PASSWORD_REQUIRED';
const ATTRIBUTE = 'userAttributes.';

async function initiateAuth(input: Input, { context }: Call, flows: Flows): Promise<Output> {
  const { hosted, client } = clientOf(input, context);
  const flow = text(input, 'AuthFlow');
  checkFlow(flow, flows, client);
  const parameter = parametersOf(input, 'AuthParameters');
  if (Object.hasOwn(REFRESH_FLOWS, flow)) {
    const token = needed(parameter, 'REFRESH_TOKEN');
    const tokens = await hosted.signIns.withRefreshToken(client, token, parameter('SECRET_HASH'));
    return tokensOutput(tokens);
  }
  const result = await hosted.signIns.withPassword(client, {
    username: needed(parameter, 'USERNAME'),
    password: needed(parameter, 'PASSWORD'),
    secretHash: parameter('SECRET_HASH'),
  });
  return resultOutput(result);
}

/** @throws ServiceError InvalidParameterException */
function checkFlow(flow: string, flows: Flows, { authFlows }: ClientConfig): void {
  const wanted = Object.hasOwn(flows, flow) ? flows[flow]! : undefined;
  if (wanted === undefined) {
    throw invalid(`The flow ${flow.slice(0, 100)} is not hosted here; ${Object.keys(flows).join(', ')} are.`);
  }
  // What a client without a list may do: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
  const allowed = authFlows.length === 0 ? ['ALLOW_REFRESH_TOKEN_AUTH'] : authFlows;
  const isOld = allowed.some((each) => !each.startsWith('ALLOW_'));
  if (wanted.some((each) => allowed.includes(each)) || (isOld && Object.hasOwn(REFRESH_FLOWS, flow))) return;
  throw invalid(
    flow.startsWith('ADMIN_')
      ? 'Auth flow not enabled for this client'
      : `${flow} flow not enabled for this client`,
  );
}

async function respondToAuthChallenge(input: Input, { context }: Call): Promise<Output> {
  const { hosted, client } = clientOf(input, context);
  const name = text(input, 'ChallengeName');
  if (name !== NEW_PASSWORD) {
    throw invalid(`The challenge ${name.slice(0, 100)} is not hosted here; ${NEW_PASSWORD} is.`);
  }
  const responses = isInput(input['ChallengeResponses']) ? input['ChallengeResponses'] : {};
  const parameter = parametersOf(input, 'ChallengeResponses');
  const attributes = Object.entries(responses)
    .filter(([key]) => key.startsWith(ATTRIBUTE))
    .map(([key, value]): [string, string] => [key.slice(ATTRIBUTE.length), String(value)]);
  const result = await hosted.signIns.withNewPassword(
    client,
    optionalText(input, 'Session') ?? '',
    {
      username: needed(parameter, 'USERNAME'),
      password: needed(parameter, 'NEW_PASSWORD'),
      secretHash: parameter('SECRET_HASH'),
    },
    Object.fromEntries(attributes),
  );
  return resultOutput(result);
}

async function getUser(input: Input, { context }: Call): Promise<Output> {
  const { user } = await tokenHolder(input, context);
  const { Username, UserAttributes } = describeUser(user, 'UserAttributes');
  return { Username, UserAttributes };
}

async function globalSignOut(input: Input, { context }: Call): Promise<Output> {
  const { user, hosted } = await tokenHolder(input, context);
  hosted.pool.endSessionsOf(user.username);
  return {};
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RevokeToken.html */
function revokeToken(input: Input, { context }: Call): Output {
  const { hosted, client } = clientOf(input, context);
  const token = text(input, 'Token');
  if (client.secret !== undefined && optionalText(input, 'ClientSecret') !== client.secret) {
    throw new ServiceError('UnauthorizedException', 'Unauthorized');
  }
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) {
    throw new ServiceError('UnsupportedTokenTypeException', 'Only refresh tokens can be revoked.');
  }
  const session = hosted.tokens.session(token);
  if (session !== undefined && session.clientId !== client.id) {
    throw new ServiceError('UnauthorizedException', 'Unauthorized');
  }
  hosted.tokens.revoke(token);
  return {};
}

/** @throws ServiceError NotAuthorizedException */
async function tokenHolder(
  input: Input,
  context: WireContext,
): Promise<{ readonly hosted: HostedUserPool; readonly user: User }> {
  const token = text(input, 'AccessToken');
  const issuer = issuerOf(token);
  const hosted = userPoolsOf(context)
    .list()
    .find(({ pool }) => pool.issuer === issuer);
  if (hosted === undefined) throw new ServiceError('NotAuthorizedException', 'Invalid Access Token');
  return { hosted, user: await hosted.tokens.userOf(token) };
}

/** As the token says, which is not proven yet. */
function issuerOf(token: string): unknown {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return isInput(claims) ? claims['iss'] : undefined;
  } catch {
    return undefined;
  }
}

function parametersOf(input: Input, member: string): (name: string) => string | undefined {
  const parameters = isInput(input[member]) ? input[member] : {};
  return (name) => {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
}

/** @throws ServiceError InvalidParameterException */
function needed(parameter: (name: string) => string | undefined, name: string): string {
  const value = parameter(name);
  if (value !== undefined) return value;
  throw invalid(`Missing required parameter ${name}`);
}

function resultOutput(result: SignInResult): Output {
  if (result.kind === 'tokens') return tokensOutput(result.tokens);
  const { session, user } = result;
  const { sub: _sub, ...attributes } = user.attributes;
  return {
    ChallengeName: NEW_PASSWORD,
    Session: session,
    ChallengeParameters: {
      USER_ID_FOR_SRP: user.username,
      requiredAttributes: '[]',
      userAttributes: JSON.stringify(attributes),
    },
  };
}

function tokensOutput({ accessToken, idToken, refreshToken, expiresInSeconds }: TokenSet): Output {
  return {
    ChallengeParameters: {},
    AuthenticationResult: {
      AccessToken: accessToken,
      ExpiresIn: expiresInSeconds,
      TokenType: 'Bearer',
      IdToken: idToken,
      ...(refreshToken !== undefined && { RefreshToken: refreshToken }),
    },
  };
}
