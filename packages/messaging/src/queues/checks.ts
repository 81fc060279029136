import { attributeErrors, forbiddenCharacter } from '../attributes';
import type { FieldError } from '../errors';
import { isArn, isFifo, nameErrors, nameOf, parseArn } from '../names';
import { isWhole } from '../options';
import type {
  CreateQueue,
  DeadLetter,
  Handle,
  OutgoingMessage,
  QueueChanges,
  QueueSettings,
  ReceiveOptions,
  RedriveOptions,
  ShareQueue,
} from './types';

type Range = readonly [from: number, to: number];

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const RANGES = {
  visibilityTimeoutSeconds: [0, 43_200],
  retentionSeconds: [60, 1_209_600],
  delaySeconds: [0, 900],
  maxMessageBytes: [1024, 1_048_576],
  receiveWaitSeconds: [0, 20],
} as const satisfies Partial<Record<keyof QueueSettings, Range>>;

const MAX_RECEIVE_COUNT: Range = [1, 1000];
const MAX_TAGS = 50;

export function createErrors(queue: CreateQueue): FieldError[] {
  const errors = nameErrors('queue', queue.name);
  const fifo = isFifo(queue.name);
  if (queue.fifo !== undefined && queue.fifo !== fifo) {
    errors.push({
      field: 'fifo',
      detail: `is ${queue.fifo}, but the name ${fifo ? 'ends' : 'does not end'} in .fifo`,
    });
  }
  return [...errors, ...settingsErrors(queue.name, queue), ...tagErrors(queue.tags)];
}

export function changeErrors(name: string, changes: QueueChanges): FieldError[] {
  return [...settingsErrors(name, changes), ...tagErrors(changes.tags)];
}

function settingsErrors(name: string, settings: QueueSettings): FieldError[] {
  const errors: FieldError[] = [];
  for (const [field, [from, to]] of Object.entries(RANGES)) {
    errors.push(...rangeErrors(field, settings[field as keyof typeof RANGES], [from, to]));
  }
  for (const field of ['contentBasedDeduplication', 'highThroughput'] as const) {
    if (settings[field] && !isFifo(name)) errors.push({ field, detail: 'is for FIFO queues only' });
  }
  return [...errors, ...deadLetterErrors(name, settings.deadLetter), ...encryptionErrors(settings)];
}

export function rangeErrors(field: string, value: number | undefined, [from, to]: Range): FieldError[] {
  if (value === undefined || isWhole(value, from, to)) return [];
  return [{ field, detail: `must be a whole number from ${from} to ${to}` }];
}

function deadLetterErrors(name: string, deadLetter: DeadLetter | null | undefined): FieldError[] {
  if (deadLetter === undefined || deadLetter === null) return [];
  const field = 'deadLetter.queue';
  const errors = rangeErrors('deadLetter.maxReceiveCount', deadLetter.maxReceiveCount, MAX_RECEIVE_COUNT);
  const { queue } = deadLetter;
  if (isArn(queue) && parseArn(queue)?.service !== 'sqs') {
    return [...errors, { field, detail: 'is not the ARN of a queue' }];
  }
  const target = isArn(queue) ? nameOf(queue) : queue;
  errors.push(...nameErrors('queue', target, field));
  if (target === name) errors.push({ field, detail: 'must be another queue' });
  if (isFifo(target) !== isFifo(name)) {
    errors.push({
      field,
      detail: `must be a ${isFifo(name) ? 'FIFO' : 'standard'} queue, as the queue itself is`,
    });
  }
  return errors;
}

