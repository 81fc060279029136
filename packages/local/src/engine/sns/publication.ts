import { invalidParameter, ServiceError } from '../errors';
import { attributesSize, checkAttributes, hasOnlyValidCharacters } from '../message-attributes';
import type { Publication } from './notification';
import type { Topic } from './topic';

// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
const SUBJECT = /^[\x20-\x7e]{1,100}$/;
/** Of group and deduplication ids: alphanumeric characters and punctuation. */
const ID = /^[\x21-\x7e]{1,128}$/;

/** Bytes that count against the topic's limit. */
export function publicationSize(publication: Publication): number {
  return Buffer.byteLength(publication.message) + attributesSize(publication.attributes);
}

/**
 * Refuses what SNS refuses.
 * @throws ServiceError InvalidParameter, ParameterValueInvalid
 */
export function checkPublication(publication: Publication, topic: Topic): void {
  if (publicationSize(publication) > topic.settings.maximumMessageSize) {
    throw invalidParameter('Message too long');
  }
  checkContent(publication);
  checkOrder(publication, topic);
}

/**
 * What is refused for phone numbers as for topics.
 * @throws ServiceError InvalidParameter, ParameterValueInvalid
 */
export function checkContent({ message, subject, messageStructure, attributes }: Publication): void {
  if (message === '') throw invalidParameter('Empty message');
  if (!hasOnlyValidCharacters(message))
    throw invalidParameter('Message contains characters outside the allowed set');
  if (subject !== undefined && (!SUBJECT.test(subject) || subject.startsWith(' ')))
    throw invalidParameter('Subject');
  if (messageStructure !== undefined) checkStructure(messageStructure, message);
  if (attributes) checkAttributes(attributes, (reason) => new ServiceError('ParameterValueInvalid', reason));
}

function checkOrder({ groupId, deduplicationId }: Publication, { settings }: Topic): void {
  if (settings.fifo && groupId === undefined) {
    throw invalidParameter('The MessageGroupId parameter is required for FIFO topics');
  }
  if (settings.fifo && deduplicationId === undefined && !settings.contentBasedDeduplication) {
    throw invalidParameter(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
  if (!settings.fifo && deduplicationId !== undefined) {
    throw invalidParameter(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    );
  }
  checkId('MessageGroupId', groupId);
  checkId('MessageDeduplicationId', deduplicationId);
}

function checkId(name: string, id: string | undefined): void {
  if (id === undefined || ID.test(id)) return;
  throw invalidParameter(
    `${name} Reason: 1 to 128 alphanumeric and punctuation characters are allowed, and it is ${id.slice(0, 200)}`,
  );
}

function checkStructure(structure: string, message: string): void {
  if (structure !== 'json') throw invalidParameter('MessageStructure');
  let texts: unknown;
  try {
    texts = JSON.parse(message);
  } catch {
    throw invalidParameter('Message Structure - JSON message body failed to parse');
  }
  if (
    typeof texts !== 'object' ||
    texts === null ||
    typeof (texts as { default?: unknown }).default !== 'string'
  ) {
    throw invalidParameter('Message Structure - No default entry in JSON message body');
  }
}
