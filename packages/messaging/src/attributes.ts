import type { FieldError } from './errors';

/** Attributes of a message; numbers are JavaScript's where these hold them exactly, else text. */
export type MessageAttributes = Readonly<Record<string, string | number | Uint8Array>>;

/** One attribute as SQS and SNS take and give it. */
export interface WireAttribute {
  DataType: string | undefined;
  StringValue?: string | undefined;
  BinaryValue?: Uint8Array | undefined;
}

export type WireAttributes = Record<string, WireAttribute>;

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
const NAME = /^(?!(aws|amazon)\.)(?!\.)(?!.*\.\.)(?!.*\.$)[A-Za-z0-9_.-]{1,256}$/i;

/** SQS carries ten; https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MAX_ATTRIBUTES = 10;

/** What is wrong with attributes, as field errors. */
export function attributeErrors(
  attributes: MessageAttributes | undefined,
  field = 'attributes',
): FieldError[] {
  const entries = Object.entries(attributes ?? {});
  const errors: FieldError[] = [];
  if (entries.length > MAX_ATTRIBUTES) errors.push({ field, detail: `at most ${MAX_ATTRIBUTES}` });
  for (const [name, value] of entries) {
    const detail = problemOf(name, value);
    if (detail !== undefined) errors.push({ field: `${field}.${name}`, detail });
  }
  return errors;
}

function problemOf(name: string, value: unknown): string | undefined {
  if (!NAME.test(name)) {
    return 'a name has 1 to 256 letters, digits, hyphens, underscores and single dots, and does not begin with AWS. or Amazon.';
  }
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'must be a finite number';
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
    return 'must be a string, a number or bytes';
  }
  if (value.length === 0) return 'must not be empty';
  return typeof value === 'string' ? forbiddenCharacter(value) : undefined;
}

/**
 * The first character that SQS and SNS refuse, in words; a lone surrogate is no character at all.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
export function forbiddenCharacter(text: string): string | undefined {
  const match = FORBIDDEN.exec(text);
  if (match === null) return undefined;
  const point = match[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return `the character U+${point} at ${match.index} cannot be sent`;
}

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const FORBIDDEN = /[^\u0009\u000A\u000D\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

export function toWireAttributes(attributes: MessageAttributes | undefined): WireAttributes | undefined {
  const entries = Object.entries(attributes ?? {});
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.map(([name, value]) => [name, toWire(value)]));
}

function toWire(value: string | number | Uint8Array): WireAttribute {
  if (typeof value === 'string') return { DataType: 'String', StringValue: value };
  if (typeof value === 'number') return { DataType: 'Number', StringValue: String(value) };
  return { DataType: 'Binary', BinaryValue: value };
}

export function fromWireAttributes(attributes: WireAttributes | undefined): MessageAttributes {
  return Object.fromEntries(
    Object.entries(attributes ?? {}).map(([name, attribute]) => [name, fromWire(attribute)]),
  );
}

function fromWire({ DataType = 'String', StringValue = '', BinaryValue }: WireAttribute) {
  // `Number.int` and the like: what follows the dot is the sender's own business.
  if (DataType.startsWith('Binary')) return BinaryValue ?? new Uint8Array();
  return DataType.startsWith('Number') ? numberOf(StringValue) : StringValue;
}

/** AWS carries 38 digits, more than a JavaScript number holds. */
function numberOf(text: string): number | string {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) return text;
  // Up to 15 digits are always exact (`1.50` is 1.5); with more, only what comes back the same.
  return String(number) === text || significantDigits(text) <= 15 ? number : text;
}

function significantDigits(text: string): number {
  return text
    .replace(/e.*$/i, '')
    .replace(/[^0-9]/g, '')
    .replace(/^0+/, '').length;
}

/** Bytes of attributes as AWS counts them: names, types and values. */
export function attributeBytes(attributes: WireAttributes | undefined): number {
  let bytes = 0;
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes ?? {})) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType ?? '');
    bytes += Buffer.byteLength(StringValue ?? '') + (BinaryValue?.byteLength ?? 0);
  }
  return bytes;
}
