import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { HttpAnswer, HttpProxy } from './config';
import type { ApiRequest } from './request';

/** Headers of one connection, which are not passed on. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
]);
const MAX_ANSWER_BYTES = 10 * 1024 * 1024;

/**
 * Passes a request on to another HTTP server and resolves with its answer.
 *
 * @throws Error where the server cannot be reached, or answers more than API Gateway takes
 */
export function proxyRequest(
  { uri, method }: HttpProxy,
  request: ApiRequest,
  pathParameters: Readonly<Record<string, string>> | undefined,
): Promise<HttpAnswer> {
  const url = new URL(withParameters(uri, pathParameters ?? {}));
  if (request.query !== '') {
    url.search += `${url.search === '' ? '?' : '&'}${request.query}`;
  }
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = send(url, {
      method: method === 'ANY' ? request.method : method,
      headers: { ...passedOn(request.rawHeaders), 'content-length': request.body.length },
      agent: false,
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      readAnswer(incoming).then(resolve, reject);
    });
    outgoing.end(request.body);
  });
}

/** Parameters stand in braces; a greedy one keeps its slashes. */
function withParameters(uri: string, parameters: Readonly<Record<string, string>>): string {
  return uri.replace(/\{([^}+]+)\+?\}/g, (_, name: string) =>
    (parameters[name] ?? '').split('/').map(encodeURIComponent).join('/'),
  );
}

function passedOn(rawHeaders: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase();
    if (!HOP_BY_HOP.has(name)) (headers[name] ??= []).push(rawHeaders[index + 1]!);
  }
  return headers;
}

async function readAnswer(incoming: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error('the answer is larger than 10 MB');
    chunks.push(chunk);
  }
  const headers = Object.entries(incoming.headers).filter(
    ([name]) => !HOP_BY_HOP.has(name) && name !== 'date',
  );
  return {
    status: incoming.statusCode ?? 502,
    headers: Object.fromEntries(headers) as HttpAnswer['headers'],
    body: Buffer.concat(chunks),
  };
}
