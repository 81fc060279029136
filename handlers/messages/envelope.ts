import * as v from 'valibot';

/** What travels from the producer to the consumer: the SNS message, and so the SQS body. */
export interface Envelope {
  /** UUID, lower case. */
  readonly messageId: string;
  /** Not empty; without lone surrogates, so that it has a UTF-8 form. */
  readonly message: string;
  /** When it was accepted: ISO 8601 in UTC with milliseconds. */
  readonly createdAt: string;
}

// The u flag reads pairs as one character, so that only halves are left to match.
const LONE_SURROGATE = /\p{Surrogate}/u;

/** The text of a message, wherever it enters: not empty, and representable in UTF-8. */
export const messageText = v.pipe(
  v.string(),
  v.nonEmpty('must not be empty'),
  v.check((text) => !LONE_SURROGATE.test(text), 'must not have half of a surrogate pair'),
);

// More fields are let through: a newer producer may run beside this consumer.
const envelope = v.object({
  messageId: v.pipe(v.string(), v.regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)),
  message: messageText,
  createdAt: v.pipe(
    v.string(),
    v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    v.check((text) => toIsoString(Date.parse(text)) === text),
  ),
});

function toIsoString(time: number): string | undefined {
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** SNS and SQS refuse U+FFFE and U+FFFF, and all control characters but three; JSON escapes those by itself. */
export function serializeEnvelope(value: Envelope): string {
  const { messageId, message, createdAt } = value;
  return JSON.stringify({ messageId, message, createdAt }).replace(/[\uFFFE\uFFFF]/g, (char) =>
    char === '\uFFFE' ? '\\ufffe' : '\\uffff',
  );
}

/** @returns undefined if it is not one: a message that no retry will make storable */
export function parseEnvelope(text: string): Envelope | undefined {
  try {
    const result = v.safeParse(envelope, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
