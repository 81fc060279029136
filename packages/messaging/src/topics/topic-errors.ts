import type { FieldError } from '../errors';
import { isFifo, nameErrors } from '../names';
import type { CreateTopic, ShareTopic, TopicChanges } from './types';

const MAX_DISPLAY_NAME = 100;
const LABEL = /^[A-Za-z0-9_-]{1,80}$/;
const ACCOUNT = /^\d{12}$/;

/** Everything that is wrong with a new topic. */
export function createErrors(input: CreateTopic): FieldError[] {
  const { name, fifo } = input;
  const errors = nameErrors('topic', name);
  if (fifo === true && !isFifo(name))
    errors.push({ field: 'name', detail: 'of a FIFO topic must end in .fifo' });
  if (fifo === false && isFifo(name))
    errors.push({ field: 'fifo', detail: 'must be true: the name ends in .fifo' });
  return [...errors, ...changeErrors(name, input)];
}

/** Everything that is wrong with a topic's attributes. */
export function changeErrors(
  name: string,
  { displayName = '', contentBasedDeduplication }: TopicChanges,
): FieldError[] {
  const errors: FieldError[] = [];
  if (displayName.length > MAX_DISPLAY_NAME) {
    errors.push({ field: 'displayName', detail: `must have up to ${MAX_DISPLAY_NAME} characters` });
  }
  if (contentBasedDeduplication === true && !isFifo(name)) {
    errors.push({ field: 'contentBasedDeduplication', detail: 'is for FIFO topics only' });
  }
  return errors;
}

/** Everything that is wrong with a permission for other accounts. */
export function shareErrors({ label, accountIds, actions }: ShareTopic): FieldError[] {
  const errors: FieldError[] = [];
  if (!LABEL.test(label)) {
    errors.push({ field: 'label', detail: 'must be 1 to 80 letters, digits, hyphens and underscores' });
  }
  if (accountIds.length === 0 || !accountIds.every((id) => ACCOUNT.test(id))) {
    errors.push({ field: 'accountIds', detail: 'must be account ids of 12 digits' });
  }
  if (actions.length === 0) errors.push({ field: 'actions', detail: 'must have an action, such as Publish' });
  return errors;
}
