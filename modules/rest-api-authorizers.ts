import { ApiGatewayAuthorizer } from '@cdktf/provider-aws/lib/api-gateway-authorizer';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import type { ITerraformDependable } from 'cdktf';
import type { IdentitySource, LambdaAuthorization, PublicAccess } from './authorization';
import { pathId } from './names';
import type { RestApi } from './rest-api';

/** Who may call a route of a REST API; tokens of an OpenID Connect provider are a function's to check. */
export type RestAuthorization = 'iam' | LambdaAuthorization | PublicAccess;

/** A method's attributes that say who may call it, and what has to be there before it. */
export interface MethodAuthorization {
  readonly settings: {
    readonly authorization: 'NONE' | 'AWS_IAM' | 'CUSTOM';
    readonly authorizerId?: string;
  };
  readonly dependsOn: readonly ITerraformDependable[];
}

/** Makes what a method needs to ask who calls; methods that ask alike share an authorizer. */
export function authorizeMethod(api: RestApi, authorization: RestAuthorization): MethodAuthorization {
  if (authorization === 'iam') return { settings: { authorization: 'AWS_IAM' }, dependsOn: [] };
  if ('publicBecause' in authorization) return { settings: { authorization: 'NONE' }, dependsOn: [] };
  const { authorizer, permission } = functionAuthorizer(api, authorization);
  return { settings: { authorization: 'CUSTOM', authorizerId: authorizer.id }, dependsOn: [permission] };
}

/** One a function and its options. */
function functionAuthorizer(api: RestApi, { authorizer: fn, ...options }: LambdaAuthorization) {
  const { cacheSeconds = 300, identitySources = ['$request.header.Authorization'] } = options;
  const sources = identitySources.map(restSpelling);
  const parts = [pathId(fn), String(cacheSeconds), ...sources].join('-');
  const id = `authorizer-${parts.replaceAll(/[^a-zA-Z0-9]+/g, '-')}`;
  const known = api.node.tryFindChild(id) as ApiGatewayAuthorizer | undefined;
  if (known) return { authorizer: known, permission: api.node.findChild(`allow-${id}`) as LambdaPermission };
  const authorizer = new ApiGatewayAuthorizer(api, id, {
    restApiId: api.api.id,
    name: id.slice(0, 128),
    type: 'REQUEST',
    authorizerUri: fn.function.invokeArn,
    authorizerResultTtlInSeconds: cacheSeconds,
    identitySource: sources.join(','),
  });
  const permission = new LambdaPermission(api, `allow-${id}`, {
    functionName: fn.function.functionName,
    action: 'lambda:InvokeFunction',
    principal: 'apigateway.amazonaws.com',
    sourceArn: `${api.api.executionArn}/authorizers/${authorizer.id}`,
  });
  return { authorizer, permission };
}

/** `$request.header.X-Token` as `method.request.header.X-Token`, `$context.httpMethod` as `context.httpMethod`. */
function restSpelling(source: IdentitySource): string {
  return source.replace(/^\$request\./, 'method.request.').replace(/^\$/, '');
}
