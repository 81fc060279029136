import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { compressed } from './compression';
import type { Behavior, DistributionConfig, EdgeCode } from './config';
import type { EdgeEvent, EdgeRequest, EdgeResponse } from './edge-event';
import {
  answerOf,
  edgeEvent,
  edgeRequest,
  edgeResponse,
  headersOf,
  isEdgeResponse,
  queryOf,
} from './edge-event';
import type { EdgeFunctions } from './edge-function';
import { withPolicy } from './headers-policy';
import { withLocalText } from './localized-text';
import type { ObjectSource, OriginAnswer } from './objects';
import { askOrigin, discard, failure } from './origins';
import type { OriginRequest, OriginTools } from './origins';
import { behaviorFor, normalizedPath, targetOf } from './paths';

export interface DistributionOptions {
  readonly config: DistributionConfig;
  readonly objects: ObjectSource;
  readonly functions: EdgeFunctions;
  /** Addresses that AWS would have become those of this machine. */
  readonly localize: (text: string) => string;
  readonly onProblem: (text: string) => void;
  /** What CloudFront functions write to their console. */
  readonly onLog?: (functionName: string, line: string) => void;
}

/** A request on its way through the distribution. */
interface Passage {
  readonly incoming: IncomingMessage;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly behavior: Behavior;
  /** Aborts when the viewer leaves. */
  readonly signal: AbortSignal;
}

/** A distribution of CloudFront without its caches: everything is asked of the origins. */
export class Distribution {
  private readonly told = new Set<string>();

  constructor(private readonly options: DistributionOptions) {}

