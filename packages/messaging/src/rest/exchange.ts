import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import * as v from 'valibot';
import { readBody, readIdempotencyKey, readParams, readQuery } from './decode';
import type { Deadline } from './deadline';
import type { IdempotencyStore, StoredAnswer } from './idempotency';
import type { Access, RestOptions } from './options';
import { covers } from './options';
import { Problem } from './problem';
import type { Requesters } from './requesters';
import type { Route, RouteContext } from './route';

/** What all requests share. */
export interface Host {
  readonly options: RestOptions;
  readonly maxWaitSeconds: number;
  readonly maxBodyBytes: number;
  readonly allowWrites: boolean;
  readonly idempotency: IdempotencyStore;
  readonly requesters: Requesters;
}

type AnyContext = RouteContext<unknown, unknown, unknown>;

/** One request to one route. */
export class Exchange {
  /** Who asks, as soon as it is known. */
  access: Access | undefined;
  /** Milliseconds that the library took. */
  awsMs = 0;

  constructor(
    private readonly host: Host,
    private readonly route: Route,
    private readonly c: Context,
    private readonly deadline: Deadline,
  ) {}

  /** @throws Problem, MessagingError */
  async respond(): Promise<Response> {
    await this.admit();
    const { route, c, host, deadline } = this;
    const request = c.req.raw;
    const params = readParams(route, c.req.param());
    const query = readQuery(route, request.url);
    const idempotencyKey = readIdempotencyKey(route, request.headers);
    const body = await readBody(route, request, host.maxBodyBytes);
    const context: AnyContext = {
      messaging: host.options.messaging,
      params,
      query,
      body: body.value,
      signal: deadline.signal,
      maxWaitSeconds: host.maxWaitSeconds,
      access: this.access,
      allowWrites: host.allowWrites,
      idempotencyKey,
      requesters: host.requesters,
    };
    if (idempotencyKey === undefined) return toResponse(await this.run(context));
    return this.once(idempotencyKey, context);
  }

  private async admit(): Promise<void> {
    const { scope } = this.route;
    if (scope === null) return;
    const access = await this.host.options.access?.(this.c.req.raw, scope);
    if (access instanceof Problem) throw access;
    this.access = access;
    if (access !== undefined && !covers(access.scope, scope)) {
      throw new Problem(
        'insufficient-scope',
        `This needs the scope ${scope}; the token has ${access.scope}.`,
      );
    }
    if (scope !== 'read' && !this.host.allowWrites) {
      const detail =
        'This server only reads; --allow-writes (allowWrites in its configuration) lets it write.';
      throw new Problem('read-only', detail);
    }
  }

  /** The first answer to the key. A run that outlives its request still leaves its answer behind. */
  private async once(key: string, context: AnyContext): Promise<Response> {
    const { idempotency } = this.host;
    const path = this.c.req.path;
    const whole = `${this.access?.name ?? ''} ${this.route.method} ${path} ${key}`;
    const fingerprint = createHash('sha256').update(JSON.stringify(context.body)).digest('base64url');
    const state = await idempotency.begin(whole, fingerprint);
    if (state.kind === 'done') return toResponse(state.answer, { 'idempotency-replayed': 'true' });
    if (state.kind !== 'new') throw refusal(state.kind);
    try {
      const answer = await this.run(context);
      await idempotency.finish(whole, answer);
      return toResponse(answer);
    } catch (error) {
      await idempotency.abandon(whole);
      throw error;
    }
  }

  private async run(context: AnyContext): Promise<StoredAnswer> {
    const { success } = this.route;
    const started = performance.now();
    let value: unknown;
    try {
      value = await this.route.run(context);
    } finally {
      this.awsMs = performance.now() - started;
    }
    if (success.schema === undefined) return { status: success.status, headers: {}, body: null };
    const body = JSON.stringify(value);
    if (this.host.options.validateResponses === true) checkAnswer(this.route, body);
    const location = success.location && { location: success.location(value) };
    return { status: success.status, headers: { 'content-type': 'application/json', ...location }, body };
  }
}

function toResponse({ status, headers, body }: StoredAnswer, more: Record<string, string> = {}): Response {
  return new Response(body, { status, headers: { ...headers, ...more } });
}

function refusal(kind: 'running' | 'other-body'): Problem {
  if (kind === 'running') {
    const detail = 'A request with this Idempotency-Key is still running.';
    return new Problem('conflict', detail, { headers: { 'retry-after': '1' } });
  }
  return new Problem('idempotency-key-reused', 'This Idempotency-Key came with another body before.');
}

function checkAnswer(route: Route, body: string): void {
  const result = v.safeParse(route.success.schema!, JSON.parse(body));
  if (result.success) return;
  const issues = result.issues.map((issue) => `${v.getDotPath(issue) ?? ''}: ${issue.message}`).join('; ');
  throw new Error(`The answer of ${route.operationId} is not as documented: ${issues}`);
}
