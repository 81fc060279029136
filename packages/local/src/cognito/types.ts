/** A user pool as the stack declares it. */
export interface UserPoolConfig {
  /** `us-east-1_a1b2c3d4e` */
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly accountId: string;
  readonly clients: readonly ClientConfig[];
  readonly groups: readonly string[];
  /** Users of the stack, with the groups that they are in. */
  readonly users: readonly {
    readonly username: string;
    readonly email?: string;
    readonly groups: readonly string[];
  }[];
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
}

export interface User {
  readonly username: string;
  /** The `sub` claim: a UUID. */
  readonly sub: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly groups: readonly string[];
  /** scrypt, as `salt:hash` in base64; missing where no password was set. */
  readonly password?: string;
  readonly status: 'FORCE_CHANGE_PASSWORD' | 'CONFIRMED';
  readonly enabled: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly changedAt: number;
}

/** What is given for a code or a refresh token. */
export interface TokenSet {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken?: string;
  /** Of the access token. */
  readonly expiresInSeconds: number;
}
