import { ServiceError } from '../engine/errors';

/** The address in `Name <local@domain>`, or the whole text where there are no angle brackets. */
export function bareAddress(mailbox: string): string {
  return (/<([^<>]*)>\s*$/.exec(mailbox)?.[1] ?? mailbox).trim();
}

/** The name before the address; undefined where there is none. */
export function displayName(mailbox: string): string | undefined {
  const name = /^(.*?)<[^<>]*>\s*$/
    .exec(mailbox)?.[1]
    ?.trim()
    .replace(/^"(.*)"$/, '$1');
  return name === '' ? undefined : name;
}

/** What comes after the @, in lower case. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

/** Of an address. */
export const MAX_ADDRESS = 320;
const MAX_MAILBOX = 1000;
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;
const LOCAL = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+$/;
const DOMAIN =
  /^(?=.{1,255}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

/**
 * Refuses what SES cannot send to, so that nothing of it reaches a header.
 * @throws ServiceError BadRequestException, in the words of SES
 */
export function checkMailbox(mailbox: string): void {
  if (mailbox.length > MAX_MAILBOX || CONTROL.test(mailbox)) {
    throw refuse('Local address contains control or whitespace');
  }
  const address = bareAddress(mailbox);
  const at = address.lastIndexOf('@');
  if (at < 0) throw refuse("Missing final '@domain'");
  if (at === 0) throw refuse('Missing local name');
  if (address.length > MAX_ADDRESS) throw refuse(`Address is longer than ${MAX_ADDRESS} characters`);
  if (!LOCAL.test(address.slice(0, at))) throw refuse('Local address contains illegal character');
  if (!DOMAIN.test(address.slice(at + 1))) throw refuse('Domain contains illegal character');
}

/** Text that goes into a header. @throws ServiceError BadRequestException */
export function checkHeaderText(what: string, text: string, maxCharacters: number): void {
  if (CONTROL.test(text)) throw refuse(`${what} contains control characters, such as line breaks.`);
  if (text.length > maxCharacters) throw refuse(`${what} is longer than ${maxCharacters} characters.`);
}

function refuse(message: string): ServiceError {
  return new ServiceError('BadRequestException', message);
}
