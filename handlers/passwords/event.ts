import * as v from 'valibot';
import { isoTime, messageJson, parseMessage, unicodeText, uuid } from '../shared/message-json';
import { emailAddress } from './password-rules';
import { USER_ID } from './user-id';

/** That a password was changed: who, when and from where, and nothing that would help to log in. */
export interface PasswordChanged {
  /** UUID, lower case: every delivery of one change has the same. */
  readonly changeId: string;
  readonly userId: string;
  /** Where to send the news. */
  readonly email: string;
  /** ISO 8601 in UTC with milliseconds. */
  readonly changedAt: string;
  readonly sourceIp: string;
  /** What the client calls itself, up to 256 characters. Anybody may write anything into it. */
  readonly userAgent: string;
}

/** What subscriptions may filter by. */
export const EVENT_TYPE = 'password-changed';

export const MAX_USER_AGENT = 256;

// More fields are let through: a newer publisher may run beside this reader.
const passwordChanged = v.object({
  changeId: uuid,
  userId: v.pipe(v.string(), v.regex(USER_ID)),
  email: emailAddress,
  changedAt: isoTime,
  sourceIp: v.pipe(v.string(), v.regex(/^[0-9a-fA-F.:]{1,45}$/)),
  userAgent: v.pipe(
    unicodeText,
    v.check((text) => [...text].length <= MAX_USER_AGENT),
  ),
});

/** @returns undefined if it is not one: no retry will make anything of it */
export function parseEvent(text: string): PasswordChanged | undefined {
  return parseMessage(passwordChanged, text);
}

/** An event that SNS may not have taken yet, as the account's item keeps it: with the trace that it belongs to. */
export interface PendingEvent {
  readonly event: PasswordChanged;
  readonly traceparent: string;
}

const pendingEvent = v.object({ event: passwordChanged, traceparent: v.string() });

export function serializePending({ event, traceparent }: PendingEvent): string {
  return messageJson({ event, traceparent });
}

/** @returns undefined if it is not one */
export function parsePending(text: string): PendingEvent | undefined {
  return parseMessage(pendingEvent, text);
}
