import type * as v from 'valibot';
import type { Messaging } from '../messaging';
import type { Access, Scope } from './options';
import type { ProblemCode } from './problem';
import type { Requesters } from './requesters';
import { closed } from './schemas/base';
import type { Entries, Schema } from './schemas/base';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The answer of a route when all is well. */
export interface Success<B> {
  readonly status: 200 | 201 | 202 | 204;
  readonly description: string;
  /** None for 204. */
  readonly schema?: Schema;
  /** Path of what was made, for the header Location. */
  readonly location?: (body: B) => string;
}

export interface RouteContext<P, Q, B> {
  readonly messaging: Messaging;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Aborted when the client has gone, or the request's time is over. */
  readonly signal: AbortSignal;
  /** Longest that the request may take. */
  readonly maxWaitSeconds: number;
  readonly access: Access | undefined;
  readonly allowWrites: boolean;
  /** Of a request that has the header, on a route that is `idempotent`. */
  readonly idempotencyKey: string | undefined;
  readonly requesters: Requesters;
}

interface Described {
  readonly method: Method;
  /** `/v1/queues/{queue}`. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Least scope that may; none for what everyone may read. */
  readonly scope: Scope | null;
  /** Takes an Idempotency-Key. */
  readonly idempotent?: boolean;
  /** The body may be left out, which is as good as `{}`. */
  readonly bodyOptional?: boolean;
  /** Beyond those that every route of its method may have. */
  readonly problems?: readonly ProblemCode[];
}

type Output<S> = S extends Schema ? v.InferOutput<S> : undefined;

export interface RouteDefinition<P extends Entries, Q extends Entries, B, R> extends Described {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly success: Omit<Success<Output<R>>, 'schema'> & { readonly schema?: R };
  readonly run: (
    context: RouteContext<
      v.InferOutput<v.StrictObjectSchema<P, undefined>>,
      v.InferOutput<v.StrictObjectSchema<Q, undefined>>,
      Output<B>
    >,
  ) => Promise<R extends Schema ? v.InferInput<R> : void>;
}

/** A route as the app and the document see it. */
export interface Route extends Described {
  readonly params: v.StrictObjectSchema<Entries, undefined>;
  readonly query: v.StrictObjectSchema<Entries, undefined>;
  readonly body: Schema | undefined;
  readonly success: Success<unknown>;
  readonly run: (context: RouteContext<unknown, unknown, unknown>) => Promise<unknown>;
}

// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- no entries
type None = {};

/** One row of the route table: what it takes and answers, in schemas from which its types follow. */
export function route<
  const P extends Entries = None,
  const Q extends Entries = None,
  B extends Schema | undefined = undefined,
  R extends Schema | undefined = undefined,
>(definition: RouteDefinition<P, Q, B, R>): Route {
  const { params = {}, query = {}, body, success, run } = definition;
  // The app gives `run` what these very schemas took.
  return {
    ...definition,
    params: closed(params),
    query: closed(query),
    body,
    success: success as Success<unknown>,
    run: run as Route['run'],
  };
}
