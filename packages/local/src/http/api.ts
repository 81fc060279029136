import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock';
import type { Guard, InvocationResult, Invoker, Tracer } from '../contracts';
import type { Activity } from '../engine/activity';
import { newTraceHeader, traceHeaderOf } from '../trace-header';
import { requested } from '../trace/hops';
import { nextOrder } from '../trace/order';
import type { ApiConfig, HttpAnswer, IamAuthorizer, StageConfig } from './config';
import { gatewayAnswer } from './config';
import { preflightAnswer, withCors } from './cors';
import { requestEvent } from './event';
import type { ApiRequest } from './event';
import { newRequestId } from './ids';
import { proxyAnswer } from './response';
import { RouteTable } from './routes';
import type { RouteMatch } from './routes';
import { verifiedAccessKey } from './sigv4';
import { TokenBucket } from './throttle';

const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** Lambda's limit on the event, escaped JSON and all. */
const MAX_EVENT_BYTES = 6 * 1024 * 1024;

export interface HttpApiOptions {
  readonly config: ApiConfig;
  readonly invoker: Invoker;
  readonly guard: Guard;
  /** The secret of an access key that may sign requests; undefined for unknown keys. */
  readonly secretOf: (accessKeyId: string) => string | undefined;
  readonly activity: Activity;
  readonly clock: Clock;
  /** @default nothing is traced */
  readonly tracer?: Tracer;
}

/** One HTTP API: takes a request from the wire through routing, authorization and throttling to its function. */
export class HttpApi {
  readonly config: ApiConfig;
  private readonly routes: RouteTable;
  private readonly buckets = new Map<string, TokenBucket>();

  constructor(private readonly options: HttpApiOptions) {
    this.config = options.config;
    this.routes = new RouteTable(options.config.routes);
  }

