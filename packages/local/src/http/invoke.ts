import type { Clock } from '../clock';
import type { InvocationResult, Invoker } from '../contracts';
import type { Activity } from '../engine/activity';

/** Lambda's limit on the event, escaped JSON and all. */
const MAX_EVENT_BYTES = 6 * 1024 * 1024;

export interface InvocationTools {
  readonly invoker: Invoker;
  readonly activity: Activity;
  readonly clock: Clock;
}

/** An integration's function as it is to be called. */
export interface Called {
  readonly functionArn: string;
  readonly timeoutMs: number;
  /** Why it is not called. */
  readonly problem?: string;
  /** For warnings: `POST /messages`. */
  readonly routeKey: string;
}

/** `refused`: API Gateway may not call it; `unavailable`: Lambda does not run it. */
export type Invocation = InvocationResult | 'refused' | 'too large' | 'unavailable' | 'timeout';

/** Calls an integration's function and waits no longer than the integration does. Never rejects. */
export async function callFunction(
  { functionArn, timeoutMs, problem, routeKey }: Called,
  event: string,
  traceId: string,
  { invoker, activity, clock }: InvocationTools,
): Promise<Invocation> {
  if (problem !== undefined) {
    activity.warn('apigw', `${routeKey}: ${problem}`);
    return 'refused';
  }
  if (event.length > MAX_EVENT_BYTES / 4 && Buffer.byteLength(event) > MAX_EVENT_BYTES) {
    return 'too large';
  }
  try {
    return await inTime(invoker.invoke(functionArn, event, { traceId }), timeoutMs, clock);
  } catch (error) {
    activity.warn('apigw', `${routeKey}: ${(error as Error).message}`);
    return 'unavailable';
  }
}

/** Whichever comes first: the work's end or the time's. */
export function inTime<T>(work: Promise<T>, timeoutMs: number, clock: Clock): Promise<T | 'timeout'> {
  return new Promise((resolve, reject) => {
    const timer = clock.schedule(timeoutMs, () => resolve('timeout'));
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}
