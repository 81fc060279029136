import type { Messaging } from '../messaging';
import type { IdempotencyStore } from './idempotency';
import type { Problem } from './problem';

/** Each includes the ones before it: `write` sends, receives and deletes messages; `admin` makes and removes resources. */
export const SCOPES = ['read', 'write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who asks. */
export interface Access {
  /** For logs; Idempotency-Keys of one name are not another's. */
  readonly name: string;
  readonly scope: Scope;
}

/** A request that was answered, for logs and metrics. */
export interface RequestReport {
  readonly method: string;
  /** The route's template, `/v1/queues/{queue}`; '' for paths that there are not. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
  readonly access: Access | undefined;
  /** What made a 5xx. */
  readonly error: unknown;
}

export interface RestOptions {
  readonly messaging: Messaging;
  /**
   * Says who asks, or the problem that is the answer (401). The app itself then compares the scope.
   *
   * @default everyone may do everything
   */
  readonly access?: (request: Request, needed: Scope) => Access | Problem | Promise<Access | Problem>;
  /** Whether anything but reads is answered. @default true */
  readonly allowWrites?: boolean;
  /**
   * Seconds that a request may take, long polls included (those are shortened to it): a little less than what the
   * gateway in front waits, which is 30 for API Gateway.
   *
   * @default 28
   */
  readonly maxWaitSeconds?: number;
  /** Where answers to requests with an Idempotency-Key are kept. @default in memory, bounded */
  readonly idempotency?: IdempotencyStore;
  /** @default 2097152, a message of 1 MiB whose every other character is escaped */
  readonly maxBodyBytes?: number;
  /** Called after each answer; what it throws is ignored. */
  readonly onRequest?: (report: RequestReport) => void;
  /** Checks each answer against its documented schema and answers 500 where they differ: for tests. @default false */
  readonly validateResponses?: boolean;
}

export function covers(has: Scope, needed: Scope): boolean {
  return SCOPES.indexOf(has) >= SCOPES.indexOf(needed);
}
