import { createHmac, timingSafeEqual } from 'node:crypto';

export interface Signature {
  /** Seconds since the epoch, as it was signed. */
  readonly time: string;
  /** SHA-256 each; several while a secret is being replaced. */
  readonly digests: readonly Buffer[];
}

const MAX_HEADER_CHARACTERS = 4096;
const MAX_DIGESTS = 20;
const TIME = /^\d{1,12}$/;
const DIGEST = /^[0-9a-f]{64}$/i;

/**
 * The header `Stripe-Signature`: `t=<seconds>,v1=<hex>[,v1=<hex>...]`; other schemes than v1 are left out.
 * https://docs.stripe.com/webhooks#verify-manually
 *
 * @returns undefined if it is not one
 */
export function parseSignature(header: string): Signature | undefined {
  if (header.length > MAX_HEADER_CHARACTERS) return undefined;
  const times: string[] = [];
  const digests: Buffer[] = [];
  for (const part of header.split(',')) {
    const at = part.indexOf('=');
    const [name, value] = [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    if (name === 't') times.push(value);
    if (name === 'v1' && DIGEST.test(value)) digests.push(Buffer.from(value, 'hex'));
  }
  const [time = ''] = times;
  const sound = times.length === 1 && TIME.test(time) && digests.length > 0 && digests.length <= MAX_DIGESTS;
  return sound ? { time, digests } : undefined;
}

export interface VerifyOptions {
  readonly header: string | undefined;
  /** The body's bytes, as they were sent. */
  readonly body: Uint8Array;
  /** Each of them may sign. */
  readonly secrets: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** How far the signature's time may be from ours, before it and after. */
const TOLERANCE_MS = 300_000;

/**
 * Whether one of the secrets signed the body a moment ago. An older signature may be a recorded request that is sent again.
 * Each digest is compared with each other one in a time that tells nothing of them.
 */
export function isSigned({ header = '', body, secrets, now }: VerifyOptions): boolean {
  const signature = parseSignature(header);
  if (signature === undefined) return false;
  const { time, digests } = signature;
  if (Math.abs(now - Number(time) * 1000) > TOLERANCE_MS) return false;
  let found = false;
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest();
    for (const digest of digests) if (timingSafeEqual(expected, digest)) found = true;
  }
  return found;
}
