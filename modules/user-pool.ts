import { CognitoUserGroup } from '@cdktf/provider-aws/lib/cognito-user-group';
import { CognitoUserPool } from '@cdktf/provider-aws/lib/cognito-user-pool';
import type { CognitoUserPoolConfig } from '@cdktf/provider-aws/lib/cognito-user-pool';
import { CognitoUserPoolClient } from '@cdktf/provider-aws/lib/cognito-user-pool-client';
import { CognitoUserPoolDomain } from '@cdktf/provider-aws/lib/cognito-user-pool-domain';
import { Construct } from 'constructs';
import { Account } from './account';
import type { JwtAuthorization } from './authorization';
import { requireInteger, requireMatch, requireThat } from './validate';

export interface UserPoolProps {
  readonly name: string;
  /** Begins the address of the sign-in page, `<prefix>.auth.<region>.amazoncognito.com`; nobody else in the region has it. */
  readonly domainPrefix: string;
  /** Groups that tokens name in `cognito:groups`. @default none */
  readonly groups?: readonly string[];
  /** Whether a destroy is refused. @default true */
  readonly deletionProtection?: boolean;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<CognitoUserPoolConfig>;
}

export interface WebClientProps {
  readonly name: string;
  /** Where the sign-in page sends people back to: https, or http on localhost. */
  readonly callbackUrls: readonly string[];
  /** Where signing out may lead. */
  readonly logoutUrls: readonly string[];
  /** How long an access token counts, 5-1440. @default 60 */
  readonly accessTokenMinutes?: number;
  /** How long somebody stays signed in, 1-3650. @default 1 */
  readonly refreshTokenDays?: number;
}

/** A page without a secret that people sign in to by authorization code with PKCE. */
export interface WebClient {
  readonly client: CognitoUserPoolClient;
  readonly id: string;
  /** For routes that want somebody of this client: tokens of the pool, made for it. */
  readonly authorization: JwtAuthorization;
}

/**
 * People who sign in: a Cognito user pool in which administrators create users, with long passwords, an authenticator app if they
 * like, a sign-in page of Cognito's, and groups for what they may do.
 *
 * Emits aws_cognito_user_pool, aws_cognito_user_pool_domain, aws_cognito_user_group, and aws_cognito_user_pool_client for each client.
 * 10,000 users a month are free in the tier `ESSENTIALS`, then 0.015 USD each.
 *
 * @example
 * const staff = new UserPool(scope, 'staff', { name: 'shop-staff', domainPrefix: 'shop-staff-1234', groups: ['admin'] });
 * const web = staff.addWebClient('web', {
 *   name: 'web',
 *   callbackUrls: ['https://shop.example.com/signed-in'],
 *   logoutUrls: ['https://shop.example.com/'],
 * });
 * api.route('DELETE /orders/{id}', fn, { authorization: web.authorization });
 */
