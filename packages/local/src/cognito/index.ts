export { newTemporaryPassword } from './passwords';
export { SignInServer } from './sign-in-server';
export type { Credentials, SignInResult } from './sign-ins';
export { DIRECT_SCOPES, Tokens } from './tokens';
export type { ClientConfig, DeclaredUser, PasswordPolicy, TokenSet, User, UserPoolConfig } from './types';
export { UserPool } from './user-pool';
export { UserPools } from './user-pools';
export type { HostedUserPool } from './user-pools';
