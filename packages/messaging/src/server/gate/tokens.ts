import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Access } from '../../rest/options';
import type { ConfiguredToken } from '../config/schema';

/** Knows who calls by their tokens, of which it keeps only hashes. */
export class TokenStore {
  private readonly known: readonly { readonly hash: Buffer; readonly access: Access }[];

  constructor(tokens: readonly ConfiguredToken[]) {
    this.known = tokens.map(({ name, scope, token }) => ({ hash: sha256(token), access: { name, scope } }));
  }

  /** Takes the same time whichever token it is, and whether it is one. */
  find(token: string): Access | undefined {
    const hash = sha256(token);
    let found: Access | undefined;
    for (const { hash: candidate, access } of this.known) {
      if (timingSafeEqual(candidate, hash)) found = access;
    }
    return found;
  }
}

/** A token for who has configured none. */
export function randomToken(): string {
  return randomBytes(24).toString('base64url');
}

/** What follows `Bearer` in the header (RFC 6750); undefined for anything else. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^bearer +([\x21-\x7e]{1,1024})$/i.exec(authorization?.trim() ?? '')?.[1];
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
