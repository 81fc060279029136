import { hash } from 'node:crypto';
import type { MessageAttribute, MessageAttributes } from '../contracts';
import type { ServiceError } from './errors';

const NAME = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;
const RESERVED_NAME = /^(aws|amazon)\./i;
const TYPE = /^(String|Number|Binary)(\.[^\s]+)?$/;
const MAX_NAME_LENGTH = 256;

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
// eslint-disable-next-line no-control-regex
const INVALID_CHARACTER = /[^\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Whether the text has only characters that SQS and SNS carry (XML 1.0's). */
export function hasOnlyValidCharacters(text: string): boolean {
  return !INVALID_CHARACTER.test(text);
}

/**
 * Checks names, types and values by the rules that SQS and SNS share.
 * @param refuse makes the service's own error from a reason.
 */
export function checkAttributes(
  attributes: MessageAttributes,
  refuse: (reason: string) => ServiceError,
): void {
  for (const [name, attribute] of Object.entries(attributes)) {
    if (!NAME.test(name) || name.length > MAX_NAME_LENGTH || RESERVED_NAME.test(name)) {
      throw refuse(
        `The message attribute name '${name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), ` +
          'hyphen (-), and period (.) characters; it must not start or end with a period, have successive ' +
          'periods, or start with AWS. or Amazon.',
      );
    }
    checkValue(name, attribute, refuse);
  }
}

function checkValue(
  name: string,
  attribute: MessageAttribute,
  refuse: (reason: string) => ServiceError,
): void {
  const { dataType, value } = attribute;
  if (!TYPE.test(dataType)) {
    throw refuse(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is ` +
        'Binary, Number, and String.',
    );
  }
  if (value === '') {
    throw refuse(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${dataType}'.`,
    );
  }
  if (dataType.startsWith('Number') && (value.trim() === '' || !Number.isFinite(Number(value)))) {
    throw refuse(`Could not cast message attribute '${name}' value to number.`);
  }
  if (!isBinary(attribute) && !hasOnlyValidCharacters(value)) {
    throw refuse(`The message attribute '${name}' contains characters outside the allowed set.`);
  }
}

export function isBinary(attribute: MessageAttribute): boolean {
  return attribute.dataType.startsWith('Binary');
}

/** Bytes that the attributes add to a message: names, types and values. */
export function attributesSize(attributes: MessageAttributes | undefined): number {
  let size = 0;
  for (const name in attributes) {
    const attribute = attributes[name]!;
    size += Buffer.byteLength(name) + Buffer.byteLength(attribute.dataType);
    size += Buffer.byteLength(attribute.value, isBinary(attribute) ? 'base64' : 'utf8');
  }
  return size;
}

export function md5OfBody(body: string): string {
  return hash('md5', body, 'hex');
}

/** The digest that SDKs compare; undefined where there is nothing to digest. */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const parts: Buffer[] = [];
  for (const name of names) {
    const attribute = attributes[name]!;
    const binary = isBinary(attribute);
    pushWithLength(parts, Buffer.from(name));
    pushWithLength(parts, Buffer.from(attribute.dataType));
    parts.push(Buffer.of(binary ? 2 : 1));
    pushWithLength(parts, Buffer.from(attribute.value, binary ? 'base64' : 'utf8'));
  }
  return hash('md5', Buffer.concat(parts), 'hex');
}

function pushWithLength(parts: Buffer[], bytes: Buffer): void {
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(bytes.length);
  parts.push(length, bytes);
}
