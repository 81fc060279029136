import type { JsonObject } from '../synth';
import type { Caller } from './caller';
import type { ApiIdentity, StageConfig } from './config';
import type { ApiRequest } from './request';
import { eachParameter, logTime } from './request';

/** Where a request goes. */
export interface EventContext {
  readonly api: ApiIdentity;
  readonly stage: Pick<StageConfig, 'name' | 'variables'>;
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
  readonly caller: Caller;
  /** @default the account's; function URLs that are open to anyone say `anonymous` */
  readonly accountId?: string;
}

/**
 * HTTP APIs hand bodies of these types to functions as text and all others, forms included, in base64.
 */
const TEXT_TYPE = /^(?:text\/|application\/(?:json|xml|javascript)(?:$|[\s;]))/i;

/**
 * The Lambda event of a request in payload format 2.0, as JSON. What a request does not have (cookies, query, path
 * parameters, body) is left out, as API Gateway does.
 *
 * @throws URIError where the path or the query is not percent-encoded correctly
 */
export function requestEvent(request: ApiRequest, context: EventContext): string {
  const head = eventHead(request, context);
  // In place: every request comes by here, and copies cost.
  return JSON.stringify(Object.assign(head, textOrBase64(request.body, head.headers)));
}

/** What an authorizer function gets in payload format 2.0: everything but the body. @throws URIError */
export function authorizerEvent(request: ApiRequest, context: EventContext): JsonObject {
  return eventHead(request, context) as unknown as JsonObject;
}

function eventHead(request: ApiRequest, context: EventContext) {
  const { api, stage, routeKey } = context;
  const { headers, cookies } = readHeaders(request);
  const path = decodeURIComponent(request.path);
  const rawPath = stage.name === '$default' ? path : `/${stage.name}${path}`;
  const host = (headers['host'] ?? '').replace(/:\d+$/, '');
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString: request.query,
    cookies,
    headers,
    queryStringParameters: request.query === '' ? undefined : readQuery(request.query),
    requestContext: {
      accountId: context.accountId ?? api.accountId,
      apiId: api.id,
      authorizer: authorizerOf(context.caller),
      domainName: host,
      domainPrefix: host.split('.')[0],
      http: {
        method: request.method,
        path: rawPath,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: request.requestId,
      routeKey,
      stage: stage.name,
      time: logTime(request.receivedAt),
      timeEpoch: request.receivedAt,
    },
    pathParameters: context.pathParameters,
    stageVariables: Object.keys(stage.variables).length > 0 ? stage.variables : undefined,
  };
}

function authorizerOf(caller: Caller) {
  switch (caller.kind) {
    case 'anyone':
      return undefined;
    case 'iam':
      return { iam: caller.iam };
    case 'lambda':
      return { lambda: caller.context };
    case 'jwt':
      return { jwt: { claims: caller.claims, scopes: caller.scopes } };
  }
}

function readHeaders(request: ApiRequest) {
  // Without a prototype, since clients choose the names.
  const headers = Object.create(null) as Record<string, string>;
  let cookies: string[] | undefined;
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index]!.toLowerCase();
    const value = request.rawHeaders[index + 1]!;
    if (name === 'cookie') {
      (cookies ??= []).push(...value.split(/;\s*/).filter(Boolean));
    } else {
      const former = headers[name];
      headers[name] = former === undefined ? value : `${former},${value}`;
    }
  }
  headers['x-forwarded-for'] = forwardedFor(headers['x-forwarded-for'], request);
  headers['x-forwarded-port'] = String(request.port);
  headers['x-forwarded-proto'] = 'http';
  headers['x-amzn-trace-id'] ??= request.traceId;
  return { headers, cookies };
}

/** @param former what the client says itself */
export function forwardedFor(former: string | undefined, { sourceIp }: ApiRequest): string {
  return former === undefined ? sourceIp : `${former}, ${sourceIp}`;
}

function readQuery(query: string): Record<string, string> {
  const parameters = Object.create(null) as Record<string, string>;
  eachParameter(query, (name, value) => {
    const former = parameters[name];
    parameters[name] = former === undefined ? value : `${former},${value}`;
  });
  return parameters;
}

/** A body as HTTP APIs hand it on; a request without one has no `body`. @param headers with lower-case names */
export function textOrBase64(body: Buffer, headers: Readonly<Record<string, string | undefined>>) {
  if (body.length === 0) {
    return { isBase64Encoded: false };
  }
  const isText = TEXT_TYPE.test(headers['content-type'] ?? '') && headers['content-encoding'] === undefined;
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
}