function encryptionErrors({ encryption }: QueueSettings): FieldError[] {
  if (typeof encryption !== 'object' || /^\S{1,2048}$/.test(encryption.keyId)) return [];
  return [{ field: 'encryption.keyId', detail: 'must be the id, ARN or alias of a key' }];
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html */
function tagErrors(tags: Readonly<Record<string, string>> | undefined): FieldError[] {
  const entries = Object.entries(tags ?? {});
  const errors: FieldError[] = [];
  if (entries.length > MAX_TAGS) errors.push({ field: 'tags', detail: `at most ${MAX_TAGS}` });
  for (const [key, value] of entries) {
    const field = `tags.${key}`;
    if (key.length < 1 || key.length > 128 || /^aws:/i.test(key)) {
      errors.push({ field, detail: 'a key has 1 to 128 characters and does not begin with aws:' });
    }
    if (typeof value !== 'string' || value.length > 256) {
      errors.push({ field, detail: 'a value has up to 256 characters' });
    }
  }
  return errors;
}

const ID = /^[\x21-\x7e]{1,128}$/;

/** What is wrong with a message for the queue `name`. */
export function messageErrors(name: string, message: OutgoingMessage): FieldError[] {
  const errors = [...bodyErrors(message.body), ...attributeErrors(message.attributes)];
  errors.push(...rangeErrors('delaySeconds', message.delaySeconds, RANGES.delaySeconds));
  for (const field of ['groupId', 'deduplicationId'] as const) {
    if (message[field] !== undefined && !ID.test(message[field])) {
      errors.push({ field, detail: 'must be 1 to 128 printable ASCII characters without spaces' });
    }
  }
  return [...errors, ...fifoErrors(isFifo(name), message)];
}

function bodyErrors(body: unknown): FieldError[] {
  if (typeof body !== 'string') return [{ field: 'body', detail: 'must be a string' }];
  if (body === '') return [{ field: 'body', detail: 'must not be empty' }];
  const detail = forbiddenCharacter(body);
  return detail === undefined ? [] : [{ field: 'body', detail }];
}

function fifoErrors(
  fifo: boolean,
  { groupId, deduplicationId, delaySeconds }: OutgoingMessage,
): FieldError[] {
  if (!fifo) {
    return deduplicationId === undefined
      ? []
      : [{ field: 'deduplicationId', detail: 'is for FIFO queues only' }];
  }
  const errors: FieldError[] = [];
  if (groupId === undefined) errors.push({ field: 'groupId', detail: 'is required by a FIFO queue' });
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
  if (delaySeconds !== undefined) {
    errors.push({ field: 'delaySeconds', detail: 'cannot be set for one message of a FIFO queue' });
  }
  return errors;
}

export function receiveErrors({ max, waitSeconds, visibilityTimeoutSeconds }: ReceiveOptions): FieldError[] {
  return [
    ...rangeErrors('max', max, [1, 10]),
    ...rangeErrors('waitSeconds', waitSeconds, RANGES.receiveWaitSeconds),
    ...visibilityErrors(visibilityTimeoutSeconds, 'visibilityTimeoutSeconds'),
  ];
}

export function visibilityErrors(seconds: number | undefined, field = 'seconds'): FieldError[] {
  return rangeErrors(field, seconds, RANGES.visibilityTimeoutSeconds);
}

export function handleErrors(messages: readonly Handle[]): FieldError[] {
  const handles = messages.map((message) => (typeof message === 'string' ? message : message.receiptHandle));
  const valid = handles.every((handle) => typeof handle === 'string' && handle !== '');
  return valid ? [] : [{ field: 'receiptHandle', detail: 'must not be empty' }];
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html */
const SHARED_ACTIONS = [
  'SendMessage',
  'ReceiveMessage',
  'DeleteMessage',
  'ChangeMessageVisibility',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListDeadLetterSourceQueues',
  'PurgeQueue',
];

export function shareErrors({ label, accountIds, actions }: Partial<ShareQueue>): FieldError[] {
  const errors: FieldError[] = [];
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(label ?? '')) {
    errors.push({ field: 'label', detail: 'must be 1 to 80 letters, digits, hyphens and underscores' });
  }
  if (
    accountIds !== undefined &&
    (accountIds.length === 0 || !accountIds.every((id) => /^\d{12}$/.test(id)))
  ) {
    errors.push({ field: 'accountIds', detail: 'must be account ids of 12 digits each, at least one' });
  }
  // SQS takes seven at most, and `*`, which would share deleting the queue too.
  const known = actions?.every((action) => SHARED_ACTIONS.includes(action));
  if (actions !== undefined && (actions.length === 0 || actions.length > 7 || !known)) {
    errors.push({ field: 'actions', detail: `must be one to seven of ${SHARED_ACTIONS.join(', ')}` });
  }
  return errors;
}

export function redriveErrors(name: string, { to, maxPerSecond }: RedriveOptions): FieldError[] {
  const errors = rangeErrors('maxPerSecond', maxPerSecond, [1, 500]);
  if (to === undefined) return errors;
  errors.push(...nameErrors('queue', to, 'to'));
  if (to === name) errors.push({ field: 'to', detail: 'must be another queue' });
  return errors;
}
