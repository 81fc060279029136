import { api, merge, role, routed } from './support';
import type { Bodies, TestProject } from './support';

const POOL = '${aws_cognito_user_pool.staff.id}';
const SITE = 'https://${aws_cloudfront_distribution.site.domain_name}';
const FILES = 'shop-files';

/** A site with an API behind it that wants people of a user pool: names of AWS everywhere, as a stack has them. */
export function writeShop(project: TestProject): void {
  const fn = project.writeFunction(
    'whoami',
    `exports.handler = async (event) => event.rawPath === '/api/away'
      ? { statusCode: 302, headers: { location: 'https://' + process.env.API_HOST + '/api/me' } }
      : { statusCode: 200, headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ claims: event.requestContext.authorizer?.jwt.claims, query: event.rawQueryString }) };`,
  );
  project.writeStack(
    merge(
      api,
      role('open'),
      routed('whoami', 'GET /api/me'),
      {
        aws_lambda_function: {
          whoami: {
            ...fn,
            environment: {
              variables: { API_HOST: '${aws_apigatewayv2_api.api.id}.execute-api.us-east-1.amazonaws.com' },
            },
          },
        },
        aws_apigatewayv2_authorizer: {
          staff: {
            api_id: '${aws_apigatewayv2_api.api.id}',
            authorizer_type: 'JWT',
            identity_sources: ['$request.header.Authorization'],
            name: 'staff',
            jwt_configuration: {
              issuer: `https://cognito-idp.us-east-1.amazonaws.com/${POOL}`,
              audience: ['${aws_cognito_user_pool_client.web.id}'],
            },
          },
        },
      },
      {
        aws_apigatewayv2_route: {
          whoami: {
            api_id: '${aws_apigatewayv2_api.api.id}',
            route_key: 'GET /api/me',
            target: 'integrations/${aws_apigatewayv2_integration.whoami.id}',
            authorization_type: 'JWT',
            authorizer_id: '${aws_apigatewayv2_authorizer.staff.id}',
          },
          away: {
            api_id: '${aws_apigatewayv2_api.api.id}',
            route_key: 'GET /api/away',
            target: 'integrations/${aws_apigatewayv2_integration.whoami.id}',
          },
        },
      },
      pool,
      site,
    ),
    { aws_cloudfront_cache_policy: { optimized: { name: 'Managed-CachingOptimized' } } },
  );
}

const client = (name: string) => ({
  name,
  user_pool_id: POOL,
  allowed_oauth_flows: ['code'],
  allowed_oauth_flows_user_pool_client: true,
  allowed_oauth_scopes: ['openid', 'email'],
  callback_urls: [`${SITE}/signed-in`],
  logout_urls: [SITE],
  explicit_auth_flows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  access_token_validity: 5,
  id_token_validity: 5,
  refresh_token_validity: 1,
  token_validity_units: { access_token: 'minutes', id_token: 'minutes', refresh_token: 'days' },
});

const pool: Bodies = {
  aws_cognito_user_pool: {
    staff: {
      name: 'staff',
      username_attributes: ['email'],
      username_configuration: { case_sensitive: false },
      admin_create_user_config: { allow_admin_create_user_only: true },
      password_policy: { minimum_length: 10, require_numbers: true },
    },
  },
  aws_cognito_user_pool_domain: { staff: { domain: 'staff-1', user_pool_id: POOL } },
  aws_cognito_user_group: { admin: { name: 'admin', user_pool_id: POOL } },
  aws_cognito_user_pool_client: { web: client('web'), other: client('other') },
  aws_cognito_user: {
    ada: { user_pool_id: POOL, username: 'ada@example.org', attributes: { email: 'ada@example.org' } },
  },
  aws_cognito_user_in_group: {
    ada: { user_pool_id: POOL, username: 'ada@example.org', group_name: 'admin' },
  },
};

