import { Apigatewayv2Authorizer } from '@cdktf/provider-aws/lib/apigatewayv2-authorizer';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import type { ITerraformDependable } from 'cdktf';
import type { Authorization, JwtAuthorization, LambdaAuthorization } from './authorization';
import type { HttpApi } from './http-api';
import { distinctId, pathId } from './names';
import { areKnown, requireThat } from './validate';

/** A route's attributes that say who may call it, and what has to be there before it. */
export interface RouteAuthorization {
  readonly settings: {
    readonly authorizationType: 'NONE' | 'AWS_IAM' | 'JWT' | 'CUSTOM';
    readonly authorizerId?: string;
    readonly authorizationScopes?: string[];
  };
  readonly dependsOn: readonly ITerraformDependable[];
}

/** Makes what a route needs to ask who calls; routes that ask alike share an authorizer. */
export function authorize(api: HttpApi, authorization: Authorization): RouteAuthorization {
  if (authorization === 'iam') return { settings: { authorizationType: 'AWS_IAM' }, dependsOn: [] };
  if ('jwt' in authorization) {
    const { scopes = [] } = authorization.jwt;
    return {
      settings: {
        authorizationType: 'JWT',
        authorizerId: jwtAuthorizer(api, authorization).id,
        ...(scopes.length > 0 && { authorizationScopes: [...scopes] }),
      },
      dependsOn: [],
    };
  }
  if ('authorizer' in authorization) {
    const { authorizer, permission } = functionAuthorizer(api, authorization);
    return {
      settings: { authorizationType: 'CUSTOM', authorizerId: authorizer.id },
      dependsOn: [permission],
    };
  }
  return { settings: { authorizationType: 'NONE' }, dependsOn: [] };
}

function jwtAuthorizer(api: HttpApi, { jwt: { name, issuer, audience } }: JwtAuthorization) {
  requireThat(
    api,
    name !== undefined || areKnown(issuer, ...audience),
    'name of a JWT authorizer',
    name ?? 'missing',
    'it is needed where the issuer or an audience is known only when the stack is deployed',
  );
  const id = name === undefined ? distinctId('jwt', [issuer, ...audience]) : `jwt-${name}`;
  const known = api.node.tryFindChild(id) as Apigatewayv2Authorizer | undefined;
  return (
    known ??
    new Apigatewayv2Authorizer(api, id, {
      apiId: api.api.id,
      name: id,
      authorizerType: 'JWT',
      identitySources: ['$request.header.Authorization'],
      jwtConfiguration: { issuer, audience: [...audience] },
    })
  );
}

/** One a function and its options. */
function functionAuthorizer(api: HttpApi, authorization: LambdaAuthorization) {
  const { authorizer: fn, cacheSeconds = 300, simpleResponses = true } = authorization;
  const sources = [...(authorization.identitySources ?? ['$request.header.Authorization'])];
  const kind = simpleResponses ? 'simple' : 'policy';
  const parts = [pathId(fn), kind, String(cacheSeconds), ...sources.map((source) => source.slice(1))];
  const id = distinctId('authorizer', parts);
  const known = api.node.tryFindChild(id) as Apigatewayv2Authorizer | undefined;
  if (known) return { authorizer: known, permission: api.node.findChild(`allow-${id}`) as LambdaPermission };
  const authorizer = new Apigatewayv2Authorizer(api, id, {
    apiId: api.api.id,
    name: id,
    authorizerType: 'REQUEST',
    authorizerUri: fn.function.invokeArn,
    authorizerPayloadFormatVersion: '2.0',
    enableSimpleResponses: simpleResponses,
    authorizerResultTtlInSeconds: cacheSeconds,
    identitySources: sources,
  });
  const permission = new LambdaPermission(api, `allow-${id}`, {
    functionName: fn.function.functionName,
    action: 'lambda:InvokeFunction',
    principal: 'apigateway.amazonaws.com',
    sourceArn: `${api.api.executionArn}/authorizers/${authorizer.id}`,
  });
  return { authorizer, permission };
}
