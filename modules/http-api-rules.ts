import type { Construct } from 'constructs';
import type { Authorization, LambdaAuthorization, PublicAccess } from './authorization';
import type { Cors, HttpApi, HttpApiProps, RouteOptions, Throttle } from './http-api';
import { requireInteger, requireMatch, requireThat } from './validate';

const ROUTE_KEY =
  /^(ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/|(\/([a-zA-Z0-9._~-]+|\{[a-zA-Z0-9_]+\}))*(\/\{[a-zA-Z0-9_]+\+\})?)$/;

export function validateApi(api: HttpApi, { name, throttle, cors }: HttpApiProps): void {
  const nameRule =
    'up to 128 letters, digits, ., _ and - are allowed (API Gateway CreateApi, and its log group)';
  requireMatch(api, 'name', name, /^[a-zA-Z0-9._-]{1,128}$/, nameRule);
  if (throttle) validateThrottle(api, 'throttle', throttle);
  if (cors) validateCors(api, cors);
}

export function validateCors(api: Construct, cors: Cors): void {
  const open = [cors.allowOrigins, cors.allowMethods, cors.allowHeaders ?? []].some((list) =>
    list.includes('*'),
  );
  const rule =
    'browsers ignore * in origins, methods or headers when credentials are allowed, and AWS refuses it';
  requireThat(api, !(open && cors.allowCredentials), 'cors', cors, rule);
  const origins = cors.allowOrigins.every((origin) => origin === '*' || /^https?:\/\/[^/]+$/.test(origin));
  requireThat(
    api,
    origins,
    'cors.allowOrigins',
    cors.allowOrigins,
    'an origin is scheme and host, without a path',
  );
  requireInteger(api, 'cors.maxAgeSeconds', cors.maxAgeSeconds, { min: 0, max: 86_400 }, 'API Gateway Cors');
}

/** Routes of either kind of API. */
export function validateRouteKey(api: Construct, routeKey: string): void {
  requireMatch(
    api,
    'route',
    routeKey,
    ROUTE_KEY,
    'METHOD /path is needed, with {variables} or a last {proxy+}',
  );
}

export function validateRoute(api: HttpApi, routeKey: string, options: RouteOptions): void {
  validateRouteKey(api, routeKey);
  const known = api.node.tryFindChild(routeId(routeKey)) !== undefined;
  const ownRule = 'the API has this route already, or one that differs in punctuation only';
  requireThat(api, !known, 'route', routeKey, ownRule);
  const { authorization, throttle } = options;
  if (throttle) validateThrottle(api, `throttle of ${routeKey}`, throttle);
  validateAuthorization(api, routeKey, authorization);
}

export function validateAuthorization(api: Construct, routeKey: string, authorization: Authorization): void {
  if (authorization === 'iam') return;
  if ('publicBecause' in authorization) return validatePublicAccess(api, routeKey, authorization);
  if ('authorizer' in authorization) return validateAuthorizer(api, authorization);
  const { issuer, audience } = authorization.jwt;
  requireMatch(api, 'jwt.issuer', issuer, /^https:\/\//, 'an https URL is needed (OpenID Connect Discovery)');
  const rule = 'without an audience a token for any other application of the issuer would do';
  requireThat(api, audience.length > 0, 'jwt.audience', audience, rule);
}

export function validatePublicAccess(api: Construct, what: string, access: PublicAccess): void {
  const rule = 'a public route needs a reason of some words';
  requireMatch(api, `publicAccess of ${what}`, access.publicBecause, /\S+\s+\S+/, rule);
}

function validateAuthorizer(api: Construct, authorization: LambdaAuthorization): void {
  const { cacheSeconds = 300, identitySources = ['$request.header.Authorization'] } = authorization;
  const source = 'API Gateway CreateAuthorizer';
  requireInteger(api, 'cacheSeconds', cacheSeconds, { min: 0, max: 3600 }, source);
  const cacheRule = 'answers are cached by them: name one or more, or cacheSeconds: 0';
  requireThat(
    api,
    identitySources.length > 0 || cacheSeconds === 0,
    'identitySources',
    identitySources,
    cacheRule,
  );
  for (const identity of identitySources) {
    const rule = `$request.header.Name, $request.querystring.name, $context.name or $stageVariables.name is needed (${source})`;
    const known = /^\$(request\.(header|querystring)|context|stageVariables)\.[^\s.][^\s]*$/;
    requireMatch(api, 'identitySources', identity, known, rule);
  }
}

export function validateThrottle(
  scope: Construct,
  property: string,
  { ratePerSecond, burst }: Throttle,
): void {
  const source = 'API Gateway account quota';
  requireInteger(scope, `${property}.ratePerSecond`, ratePerSecond, { min: 1, max: 10_000 }, source);
  requireInteger(scope, `${property}.burst`, burst, { min: 1, max: 5000 }, source);
}

/** The route key as a construct's id: `GET /orders/{orderId}` is `GET-orders-orderId`. */
export function routeId(routeKey: string): string {
  return routeKey.replaceAll(/[^a-zA-Z0-9]+/g, '-').replace(/-$/, '');
}

/** What CloudWatch Logs Insights finds as fields of an access. */
export function accessLogFormat(): string {
  return JSON.stringify({
    requestId: '$context.requestId',
    requestTime: '$context.requestTime',
    sourceIp: '$context.identity.sourceIp',
    routeKey: '$context.routeKey',
    path: '$context.path',
    status: '$context.status',
    responseLength: '$context.responseLength',
    responseLatencyMs: '$context.responseLatency',
    integrationLatencyMs: '$context.integrationLatency',
    integrationError: '$context.integrationErrorMessage',
    errorMessage: '$context.error.message',
    authorizerError: '$context.authorizer.error',
    principal: '$context.identity.userArn',
  });
}
