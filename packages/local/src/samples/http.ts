import { arnIn, hex, uuid } from './context';
import type { SampleContext } from './context';

const BODY = JSON.stringify({ message: 'hello' });
const AGENT = 'aws-micro';
const IP = '127.0.0.1';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

interface Route {
  readonly routeKey: string;
  readonly method: string;
  /** With values in the place of its parameters. */
  readonly path: string;
  /** As the route has it. */
  readonly template: string;
  readonly parameters: Record<string, string> | undefined;
  readonly body: string | undefined;
}

/** The function's own route, where it has one. */
function routeOf({ names }: SampleContext): Route {
  const { routeKey = 'POST /messages' } = names;
  const [given = 'POST', template = '/messages'] = routeKey === '$default' ? [] : routeKey.split(' ');
  const method = given === 'ANY' ? 'POST' : given;
  const parameters = Object.fromEntries(
    [...template.matchAll(/\{(\w+)\+?\}/g)].map(([, name]) => [name!, 'sample']),
  );
  return {
    routeKey,
    method,
    template,
    path: template.replace(/\{\w+\+?\}/g, 'sample'),
    parameters: Object.keys(parameters).length > 0 ? parameters : undefined,
    body: method === 'GET' || method === 'DELETE' ? undefined : BODY,
  };
}

function headersFor(domainName: string): Record<string, string> {
  return {
    accept: '*/*',
    'content-type': 'application/json',
    host: domainName,
    'user-agent': AGENT,
    'x-forwarded-for': IP,
    'x-forwarded-port': '443',
    'x-forwarded-proto': 'https',
  };
}

/** `21/Nov/2026:09:30:00 +0000` */
function clfTime({ now }: SampleContext): string {
  const date = new Date(now);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
  return `${day}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
}

function contextV2(context: SampleContext, { routeKey, method, path }: Route, apiId: string, domain: string) {
  return {
    accountId: context.accountId,
    apiId,
    domainName: domain,
    domainPrefix: apiId,
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: IP, userAgent: AGENT },
    requestId: uuid(),
    routeKey,
    stage: '$default',
    time: clfTime(context),
    timeEpoch: context.now,
  };
}

/** HTTP API, payload 2.0. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
export function httpApi(context: SampleContext) {
  const apiId = hex(5);
  return requestV2(context, routeOf(context), apiId, `${apiId}.execute-api.${context.region}.amazonaws.com`);
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
export function functionUrl(context: SampleContext) {
  const urlId = hex(16);
  const route = { ...routeOf({ ...context, names: { routeKey: 'POST /' } }), routeKey: '$default' };
  const event = requestV2(context, route, urlId, `${urlId}.lambda-url.${context.region}.on.aws`);
  return { ...event, requestContext: { ...event.requestContext, accountId: 'anonymous' } };
}

function requestV2(context: SampleContext, route: Route, apiId: string, domain: string) {
  const { routeKey, path, parameters, body } = route;
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: '',
    headers: headersFor(domain),
    requestContext: contextV2(context, route, apiId, domain),
    ...(parameters !== undefined && { pathParameters: parameters }),
    ...(body !== undefined && { body }),
    isBase64Encoded: false,
  };
}

/** REST API, or HTTP API with payload 1.0. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html */
export function restApi(context: SampleContext) {
  const { method, path, template, parameters, body } = routeOf(context);
  const apiId = hex(5);
  const headers = headersFor(`${apiId}.execute-api.${context.region}.amazonaws.com`);
  return {
    resource: template,
    path,
    httpMethod: method,
    headers,
    multiValueHeaders: listed(headers),
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: parameters ?? null,
    stageVariables: null,
    requestContext: contextV1(context, apiId),
    body: body ?? null,
    isBase64Encoded: false,
  };
}

function contextV1(context: SampleContext, apiId: string) {
  const { method, path, template } = routeOf(context);
  return {
    accountId: context.accountId,
    apiId,
    authorizer: undefined,
    domainName: `${apiId}.execute-api.${context.region}.amazonaws.com`,
    domainPrefix: apiId,
    extendedRequestId: hex(8),
    httpMethod: method,
    identity: IDENTITY,
    path: `/prod${path}`,
    protocol: 'HTTP/1.1',
    requestId: uuid(),
    requestTime: clfTime(context),
    requestTimeEpoch: context.now,
    resourceId: hex(3),
    resourcePath: template,
    stage: 'prod',
  };
}

/** A caller of whom nothing is known. */
const IDENTITY = {
  accessKey: null,
  accountId: null,
  apiKey: null,
  apiKeyId: null,
  caller: null,
  clientCert: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  sourceIp: IP,
  user: null,
  userAgent: AGENT,
  userArn: null,
};

function listed(headers: Readonly<Record<string, string>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
}

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html */
export function authorizerToken(context: SampleContext) {
  const { method, path } = routeOf(context);
  return {
    type: 'TOKEN' as const,
    authorizationToken: 'Bearer sample-token',
    methodArn: arnIn(context, 'execute-api', `${hex(5)}/prod/${method}${path}`),
  };
}

/** HTTP API, payload 2.0. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html */
export function authorizerRequest(context: SampleContext) {
  const route = routeOf(context);
  const apiId = hex(5);
  const domain = `${apiId}.execute-api.${context.region}.amazonaws.com`;
  const authorization = 'Bearer sample-token';
  return {
    version: '2.0',
    type: 'REQUEST' as const,
    routeArn: arnIn(context, 'execute-api', `${apiId}/$default/${route.method}${route.path}`),
    identitySource: [authorization],
    routeKey: route.routeKey,
    rawPath: route.path,
    rawQueryString: '',
    cookies: [],
    headers: { ...headersFor(domain), authorization },
    requestContext: contextV2(context, route, apiId, domain),
    ...(route.parameters !== undefined && { pathParameters: route.parameters }),
  };
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html */
export function alb(context: SampleContext) {
  const targetGroup = `targetgroup/${context.functionName.slice(0, 32)}/${hex(8)}`;
  return {
    requestContext: { elb: { targetGroupArn: arnIn(context, 'elasticloadbalancing', targetGroup) } },
    httpMethod: 'POST',
    path: '/messages',
    queryStringParameters: { page: '1' },
    headers: {
      ...headersFor(`sample-${hex(4)}.${context.region}.elb.amazonaws.com`),
      'x-amzn-trace-id': `Root=1-${Math.floor(context.now / 1000).toString(16)}-${hex(12)}`,
    },
    body: BODY,
    isBase64Encoded: false,
  };
}