  /** Answers every request, whatever goes wrong; never rejects. */
  async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const receivedAt = this.options.clock.now();
    const order = nextOrder();
    const requestId = newRequestId();
    const traceId = traceIdOf(incoming, receivedAt);
    const answer = await this.answer(incoming, requestId, traceId, receivedAt).catch((error: unknown) => {
      this.options.activity.warn('apigw', `${incoming.method} ${incoming.url}: ${String(error)}`);
      return gatewayAnswer(500, 'Internal Server Error');
    });
    if (answer !== undefined) {
      this.send(answer, requestId, response);
      const now = this.options.clock.now();
      const duration = now - receivedAt;
      this.options.tracer?.record(
        requested(incoming, { requestId, traceId, receivedAt, order }, answer, now),
      );
      this.options.activity.event(
        'apigw',
        () => `${incoming.method} ${incoming.url} ${answer.status} ${duration} ms`,
      );
    }
  }

  /** Undefined where the client went away or is left waiting. */
  private async answer(
    incoming: IncomingMessage,
    requestId: string,
    traceId: string,
    receivedAt: number,
  ): Promise<HttpAnswer | undefined> {
    const { cors } = this.config;
    const { origin } = incoming.headers;
    const preflight = incoming.method === 'OPTIONS' && incoming.headers['access-control-request-method'];
    if (cors !== undefined && origin !== undefined && preflight) {
      return preflightAnswer(cors, origin);
    }
    const body = await readBody(incoming);
    if (body === 'too large') {
      return gatewayAnswer(413, 'Request Entity Too Large');
    }
    const url = incoming.url ?? '/';
    const queryAt = url.indexOf('?');
    const fullPath = queryAt === -1 ? url : url.slice(0, queryAt);
    const { stage, path } = this.stageOf(fullPath);
    const answer = await this.route(
      stage,
      fullPath,
      {
        method: incoming.method ?? 'GET',
        path,
        query: queryAt === -1 ? '' : url.slice(queryAt + 1),
        rawHeaders: incoming.rawHeaders,
        sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
        protocol: `HTTP/${incoming.httpVersion}`,
        body,
        requestId,
        traceId,
        receivedAt,
      },
      incoming.socket.localPort ?? 0,
    );
    return answer === undefined || cors === undefined ? answer : withCors(answer, cors, origin);
  }

  private async route(
    stage: StageConfig | undefined,
    fullPath: string,
    request: ApiRequest,
    port: number,
  ): Promise<HttpAnswer | undefined> {
    try {
      const match = stage && this.routes.match(request.method, request.path);
      if (stage === undefined || match === undefined) {
        return gatewayAnswer(404, 'Not Found');
      }
      const caller = this.authorize(match, stage, request, fullPath);
      if (caller === 'refused' || caller === 'unreachable') {
        return caller === 'refused' ? gatewayAnswer(403, 'Forbidden') : undefined;
      }
      if (!this.bucketOf(stage, match).take()) {
        return gatewayAnswer(429, 'Too Many Requests');
      }
      const event = requestEvent(request, { api: this.config, stage, match, authorizer: caller, port });
      return await this.invoke(match, event, request.traceId);
    } catch (error) {
      if (error instanceof URIError) {
        return gatewayAnswer(400, 'Bad Request');
      }
      throw error;
    }
  }

  private async invoke({ route }: RouteMatch, event: string, traceId: string): Promise<HttpAnswer> {
    const { invoker, activity } = this.options;
    if (route.problem !== undefined) {
      activity.warn('apigw', `${route.routeKey}: ${route.problem}`);
      return gatewayAnswer(500, 'Internal Server Error');
    }
    if (event.length > MAX_EVENT_BYTES / 4 && Buffer.byteLength(event) > MAX_EVENT_BYTES) {
      return gatewayAnswer(413, 'Request Entity Too Large');
    }
    let result: InvocationResult | 'timeout';
    try {
      result = await this.inTime(invoker.invoke(route.functionArn, event, { traceId }), route.timeoutMs);
    } catch (error) {
      activity.warn('apigw', `${route.routeKey}: ${(error as Error).message}`);
      return gatewayAnswer(503, 'Service Unavailable');
    }
    return result === 'timeout' ? gatewayAnswer(503, 'Service Unavailable') : proxyAnswer(result);
  }

  private async inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T | 'timeout'> {
    return new Promise((resolve, reject) => {
      const timer = this.options.clock.schedule(timeoutMs, () => resolve('timeout'));
      work.then(resolve, reject).finally(() => timer.cancel());
    });
  }

  private stageOf(fullPath: string): { stage: StageConfig | undefined; path: string } {
    const { stages } = this.config;
    const named = stages.find(({ name }) => fullPath === `/${name}` || fullPath.startsWith(`/${name}/`));
    return named === undefined
      ? { stage: stages.find(({ name }) => name === '$default'), path: fullPath }
      : { stage: named, path: fullPath.slice(named.name.length + 1) || '/' };
  }

  private authorize(
    { route }: RouteMatch,
    stage: StageConfig,
    request: ApiRequest,
    fullPath: string,
  ): IamAuthorizer | undefined | 'refused' | 'unreachable' {
    if (route.authorization === 'NONE') {
      return undefined;
    }
    const { activity, clock, guard, secretOf } = this.options;
    const accessKeyId = verifiedAccessKey(request, fullPath, secretOf, clock.now());
    if (accessKeyId === undefined) {
      return 'refused';
    }
    const { accountId, id, region } = this.config;
    const verdict = guard.judge({
      accessKeyId,
      service: 'execute-api',
      action: 'execute-api:Invoke',
      resource: `arn:aws:execute-api:${region}:${accountId}:${id}/${stage.name}/${request.method}${request.path}`,
    });
    if (verdict.kind !== 'allow') {
      activity.warn('apigw', verdict.kind === 'deny' ? verdict.message : verdict.reason);
      return verdict.kind === 'deny' ? 'refused' : 'unreachable';
    }
    const caller = guard.principal(accessKeyId);
    const name = caller.kind === 'developer' ? 'user/developer' : `assumed-role/${caller.functionName}`;
    return {
      accessKey: accessKeyId,
      accountId,
      callerId: accessKeyId,
      cognitoIdentity: null,
      principalOrgId: null,
      userArn: `arn:aws:iam::${accountId}:${name}`,
      userId: accessKeyId,
    };
  }

  private bucketOf(stage: StageConfig, { route }: RouteMatch): TokenBucket | typeof UNLIMITED {
    const own = stage.routeThrottles[route.routeKey];
    const limit = own ?? stage.throttle;
    if (limit === undefined) {
      return UNLIMITED;
    }
    // Default settings are counted for each route by itself, as on AWS.
    const key = `${stage.name} ${route.routeKey}`;
    const bucket = this.buckets.get(key) ?? new TokenBucket(limit, this.options.clock);
    this.buckets.set(key, bucket);
    return bucket;
  }

  private send(answer: HttpAnswer, requestId: string, response: ServerResponse): void {
    const { body } = answer;
    const headers: Record<string, string | readonly string[] | number> = {
      ...answer.headers,
      'apigw-requestid': requestId,
      // Text is not turned into bytes here: Node.js then writes head and body in one system call.
      'content-length': Buffer.byteLength(body),
    };
    try {
      response.writeHead(answer.status, headers as Record<string, string>).end(body);
    } catch (error) {
      this.options.activity.warn(
        'apigw',
        `the function's answer cannot be sent: ${(error as Error).message}`,
      );
      response
        .writeHead(500, { 'content-type': 'application/json' })
        .end('{"message":"Internal Server Error"}');
    }
  }
}

/** API Gateway reads X-Ray's header only; here `traceparent` begins the trace too, so that one id stays from end to end. */
function traceIdOf({ headers }: IncomingMessage, receivedAt: number): string {
  const [given, traceparent] = [headers['x-amzn-trace-id'], headers.traceparent].map((value) =>
    Array.isArray(value) ? value[0] : value,
  );
  return given ?? traceHeaderOf(traceparent) ?? newTraceHeader(receivedAt);
}

const UNLIMITED = { take: () => true };

/** Resolves to `too large` as soon as that is known; what is left of the body is read and dropped. */
function readBody(incoming: IncomingMessage): Promise<Buffer | 'too large'> {
  return new Promise((resolve, reject) => {
    if (Number(incoming.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
      incoming.resume();
      resolve('too large');
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) {
        chunks.push(chunk);
      } else {
        chunks.length = 0;
        resolve('too large');
      }
    });
    incoming.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    incoming.on('error', reject);
  });
}
