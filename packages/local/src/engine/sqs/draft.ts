import { invalidParameterValue, ServiceError } from '../errors';
import type { Draft } from './message';
import { attributesSize, checkAttributes, hasOnlyValidCharacters } from '../message-attributes';
import type { Queue } from './queue';

const MAX_ATTRIBUTES = 10;
const MAX_DELAY_SECONDS = 900;
/** Of group and deduplication ids: alphanumeric characters and punctuation, all of ASCII but the space. */
const ID = /^[\x21-\x7e]{1,128}$/;

/**
 * Refuses what SQS refuses.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 * @throws ServiceError InvalidParameterValue, InvalidMessageContents, MissingParameter
 */
export function checkDraft(queue: Queue, draft: Draft): void {
  checkSize(queue, draft);
  if (!hasOnlyValidCharacters(draft.body)) {
    throw new ServiceError(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | ' +
        '#xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
    );
  }
  checkMessageAttributes(draft);
  checkDelay(queue, draft);
  checkIds(queue, draft);
}

function checkSize(queue: Queue, { body, attributes }: Draft): void {
  const limit = queue.settings.maximumMessageSize;
  if (Buffer.byteLength(body) + attributesSize(attributes) <= limit) return;
  throw invalidParameterValue(
    `One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`,
  );
}

function checkMessageAttributes({ attributes = {} }: Draft): void {
  const count = Object.keys(attributes).length;
  if (count > MAX_ATTRIBUTES) {
    throw invalidParameterValue(
      `Number of message attributes [${count}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`,
    );
  }
  checkAttributes(attributes, invalidParameterValue);
}

function checkDelay(queue: Queue, { delaySeconds = 0 }: Draft): void {
  if (!Number.isInteger(delaySeconds) || delaySeconds < 0 || delaySeconds > MAX_DELAY_SECONDS) {
    throw invalid('DelaySeconds', delaySeconds, `DelaySeconds must be >= 0 and <= ${MAX_DELAY_SECONDS}.`);
  }
  // A FIFO queue's delay is a matter of the queue; an explicit 0 says nothing.
  if (delaySeconds > 0 && queue.settings.fifo) throw invalid('DelaySeconds', delaySeconds, WRONG_TYPE);
}

const WRONG_TYPE = 'The request includes a parameter that is not valid for this queue type';

function checkIds(queue: Queue, { groupId, deduplicationId }: Draft): void {
  const { fifo, contentBasedDeduplication } = queue.settings;
  if (fifo && groupId === undefined) {
    throw new ServiceError('MissingParameter', 'The request must contain the parameter MessageGroupId.');
  }
  checkId('MessageGroupId', groupId);
  checkId('MessageDeduplicationId', deduplicationId);
  if (!fifo && deduplicationId !== undefined) {
    throw invalid('MessageDeduplicationId', deduplicationId, WRONG_TYPE);
  }
  if (fifo && deduplicationId === undefined && !contentBasedDeduplication) {
    throw invalidParameterValue(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
}

function checkId(name: string, id: string | undefined): void {
  if (id === undefined || ID.test(id)) return;
  const rule = `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`;
  throw invalid(name, id.slice(0, 200), rule);
}

function invalid(name: string, value: string | number, reason: string): ServiceError {
  return invalidParameterValue(`Value ${value} for parameter ${name} is invalid. Reason: ${reason}`);
}
