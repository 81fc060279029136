import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Behavior, DistributionConfig } from './config';
import { behaviorFor } from './config';
import type { EdgeRequest, EdgeResponse } from './edge-function';
import { isEdgeResponse, runEdgeFunction } from './edge-function';
import { askOrigin } from './origins';
import type { ObjectSource, OriginAnswer } from './origins';

export interface DistributionOptions {
  readonly config: DistributionConfig;
  readonly objects: ObjectSource;
  /** Changes texts of the pages: addresses that AWS would have become those of this machine. */
  readonly localize: (text: string) => string;
  readonly onProblem: (text: string) => void;
}

/** Text that compresses; pictures and archives do not. */
const COMPRESSIBLE = /^(?:text\/|application\/(?:javascript|json|xml)|image\/svg\+xml)/;
const LEAST_COMPRESSED_BYTES = 1000;
const MAX_LOCALIZED_BYTES = 1024 * 1024;

/** A distribution of CloudFront without its caches: everything is asked of the origins. */
export class Distribution {
  constructor(private readonly options: DistributionOptions) {}

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { config } = this.options;
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const behavior = behaviorFor(url.pathname, config);
    const method = request.method ?? 'GET';
    if (behavior === undefined || !behavior.allowedMethods.includes(method)) {
      response
        .writeHead(403, { 'content-type': 'text/plain' })
        .end('This distribution does not take the method.');
      return;
    }
    try {
      const answer = await this.answer(request, url, method, behavior);
      await this.send(request, response, answer, behavior);
    } catch (error) {
      this.options.onProblem(`${method} ${url.pathname}: ${(error as Error).message}`);
      if (!response.headersSent) response.writeHead(503);
      response.end();
    }
  }

  private async answer(
    request: IncomingMessage,
    url: URL,
    method: string,
    behavior: Behavior,
  ): Promise<OriginAnswer> {
    const { config, objects } = this.options;
    let path = url.pathname;
    if (behavior.onRequest !== undefined) {
      const result = this.runOnRequest(behavior.onRequest, request, url, method);
      if (isEdgeResponse(result)) return fromEdge(result);
      path = result.uri;
    }
    if (path === '/' && config.defaultRootObject !== undefined) path = `/${config.defaultRootObject}`;
    const query = behavior.forwards ? url.search.slice(1) : '';
    const origin = config.origins.get(behavior.originId);
    const asked = { method, path, query, headers: request.headers, body: request };
    const answer = await askOrigin(origin, asked, config.arn, objects);
    return (await this.errorPage(answer, behavior)) ?? answer;
  }

  /** What the distribution answers in the place of an error, if that is there. */
  private async errorPage(answer: OriginAnswer, { originId }: Behavior): Promise<OriginAnswer | undefined> {
    const { config, objects } = this.options;
    const page = config.errorPages.find(({ errorCode }) => errorCode === answer.status);
    if (page?.path === undefined) return undefined;
    const asked = { method: 'GET', path: page.path, query: '', headers: {}, body: Readable.from([]) };
    const origin = config.origins.get(behaviorFor(page.path, config)?.originId ?? originId);
    const found = await askOrigin(origin, asked, config.arn, objects);
    return found.status === 200 ? { ...found, status: page.responseCode ?? answer.status } : undefined;
  }

  private runOnRequest(
    code: string,
    request: IncomingMessage,
    url: URL,
    method: string,
  ): EdgeRequest | EdgeResponse {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, { value: String(value) }]),
    );
    const querystring = Object.fromEntries([...url.searchParams].map(([name, value]) => [name, { value }]));
    return runEdgeFunction(code, {
      version: '1.0',
      context: { distributionId: this.options.config.id, eventType: 'viewer-request' },
      viewer: { ip: '127.0.0.1' },
      request: { method, uri: url.pathname, querystring, headers, cookies: {} },
    });
  }

  private async send(
    request: IncomingMessage,
    response: ServerResponse,
    given: OriginAnswer,
    behavior: Behavior,
  ): Promise<void> {
    const answer = await this.localized(given);
    const headers: Record<string, string | readonly string[]> = { ...answer.headers };
    for (const { name, value, override } of behavior.headers) {
      if (override || headers[name] === undefined) headers[name] = value;
    }
    const type = String(headers['content-type'] ?? '');
    const length = Number(headers['content-length'] ?? Infinity);
    const accepts = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    const isCompressed =
      behavior.compress &&
      accepts &&
      answer.status === 200 &&
      request.method !== 'HEAD' &&
      headers['content-encoding'] === undefined &&
      COMPRESSIBLE.test(type) &&
      length >= LEAST_COMPRESSED_BYTES;
    if (isCompressed) {
      delete headers['content-length'];
      headers['content-encoding'] = 'gzip';
      headers['vary'] = 'accept-encoding';
    }
    response.writeHead(answer.status, headers as Record<string, string>);
    const body = Buffer.isBuffer(answer.body) ? Readable.from([answer.body]) : answer.body;
    if (isCompressed) await pipeline(body, createGzip(), response);
    else await pipeline(body, response);
  }

  /** Settings that were deployed with the pages name hosts of AWS. */
  private async localized(answer: OriginAnswer): Promise<OriginAnswer> {
    const isSettings = String(answer.headers['content-type']).startsWith('application/json');
    const size = Number(answer.headers['content-length'] ?? Infinity);
    if (
      !isSettings ||
      answer.status !== 200 ||
      size > MAX_LOCALIZED_BYTES ||
      answer.headers['etag'] === undefined
    ) {
      return answer;
    }
    const chunks: Buffer[] = Buffer.isBuffer(answer.body) ? [answer.body] : [];
    if (!Buffer.isBuffer(answer.body)) for await (const chunk of answer.body) chunks.push(chunk as Buffer);
    if (chunks.length === 0) return answer;
    const body = Buffer.from(this.options.localize(Buffer.concat(chunks).toString()));
    return { ...answer, headers: { ...answer.headers, 'content-length': String(body.length) }, body };
  }
}

function fromEdge({ statusCode, headers = {}, body = '' }: EdgeResponse): OriginAnswer {
  const text = typeof body === 'string' ? { encoding: 'text' as const, data: body } : body;
  return {
    status: statusCode,
    headers: Object.fromEntries(Object.entries(headers).map(([name, { value }]) => [name, value])),
    body: Buffer.from(text.data, text.encoding === 'base64' ? 'base64' : 'utf8'),
  };
}
