import { TerraformOutput } from 'cdktf';
import type { TerraformStack } from 'cdktf';
import { HttpApi, LambdaFunction, UserPool } from '../../modules';
import type { UserPoolProps, WebClientProps } from '../../modules';
import { synthesize } from '../support/template';

const pool = (stack: TerraformStack, props: Partial<UserPoolProps> = {}) =>
  new UserPool(stack, 'staff', {
    name: 'shop-staff',
    domainPrefix: 'shop-staff-1234',
    groups: ['admin', 'editors'],
    ...props,
  });
const page: WebClientProps = {
  name: 'web',
  callbackUrls: ['https://shop.example.com/signed-in'],
  logoutUrls: ['https://shop.example.com/'],
};
const synth = (props: Partial<UserPoolProps> = {}, client: Partial<WebClientProps> = {}) =>
  synthesize((stack) => void pool(stack, props).addWebClient('web', { ...page, ...client }));

const template = synth();
const POOL_ID = `\${${template.resourcesOf('aws_cognito_user_pool')[0]?.address}.id}`;

test('matches its snapshot', () => expect(template.snapshot()).toMatchSnapshot());

describe('the pool', () => {
  test('has the users that administrators make, known by their address whatever its case', () => {
    expect(template.only('aws_cognito_user_pool')).toMatchObject({
      admin_create_user_config: { allow_admin_create_user_only: true },
      username_attributes: ['email'],
      auto_verified_attributes: ['email'],
      username_configuration: { case_sensitive: false },
      account_recovery_setting: { recovery_mechanism: [{ name: 'verified_email', priority: 1 }] },
    });
  });

  test('asks for long passwords, and takes an authenticator app', () => {
    expect(template.only('aws_cognito_user_pool')).toMatchObject({
      password_policy: {
        minimum_length: 12,
        require_lowercase: true,
        require_uppercase: true,
        require_numbers: true,
        temporary_password_validity_days: 7,
      },
      mfa_configuration: 'OPTIONAL',
      software_token_mfa_configuration: { enabled: true },
    });
    // Codes by telephone cost money, and can be redirected.
    expect(template.only('aws_cognito_user_pool')).not.toHaveProperty('sms_configuration');
  });

  test('refuses to be deleted, unless that was said', () => {
    expect(template.only('aws_cognito_user_pool')['deletion_protection']).toBe('ACTIVE');
    expect(synth({ deletionProtection: false }).only('aws_cognito_user_pool')['deletion_protection']).toBe(
      'INACTIVE',
    );
  });

  test('has its groups and its address', () => {
    const groups = template.resourcesOf('aws_cognito_user_group').map(({ attributes }) => attributes);
    expect(groups).toEqual([
      { name: 'admin', user_pool_id: POOL_ID },
      { name: 'editors', user_pool_id: POOL_ID },
    ]);
    expect(template.only('aws_cognito_user_pool_domain')).toEqual({
      domain: 'shop-staff-1234',
      user_pool_id: POOL_ID,
    });
    synth({ groups: undefined }).countIs('aws_cognito_user_group', 0);
  });

  test('takes another setting of the resource', () => {
    const custom = synth({ overrides: { mfaConfiguration: 'ON' } });
    expect(custom.only('aws_cognito_user_pool')['mfa_configuration']).toBe('ON');
  });
});

