import type { RestApi, RestApiProps, RestRouteOptions } from './rest-api';
import { routeId, validateAuthorization, validateRouteKey, validateThrottle } from './http-api-rules';
import { requireMatch, requireThat } from './validate';

export function validateRestApi(api: RestApi, props: RestApiProps): void {
  const { name, stageName, description, throttle, binaryMediaTypes = [] } = props;
  const source = 'API Gateway CreateRestApi';
  const nameRule = `up to 128 letters, digits, ., _ and - are allowed (${source}, and its log group)`;
  requireMatch(api, 'name', name, /^[a-zA-Z0-9._-]{1,128}$/, nameRule);
  const stageRule = 'up to 128 letters, digits, _ and - are allowed (API Gateway CreateStage)';
  requireMatch(api, 'stageName', stageName, /^[a-zA-Z0-9_-]{1,128}$/, stageRule);
  requireMatch(
    api,
    'description',
    description,
    /^.{0,1024}$/s,
    `up to 1024 characters are allowed (${source})`,
  );
  if (throttle) validateThrottle(api, 'throttle', throttle);
  for (const type of binaryMediaTypes) {
    requireMatch(api, 'binaryMediaTypes', type, /^[^\s/]+\/[^\s/]+$/, 'a media type is needed: image/png');
  }
}

export function validateRestRoute(api: RestApi, routeKey: string, options: RestRouteOptions): void {
  validateRouteKey(api, routeKey);
  const known = api.node.tryFindChild(routeId(routeKey)) !== undefined;
  const ownRule = 'the API has this route already, or one that differs in punctuation only';
  requireThat(api, !known, 'route', routeKey, ownRule);
  requireOneVariable(api, routeKey);
  const { authorization } = options;
  validateAuthorization(api, routeKey, authorization);
  if (authorization === 'iam' || !('authorizer' in authorization)) return;
  const simple = authorization.simpleResponses;
  const rule = 'authorizers of REST APIs answer with an IAM policy: leave it out, or use an HTTP API';
  requireThat(api, simple !== true, 'simpleResponses', simple, rule);
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html: siblings cannot be variables of other names. */
function requireOneVariable(api: RestApi, routeKey: string): void {
  const parts = routeKey.split(' ')[1]?.split('/') ?? [];
  for (const known of api.routes.keys()) {
    const others = known.split(' ')[1]?.split('/') ?? [];
    const index = parts.findIndex((part, at) => part !== others[at]);
    const [one, other] = [parts[index] ?? '', others[index] ?? ''];
    const differ = [one, other].every((part) => /^\{[^+]+\}$/.test(part));
    const rule = `${known} has ${other} in the same place, and API Gateway takes one variable there`;
    requireThat(api, !differ, 'route', routeKey, rule);
  }
}

/** What CloudWatch Logs Insights finds as fields of an access. */
export function accessLogFormat(): string {
  return JSON.stringify({
    requestId: '$context.requestId',
    requestTime: '$context.requestTime',
    sourceIp: '$context.identity.sourceIp',
    httpMethod: '$context.httpMethod',
    resourcePath: '$context.resourcePath',
    path: '$context.path',
    status: '$context.status',
    responseLength: '$context.responseLength',
    responseLatencyMs: '$context.responseLatency',
    integrationLatencyMs: '$context.integrationLatency',
    integrationError: '$context.integrationErrorMessage',
    errorMessage: '$context.error.message',
    authorizerError: '$context.authorizer.error',
    principal: '$context.identity.userArn',
    traceId: '$context.xrayTraceId',
  });
}