  /** Never rejects. */
  async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const left = new AbortController();
    response.once('close', () => left.abort());
    const { path, query } = targetOf(incoming.url ?? '/');
    const method = incoming.method ?? 'GET';
    try {
      const behavior = this.behaviorOf(method, path);
      if ('status' in behavior) {
        await send(response, method, behavior);
        return;
      }
      const passage = { incoming, method, path, query, behavior, signal: left.signal };
      await this.reply(passage, response);
    } catch (error) {
      // A viewer that left before the end is no problem of anybody's.
      if (!left.signal.aborted) {
        this.options.onProblem(`${method} ${path}: ${(error as Error).message}`);
        if (!response.headersSent)
          await send(response, method, failure(503, 'The answer could not be made.'));
      }
      response.destroy();
    }
  }

  /** The behaviour for a request, or what is answered without one. */
  private behaviorOf(method: string, path: string): Behavior | OriginAnswer {
    const { config } = this.options;
    if (!config.enabled) return failure(403, 'This distribution is disabled.');
    const normalized = normalizedPath(path);
    if (normalized === undefined || !isUtf8(path)) return failure(400, 'The path is not encoded right.');
    const behavior = behaviorFor(normalized, config);
    if (behavior?.allowedMethods.includes(method) === true) return behavior;
    return failure(
      403,
      `This distribution does not take ${method} here. It takes ${behavior?.allowedMethods.join(', ') ?? 'nothing'}.`,
    );
  }

  private async reply(passage: Passage, response: ServerResponse): Promise<void> {
    const { behavior, incoming, method, path, query } = passage;
    const seen = edgeRequest(incoming, path, query);
    let request: EdgeRequest = seen;
    if (behavior.onRequest !== undefined) {
      const event = edgeEvent(this.options.config, 'viewer-request', seen);
      const result = await this.run(behavior.onRequest, event);
      if (result === undefined) return send(response, method, functionFailed());
      if (isEdgeResponse(result)) {
        incoming.resume();
        return send(response, method, answerOf(result));
      }
      request = { ...result, method };
    }
    const isChanged = behavior.onRequest !== undefined;
    const found = await this.fromOrigin(passage, isChanged ? request : undefined);
    const dressed = {
      ...found,
      headers: withPolicy(behavior.headers, found.headers, { method, headers: incoming.headers }),
    };
    const answer = await this.afterwards(dressed, behavior, request);
    const smaller = behavior.compress
      ? compressed(answer, String(incoming.headers['accept-encoding'] ?? ''))
      : undefined;
    if (smaller === undefined) return send(response, method, answer);
    await send(response, method, { ...answer, headers: smaller.headers }, smaller.through);
  }

  /** @param changed by a function */
  private async fromOrigin(
    { incoming, method, path, query, behavior, signal }: Passage,
    changed: EdgeRequest | undefined,
  ): Promise<OriginAnswer> {
    const { config, localize } = this.options;
    const uri = changed?.uri ?? path;
    const request: OriginRequest = {
      method,
      path: uri === '/' && config.defaultRootObject !== undefined ? `/${config.defaultRootObject}` : uri,
      query: changed === undefined ? query : queryOf(changed),
      headers: changed === undefined ? incoming.headers : headersOf(changed),
      body: incoming,
      forwarding: behavior.forwarding,
      signal,
    };
    if (!isUtf8(request.path)) return failure(400, 'The path is not encoded right.');
    const answer = await askOrigin(behavior.originId, request, this.tools);
    const final = await this.orErrorPage(answer, request, behavior);
    const isFile = config.origins.get(behavior.originId)?.kind === 'bucket';
    return isFile ? withLocalText(final, localize) : final;
  }

  /** What the distribution answers in the place of an error, where that is there. */
  private async orErrorPage(
    answer: OriginAnswer,
    request: OriginRequest,
    { originId }: Behavior,
  ): Promise<OriginAnswer> {
    const { config } = this.options;
    const page = config.errorPages.find(({ errorCode }) => errorCode === answer.status);
    if (page?.path === undefined) return answer;
    const behavior = behaviorFor(page.path, config);
    const asked: OriginRequest = {
      ...request,
      method: request.method === 'HEAD' ? 'HEAD' : 'GET',
      path: page.path,
      query: '',
      headers: {},
      body: Readable.from([]),
    };
    const found = await askOrigin(behavior?.originId ?? originId, asked, this.tools);
    if (found.status !== 200) {
      discard(found);
      return answer;
    }
    discard(answer);
    return { ...found, status: page.responseCode ?? answer.status };
  }

  /** Functions see no answer of an origin that is an error. */
  private async afterwards(
    answer: OriginAnswer,
    { onResponse }: Behavior,
    request: EdgeRequest,
  ): Promise<OriginAnswer> {
    if (onResponse === undefined || answer.status >= 400) return answer;
    const { config } = this.options;
    const event = edgeEvent(config, 'viewer-response', request, edgeResponse(answer));
    const result = await this.run(onResponse, event);
    if (result === undefined || !isEdgeResponse(result)) {
      discard(answer);
      return functionFailed();
    }
    const changed = answerOf(result, answer.body);
    if (changed.body !== answer.body) discard(answer);
    return changed;
  }

  /** Undefined for a function that fails, which is told. */
  private async run(code: EdgeCode, event: EdgeEvent): Promise<EdgeRequest | EdgeResponse | undefined> {
    const { functions, onProblem, onLog } = this.options;
    try {
      const { value, lines } = await functions.run(code, event);
      lines.forEach((line) => onLog?.(code.name, line));
      return value;
    } catch (error) {
      onProblem(`the function ${code.name} failed for ${event.request.uri}: ${(error as Error).message}`);
      return undefined;
    }
  }

  private get tools(): OriginTools {
    const { config, objects, localize } = this.options;
    return { config, objects, localize, onDenied: (reason) => this.tellOnce(reason) };
  }

  private tellOnce(text: string): void {
    if (this.told.has(text)) return;
    this.told.add(text);
    this.options.onProblem(text);
  }
}

function functionFailed(): OriginAnswer {
  const answer = failure(503, 'The CloudFront function failed; the runtime has printed why.');
  return { ...answer, headers: { ...answer.headers, 'x-cache': 'FunctionExecutionError from cloudfront' } };
}

function isUtf8(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when everything has gone out; rejects where it breaks off. */
async function send(
  response: ServerResponse,
  method: string,
  { status, headers, body }: OriginAnswer,
  through?: NodeJS.ReadWriteStream,
): Promise<void> {
  const given = { 'x-cache': 'Miss from cloudfront', via: '1.1 local (CloudFront)', ...headers };
  const isEmpty = method === 'HEAD' || status === 204 || status === 304;
  const content = body instanceof Readable ? body : Readable.from(body.length === 0 ? [] : [body]);
  response.writeHead(status, given as Record<string, string | string[]>);
  if (isEmpty) {
    content.destroy();
    response.end();
  } else if (through === undefined) {
    await pipeline(content, response);
  } else {
    await pipeline(content, through, response);
  }
}
