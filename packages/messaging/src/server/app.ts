import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import type { Next } from 'hono';
import { routePath } from 'hono/route';
import type { Messaging } from '../messaging';
import { createRestApp } from '../rest';
import { asProblem, Problem } from '../rest/problem';
import type { Access, RequestReport, Scope } from '../rest/options';
import type { ServerSettings } from './config/schema';
import { serverDocument } from './docs/document';
import { problemPages } from './docs/problems';
import { swaggerPages } from './docs/swagger';
import type { Exchange, ServerContext, ServerEnvironment } from './gate/exchange';
import { authorize } from './gate/gate';
import type { Gate } from './gate/gate';
import { isLoopbackAddress } from './gate/hosts';
import type { Health } from './health';
import type { Metrics } from './metrics';
import { EventFilter, FilterError } from './stream/filter';
import type { Streams } from './stream/streams';

/** What the routes work with. */
export interface Parts {
  readonly settings: ServerSettings;
  readonly messaging: Messaging;
  readonly allowWrites: boolean;
  readonly gate: Gate;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly streams: Streams;
  /** Called with what the REST API answered. */
  readonly onRequest: (report: RequestReport) => void;
  /** Called with what should not have happened. */
  readonly onFailure: (where: string, error: unknown) => void;
}

/** Every route of the server; what is not its own is the REST API's. */
export function serverApp(parts: Parts): Hono<ServerEnvironment> {
  const app = new Hono<ServerEnvironment>();
  app.use((c, next) => admit(parts, c, next));
  app.onError((error, c) => {
    const problem = asProblem(error, false);
    if (problem.code === 'internal') parts.onFailure(`${c.req.method} ${ownRoute(c)}`, error);
    return problem.toResponse();
  });
  app.notFound(() => new Problem('unknown-path', 'There is no such path.').toResponse());
  addHealth(app, parts);
  addStreams(app, parts);
  addDocument(app);
  app.get('/', (c) => c.redirect('/docs'));
  app.route('/', swaggerPages());
  app.route('/', problemPages());
  addRefusals(app);
  addRest(app, parts);
  return app;
}

/** Lets a request in, or answers why not. */
async function admit({ gate }: Parts, c: ServerContext, next: Next): Promise<Response | void> {
  const { exchange, incoming, outgoing } = c.env;
  const { headers } = incoming;
  const isProbe = c.req.path.startsWith('/health/');
  const refusal = gate.refusal(headers);
  if (refusal !== undefined) return refusal.toResponse();
  if (headers.origin !== undefined && gate.hosts.isAllowedOrigin(headers.origin)) {
    outgoing.setHeader('access-control-allow-origin', headers.origin);
    outgoing.setHeader('vary', 'Origin');
    if (isPreflight(c)) return preflight();
  }
  exchange.access = gate.caller(headers);
  const allowance = isProbe ? undefined : gate.take(exchange.access, exchange.address);
  if (allowance !== undefined) {
    const { remaining, retryAfterSeconds, allowed } = allowance;
    outgoing.setHeader('ratelimit-policy', gate.limiter!.policy);
    outgoing.setHeader('ratelimit', `"default";r=${remaining};t=${retryAfterSeconds}`);
    if (!allowed) {
      return new Problem('throttled', `Too many requests; the next one in ${retryAfterSeconds} s.`, {
        headers: { 'retry-after': String(retryAfterSeconds) },
      }).toResponse();
    }
  }
  await next();
  exchange.route ||= ownRoute(c);
}

function isPreflight({ req }: ServerContext): boolean {
  return req.method === 'OPTIONS' && req.header('access-control-request-method') !== undefined;
}

/** https://fetch.spec.whatwg.org/#http-cors-protocol */
function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers':
        'authorization, content-type, idempotency-key, last-event-id, x-request-id',
      'access-control-max-age': '600',
    },
  });
}

function ownRoute(c: ServerContext): string {
  // The first is this check, which every request goes through.
  const path = routePath(c, 1);
  return path.includes('*') ? '' : path.replace(/:(\w+)/g, '{$1}');
}