export class UserPool extends Construct {
  readonly pool: CognitoUserPool;
  readonly domain: CognitoUserPoolDomain;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: UserPoolProps,
  ) {
    super(scope, id);
    validatePool(this, props);
    this.pool = this.createPool();
    this.domain = new CognitoUserPoolDomain(this, 'domain', {
      domain: props.domainPrefix,
      userPoolId: this.pool.id,
    });
    for (const group of props.groups ?? []) {
      new CognitoUserGroup(this, `group-${group}`, { name: group, userPoolId: this.pool.id });
    }
  }

  get arn(): string {
    return this.pool.arn;
  }

  /** `iss` of its tokens. */
  get issuer(): string {
    return `https://cognito-idp.${Account.of(this).region}.amazonaws.com/${this.pool.id}`;
  }

  /** Host of the sign-in page and of the token endpoint. */
  get host(): string {
    return `${this.domain.domain}.auth.${Account.of(this).region}.amazoncognito.com`;
  }

  addWebClient(id: string, props: WebClientProps): WebClient {
    validateClient(this, props);
    const client = new CognitoUserPoolClient(this, id, {
      name: props.name,
      userPoolId: this.pool.id,
      generateSecret: false,
      allowedOauthFlowsUserPoolClient: true,
      allowedOauthFlows: ['code'],
      allowedOauthScopes: ['openid', 'email'],
      supportedIdentityProviders: ['COGNITO'],
      callbackUrls: [...props.callbackUrls],
      logoutUrls: [...props.logoutUrls],
      explicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
      enableTokenRevocation: true,
      // Who does not exist is told the same as who has another password.
      preventUserExistenceErrors: 'ENABLED',
      accessTokenValidity: props.accessTokenMinutes ?? 60,
      idTokenValidity: props.accessTokenMinutes ?? 60,
      refreshTokenValidity: props.refreshTokenDays ?? 1,
      tokenValidityUnits: [{ accessToken: 'minutes', idToken: 'minutes', refreshToken: 'days' }],
    });
    const authorization = {
      jwt: { name: `${id}-of-${this.node.id}`, issuer: this.issuer, audience: [client.id] },
    };
    return { client, id: client.id, authorization };
  }

  private createPool(): CognitoUserPool {
    const { name, deletionProtection = true, overrides } = this.props;
    return new CognitoUserPool(this, 'pool', {
      name,
      userPoolTier: 'ESSENTIALS',
      deletionProtection: deletionProtection ? 'ACTIVE' : 'INACTIVE',
      adminCreateUserConfig: { allowAdminCreateUserOnly: true },
      usernameConfiguration: { caseSensitive: false },
      usernameAttributes: ['email'],
      autoVerifiedAttributes: ['email'],
      passwordPolicy: {
        minimumLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireNumbers: true,
        requireSymbols: false,
        temporaryPasswordValidityDays: 7,
      },
      mfaConfiguration: 'OPTIONAL',
      softwareTokenMfaConfiguration: { enabled: true },
      accountRecoverySetting: { recoveryMechanism: [{ name: 'verified_email', priority: 1 }] },
      ...overrides,
    });
  }
}

const SOURCE = 'Cognito CreateUserPool';

function validatePool(pool: UserPool, { name, domainPrefix, groups = [] }: UserPoolProps): void {
  requireMatch(
    pool,
    'name',
    name,
    /^[\w\s+=,.@-]{1,128}$/,
    `up to 128 letters, digits and +=,.@- are allowed (${SOURCE})`,
  );
  const prefixRule =
    'up to 63 lower-case letters, digits and -, without aws, amazon and cognito (Cognito CreateUserPoolDomain)';
  requireMatch(
    pool,
    'domainPrefix',
    domainPrefix,
    /^(?!.*(?:aws|amazon|cognito))[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    prefixRule,
  );
  const groupRule = 'up to 128 characters without spaces are allowed (Cognito CreateGroup)';
  for (const group of groups) requireMatch(pool, 'group', group, /^\S{1,128}$/, groupRule);
}

function validateClient(pool: UserPool, props: WebClientProps): void {
  const urlRule = 'https is needed, or http on localhost or 127.0.0.1 (Cognito CreateUserPoolClient)';
  for (const url of [...props.callbackUrls, ...props.logoutUrls]) {
    requireMatch(pool, 'url', url, /^(?:https:\/\/|http:\/\/(?:localhost|127\.0\.0\.1)(?:[:/]|$))/, urlRule);
  }
  const source = 'Cognito CreateUserPoolClient';
  requireThat(
    pool,
    props.callbackUrls.length > 0,
    'callbackUrls',
    props.callbackUrls,
    `one is needed (${source})`,
  );
  requireInteger(pool, 'accessTokenMinutes', props.accessTokenMinutes, { min: 5, max: 1440 }, source);
  requireInteger(pool, 'refreshTokenDays', props.refreshTokenDays, { min: 1, max: 3650 }, source);
}
