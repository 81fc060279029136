import * as v from 'valibot';
import { isoTime, messageJson, parseMessage, unicodeText, uuid } from '../shared/message-json';

/** What travels from the producer to the consumer: the SNS message, and so the SQS body. */
export interface Envelope {
  /** UUID, lower case. */
  readonly messageId: string;
  /** Not empty; without lone surrogates, so that it has a UTF-8 form. */
  readonly message: string;
  /** When it was accepted: ISO 8601 in UTC with milliseconds. */
  readonly createdAt: string;
}

/** The text of a message, wherever it enters: not empty, and representable in UTF-8. */
export const messageText = v.pipe(unicodeText, v.nonEmpty('must not be empty'));

// More fields are let through: a newer producer may run beside this consumer.
const envelope = v.object({ messageId: uuid, message: messageText, createdAt: isoTime });

export function serializeEnvelope({ messageId, message, createdAt }: Envelope): string {
  return messageJson({ messageId, message, createdAt });
}

/** @returns undefined if it is not one: a message that no retry will make storable */
export function parseEnvelope(text: string): Envelope | undefined {
  return parseMessage(envelope, text);
}
