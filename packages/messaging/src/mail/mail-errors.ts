import type { FieldError } from '../errors';
import { addressProblem } from './address';
import type { Email } from './types';

/** https://docs.aws.amazon.com/ses/latest/dg/quotas.html */
const MAX_RECIPIENTS = 50;
/** RFC 5322 gives a line of a header 998 characters. */
const MAX_SUBJECT = 900;
const CONTROL = /\p{Cc}/u;

/** One address or several, as a list. */
export function addressList(addresses: string | readonly string[] | undefined): readonly string[] {
  if (addresses === undefined) return [];
  return typeof addresses === 'string' ? [addresses] : addresses;
}

/** Everything that is wrong with a mail. */
export function mailErrors(mail: Email): FieldError[] {
  return [...addressErrors(mail), ...recipientErrors(mail), ...contentErrors(mail)];
}

function addressErrors(mail: Email): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['from', 'to', 'cc', 'bcc', 'replyTo'] as const) {
    const isList = typeof mail[field] === 'object';
    addressList(mail[field]).forEach((address, i) => {
      const detail = addressProblem(address);
      if (detail !== undefined) errors.push({ field: isList ? `${field}.${i}` : field, detail });
    });
  }
  return errors;
}

function recipientErrors({ to, cc, bcc }: Email): FieldError[] {
  const count = [to, cc, bcc].flatMap(addressList).length;
  if (addressList(to).length === 0) return [{ field: 'to', detail: 'must have an address' }];
  return count <= MAX_RECIPIENTS
    ? []
    : [
        {
          field: 'to',
          detail: `to, cc and bcc have ${count} addresses: up to ${MAX_RECIPIENTS} are sent to`,
        },
      ];
}

function contentErrors({ subject, text, html }: Email): FieldError[] {
  const errors: FieldError[] = [];
  if (CONTROL.test(subject)) errors.push({ field: 'subject', detail: 'holds a control character' });
  if (subject.length > MAX_SUBJECT)
    errors.push({ field: 'subject', detail: `must have up to ${MAX_SUBJECT} characters` });
  if (text === undefined && html === undefined)
    errors.push({ field: 'text', detail: 'text or html is required' });
  return errors;
}
