import type { ClientConfig, UserPoolConfig } from '../../src/cognito';

const client = (id: string, changes: Partial<ClientConfig> = {}): ClientConfig => ({
  id,
  name: id,
  callbackUrls: [],
  logoutUrls: [],
  scopes: ['openid'],
  accessTokenSeconds: 3600,
  idTokenSeconds: 3600,
  refreshTokenSeconds: 86_400,
  authFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  hidesUsers: true,
  ...changes,
});
export const POOL = 'us-east-1_staff';
export const ARN = `arn:aws:cognito-idp:us-east-1:000000000000:userpool/${POOL}`;
/** People sign in with their mail address; clients with every setting. */
export const CONFIG: UserPoolConfig = {
  id: POOL,
  name: 'staff',
  arn: ARN,
  region: 'us-east-1',
  accountId: '000000000000',
  groups: ['admin', 'packer'],
  users: [],
  clients: [
    client('web'),
    client('page', { authFlows: ['ALLOW_REFRESH_TOKEN_AUTH'] }),
    client('open', { hidesUsers: false }),
    client('server', { secret: 'the secret' }),
  ],
  emailIsUsername: true,
  caseSensitive: false,
  adminCreatesUsersOnly: true,
  passwords: {
    minimumLength: 12,
    uppercase: true,
    lowercase: true,
    numbers: true,
    symbols: false,
    temporaryDays: 7,
  },
};
/** People sign in with a name. */
export const NAMES_POOL: UserPoolConfig = {
  ...CONFIG,
  id: 'us-east-1_names',
  name: 'names',
  emailIsUsername: false,
  caseSensitive: true,
  clients: [client('names')],
};
