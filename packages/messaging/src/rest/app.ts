import { Hono } from 'hono';
import type { Context } from 'hono';
import { Deadline } from './deadline';
import { Exchange } from './exchange';
import type { Host } from './exchange';
import { MemoryIdempotency } from './idempotency';
import type { RestOptions } from './options';
import { asProblem, Problem } from './problem';
import { Requesters } from './requesters';
import type { Route } from './route';
import { ROUTES } from './routes';

const MAX_WAIT_SECONDS = 28;
const MAX_BODY_BYTES = 2_097_152;

/**
 * The REST API over a Messaging: everything of `openApiDocument()`. It may be mounted anywhere that takes a fetch
 * handler, and given more routes. It sets no CORS headers: pages of other origins may not read what it answers.
 */
export function createRestApp(options: RestOptions): Hono {
  const host: Host = {
    options,
    maxWaitSeconds: options.maxWaitSeconds ?? MAX_WAIT_SECONDS,
    maxBodyBytes: options.maxBodyBytes ?? MAX_BODY_BYTES,
    allowWrites: options.allowWrites ?? true,
    idempotency: options.idempotency ?? new MemoryIdempotency(),
    requesters: new Requesters(options.messaging),
  };
  const app = new Hono();
  for (const route of ROUTES) app.on(route.method, pathOf(route), (c) => answer(host, route, c));
  for (const [path, methods] of methodsByPath()) app.all(path, (c) => answerOther(host, path, methods, c));
  app.notFound((c) => answerMissing(host, c));
  return app;
}

/** `/v1/queues/:queue` for `/v1/queues/{queue}`. */
function pathOf(route: Route): string {
  return route.path.replace(/\{(\w+)\}/g, ':$1');
}

function methodsByPath(): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  for (const route of ROUTES) {
    const methods = route.method === 'GET' ? ['GET', 'HEAD'] : [route.method];
    paths.set(pathOf(route), [...(paths.get(pathOf(route)) ?? []), ...methods]);
  }
  return paths;
}

async function answer(host: Host, route: Route, c: Context): Promise<Response> {
  const started = performance.now();
  const deadline = new Deadline(host.maxWaitSeconds, c.req.raw.signal);
  const exchange = new Exchange(host, route, c, deadline);
  let response: Response;
  let error: unknown;
  try {
    response = await deadline.race(exchange.respond());
  } catch (thrown) {
    const problem = asProblem(thrown, route.body !== undefined, Object.keys(route.params.entries));
    response = problem.toResponse();
    if (problem.status >= 500) error = problem.cause ?? problem;
  } finally {
    deadline.clear();
  }
  const seconds = (performance.now() - started) / 1000;
  finish(response, exchange.awsMs, seconds);
  const { access } = exchange;
  report(host, { method: c.req.method, route: route.path, status: response.status, seconds, access, error });
  return response;
}

/** OPTIONS, and methods that the path does not have. */
function answerOther(host: Host, path: string, methods: readonly string[], c: Context): Response {
  const headers = { allow: [...methods, 'OPTIONS'].join(', ') };
  const isOptions = c.req.method === 'OPTIONS';
  const problem = new Problem('method-not-allowed', `There is no ${c.req.method} here.`, { headers });
  const response = isOptions ? new Response(null, { status: 204, headers }) : problem.toResponse();
  return withoutRoute(host, response, path.replace(/:(\w+)/g, '{$1}'), c);
}

function answerMissing(host: Host, c: Context): Response {
  return withoutRoute(host, new Problem('unknown-path', 'There is no such path.').toResponse(), '', c);
}

function withoutRoute(host: Host, response: Response, route: string, c: Context): Response {
  finish(response, 0, 0);
  const { status } = response;
  report(host, { method: c.req.method, route, status, seconds: 0, access: undefined, error: undefined });
  return response;
}

/** Headers of every answer. Answers are nobody's to keep, to guess the type of, or to show in a frame. */
function finish({ headers }: Response, awsMs: number, seconds: number): void {
  headers.set('cache-control', 'no-store');
  headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  headers.set('referrer-policy', 'no-referrer');
  headers.set('server-timing', `aws;dur=${awsMs.toFixed(1)}, total;dur=${(seconds * 1000).toFixed(1)}`);
  headers.set('x-content-type-options', 'nosniff');
}

function report({ options }: Host, request: Parameters<NonNullable<RestOptions['onRequest']>>[0]): void {
  try {
    options.onRequest?.(request);
  } catch {
    // Metrics that fail are no reason to fail the request, which has been done.
  }
}
