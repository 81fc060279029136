import type { JsonObject } from '../synth';
import type { Caller } from './caller';
import type { StageConfig } from './config';
import type { EventContext } from './event';
import { forwardedFor, textOrBase64 } from './event';
import type { ApiRequest } from './request';
import { eachParameter, headerOf, hostOf, logTime } from './request';

type Values = Readonly<Record<string, string>>;
type Lists = Readonly<Record<string, readonly string[]>>;

/**
 * The Lambda event of a request to an HTTP API in payload format 1.0, as JSON.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * @throws URIError where the path or the query is not percent-encoded correctly
 */
export function requestEventV1(request: ApiRequest, context: EventContext): string {
  const { api, stage, routeKey, caller } = context;
  const resource = routeKey.split(' ')[1] ?? routeKey;
  const inner = decodeURIComponent(request.path);
  const path = stage.name === '$default' ? inner : `/${stage.name}${inner}`;
  const host = hostOf(request);
  const sent = textOrBase64(request.body, {
    'content-type': headerOf(request, 'content-type'),
    'content-encoding': headerOf(request, 'content-encoding'),
  });
  return JSON.stringify({
    version: '1.0',
    resource,
    path,
    httpMethod: request.method,
    ...headersOf(request),
    ...queryOf(request),
    requestContext: {
      accountId: api.accountId,
      apiId: api.id,
      authorizer: flatAuthorizer(caller) ?? { claims: null, scopes: null },
      domainName: host,
      domainPrefix: host.split('.')[0],
      extendedRequestId: request.requestId,
      httpMethod: request.method,
      identity: identityOf(request, caller),
      path,
      protocol: request.protocol,
      requestId: request.requestId,
      requestTime: logTime(request.receivedAt),
      requestTimeEpoch: request.receivedAt,
      resourceId: null,
      resourcePath: resource,
      stage: stage.name,
    },
    pathParameters: context.pathParameters ?? null,
    stageVariables: variablesOf(stage),
    body: null,
    ...sent,
  });
}

/** What an authorizer function of an HTTP API gets in payload format 1.0. @throws URIError */
export function authorizerEventV1(request: ApiRequest, context: EventContext): JsonObject {
  const { api, stage, routeKey } = context;
  const resource = routeKey.split(' ')[1] ?? routeKey;
  const path = decodeURIComponent(request.fullPath);
  return {
    resource,
    path,
    httpMethod: request.method,
    headers: headersOf(request).headers,
    queryStringParameters: queryOf(request).queryStringParameters ?? {},
    pathParameters: context.pathParameters ?? {},
    stageVariables: stage.variables,
    requestContext: {
      path,
      accountId: api.accountId,
      resourceId: null,
      stage: stage.name,
      requestId: request.requestId,
      identity: { apiKey: headerOf(request, 'x-api-key') ?? null, sourceIp: request.sourceIp },
      resourcePath: resource,
      httpMethod: request.method,
      apiId: api.id,
    },
  };
}

/** Null where there are none. */
export function variablesOf({ variables }: Pick<StageConfig, 'variables'>): Values | null {
  return Object.keys(variables).length > 0 ? variables : null;
}

/** `headers` (the last of each name) and `multiValueHeaders`, named as the client names them. */
export function headersOf(request: ApiRequest) {
  const { rawHeaders } = request;
  const lists = new Lister();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    lists.add(rawHeaders[index]!, rawHeaders[index + 1]!, true);
  }
  lists.set('X-Forwarded-For', forwardedFor(headerOf(request, 'x-forwarded-for'), request));
  lists.set('X-Forwarded-Port', String(request.port));
  lists.set('X-Forwarded-Proto', 'http');
  if (headerOf(request, 'x-amzn-trace-id') === undefined) lists.set('X-Amzn-Trace-Id', request.traceId);
  return { headers: lists.last, multiValueHeaders: lists.all };
}

/** `queryStringParameters` (the last of each name) and `multiValueQueryStringParameters`, or nulls. */
export function queryOf({ query }: ApiRequest): {
  queryStringParameters: Values | null;
  multiValueQueryStringParameters: Lists | null;
} {
  if (query === '') {
    return { queryStringParameters: null, multiValueQueryStringParameters: null };
  }
  const lists = new Lister();
  eachParameter(query, (name, value) => lists.add(name, value));
  return { queryStringParameters: lists.last, multiValueQueryStringParameters: lists.all };
}

/** Collects values by name. Its objects have no prototype, since clients choose the names. */
class Lister {
  readonly last = Object.create(null) as Record<string, string>;
  readonly all = Object.create(null) as Record<string, string[]>;
  private readonly names = new Map<string, string>();

  /** @param ignoreCase takes the first spelling of a name for all */
  add(name: string, value: string, ignoreCase = false): void {
    const known = ignoreCase ? (this.names.get(name.toLowerCase()) ?? name) : name;
    this.names.set(known.toLowerCase(), known);
    this.last[known] = value;
    (this.all[known] ??= []).push(value);
  }

  /** In place of what a client sent under the name, however spelled. */
  set(name: string, value: string): void {
    const known = this.names.get(name.toLowerCase());
    if (known !== undefined) {
      delete this.last[known];
      delete this.all[known];
    }
    this.names.set(name.toLowerCase(), name);
    this.last[name] = value;
    this.all[name] = [value];
  }
}

/** `requestContext.identity` */
export function identityOf(request: ApiRequest, caller: Caller): JsonObject {
  const iam = caller.kind === 'iam' ? caller.iam : undefined;
  return {
    accessKey: iam?.accessKey ?? null,
    accountId: iam?.accountId ?? null,
    caller: iam?.callerId ?? null,
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId: null,
    sourceIp: request.sourceIp,
    user: iam?.userId ?? null,
    userAgent: headerOf(request, 'user-agent') ?? null,
    userArn: iam?.userArn ?? null,
  };
}

/** `requestContext.authorizer`; undefined where nothing authorizes. */
export function flatAuthorizer(caller: Caller): JsonObject | undefined {
  if (caller.kind === 'lambda') {
    return { ...caller.context, principalId: caller.principalId ?? '', integrationLatency: caller.latencyMs };
  }
  return caller.kind === 'jwt' ? { claims: caller.claims, scopes: caller.scopes } : undefined;
}
