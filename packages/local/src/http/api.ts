import type { IncomingMessage } from 'node:http';
import { Authorizers, OPEN } from './authorizers';
import type { Asked } from './authorizers';
import type { Caller, Refusal } from './caller';
import { ANYONE } from './caller';
import type { ApiConfig, HttpAnswer, RouteConfig, StageConfig } from './config';
import { gatewayAnswer } from './config';
import { preflightOf, withCors } from './cors';
import { authorizerEvent, requestEvent } from './event';
import type { EventContext } from './event';
import { authorizerEventV1, requestEventV1 } from './event-v1';
import { Gateway } from './gateway';
import type { Answered, GatewayOptions, Outcome } from './gateway';
import { proxyRequest } from './http-proxy';
import { newRequestId } from './ids';
import { callFunction, inTime } from './invoke';
import { mapRequest, mapResponse } from './parameter-mapping';
import type { ApiRequest } from './request';
import { headerOf } from './request';
import { HTTP_RESPONSE, proxyAnswer } from './response';
import { RouteTable } from './routes';
import type { RouteMatch } from './routes';
import { Throttles } from './throttle';

export interface HttpApiOptions extends GatewayOptions {
  readonly config: ApiConfig;
}

/** One HTTP API: takes a request through routing, authorization and throttling to its integration. */
export class HttpApi extends Gateway {
  readonly identity: ApiConfig;
  private readonly config: ApiConfig;
  private readonly routes: RouteTable<RouteConfig>;
  private readonly authorizers: Authorizers;
  private readonly throttles: Throttles;

  constructor(options: HttpApiOptions) {
    super(options);
    this.config = this.identity = options.config;
    this.routes = new RouteTable(options.config.routes);
    this.authorizers = new Authorizers(options);
    this.throttles = new Throttles(options.clock);
  }

  protected preflight(incoming: IncomingMessage): HttpAnswer | undefined {
    return preflightOf(incoming, this.config.cors);
  }

  protected newRequestId(): string {
    return newRequestId();
  }

  protected ownHeaders(requestId: string): Record<string, string> {
    return { 'apigw-requestid': requestId };
  }

  protected failure(): HttpAnswer {
    return gatewayAnswer(500, 'Internal Server Error');
  }

  protected tooLarge(): HttpAnswer {
    return gatewayAnswer(413, 'Request Entity Too Large');
  }

  protected async answer(arrived: ApiRequest): Promise<Outcome> {
    const { stage, path } = this.stageOf(arrived.fullPath);
    const request = path === arrived.path ? arrived : { ...arrived, path };
    const outcome = await this.route(stage, request);
    const { cors } = this.config;
    if (outcome !== undefined) {
      outcome.request = request;
      outcome.stage = stage;
      if (cors !== undefined) outcome.answer = withCors(outcome.answer, cors, headerOf(request, 'origin'));
    }
    return outcome;
  }

  private async route(stage: StageConfig | undefined, request: ApiRequest): Promise<Outcome> {
    const match = stage && this.routes.match(request.method, request.path);
    if (stage === undefined || match === undefined) {
      return failed(404, 'Not Found');
    }
    const { route } = match;
    const authorizing =
      route.authorization === 'NONE'
        ? OPEN
        : await this.authorizers.authorize(this.asked(stage, match, request));
    if (authorizing === 'unreachable') {
      return undefined;
    }
    const outcome =
      'refusal' in authorizing
        ? refused(authorizing.refusal)
        : await this.pass(stage, match, authorizing.caller, request);
    outcome.routeKey = route.routeKey;
    return outcome;
  }

  private async pass(
    stage: StageConfig,
    match: RouteMatch<RouteConfig>,
    caller: Caller,
    request: ApiRequest,
  ): Promise<Answered> {
    const { routeKey } = match.route;
    // Default settings are counted for each route by itself, as on AWS.
    const limit = stage.routeThrottles[routeKey] ?? stage.throttle;
    const outcome = this.throttles.take(`${stage.name} ${routeKey}`, limit)
      ? await this.integrate(stage, match, caller, request)
      : failed(429, 'Too Many Requests');
    outcome.caller = caller;
    return outcome;
  }

