export { SignInServer } from './sign-in-server';
export { DIRECT_SCOPES, Tokens } from './tokens';
export type { ClientConfig, TokenSet, User, UserPoolConfig } from './types';
export { UserPool } from './user-pool';