/** Other methods of the paths that there are so far. */
function addRefusals(app: Hono<ServerEnvironment>): void {
  const methods = new Map<string, string>();
  for (const { path, method } of app.routes) {
    if (method !== 'ALL') methods.set(path, method === 'GET' ? 'GET, HEAD' : method);
  }
  for (const [path, allow] of methods) {
    app.all(path, ({ req }) => {
      const detail = `There is no ${req.method} here.`;
      return new Problem('method-not-allowed', detail, { headers: { allow } }).toResponse();
    });
  }
}

function need({ env: { exchange } }: ServerContext, scope: Scope): Access {
  const answer = authorize(exchange.access, scope);
  if (answer instanceof Problem) throw answer;
  return answer;
}

function addHealth(app: Hono<ServerEnvironment>, { health, metrics }: Parts): void {
  app.get('/health/live', (c) => c.json({ status: 'live' }, 200, { 'cache-control': 'no-store' }));
  app.get('/health/ready', async (c) => {
    const { ready, reason } = await health.readiness();
    const headers = { 'cache-control': 'no-store' };
    if (ready) return c.json({ status: 'ready' }, 200, headers);
    // AWS's words name accounts, roles and files: they are not for everybody.
    const isTold = c.env.exchange.access !== undefined || isNear(c);
    return c.json({ status: 'not ready', ...(isTold && { reason }) }, 503, headers);
  });
  app.get('/metrics', async (c) => {
    // Prometheus beside the server needs no token.
    if (!isNear(c)) need(c, 'read');
    return c.body(await metrics.render(), 200, {
      'content-type': metrics.contentType,
      'cache-control': 'no-store',
    });
  });
}

/** Whether a request comes from this machine; what a proxy passes on comes from anywhere. */
function isNear({ req, env }: ServerContext): boolean {
  const isForwarded = ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via'].some(
    (name) => req.header(name) !== undefined,
  );
  return !isForwarded && isLoopbackAddress(env.exchange.address);
}

function addStreams(app: Hono<ServerEnvironment>, { streams }: Parts): void {
  app.post('/v1/events/tickets', (c) => {
    const { ticket, expiresAt } = streams.tickets.issue(need(c, 'read'));
    return c.json({ ticket, expiresAt }, 201, { 'cache-control': 'no-store' });
  });
  app.get('/v1/events', (c) => {
    const ticket = c.req.query('ticket');
    if (ticket !== undefined) c.env.exchange.access = streams.tickets.redeem(ticket);
    need(c, 'read');
    const filter = filterOf(c);
    streams.checkRoom();
    if (c.req.method === 'HEAD')
      return c.body(null, 200, { 'content-type': 'text/event-stream; charset=utf-8' });
    streams.serve(c.env.outgoing, filter, c.req.header('last-event-id') ?? c.req.query('lastEventId'));
    return RESPONSE_ALREADY_SENT;
  });
}

function filterOf(c: ServerContext): EventFilter {
  try {
    return EventFilter.of(c.req.queries('type') ?? [], c.req.queries('resource') ?? []);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const errors = [{ parameter: error.parameter, detail: error.message }];
    throw new Problem('invalid-parameter', error.message, { errors });
  }
}

function addDocument(app: Hono<ServerEnvironment>): void {
  // Made once it is asked for: that takes longer than the rest of the start.
  let text: string | undefined;
  app.get('/openapi.json', (c) => {
    text ??= JSON.stringify(serverDocument());
    return c.body(text, 200, { 'content-type': 'application/json', 'cache-control': 'no-cache' });
  });
}

function addRest(app: Hono<ServerEnvironment>, { messaging, settings, allowWrites, onRequest }: Parts): void {
  const exchanges = new WeakMap<Request, Exchange>();
  const rest = createRestApp({
    messaging,
    allowWrites,
    maxBodyBytes: settings.maxBodyBytes,
    access: (request, needed) => authorize(exchanges.get(request)?.access, needed),
    onRequest,
  });
  app.all('*', (c) => {
    c.env.exchange.isReported = true;
    exchanges.set(c.req.raw, c.env.exchange);
    return rest.fetch(c.req.raw, c.env);
  });
}
