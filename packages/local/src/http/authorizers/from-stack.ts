import type { Resolver, Resource } from '../../synth';
import { authorizerProblem, functionOf } from '../stack-parts';
import type { AuthorizerConfig, IdentitySource } from './config';
import { parseIdentitySource } from './config';

const DEFAULT_CACHE_SECONDS = 300;
const AUTHORIZATION: IdentitySource = { from: 'header', name: 'Authorization' };

/** An `aws_apigatewayv2_authorizer` of an HTTP API. */
export function httpAuthorizer(authorizer: Resource, api: Resource, resolver: Resolver): AuthorizerConfig {
  const id = authorizer.id();
  const sources = sourcesOf(authorizer.texts('identity_sources'));
  const jwt = authorizer.block('jwt_configuration');
  if (authorizer.text('authorizer_type') === 'JWT') {
    const audience = jwt?.texts('audience') ?? [];
    return {
      kind: 'jwt',
      id,
      issuers: [jwt?.text('issuer') ?? ''],
      audience: audience.length === 0 ? undefined : audience,
      identitySource: sources[0] ?? AUTHORIZATION,
      style: 'http',
    };
  }
  const version = authorizer.optionalText('authorizer_payload_format_version') ?? '1.0';
  return {
    kind: 'lambda',
    id,
    ...called(authorizer, 'authorizer_credentials_arn', api, resolver),
    event: version === '2.0' ? 'http-2.0' : 'http-1.0',
    simpleResponses: authorizer.flag('enable_simple_responses', false),
    identitySources: sources,
    cacheSeconds: authorizer.number('authorizer_result_ttl_in_seconds', DEFAULT_CACHE_SECONDS),
  };
}

/** An `aws_api_gateway_authorizer` of a REST API. */
export function restAuthorizer(authorizer: Resource, api: Resource, resolver: Resolver): AuthorizerConfig {
  const id = authorizer.id();
  const type = authorizer.optionalText('type') ?? 'TOKEN';
  const given = authorizer.optionalText('identity_source') ?? 'method.request.header.Authorization';
  const pattern = authorizer.optionalText('identity_validation_expression');
  const sources = sourcesOf(given.split(','));
  if (type === 'COGNITO_USER_POOLS') {
    return {
      kind: 'jwt',
      id,
      issuers: authorizer.texts('provider_arns').map(userPoolIssuer),
      identitySource: sources[0] ?? AUTHORIZATION,
      audiencePattern: pattern,
      style: 'rest',
    };
  }
  return {
    kind: 'lambda',
    id,
    ...called(authorizer, 'authorizer_credentials', api, resolver),
    event: type === 'TOKEN' ? 'rest-token' : 'rest-request',
    simpleResponses: false,
    identitySources: sources,
    cacheSeconds: authorizer.number('authorizer_result_ttl_in_seconds', DEFAULT_CACHE_SECONDS),
    tokenPattern: type === 'TOKEN' ? pattern : undefined,
  };
}

/** `arn:aws:cognito-idp:<region>:<account>:userpool/<id>` */
export function userPoolIssuer(arn: string): string {
  const [, , , region, , pool = ''] = arn.split(':');
  return `https://cognito-idp.${region}.amazonaws.com/${pool.replace('userpool/', '')}`;
}

/** What cannot be read is left out. */
function sourcesOf(texts: readonly string[]): IdentitySource[] {
  return texts.flatMap((text) => parseIdentitySource(text) ?? []);
}

function called(authorizer: Resource, role: string, api: Resource, resolver: Resolver) {
  const functionArn = functionOf(authorizer.optionalText('authorizer_uri') ?? '');
  const roleArn = authorizer.optionalText(role);
  const called = { id: authorizer.id(), name: authorizer.text('name'), functionArn, roleArn };
  const problem = authorizerProblem(called, api, resolver);
  return { functionArn, problem };
}
