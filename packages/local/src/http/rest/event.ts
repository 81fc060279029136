import type { JsonObject } from '../../synth';
import type { Caller } from '../caller';
import { flatAuthorizer, headersOf, identityOf, queryOf, variablesOf } from '../event-v1';
import type { ApiRequest } from '../request';
import { headerOf, hostOf, logTime } from '../request';
import { bodyOf } from './binary';
import type { ApiKeyConfig, RestApiConfig, RestResource, RestStage } from './config';

/** Where a request to a REST API goes. */
export interface RestContext {
  readonly api: RestApiConfig;
  readonly stage: RestStage;
  readonly resource: RestResource;
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
}

/**
 * The event of a Lambda proxy integration, as JSON.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 * @throws URIError where the query is not percent-encoded correctly
 */
export function restEvent(
  request: ApiRequest,
  context: RestContext,
  caller: Caller,
  key: ApiKeyConfig | undefined,
): string {
  const { api } = context;
  return JSON.stringify({
    ...restHead(request, context, caller, key),
    ...bodyOf(request.body, headerOf(request, 'content-type'), api.binaryMediaTypes),
  });
}

/** Everything but the body; authorizers get it too. @throws URIError */
export function restHead(
  request: ApiRequest,
  { api, stage, resource, pathParameters }: RestContext,
  caller: Caller,
  key?: ApiKeyConfig,
): JsonObject {
  const host = hostOf(request);
  return {
    resource: resource.path,
    path: request.path,
    httpMethod: request.method,
    ...headersOf(request),
    ...queryOf(request),
    pathParameters: pathParameters ?? null,
    stageVariables: variablesOf(stage),
    requestContext: {
      accountId: api.accountId,
      apiId: api.id,
      ...authorizerOf(caller),
      deploymentId: stage.deploymentId,
      domainName: host,
      domainPrefix: host.split('.')[0]!,
      extendedRequestId: request.requestId,
      httpMethod: request.method,
      identity: {
        ...identityOf(request, caller),
        ...(key === undefined ? {} : { apiKey: key.value, apiKeyId: key.id }),
      },
      path: request.fullPath,
      protocol: request.protocol,
      requestId: request.requestId,
      requestTime: logTime(request.receivedAt),
      requestTimeEpoch: request.receivedAt,
      resourceId: resource.id,
      resourcePath: resource.path,
      stage: stage.name,
    },
  };
}

/** User pools give the claims alone. */
function authorizerOf(caller: Caller): JsonObject {
  if (caller.kind === 'jwt') return { authorizer: { claims: caller.claims } };
  const authorizer = flatAuthorizer(caller);
  return authorizer === undefined ? {} : { authorizer };
}
