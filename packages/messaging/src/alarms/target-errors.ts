import type { FieldError } from '../errors';
import { isFifo, nameErrors } from '../names';
import { endpointErrors } from '../subscriptions/endpoint';
import type { Subscriber } from './own-topics';
import { isSubscriber, NOTIFIED_STATES, ownTopics } from './own-topics';
import type { AlarmTarget, CreateAlarm } from './types';

const KINDS = ['topic', 'email', 'sms', 'queue', 'url', 'function'];
/** CloudWatch's, of topics and functions. */
const MAX_ACTIONS = 5;

/** What is wrong with those that are to be told. */
export function targetErrors({ name, notify = {} }: CreateAlarm): FieldError[] {
  const errors = NOTIFIED_STATES.flatMap((state) =>
    (notify[state] ?? []).flatMap((target, i) => oneTargetErrors(target, `notify.${state}.${i}`)),
  );
  if (errors.length > 0) return errors;
  const own = ownTopics(name, notify);
  for (const state of NOTIFIED_STATES) {
    const direct = (notify[state] ?? []).filter((target) => !isSubscriber(target)).length;
    if (direct + own.filter(({ states }) => states.includes(state)).length > MAX_ACTIONS) {
      const detail = `CloudWatch calls up to ${MAX_ACTIONS} topics and functions a state`;
      errors.push({ field: `notify.${state}`, detail });
    }
  }
  const refused = own.find((topic) => nameErrors('topic', topic.name).length > 0);
  if (refused !== undefined) {
    const detail = `with such targets the alarm has a topic "${refused.name}": up to 256 letters, digits, hyphens and underscores`;
    errors.push({ field: 'name', detail });
  }
  return errors;
}

function oneTargetErrors(target: AlarmTarget, field: string): FieldError[] {
  const kinds = Object.keys(target);
  if (kinds.length !== 1 || !KINDS.includes(kinds[0]!)) {
    return [{ field, detail: `must have one of ${KINDS.join(', ')}` }];
  }
  if ('topic' in target) return standard('topic', target.topic, `${field}.topic`);
  if ('queue' in target) return standard('queue', target.queue, `${field}.queue`);
  if ('function' in target) return nameErrors('function', target.function, `${field}.function`);
  return endpointErrors(...subscription(target), `${field}.${kinds[0]}`);
}

/** Protocol and endpoint of what the alarm's own topics reach. */
export function subscription(
  target: Subscriber,
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
