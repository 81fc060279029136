import { randomUUID } from 'node:crypto';
import type { Locale } from '../engine/arn';
import type { Schedule, Target } from './schedule';

/** One time at which a schedule calls one of its targets. */
export interface Execution {
  readonly id: string;
  /** When it was due, in milliseconds since the epoch. */
  readonly at: number;
  /** From 1 on. */
  readonly attempt: number;
}

/** What a target gets. */
export function payloadOf(schedule: Schedule, target: Target, execution: Execution, locale: Locale): string {
  if (schedule.kind === 'schedule') {
    const input = target.input ?? JSON.stringify(scheduleEvent(schedule, execution, locale));
    return withContext(input, schedule, execution);
  }
  if (target.input !== undefined) return target.input;
  const event = ruleEvent(schedule, execution, locale);
  return JSON.stringify(target.inputPath === undefined ? event : (part(event, target.inputPath) ?? null));
}

/** `2026-01-01T12:00:00Z` */
export function isoSeconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** What Scheduler sends where the schedule has no input; its detail is a text. */
function scheduleEvent({ arn }: Schedule, { id, at }: Execution, locale: Locale) {
  return { ...event(id, at, arn, locale), source: 'aws.scheduler', detail: '{}' };
}

/** https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-scheduled-events.html */
function ruleEvent({ arn }: Schedule, { id, at }: Execution, locale: Locale) {
  return { ...event(id, at, arn, locale), source: 'aws.events', detail: {} };
}

function event(id: string, at: number, arn: string, { accountId, region }: Locale) {
  return {
    version: '0',
    id,
    'detail-type': 'Scheduled Event',
    source: '',
    account: accountId,
    time: isoSeconds(at),
    region,
    resources: [arn],
  };
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
function withContext(input: string, { arn }: Schedule, { id, at, attempt }: Execution): string {
  const values: Readonly<Record<string, string>> = {
    'schedule-arn': arn,
    'scheduled-time': isoSeconds(at),
    'execution-id': id,
    'attempt-number': String(attempt),
  };
  return input.replace(/<aws\.scheduler\.([a-z-]+)>/g, (text, name: string) => values[name] ?? text);
}

/** The part of an event that a path means: `$.detail.state`. */
function part(event: unknown, path: string): unknown {
  const names = path
    .replace(/^\$\.?/, '')
    .split('.')
    .filter(Boolean);
  return names.reduce(
    (value: unknown, name) => (value as Readonly<Record<string, unknown>> | undefined)?.[name],
    event,
  );
}

export function newExecutionId(): string {
  return randomUUID();
}
