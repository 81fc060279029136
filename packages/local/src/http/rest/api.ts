import { Authorizers } from '../authorizers';
import type { Asked } from '../authorizers';
import type { Caller } from '../caller';
import { ANYONE } from '../caller';
import type { HttpAnswer } from '../config';
import { Gateway } from '../gateway';
import type { Answered, GatewayOptions, Outcome } from '../gateway';
import { proxyRequest } from '../http-proxy';
import { newRequestUuid } from '../ids';
import { callFunction, inTime } from '../invoke';
import type { Invocation } from '../invoke';
import type { ApiRequest } from '../request';
import { headerOf } from '../request';
import { proxyAnswer } from '../response';
import { RouteTable } from '../routes';
import { Throttles } from '../throttle';
import { ApiKeys } from './api-keys';
import { wantsBytes } from './binary';
import type { ApiKeyConfig, Mapped, RestApiConfig, RestMethod, RestResource, RestStage } from './config';
import type { RestContext } from './event';
import { restEvent, restHead } from './event';
import type { ResponseType } from './gateway-responses';
import { restGatewayAnswer } from './gateway-responses';
import { mappedAnswer, mappedRequest, mockStatus } from './mapped';

export interface RestApiOptions extends GatewayOptions {
  readonly config: RestApiConfig;
}

/** One REST API: takes a request to its resource and method, and through authorization, keys and throttling on. */
export class RestApi extends Gateway {
  readonly identity: RestApiConfig;
  private readonly config: RestApiConfig;
  private readonly resources: RouteTable<RestResource>;
  private readonly authorizers: Authorizers;
  private readonly throttles: Throttles;
  private readonly keys: ApiKeys;

  constructor(options: RestApiOptions) {
    super(options);
    this.config = this.identity = options.config;
    this.resources = new RouteTable(options.config.resources);
    this.authorizers = new Authorizers(options);
    this.throttles = new Throttles(options.clock);
    this.keys = new ApiKeys(options.config.apiKeys, options.clock);
  }

  /** REST APIs answer preflights by methods of their own. */
  protected preflight(): undefined {
    return undefined;
  }

  protected newRequestId(): string {
    return newRequestUuid();
  }

  protected ownHeaders(requestId: string, traceId: string): Record<string, string> {
    return { 'x-amzn-requestid': requestId, 'x-amz-apigw-id': requestId, 'x-amzn-trace-id': traceId };
  }

  protected failure(): HttpAnswer {
    return this.refusal('INTEGRATION_FAILURE').answer;
  }

  protected tooLarge(): HttpAnswer {
    return this.refusal('REQUEST_TOO_LARGE').answer;
  }

  protected async answer(arrived: ApiRequest): Promise<Outcome> {
    const [, name = '', path = ''] = /^\/([^/]*)(.*)$/.exec(arrived.fullPath) ?? [];
    const stage = this.config.stages.find((candidate) => candidate.name === name);
    const request = { ...arrived, path: path === '' ? '/' : path };
    if (stage === undefined) {
      return this.refusal('FORBIDDEN', request);
    }
    const outcome = await this.route(stage, request);
    return outcome && { ...outcome, request, stage };
  }

  private async route(stage: RestStage, request: ApiRequest): Promise<Outcome> {
    // A slash at the end makes no other resource.
    const path = request.path.length > 1 ? request.path.replace(/\/$/, '') : request.path;
    const match = this.resources.match('ANY', path);
    const method = match && methodOf(match.route, request.method);
    if (match === undefined || method === undefined) {
      return this.refusal('MISSING_AUTHENTICATION_TOKEN', request);
    }
    const { route: resource, pathParameters } = match;
    const context: RestContext = { api: this.config, stage, resource, pathParameters };
    const routeKey = `${request.method} ${resource.path}`;
    const named = { routeKey, resourceId: resource.id };
    const passed = await this.pass(context, method, request, routeKey);
    if (passed === 'unreachable') {
      return undefined;
    }
    if ('answer' in passed) {
      return { ...passed, ...named };
    }
    const startedAt = this.options.clock.now();
    const outcome = await this.integrate(context, method, request, passed);
    const integrationLatencyMs = this.options.clock.now() - startedAt;
    return { ...outcome, ...named, caller: passed.caller, integrationLatencyMs };
  }

  /** Who asks, and with which key, or the answer to one who may not. */
  private async pass(
    context: RestContext,
    method: RestMethod,
    request: ApiRequest,
    routeKey: string,
  ): Promise<Passed | Answered | 'unreachable'> {
    const { stage } = context;
    const asked: Asked = {
      request,
      api: this.config,
      stage,
      routeKey,
      by: method,
      event: () => restHead(request, context, ANYONE),
    };
    const authorizing = await this.authorizers.authorize(asked);
    if (authorizing === 'unreachable') {
      return authorizing;
    }
    if ('refusal' in authorizing) {
      const { kind, message } = authorizing.refusal;
      return this.refusal(kind, request, message);
    }
    const { caller } = authorizing;
    const key = method.apiKeyRequired ? this.keys.use(this.keyOf(request, caller), stage.name) : undefined;
    if (typeof key === 'string') {
      return this.refusal(key, request);
    }
    const limit = stage.routeThrottles[`${method.method} ${context.resource.path}`] ?? stage.throttle;
    return this.throttles.take(`${stage.name} ${method.method} ${context.resource.path}`, limit)
      ? { caller, key }
      : this.refusal('THROTTLED', request);
  }

