import { randomBytes, randomInt, scryptSync, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../engine/errors';
import type { PasswordPolicy } from './types';

const SYMBOLS = '^$*.[]{}()?-"!@#%&/\\,><\':;|_~`+= ';
const HASH_BYTES = 32;
const MAX_LENGTH = 256;

/** scrypt, as `salt:hash` in base64. */
export function hashOfPassword(password: string): string {
  const salt = randomBytes(16);
  return `${salt.toString('base64')}:${scryptSync(password, salt, HASH_BYTES).toString('base64')}`;
}

/** Whether that is the password. Costs the same where there is none. */
export function isPassword(known: string | undefined, password: string): boolean {
  const [salt = '', hash = ''] = (known ?? `${randomBytes(16).toString('base64')}:`).split(':');
  const given = scryptSync(password, Buffer.from(salt, 'base64'), HASH_BYTES);
  const wanted = Buffer.alloc(HASH_BYTES);
  const length = Buffer.from(hash, 'base64').copy(wanted);
  return timingSafeEqual(given, wanted) && length === HASH_BYTES;
}

/** @throws ServiceError InvalidPasswordException with the rule that it breaks */
export function checkPassword(password: string, policy: PasswordPolicy): void {
  const refuse = (why: string): never => {
    throw new ServiceError('InvalidPasswordException', `Password did not conform with policy: ${why}`);
  };
  if (password.length < policy.minimumLength) refuse('Password not long enough');
  if (password.length > MAX_LENGTH) refuse('Password too long');
  if (policy.uppercase && !/[A-Z]/.test(password)) refuse('Password must have uppercase characters');
  if (policy.lowercase && !/[a-z]/.test(password)) refuse('Password must have lowercase characters');
  if (policy.numbers && !/\d/.test(password)) refuse('Password must have numeric characters');
  if (policy.symbols && ![...password].some((each) => SYMBOLS.includes(each))) {
    refuse('Password must have symbol characters');
  }
}

/** A password that every policy takes. */
export function newTemporaryPassword({ minimumLength }: PasswordPolicy): string {
  const pick = (characters: string) => characters[randomInt(characters.length)]!;
  const letters = 'abcdefghijkmnpqrstuvwxyz';
  const kinds = [letters, letters.toUpperCase(), '23456789', '!#%+:=?@'];
  const length = Math.max(12, minimumLength);
  return Array.from({ length }, (_, index) => pick(kinds[index % kinds.length]!)).join('');
}
