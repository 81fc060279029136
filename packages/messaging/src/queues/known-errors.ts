import { invalid, MessagingError } from '../errors';
import type { CreateQueue } from './types';

/** How long SQS keeps a deleted queue's name. */
const DELETED_SECONDS = 60;

/** What refused a new queue, in words that say what can be done. */
export function createQueueError({ name, deadLetter }: CreateQueue, error: unknown): unknown {
  if (!(error instanceof MessagingError)) return error;
  if (deadLetter && /dead letter target does not exist/i.test(error.message)) {
    const detail = `queue "${deadLetter.queue}" does not exist: it has to be there first`;
    return invalid([{ field: 'deadLetter.queue', detail }]);
  }
  if (error.code === 'already-exists') {
    return new MessagingError('already-exists', `Queue "${name}" exists already, with other attributes`, {
      cause: error,
    });
  }
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html
  if (error.code === 'conflict') {
    const message = `Queue "${name}" was deleted less than ${DELETED_SECONDS} s ago: SQS makes a queue of that name again only then`;
    return new MessagingError('conflict', message, { cause: error, retryAfterSeconds: DELETED_SECONDS });
  }
  return error;
}

/** SQS refuses a second permission of the same label. */
export function isTakenLabel(error: unknown): boolean {
  return (
    error instanceof MessagingError &&
    error.code === 'invalid' &&
    /label.*already exists/is.test(error.message)
  );
}

/** SQS calls it invalid to remove a permission that is not there. */
export function unshareError(name: string, label: string, error: unknown): unknown {
  const missing = error instanceof MessagingError && /can't find label/i.test(error.message);
  return missing
    ? new MessagingError('not-found', `Queue "${name}" has no share "${label}"`, { cause: error })
    : error;
}
