import { invalidParameter, ServiceError } from './errors';
import { attributesSize, checkAttributes, hasOnlyValidCharacters } from './message-attributes';
import type { Publication } from './notification';

// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
const SUBJECT = /^[\x20-\x7e]{1,100}$/;

/** Bytes that count against the topic's limit. */
export function publicationSize(publication: Publication): number {
  return Buffer.byteLength(publication.message) + attributesSize(publication.attributes);
}

/**
 * Refuses what SNS refuses.
 * @param maximumSize the topic's limit in bytes.
 * @throws ServiceError InvalidParameter, ParameterValueInvalid
 */
export function checkPublication(publication: Publication, maximumSize: number): void {
  const { message, subject, attributes, messageStructure } = publication;
  if (message === '') throw invalidParameter('Empty message');
  if (publicationSize(publication) > maximumSize) throw invalidParameter('Message too long');
  if (!hasOnlyValidCharacters(message))
    throw invalidParameter('Message contains characters outside the allowed set');
  if (subject !== undefined && (!SUBJECT.test(subject) || subject.startsWith(' ')))
    throw invalidParameter('Subject');
  if (messageStructure !== undefined) checkStructure(messageStructure, message);
  if (attributes) checkAttributes(attributes, (reason) => new ServiceError('ParameterValueInvalid', reason));
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