  private asked(stage: StageConfig, match: RouteMatch<RouteConfig>, request: ApiRequest): Asked {
    const { route } = match;
    const event: Asked['event'] = (kind) => {
      const context = this.context(stage, match, ANYONE);
      return kind === 'http-1.0' ? authorizerEventV1(request, context) : authorizerEvent(request, context);
    };
    return { request, api: this.config, stage, routeKey: route.routeKey, by: route, event };
  }

  private context(
    stage: StageConfig,
    { route: { routeKey }, pathParameters }: RouteMatch<RouteConfig>,
    caller: Caller,
  ): EventContext {
    return { api: this.config, stage, routeKey, pathParameters, caller };
  }

  private async integrate(
    stage: StageConfig,
    match: RouteMatch<RouteConfig>,
    caller: Caller,
    arrived: ApiRequest,
  ): Promise<Answered> {
    const { route } = match;
    const context = this.context(stage, match, caller);
    const request =
      route.requestParameters === undefined ? arrived : mapRequest(route.requestParameters, arrived, context);
    const startedAt = this.options.clock.now();
    const outcome =
      route.proxy === undefined
        ? await this.invoke(route, request, context)
        : await this.forward(route, request, context);
    outcome.integrationLatencyMs = this.options.clock.now() - startedAt;
    const mapping = route.responseParameters?.[outcome.answer.status];
    if (mapping !== undefined && outcome.error === undefined) {
      outcome.answer = mapResponse(mapping, outcome.answer, context);
    }
    return outcome;
  }

  private async invoke(route: RouteConfig, request: ApiRequest, context: EventContext): Promise<Answered> {
    const format = route.payloadFormat ?? '2.0';
    const event = (format === '1.0' ? requestEventV1 : requestEvent)(request, context);
    const result = await callFunction(route, event, request.traceId, this.options);
    if (result === 'too large') {
      return failed(413, 'Request Entity Too Large');
    }
    if (typeof result === 'string') {
      return result === 'refused' ? failed(500, 'Internal Server Error') : failed(503, 'Service Unavailable');
    }
    const answer = proxyAnswer(result, HTTP_RESPONSE[format]);
    if (answer !== undefined) {
      return { answer, integrationStatus: 200 };
    }
    const error =
      result.functionError === undefined
        ? 'The response from the Lambda function is malformed'
        : 'The Lambda function returned an error';
    return { ...failed(500, 'Internal Server Error'), error, integrationStatus: 200 };
  }

  private async forward(
    { proxy, timeoutMs, routeKey }: RouteConfig,
    request: ApiRequest,
    { pathParameters }: EventContext,
  ): Promise<Answered> {
    const { activity, clock } = this.options;
    try {
      const answer = await inTime(proxyRequest(proxy!, request, pathParameters), timeoutMs, clock);
      return answer === 'timeout'
        ? failed(504, 'Gateway Timeout')
        : { answer, integrationStatus: answer.status };
    } catch (error) {
      activity.warn('apigw', `${routeKey}: ${proxy!.uri}: ${(error as Error).message}`);
      return failed(503, 'Service Unavailable');
    }
  }

  private stageOf(fullPath: string): { stage: StageConfig | undefined; path: string } {
    const { stages } = this.config;
    const named = stages.find(({ name }) => fullPath === `/${name}` || fullPath.startsWith(`/${name}/`));
    return named === undefined
      ? { stage: stages.find(({ name }) => name === '$default'), path: fullPath }
      : { stage: named, path: fullPath.slice(named.name.length + 1) || '/' };
  }
}

function failed(status: number, message: string): Answered {
  return { answer: gatewayAnswer(status, message), error: message };
}

function refused({ kind, wwwAuthenticate }: Refusal): Answered {
  const [status, message] =
    kind === 'UNAUTHORIZED'
      ? ([401, 'Unauthorized'] as const)
      : kind.startsWith('AUTHORIZER')
        ? ([500, 'Internal Server Error'] as const)
        : ([403, 'Forbidden'] as const);
  const outcome = failed(status, message);
  if (wwwAuthenticate === undefined) return outcome;
  const headers = { ...outcome.answer.headers, 'www-authenticate': wwwAuthenticate };
  return { ...outcome, answer: { ...outcome.answer, headers } };
}