const read = (...arns: string[]) =>
  JSON.stringify({
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::${FILES}/*`,
        Condition: { StringEquals: { 'AWS:SourceArn': arns } },
      },
    ],
  });

const files = (changes: object = {}) => ({
  origin_id: 'files',
  domain_name: '${aws_s3_bucket.files.bucket_regional_domain_name}',
  origin_access_control_id: '${aws_cloudfront_origin_access_control.files.id}',
  ...changes,
});
const behavior = (changes: object = {}) => ({
  target_origin_id: 'files',
  allowed_methods: ['GET', 'HEAD'],
  cached_methods: ['GET', 'HEAD'],
  compress: true,
  viewer_protocol_policy: 'redirect-to-https',
  cache_policy_id: '${data.aws_cloudfront_cache_policy.optimized.id}',
  response_headers_policy_id: '${aws_cloudfront_response_headers_policy.site.id}',
  ...changes,
});
const toApi = {
  target_origin_id: 'api',
  path_pattern: '/api/*',
  cache_policy_id: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
  allowed_methods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'],
};
const object = (key: string, content: string, content_type: string) => ({
  bucket: '${aws_s3_bucket.files.id}',
  key,
  content,
  content_type,
});

const site: Bodies = {
  aws_s3_bucket: { files: { bucket: FILES } },
  aws_s3_bucket_policy: {
    files: { bucket: FILES, policy: read('${aws_cloudfront_distribution.site.arn}') },
  },
  aws_s3_object: {
    page: object('index.html', '<h1>shop</h1>', 'text/html'),
    config: object(
      'config.json',
      '{"signIn":"https://staff-1.auth.us-east-1.amazoncognito.com/oauth2/authorize","client":"${aws_cognito_user_pool_client.web.id}"}',
      'application/json',
    ),
    deep: object('a b/ü.txt', '0123456789', 'text/plain'),
  },
  aws_cloudfront_origin_access_control: {
    files: {
      name: 'files',
      origin_access_control_origin_type: 's3',
      signing_behavior: 'always',
      signing_protocol: 'sigv4',
    },
  },
  aws_cloudfront_function: {
    pages: {
      name: 'pages',
      runtime: 'cloudfront-js-2.0',
      code: "function handler(event) { var r = event.request; if (!/\\.\\w+$/.test(r.uri)) r.uri = '/index.html'; return r; }",
    },
  },
  aws_cloudfront_response_headers_policy: {
    site: {
      name: 'site',
      security_headers_config: {
        content_type_options: { override: true },
        strict_transport_security: { access_control_max_age_sec: 1, override: true },
      },
      custom_headers_config: { items: [{ header: 'X-Shop', value: 'yes', override: true }] },
    },
  },
  aws_cloudfront_distribution: {
    site: {
      enabled: true,
      comment: 'the shop',
      default_root_object: 'index.html',
      origin: [
        files(),
        {
          origin_id: 'api',
          domain_name: '${aws_apigatewayv2_api.api.id}.execute-api.us-east-1.amazonaws.com',
        },
        { origin_id: 'elsewhere', domain_name: 'elsewhere.example.org' },
      ],
      default_cache_behavior: behavior({
        function_association: [
          { event_type: 'viewer-request', function_arn: '${aws_cloudfront_function.pages.arn}' },
        ],
      }),
      ordered_cache_behavior: [
        behavior({
          ...toApi,
          path_pattern: '/api/me*',
          origin_request_policy_id: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
        }),
        behavior(toApi),
        behavior({ path_pattern: '/elsewhere', target_origin_id: 'elsewhere' }),
      ],
    },
    stranger: { enabled: true, comment: 'stranger', origin: [files()], default_cache_behavior: behavior() },
    anybody: {
      enabled: true,
      comment: 'anybody',
      origin: [files({ origin_access_control_id: null })],
      default_cache_behavior: behavior(),
    },
    off: { enabled: false, origin: [files()], default_cache_behavior: behavior() },
  },
};