  private keyOf(request: ApiRequest, caller: Caller): string | undefined {
    if (this.config.apiKeySource === 'HEADER') return headerOf(request, 'x-api-key');
    return caller.kind === 'lambda' ? caller.usageIdentifierKey : undefined;
  }

  private async integrate(
    context: RestContext,
    method: RestMethod,
    request: ApiRequest,
    { caller, key }: Passed,
  ): Promise<Answered> {
    const { integration, problem } = method;
    if (problem !== undefined && integration.kind !== 'proxy' && integration.kind !== 'custom') {
      this.options.activity.warn('apigw', `${request.method} ${context.resource.path}: ${problem}`);
      return this.refusal('API_CONFIGURATION_ERROR', request);
    }
    switch (integration.kind) {
      case 'proxy': {
        const event = restEvent(request, context, caller, key);
        return this.proxied(await this.call(integration, method, context, event, request), request);
      }
      case 'custom':
        return this.custom(integration, method, context, request);
      case 'mock':
        return this.mock(integration, context, request);
      case 'http':
        return this.forward(integration.proxy, method, context, request);
      case 'none':
        return this.refusal('API_CONFIGURATION_ERROR', request);
    }
  }

  private call(
    { functionArn }: { readonly functionArn: string },
    { timeoutMs, problem }: RestMethod,
    { resource }: RestContext,
    event: string,
    request: ApiRequest,
  ): Promise<Invocation> {
    const routeKey = `${request.method} ${resource.path}`;
    return callFunction({ functionArn, timeoutMs, problem, routeKey }, event, request.traceId, this.options);
  }

  private proxied(result: Invocation, request: ApiRequest): Answered {
    if (typeof result === 'string') {
      return this.refusal(FAILURES[result], request);
    }
    const decodes = wantsBytes(headerOf(request, 'accept'), this.config.binaryMediaTypes);
    const answer = proxyAnswer(result, { format: '1.0', contentType: 'application/json', decodes });
    return answer === undefined
      ? this.refusal('INTEGRATION_FAILURE', request)
      : { answer, integrationStatus: 200 };
  }

  private async custom(
    integration: Mapped & { readonly functionArn: string },
    method: RestMethod,
    context: RestContext,
    request: ApiRequest,
  ): Promise<Answered> {
    const event = mappedRequest(integration, { body: request.body.toString(), request, context });
    const result = await this.call(integration, method, context, event === '' ? '{}' : event, request);
    if (typeof result === 'string') {
      return this.refusal(FAILURES[result], request);
    }
    const failure = result.functionError === undefined ? undefined : errorMessageOf(result.payload);
    const answer = mappedAnswer(integration, failure, { body: result.payload, request, context });
    return answer === undefined
      ? this.refusal('API_CONFIGURATION_ERROR', request)
      : { answer, integrationStatus: 200 };
  }

  private mock(integration: Mapped, context: RestContext, request: ApiRequest): Answered {
    const status = mockStatus(
      mappedRequest(integration, { body: request.body.toString(), request, context }),
    );
    const answer =
      status === undefined ? undefined : mappedAnswer(integration, status, { body: '', request, context });
    return answer === undefined ? this.refusal('API_CONFIGURATION_ERROR', request) : { answer };
  }

  private async forward(
    proxy: Parameters<typeof proxyRequest>[0],
    { timeoutMs }: RestMethod,
    { pathParameters, resource }: RestContext,
    request: ApiRequest,
  ): Promise<Answered> {
    const { activity, clock } = this.options;
    try {
      const answer = await inTime(proxyRequest(proxy, request, pathParameters), timeoutMs, clock);
      return answer === 'timeout'
        ? this.refusal('INTEGRATION_TIMEOUT', request)
        : { answer, integrationStatus: answer.status };
    } catch (error) {
      activity.warn('apigw', `${request.method} ${resource.path}: ${proxy.uri}: ${(error as Error).message}`);
      return this.refusal('INTEGRATION_FAILURE', request);
    }
  }

  private refusal(type: ResponseType, request?: ApiRequest, message?: string): Answered {
    const answer = restGatewayAnswer(type, this.config.gatewayResponses, request, message);
    return { answer, error: message ?? type };
  }
}

interface Passed {
  readonly caller: Caller;
  readonly key: ApiKeyConfig | undefined;
}

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/handle-errors-in-lambda-integration.html */
const FAILURES = {
  refused: 'API_CONFIGURATION_ERROR',
  unavailable: 'INTEGRATION_FAILURE',
  'too large': 'REQUEST_TOO_LARGE',
  timeout: 'INTEGRATION_TIMEOUT',
} as const satisfies Record<Extract<Invocation, string>, ResponseType>;

function methodOf({ methods }: RestResource, name: string): RestMethod | undefined {
  return methods.find(({ method }) => method === name) ?? methods.find(({ method }) => method === 'ANY');
}

/** Lambda's error object has a message; what is none is taken whole. */
function errorMessageOf(payload: string): string {
  const { errorMessage } = JSON.parse(payload) as { readonly errorMessage?: string };
  return errorMessage ?? payload;
}
