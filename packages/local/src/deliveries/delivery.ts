import type { Locale } from '../engine/arn';
import { valueAt } from './event-path';
import { transformed } from './input-transformer';
import type { Target } from './target';

/** Who sends. */
export interface Source {
  readonly kind: 'schedule' | 'rule';
  readonly arn: string;
  readonly name: string;
}

/** An event on its way to one target. */
export interface NewDelivery {
  readonly source: Source;
  readonly target: Target;
  /** JSON; a schedule sends it where it has no input. */
  readonly event: string;
  /** The event's id, and a schedule's execution. */
  readonly eventId: string;
  /** When the schedule was due or the event came in, in milliseconds since the epoch; its age counts from here. */
  readonly at: number;
  readonly traceHeader?: string;
  /** Whether a rule of another bus sent it here: then no third bus gets it. */
  readonly forwarded?: boolean;
}

/** As it is kept. */
export interface Delivery extends NewDelivery {
  readonly id: string;
  /** Attempts so far. */
  readonly attempts: number;
  /** Milliseconds since the epoch. */
  readonly nextAt: number;
}

/** What the target gets. */
export function payloadOf(delivery: NewDelivery, attempt: number): string {
  const { source, target, event, at } = delivery;
  if (source.kind === 'schedule') return withContext(target.input ?? event, delivery, attempt);
  if (target.input !== undefined) return target.input;
  if (target.inputTransformer !== undefined) {
    const { arn: ruleArn, name: ruleName } = source;
    return transformed(target.inputTransformer, { event, ruleArn, ruleName, ingestedAt: at });
  }
  if (target.inputPath === undefined || target.inputPath === '$') return event;
  return JSON.stringify(valueAt(JSON.parse(event), target.inputPath) ?? null);
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
function withContext(input: string, { source, eventId, at }: NewDelivery, attempt: number): string {
  const values: Readonly<Record<string, string>> = {
    'schedule-arn': source.arn,
    'scheduled-time': isoSeconds(at),
    'execution-id': eventId,
    'attempt-number': String(attempt),
  };
  return input.replace(/<aws\.scheduler\.([a-z-]+)>/g, (text, name: string) => values[name] ?? text);
}

/** `2026-01-01T12:00:00Z` */
export function isoSeconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/**
 * What a schedule without input and a rule with a schedule send. Scheduler's detail is a text.
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-scheduled-events.html
 */
export function scheduledEvent(
  source: Source,
  id: string,
  at: number,
  { accountId, region }: Locale,
): string {
  const isSchedule = source.kind === 'schedule';
  return JSON.stringify({
    version: '0',
    id,
    'detail-type': 'Scheduled Event',
    source: isSchedule ? 'aws.scheduler' : 'aws.events',
    account: accountId,
    time: isoSeconds(at),
    region,
    resources: [source.arn],
    detail: isSchedule ? '{}' : {},
  });
}
