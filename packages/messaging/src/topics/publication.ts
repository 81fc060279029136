import type { WireAttributes } from '../attributes';
import { attributeErrors, forbiddenCharacter, toWireAttributes } from '../attributes';
import type { FieldError } from '../errors';
import { MessagingError } from '../errors';
import type { LargeMessages } from '../large';
import { sizeOf } from '../large/large-messages';
import { isFifo } from '../names';
import type { TopicMessage } from './types';

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export const MAX_PUBLISH_BYTES = 262_144;
const MAX_SUBJECT = 99;
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]*$/;
const ID = /^[\x21-\x7e]{1,128}$/;

/** What is wrong with a message to a topic. */
export function messageErrors(topic: string, message: TopicMessage): FieldError[] {
  return [
    ...bodyErrors(message),
    ...subjectErrors(message),
    ...attributeErrors(message.attributes),
    ...orderErrors(topic, message),
  ];
}

function bodyErrors({ body, perProtocol = {} }: TopicMessage): FieldError[] {
  const bodies = [
    ['body', body],
    ...Object.entries(perProtocol).map(([name, text]) => [`perProtocol.${name}`, text]),
  ];
  return (bodies as [string, unknown][]).flatMap(([field, text]) => {
    const detail = textProblem(text);
    return detail === undefined ? [] : [{ field, detail }];
  });
}

function textProblem(text: unknown): string | undefined {
  if (typeof text !== 'string') return 'must be text';
  return text === '' ? 'must not be empty' : forbiddenCharacter(text);
}

function subjectErrors({ subject }: TopicMessage): FieldError[] {
  if (subject === undefined || (subject.length <= MAX_SUBJECT && SUBJECT.test(subject))) return [];
  const detail = 'must be 1 to 99 characters of ASCII without line breaks, and begin with no space';
  return [{ field: 'subject', detail }];
}

function orderErrors(topic: string, { groupId, deduplicationId }: TopicMessage): FieldError[] {
  const errors: FieldError[] = [];
  if (isFifo(topic) && groupId === undefined) {
    errors.push({ field: 'groupId', detail: 'is required: the topic is FIFO' });
  }
  if (!isFifo(topic) && deduplicationId !== undefined) {
    errors.push({ field: 'deduplicationId', detail: 'is for FIFO topics only' });
  }
  for (const [field, id] of Object.entries({ groupId, deduplicationId })) {
    if (id !== undefined && !ID.test(id)) {
      errors.push({ field, detail: 'must be 1 to 128 visible characters of ASCII' });
    }
  }
  return errors;
}

/** A message as SNS takes it. */
export interface Publication {
  readonly Message: string;
  readonly MessageStructure: 'json' | undefined;
  readonly Subject: string | undefined;
  readonly MessageAttributes: WireAttributes | undefined;
  readonly MessageGroupId: string | undefined;
  readonly MessageDeduplicationId: string | undefined;
}

/** One that is ready to be sent. */
export interface PreparedPublication {
  readonly publication: Publication;
  /** Whether the body is in S3. */
  readonly large: boolean;
  readonly bytes: number;
}

/**
 * The message for SNS; a body that is too large for it goes to S3 where that is set up.
 * @throws MessagingError 'too-large'
 */
export async function preparePublication(
  message: TopicMessage,
  large: LargeMessages,
): Promise<PreparedPublication> {
  const attributes = toWireAttributes(message.attributes);
  const { perProtocol } = message;
  // Bodies of single protocols are for people's telephones and mail: a pointer into a bucket is of no use there.
  const outgoing =
    perProtocol === undefined
      ? await large.offload({ body: message.body, attributes }, MAX_PUBLISH_BYTES)
      : { body: JSON.stringify({ ...perProtocol, default: message.body }), attributes, large: false };
  const bytes = sizeOf(outgoing);
  if (bytes > MAX_PUBLISH_BYTES) throw tooLarge(bytes, large.enabled);
  const publication = {
    Message: outgoing.body,
    MessageStructure: perProtocol === undefined ? undefined : ('json' as const),
    Subject: message.subject,
    MessageAttributes: outgoing.attributes,
    MessageGroupId: message.groupId,
    MessageDeduplicationId: message.deduplicationId,
  };
  return { publication, large: outgoing.large, bytes };
}

function tooLarge(bytes: number, isStored: boolean): MessagingError {
  const way = isStored
    ? 'bodies for single protocols do not go through S3'
    : 'largeMessages sends larger ones through S3';
  return new MessagingError(
    'too-large',
    `The message has ${bytes} bytes with its attributes; SNS takes ${MAX_PUBLISH_BYTES} (${way})`,
  );
}
