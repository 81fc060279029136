import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { DistributionConfig, Origin, ServerOrigin } from './config';
import type { Forwarding } from './forwarding';
import { forwardedHeaders, forwardedQuery } from './forwarding';
import type { ObjectSource, OriginAnswer } from './objects';

/** What goes to an origin. */
export interface OriginRequest {
  readonly method: string;
  /** As it came, encoded. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
  readonly forwarding: Forwarding;
  /** Aborts when the viewer leaves. */
  readonly signal: AbortSignal;
}

export interface OriginTools {
  readonly config: DistributionConfig;
  readonly objects: ObjectSource;
  /** Addresses of AWS in the text become those of this machine. */
  readonly localize: (text: string) => string;
  /** Why a bucket does not let the distribution in. */
  readonly onDenied: (reason: string) => void;
}

/** About one connection. */
const NOT_PASSED = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'trailer',
];
const SAFE = ['GET', 'HEAD', 'OPTIONS'];

/** Asks an origin, or those of a group in turn. */
export async function askOrigin(
  originId: string,
  request: OriginRequest,
  tools: OriginTools,
): Promise<OriginAnswer> {
  const group = tools.config.groups.get(originId);
  if (group === undefined) return ask(tools.config.origins.get(originId), request, tools);
  const [first, second] = group.members.map((id) => tools.config.origins.get(id));
  const answer = await ask(first, request, tools);
  if (!group.statusCodes.includes(answer.status) || !SAFE.includes(request.method)) return answer;
  discard(answer);
  return ask(second, request, tools);
}

/** Reads an answer that nobody wants, so that its connection or its files are free again. */
export function discard({ body }: OriginAnswer): void {
  if (body instanceof Readable) body.destroy();
}

export function failure(status: number, message: string): OriginAnswer {
  const body = Buffer.from(`${message}\n`);
  return {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(body.length),
      'x-cache': 'Error from cloudfront',
    },
    body,
  };
}

function ask(origin: Origin | undefined, request: OriginRequest, tools: OriginTools): Promise<OriginAnswer> {
  if (origin?.kind === 'bucket') return readObject(origin, request, tools);
  if (origin?.kind === 'server') return askServer(origin, request, tools);
  return Promise.resolve(failure(502, `The origin ${origin?.host ?? ''} is not hosted on this machine.`));
}

async function readObject(
  { bucket, path: prefix, reader }: Extract<Origin, { kind: 'bucket' }>,
  { method, path, headers, body }: OriginRequest,
  { config, objects, onDenied }: OriginTools,
): Promise<OriginAnswer> {
  body.resume();
  if (method !== 'GET' && method !== 'HEAD') {
    return failure(405, 'Buckets are read here, not written to: put objects through the AWS endpoint.');
  }
  const answer = await objects.read({
    bucket,
    key: decodeURIComponent(`${prefix}${path}`).slice(1),
    method,
    headers: new Map(
      Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    ),
    reader,
    distributionArn: config.arn,
  });
  if (answer.denied !== undefined) onDenied(answer.denied);
  return answer;
}

function askServer(
  { base, path: prefix, headers: added }: ServerOrigin,
  { method, path, query, headers, body, forwarding, signal }: OriginRequest,
  { localize }: OriginTools,
): Promise<OriginAnswer> {
  const { hostname, port, host } = new URL(base);
  const search = forwardedQuery(query, forwarding);
  const options = {
    hostname,
    port,
    method,
    path: `${prefix}${path}${search === '' ? '' : `?${search}`}`,
    headers: { ...forwardedHeaders(method, headers, forwarding), ...added, host },
    signal,
  };
  return new Promise((resolve) => {
    const outgoing = httpRequest(options, (incoming) => {
      const passed = Object.entries(incoming.headers as Record<string, string | string[]>)
        .filter(([name]) => !NOT_PASSED.includes(name))
        // A redirect to a host that AWS would have given the stack leads to where that is here.
        .map(([name, value]) => [name, name === 'location' ? localize(String(value)) : value]);
      const answered = Object.fromEntries(passed) as OriginAnswer['headers'];
      resolve({ status: incoming.statusCode ?? 502, headers: answered, body: incoming });
    });
    outgoing.on('error', ({ message }) => resolve(failure(502, `The origin does not answer: ${message}`)));
    body.on('error', () => outgoing.destroy());
    body.pipe(outgoing);
  });
}
