import type { ApiConfig, IamAuthorizer, StageConfig } from './config';
import type { RouteMatch } from './routes';

/** A request, read whole. */
export interface ApiRequest {
  readonly method: string;
  /** Below the stage, percent-encoded, without the query: `/messages/a%20b`. */
  readonly path: string;
  /** Without `?`; empty where there is none. */
  readonly query: string;
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[];
  readonly sourceIp: string;
  readonly protocol: string;
  readonly body: Buffer;
  readonly requestId: string;
  /** X-Ray's header: the client's, or that of its `traceparent`, or a new one. */
  readonly traceId: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

export interface EventContext {
  readonly api: ApiConfig;
  readonly stage: StageConfig;
  readonly match: RouteMatch;
  readonly authorizer: IamAuthorizer | undefined;
  readonly port: number;
}

/**
 * HTTP APIs hand bodies of these types to functions as text and all others, forms included, in base64.
 */
const TEXT_TYPE = /^(?:text\/|application\/(?:json|xml|javascript)(?:$|[\s;]))/i;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * The Lambda event of a request in payload format 2.0, as JSON. What a request does not have (cookies, query, path
 * parameters, body) is left out, as API Gateway does.
 *
 * @throws URIError where the path or the query is not percent-encoded correctly
 */
export function requestEvent(request: ApiRequest, context: EventContext): string {
  const { api, stage, match } = context;
  const { headers, cookies } = readHeaders(request, context.port);
  const path = decodeURIComponent(request.path);
  const rawPath = stage.name === '$default' ? path : `/${stage.name}${path}`;
  const host = (headers['host'] ?? '').replace(/:\d+$/, '');
  return JSON.stringify({
    version: '2.0',
    routeKey: match.route.routeKey,
    rawPath,
    rawQueryString: request.query,
    cookies,
    headers,
    queryStringParameters: request.query === '' ? undefined : readQuery(request.query),
    requestContext: {
      accountId: api.accountId,
      apiId: api.id,
      authorizer: context.authorizer && { iam: context.authorizer },
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
      routeKey: match.route.routeKey,
      stage: stage.name,
      time: logTime(request.receivedAt),
      timeEpoch: request.receivedAt,
    },
    pathParameters: match.pathParameters,
    stageVariables: Object.keys(stage.variables).length > 0 ? stage.variables : undefined,
    ...readBody(request.body, headers),
  });
}

function readHeaders(request: ApiRequest, port: number) {
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
  const forwarded = headers['x-forwarded-for'];
  headers['x-forwarded-for'] =
    forwarded === undefined ? request.sourceIp : `${forwarded}, ${request.sourceIp}`;
  headers['x-forwarded-port'] = String(port);
  headers['x-forwarded-proto'] = 'http';
  headers['x-amzn-trace-id'] ??= request.traceId;
  return { headers, cookies };
}

function readQuery(query: string): Record<string, string> {
  const parameters = Object.create(null) as Record<string, string>;
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const name = decodeQuery(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? '' : decodeQuery(pair.slice(equals + 1));
    if (pair !== '') {
      const former = parameters[name];
      parameters[name] = former === undefined ? value : `${former},${value}`;
    }
  }
  return parameters;
}

function decodeQuery(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

function readBody(body: Buffer, headers: Readonly<Record<string, string>>) {
  if (body.length === 0) {
    return { isBase64Encoded: false };
  }
  const isText = TEXT_TYPE.test(headers['content-type'] ?? '') && headers['content-encoding'] === undefined;
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
}

/** `12/Mar/2026:19:03:58 +0000` */
function logTime(time: number): string {
  const iso = new Date(time).toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}
