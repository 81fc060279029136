import { createHash, randomUUID } from 'node:crypto';
import { HttpProblem } from '../shared/http';

/** Ours for good: with another namespace a repeated request would become a second message. */
const NAMESPACE = Buffer.from('3f1c6c5e0b5a4c0e9d5b7c1a8e2f4d60', 'hex');

/** Visible ASCII: what every HTTP client and proxy passes on unchanged. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * The id of a new message: a random UUID, or for a client's `Idempotency-Key` always the same one.
 *
 * @throws HttpProblem 400 if the key has a wrong length or characters
 */
export function messageIdFor(idempotencyKey: string | undefined): string {
  if (idempotencyKey === undefined) return randomUUID();
  if (!IDEMPOTENCY_KEY.test(idempotencyKey)) {
    const detail = 'must have 1 to 255 characters, all of them visible ASCII';
    throw new HttpProblem(400, `The Idempotency-Key ${detail}.`, [{ header: 'idempotency-key', detail }]);
  }
  return uuidV5(idempotencyKey);
}

/** RFC 9562, section 5.5. */
function uuidV5(name: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
