import * as v from 'valibot';
import { unicodeText } from '../shared/message-json';

/** RFC 5321, section 4.5.3.1: a path has 256 characters at most, two of them are its brackets. */
const MAX_EMAIL = 254;
/**
 * What SES delivers to: dot-atoms in ASCII before the @, labels of letters, digits and hyphens after it. Nothing in it ends
 * a header line, opens a comment or begins a second address.
 */
const EMAIL =
  /^(?=.{1,64}@)[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i;

export const emailAddress = v.pipe(
  v.string(),
  v.maxLength(MAX_EMAIL, `must have ${MAX_EMAIL} characters at most`),
  v.regex(EMAIL, 'must be an e-mail address like name@example.com, in ASCII'),
);

const MIN_PASSWORD_BYTES = 8;
const MAX_PASSWORD_BYTES = 1024;

/** A password that somebody types. A guess may be shorter than the rule for new ones, which may change. */
export const password = v.pipe(
  unicodeText,
  v.check(
    (text) => passwordBytes(text).length <= MAX_PASSWORD_BYTES,
    `must have ${MAX_PASSWORD_BYTES} bytes at most in UTF-8`,
  ),
);

export const newPassword = v.pipe(
  password,
  v.check(
    (text) => passwordBytes(text).length >= MIN_PASSWORD_BYTES,
    `must have ${MIN_PASSWORD_BYTES} bytes at least in UTF-8`,
  ),
);

/** Composed, because keyboards differ in how they write one and the same character: `é` is one code point or two. */
export function passwordBytes(text: string): Buffer {
  return Buffer.from(text.normalize('NFC'));
}

/** Both passwords, each byte of them escaped, and some room: what is larger is no request of ours. */
export const MAX_BODY_BYTES = 16_384;
