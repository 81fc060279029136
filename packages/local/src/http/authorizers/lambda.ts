import type { Authorizing } from '../caller';
import { callFunction } from '../invoke';
import type { InvocationTools } from '../invoke';
import type { Opinion } from './answer';
import { opinionOf, refusalBy } from './answer';
import type { Asked } from './asked';
import { methodArn } from './asked';
import type { LambdaAuthorizerConfig } from './config';
import { identityValue } from './identity';

/** Authorizer functions may take no longer, whatever their integration's timeout. */
const TIMEOUT_MS = 10_000;
const MEMORY = 10_000;

interface Remembered {
  readonly opinion: Opinion;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Asks functions whether requests pass, and remembers their answers. */
export class LambdaAuthorizers {
  private readonly remembered = new Map<string, Remembered>();

  constructor(private readonly tools: InvocationTools) {}

  /** @throws URIError where an identity source's encoding is broken */
  async authorize(config: LambdaAuthorizerConfig, asked: Asked): Promise<Authorizing> {
    const { clock } = this.tools;
    const identity = identityOf(config, asked);
    if (identity === undefined) {
      return { refusal: { kind: 'UNAUTHORIZED' } };
    }
    const caches = config.cacheSeconds > 0 && identity.length > 0;
    const key = caches ? JSON.stringify([config.id, asked.stage.name, identity]) : '';
    const askedAt = clock.now();
    const known = caches ? this.recall(key) : undefined;
    const opinion = known ?? (await this.ask(config, asked, identity));
    if ('kind' in opinion) {
      return { refusal: opinion };
    }
    if (caches && known === undefined) {
      this.remember(key, { opinion, until: clock.now() + config.cacheSeconds * 1000 });
    }
    const refusal = refusalBy(opinion, methodArn(asked), asked.request.sourceIp);
    const { principalId, context, usageIdentifierKey } = opinion;
    const latencyMs = clock.now() - askedAt;
    return refusal === undefined
      ? { caller: { kind: 'lambda', principalId, context, usageIdentifierKey, latencyMs } }
      : { refusal };
  }

  private async ask(config: LambdaAuthorizerConfig, asked: Asked, identity: readonly string[]) {
    const { functionArn, problem } = config;
    const called = { functionArn, problem, timeoutMs: TIMEOUT_MS, routeKey: `authorizer ${config.id}` };
    const event = JSON.stringify(eventOf(config, asked, identity));
    const result = await callFunction(called, event, asked.request.traceId, this.tools);
    return typeof result === 'string' ? ({ kind: 'AUTHORIZER_FAILURE' } as const) : opinionOf(result, config);
  }

  private recall(key: string): Opinion | undefined {
    const known = this.remembered.get(key);
    return known !== undefined && known.until > this.tools.clock.now() ? known.opinion : undefined;
  }

  private remember(key: string, what: Remembered): void {
    if (this.remembered.size >= MEMORY) this.remembered.clear();
    this.remembered.set(key, what);
  }
}

/** Undefined where the request lacks an identity source, or its token does not look like one. */
function identityOf({ identitySources, tokenPattern }: LambdaAuthorizerConfig, asked: Asked) {
  const values: string[] = [];
  for (const source of identitySources) {
    const value = identityValue(source, asked);
    if (value === undefined) return undefined;
    values.push(value);
  }
  const isToken = tokenPattern === undefined || new RegExp(`^(?:${tokenPattern})$`).test(values[0] ?? '');
  return isToken ? values : undefined;
}

function eventOf({ event: kind }: LambdaAuthorizerConfig, asked: Asked, identity: readonly string[]) {
  const arn = methodArn(asked);
  if (kind === 'rest-token') {
    return { type: 'TOKEN', authorizationToken: identity[0], methodArn: arn };
  }
  const event = asked.event(kind);
  switch (kind) {
    case 'http-2.0':
      return { version: '2.0', type: 'REQUEST', routeArn: arn, identitySource: identity, ...event };
    case 'http-1.0': {
      const joined = identity.join(',');
      const who = { identitySource: joined, authorizationToken: joined };
      return { version: '1.0', type: 'REQUEST', methodArn: arn, ...who, ...event };
    }
    case 'rest-request':
      return { type: 'REQUEST', methodArn: arn, ...event };
  }
}
