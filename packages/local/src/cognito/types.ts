/** A user pool as the stack declares it. */
export interface UserPoolConfig {
  /** `us-east-1_a1b2c3d4e` */
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly accountId: string;
  readonly clients: readonly ClientConfig[];
  readonly groups: readonly string[];
  /** Users of the stack, with the groups that they are in. */
  readonly users: readonly DeclaredUser[];
  /** Whether people sign in with their mail address, and Cognito draws the username. */
  readonly emailIsUsername: boolean;
  readonly caseSensitive: boolean;
  /** Whether only administrators make users. */
  readonly adminCreatesUsersOnly: boolean;
  readonly passwords: PasswordPolicy;
}

export interface DeclaredUser {
  readonly username: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly groups: readonly string[];
  /** For good, or until the first sign-in. */
  readonly password?: string;
  readonly temporaryPassword?: string;
}

export interface PasswordPolicy {
  readonly minimumLength: number;
  readonly uppercase: boolean;
  readonly lowercase: boolean;
  readonly numbers: boolean;
  readonly symbols: boolean;
  /** How long a password that an administrator gave counts. */
  readonly temporaryDays: number;
}

/** An app client. */
export interface ClientConfig {
  readonly id: string;
  readonly name: string;
  readonly callbackUrls: readonly string[];
  readonly logoutUrls: readonly string[];
  /** What it may ask for: `openid`, `email`, `profile`, scopes of resource servers. */
  readonly scopes: readonly string[];
  readonly accessTokenSeconds: number;
  readonly idTokenSeconds: number;
  readonly refreshTokenSeconds: number;
  /** `ALLOW_USER_PASSWORD_AUTH`, ... */
  readonly authFlows: readonly string[];
  /** Only confidential clients have one. */
  readonly secret?: string;
  /** Whether nobody is told that a user does not exist. */
  readonly hidesUsers: boolean;
}

export interface User {
  readonly username: string;
  /** The `sub` claim: a UUID. */
  readonly sub: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly groups: readonly string[];
  /** scrypt, as `salt:hash` in base64; missing where no password was set. */
  readonly password?: string;
  /** When a temporary password no longer counts, in milliseconds since the epoch. */
  readonly passwordUntil?: number;
  readonly status: 'FORCE_CHANGE_PASSWORD' | 'CONFIRMED';
  readonly enabled: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly changedAt: number;
}

/** A sign-in that goes on. */
export interface Session {
  /** `origin_jti` of its tokens. */
  readonly id: string;
  readonly username: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Milliseconds since the epoch. */
  readonly signedInAt: number;
  readonly expiresAt: number;
}

/** What is given for a code or a refresh token. */
export interface TokenSet {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken?: string;
  /** Of the access token. */
  readonly expiresInSeconds: number;
}
