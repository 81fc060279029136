import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock';
import type { Guard, Invoker, LogSink, Tracer } from '../contracts';
import type { Activity } from '../engine/activity';
import { newTraceHeader, traceHeaderOf } from '../trace-header';
import { requested } from '../trace/hops';
import { nextOrder } from '../trace/order';
import { AccessLog } from './access-log';
import type { AccessRecord } from './access-log';
import type { ApiIdentity, HttpAnswer } from './config';
import { gatewayAnswer } from './config';
import { readBody } from './body';
import type { ApiRequest } from './request';
import type { SharedSecrets } from './authorizers/iam';

/** What every kind of API works with. */
export interface GatewayOptions extends SharedSecrets {
  readonly invoker: Invoker;
  readonly guard: Guard;
  readonly activity: Activity;
  readonly clock: Clock;
  /** @default nothing is traced */
  readonly tracer?: Tracer;
  /** Where access logs go. @default nowhere */
  readonly logs?: () => LogSink | undefined;
  /** Where issuers of tokens that the stack has answer here, by issuer. @default all are elsewhere */
  readonly issuers?: ReadonlyMap<string, string>;
}

/**
 * An answer with what an access log says about it, filled in on the way back. Undefined where the client went away or is
 * left waiting.
 */
export type Outcome = Answered | undefined;

export interface Answered extends Partial<AccessRecord> {
  answer: HttpAnswer;
}

/** Takes requests from the wire, hands them whole to an API of one kind, and sends the answer. */
export abstract class Gateway {
  abstract readonly identity: ApiIdentity;
  private readonly accessLog: AccessLog;

  constructor(protected readonly options: GatewayOptions) {
    this.accessLog = new AccessLog(options);
  }

  /** Undefined where the request is to be read and answered by {@link answer}. */
  protected abstract preflight(incoming: IncomingMessage): HttpAnswer | undefined;
  protected abstract answer(request: ApiRequest): Promise<Outcome>;
  protected abstract newRequestId(): string;
  /** The headers that every answer has. */
  protected abstract ownHeaders(requestId: string, traceId: string): Record<string, string>;
  /** For what goes wrong in the gateway itself. */
  protected abstract failure(): HttpAnswer;
  protected abstract tooLarge(): HttpAnswer;

  /** Answers every request, whatever goes wrong; never rejects. */
  async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { activity, clock, tracer } = this.options;
    const receivedAt = clock.now();
    const order = nextOrder();
    const requestId = this.newRequestId();
    const traceId = traceIdOf(incoming, receivedAt);
    const outcome = await this.outcome(incoming, requestId, traceId, receivedAt).catch(
      (error: unknown): Outcome => {
        if (error instanceof URIError) return { answer: gatewayAnswer(400, 'Bad Request') };
        activity.warn('apigw', `${incoming.method} ${incoming.url}: ${String(error)}`);
        return { answer: this.failure() };
      },
    );
    if (outcome !== undefined) {
      const { answer } = outcome;
      this.send(answer, requestId, traceId, response);
      const now = clock.now();
      tracer?.record(requested(incoming, { requestId, traceId, receivedAt, order }, answer, now));
      activity.event(
        'apigw',
        () => `${incoming.method} ${incoming.url} ${answer.status} ${now - receivedAt} ms`,
      );
      if (outcome.stage?.accessLog !== undefined) this.accessLog.write(this.identity, outcome, now);
    }
  }

  private async outcome(
    incoming: IncomingMessage,
    requestId: string,
    traceId: string,
    receivedAt: number,
  ): Promise<Outcome> {
    const preflight = this.preflight(incoming);
    if (preflight !== undefined) {
      return { answer: preflight };
    }
    const body = await readBody(incoming).catch((error: Error) => {
      if (incoming.destroyed) return undefined;
      throw error;
    });
    if (body === undefined) return undefined;
    if (body === 'too large') {
      return { answer: this.tooLarge() };
    }
    const url = incoming.url ?? '/';
    const queryAt = url.indexOf('?');
    const fullPath = queryAt === -1 ? url : url.slice(0, queryAt);
    return this.answer({
      method: incoming.method ?? 'GET',
      path: fullPath,
      fullPath,
      query: queryAt === -1 ? '' : url.slice(queryAt + 1),
      rawHeaders: incoming.rawHeaders,
      sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
      protocol: `HTTP/${incoming.httpVersion}`,
      body,
      requestId,
      traceId,
      receivedAt,
      port: incoming.socket.localPort ?? 0,
    });
  }

  private send(answer: HttpAnswer, requestId: string, traceId: string, response: ServerResponse): void {
    const { body } = answer;
    const headers: Record<string, string | readonly string[] | number> = {
      ...answer.headers,
      ...this.ownHeaders(requestId, traceId),
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
      const { status, headers, body } = this.failure();
      response.writeHead(status, headers as Record<string, string>).end(body);
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
