import type { WireAttribute, WireAttributes } from '../attributes';
import type { TopicOrigin } from './types';

/** What a topic delivered, out of its envelope. */
export interface Unwrapped {
  readonly body: string;
  readonly attributes: WireAttributes;
  readonly topic: TopicOrigin;
}

interface Envelope {
  readonly Type: 'Notification';
  readonly TopicArn: string;
  readonly MessageId: string;
  readonly Message: string;
  readonly Timestamp: string;
  readonly Subject?: string;
  readonly MessageAttributes?: Record<string, { Type?: string; Value?: string }>;
}

/**
 * The message in an envelope of SNS; undefined for any other body.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
export function unwrap(body: string): Unwrapped | undefined {
  // Most bodies are no envelope: they need not be parsed to see that.
  if (!body.startsWith('{') || !body.includes('"TopicArn"')) return undefined;
  const envelope = parse(body);
  if (!isEnvelope(envelope)) return undefined;
  return {
    body: envelope.Message,
    attributes: attributesOf(envelope),
    topic: {
      arn: envelope.TopicArn,
      messageId: envelope.MessageId,
      subject: envelope.Subject ?? null,
      timestamp: new Date(envelope.Timestamp),
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  const texts = ['TopicArn', 'MessageId', 'Message', 'Timestamp'].every(
    (name) => typeof fields[name] === 'string',
  );
  const subject = fields['Subject'];
  return (
    texts &&
    fields['Type'] === 'Notification' &&
    /^arn:[^:]+:sns:/.test(fields['TopicArn'] as string) &&
    !Number.isNaN(Date.parse(fields['Timestamp'] as string)) &&
    (subject === undefined || subject === null || typeof subject === 'string')
  );
}

function attributesOf({ MessageAttributes }: Envelope): WireAttributes {
  if (typeof MessageAttributes !== 'object' || MessageAttributes === null) return {};
  const known = Object.entries(MessageAttributes).filter(
    ([, attribute]) => typeof attribute?.Type === 'string' && typeof attribute.Value === 'string',
  );
  return Object.fromEntries(known.map(([name, { Type, Value }]) => [name, attributeOf(Type!, Value!)]));
}

function attributeOf(type: string, value: string): WireAttribute {
  return type.startsWith('Binary')
    ? { DataType: type, BinaryValue: new Uint8Array(Buffer.from(value, 'base64')) }
    : { DataType: type, StringValue: value };
}
