import type { FieldError } from '../errors';
import { isArn, isFifo, nameErrors } from '../names';
import { carriesRaw, endpointErrors } from './endpoint';
import { filterErrors } from './filter-policy';
import type { CreateSubscription, FilterScope, SubscriptionChanges } from './types';

const SCOPES: readonly string[] = ['attributes', 'body'] satisfies FilterScope[];

/** Everything that is wrong with a new subscription. */
export function createErrors(input: CreateSubscription): FieldError[] {
  const { topic, protocol, endpoint, raw = false, filter } = input;
  const errors = [
    ...nameErrors('topic', topic, 'topic'),
    ...endpointErrors(protocol, endpoint),
    ...rawErrors(protocol, raw),
  ];
  // https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html
  if (protocol === 'sqs' && isFifo(endpoint) && !isFifo(topic)) {
    errors.push({ field: 'endpoint', detail: 'a FIFO queue takes messages of FIFO topics only' });
  }
  if (protocol !== 'sqs' && isFifo(topic)) {
    errors.push({ field: 'protocol', detail: 'must be sqs: a FIFO topic sends to queues only' });
  }
  if (input.filterScope !== undefined && filter === undefined) {
    errors.push({ field: 'filterScope', detail: 'says what a filter looks at: there is none' });
  }
  return [...errors, ...settingErrors(input, input.filterScope)];
}

/** Everything that is wrong with changes of a subscription; `scope` is the one that it has. */
export function changeErrors(
  protocol: string,
  changes: SubscriptionChanges,
  scope: FilterScope,
): FieldError[] {
  return [
    ...rawErrors(protocol, changes.raw ?? false),
    ...settingErrors(changes, changes.filterScope ?? scope),
  ];
}

function rawErrors(protocol: string, raw: boolean): FieldError[] {
  if (!raw || carriesRaw(protocol)) return [];
  return [{ field: 'raw', detail: `Delivery protocol [${protocol}] does not support raw message delivery` }];
}

function settingErrors(
  { filter, filterScope, deadLetterQueue }: SubscriptionChanges,
  scope: FilterScope = 'attributes',
): FieldError[] {
  const errors = filter === undefined || filter === null ? [] : filterErrors(filter, scope);
  if (filterScope !== undefined && !SCOPES.includes(filterScope)) {
    errors.push({ field: 'filterScope', detail: `must be one of ${SCOPES.join(', ')}` });
  }
  if (typeof deadLetterQueue !== 'string') return errors;
  const field = 'deadLetterQueue';
  return [
    ...errors,
    ...(isArn(deadLetterQueue)
      ? endpointErrors('sqs', deadLetterQueue, field)
      : nameErrors('queue', deadLetterQueue, field)),
  ];
}