describe('a page', () => {
  const client = template.only('aws_cognito_user_pool_client');

  test('signs people in by a code, and has no secret', () => {
    expect(client).toMatchObject({
      generate_secret: false,
      allowed_oauth_flows_user_pool_client: true,
      allowed_oauth_flows: ['code'],
      allowed_oauth_scopes: ['openid', 'email'],
      supported_identity_providers: ['COGNITO'],
      callback_urls: ['https://shop.example.com/signed-in'],
      logout_urls: ['https://shop.example.com/'],
    });
  });

  test('never sees a password', () => {
    expect(client['explicit_auth_flows']).toEqual(['ALLOW_REFRESH_TOKEN_AUTH']);
  });

  test('cannot find out who has an account, and signing out ends the tokens', () => {
    expect(client).toMatchObject({
      prevent_user_existence_errors: 'ENABLED',
      enable_token_revocation: true,
    });
  });

  test('has tokens of an hour, for a day; or as it is said', () => {
    const units = { access_token: 'minutes', id_token: 'minutes', refresh_token: 'days' };
    expect(client).toMatchObject({
      access_token_validity: 60,
      id_token_validity: 60,
      refresh_token_validity: 1,
      token_validity_units: [units],
    });
    const custom = synth({}, { accessTokenMinutes: 5, refreshTokenDays: 30 });
    expect(custom.only('aws_cognito_user_pool_client')).toMatchObject({
      access_token_validity: 5,
      id_token_validity: 5,
      refresh_token_validity: 30,
      token_validity_units: [units],
    });
  });

  test('is whose tokens a route takes: of this pool, made for this page', () => {
    const api = synthesize((stack) => {
      const { authorization } = pool(stack).addWebClient('web', page);
      const fn = new LambdaFunction(stack, 'fn', { name: 'fn', entry: 'fn.ts' });
      const http = new HttpApi(stack, 'api', { name: 'api' });
      http.route('GET /orders', fn, { authorization });
      http.route('DELETE /orders/{id}', fn, { authorization });
    });
    const clientId = `\${${api.resourcesOf('aws_cognito_user_pool_client')[0]?.address}.id}`;
    expect(api.only('aws_apigatewayv2_authorizer')).toMatchObject({
      authorizer_type: 'JWT',
      jwt_configuration: {
        audience: [clientId],
        issuer: expect.stringMatching(
          /^https:\/\/cognito-idp\.\$\{data\.aws_region\.\w+\.name\}\.amazonaws\.com\/\$\{aws_cognito_user_pool\.\w+\.id\}$/,
        ) as string,
      },
    });
    for (const { attributes } of api.resourcesOf('aws_apigatewayv2_route')) {
      expect(attributes['authorization_type']).toBe('JWT');
    }
  });

  test('asks for a token at the address of the pool', () => {
    const stack = synthesize((scope) => {
      new TerraformOutput(scope, 'host', { value: pool(scope).host });
    });
    const { output } = stack.json as unknown as { output: { host: { value: string } } };
    const host = output.host.value;
    expect(host).toMatch(
      /^\$\{aws_cognito_user_pool_domain\.\w+\.domain\}\.auth\.\$\{.*\}\.amazoncognito\.com$/,
    );
  });
});

test.each<[Partial<UserPoolProps>, string]>([
  [{ name: '' }, 'name is ""'],
  [{ name: 'a/b' }, 'name is "a/b"'],
  [{ name: 'x'.repeat(129) }, 'name is "xxx'],
  [{ domainPrefix: '' }, 'domainPrefix is ""'],
  [{ domainPrefix: 'Shop' }, 'domainPrefix is "Shop"'],
  [{ domainPrefix: '-shop' }, 'domainPrefix is "-shop"'],
  [{ domainPrefix: 'shop-' }, 'domainPrefix is "shop-"'],
  [{ domainPrefix: 'my-aws-shop' }, 'domainPrefix is "my-aws-shop"'],
  [{ domainPrefix: 'amazonia' }, 'domainPrefix is "amazonia"'],
  [{ domainPrefix: 'cognitos' }, 'domainPrefix is "cognitos"'],
  [{ domainPrefix: 'x'.repeat(64) }, 'domainPrefix is "xxx'],
  [{ groups: ['two words'] }, 'group is "two words"'],
  [{ groups: [''] }, 'group is ""'],
])('refuses the pool %j', (props, message) => {
  expect(() => synth(props)).toThrow(message);
});

test.each<[Partial<WebClientProps>, string]>([
  [{ callbackUrls: [] }, 'callbackUrls'],
  [{ callbackUrls: ['http://shop.example.com/'] }, 'http://shop.example.com/'],
  [{ callbackUrls: ['http://localhost.example.com/'] }, 'http://localhost.example.com/'],
  [{ callbackUrls: ['javascript:alert(1)'] }, 'javascript:alert(1)'],
  [{ logoutUrls: ['ftp://shop.example.com'] }, 'ftp://shop.example.com'],
  [{ accessTokenMinutes: 4 }, 'accessTokenMinutes'],
  [{ accessTokenMinutes: 1441 }, 'accessTokenMinutes'],
  [{ refreshTokenDays: 0 }, 'refreshTokenDays'],
  [{ refreshTokenDays: 3651 }, 'refreshTokenDays'],
])('refuses the page %j', (props, message) => {
  expect(() => synth({}, props)).toThrow(message);
});

test('pages on this machine may be without TLS', () => {
  const urls = ['http://localhost:3000/signed-in', 'http://127.0.0.1/signed-in', 'http://localhost'];
  expect(synth({}, { callbackUrls: urls }).only('aws_cognito_user_pool_client')['callback_urls']).toEqual(
    urls,
  );
});
