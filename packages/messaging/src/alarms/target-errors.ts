import type { FieldError } from '../errors';
import { isFifo, nameErrors } from '../names';
import { endpointErrors } from '../subscriptions/endpoint';
import { ownTopic } from './own-topic';
import type { AlarmNotify, AlarmTarget, CreateAlarm } from './types';

export const NOTIFIED_STATES = [
  'alarm',
  'ok',
  'insufficientData',
] as const satisfies readonly (keyof AlarmNotify)[];

const KINDS = ['topic', 'email', 'sms', 'queue', 'url', 'function'];
/** CloudWatch's; all targets that are no topic and no function share the alarm's own topic, which is one. */
const MAX_ACTIONS = 5;

/** What is wrong with those that are to be told. */
export function targetErrors({ name, notify = {} }: CreateAlarm): FieldError[] {
  const errors: FieldError[] = [];
  for (const state of NOTIFIED_STATES) {
    const targets = notify[state] ?? [];
    targets.forEach((target, i) => errors.push(...oneTargetErrors(target, `notify.${state}.${i}`)));
    if (actionCount(targets) > MAX_ACTIONS) {
      errors.push({
        field: `notify.${state}`,
        detail: `CloudWatch calls up to ${MAX_ACTIONS} topics and functions a state`,
      });
    }
  }
  const isSubscribed = NOTIFIED_STATES.some((state) => notify[state]?.some(needsOwnTopic));
  if (isSubscribed && nameErrors('topic', ownTopic(name)).length > 0) {
    const detail = `with such targets the alarm has a topic of its own, "${ownTopic(name)}": letters, digits, hyphens and underscores only`;
    errors.push({ field: 'name', detail });
  }
  return errors;
}

/** Whether SNS reaches it, by the alarm's own topic. */
export function needsOwnTopic(target: AlarmTarget): boolean {
  return !('topic' in target) && !('function' in target);
}

function actionCount(targets: readonly AlarmTarget[]): number {
  const direct = targets.filter((target) => !needsOwnTopic(target)).length;
  return direct + (direct < targets.length ? 1 : 0);
}

function oneTargetErrors(target: AlarmTarget, field: string): FieldError[] {
  const kinds = Object.keys(target);
  if (kinds.length !== 1 || !KINDS.includes(kinds[0]!)) {
    return [{ field, detail: `must have one of ${KINDS.join(', ')}` }];
  }
  if ('topic' in target) return standard('topic', target.topic, `${field}.topic`);
  if ('queue' in target) return standard('queue', target.queue, `${field}.queue`);
  if ('function' in target) return nameErrors('function', target.function, `${field}.function`);
  return endpointErrors(...subscriber(target), `${field}.${kinds[0]}`);
}

/** Protocol and endpoint of what the alarm's own topic reaches. */
export function subscriber(
  target: Exclude<AlarmTarget, { topic: string } | { function: string }>,
): [protocol: 'email' | 'sms' | 'sqs' | 'http' | 'https', endpoint: string] {
  if ('email' in target) return ['email', target.email];
  if ('sms' in target) return ['sms', target.sms];
  if ('queue' in target) return ['sqs', target.queue];
  return [/^https:/i.test(target.url) ? 'https' : 'http', target.url];
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html: standard topics only. */
function standard(kind: 'topic' | 'queue', name: string, field: string): FieldError[] {
  const errors = nameErrors(kind, name, field);
  return errors.length === 0 && isFifo(name)
    ? [{ field, detail: `must be no FIFO ${kind}: CloudWatch notifies standard topics only` }]
    : errors;
}
