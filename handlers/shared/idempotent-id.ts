import { createHash, randomUUID } from 'node:crypto';
import { HttpProblem } from './http';

/** Visible ASCII: what every HTTP client and proxy passes on unchanged. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * The id of something new: a random UUID, or for a client's `Idempotency-Key` always the same one.
 *
 * @param namespace hexadecimal, 16 bytes; one for each kind of thing, and for good
 * @throws HttpProblem 400 if the key has a wrong length or characters
 */
export function idempotentId(idempotencyKey: string | undefined, namespace: string): string {
  if (idempotencyKey === undefined) return randomUUID();
  if (!IDEMPOTENCY_KEY.test(idempotencyKey)) {
    const detail = 'must have 1 to 255 characters, all of them visible ASCII';
    throw new HttpProblem(400, `The Idempotency-Key ${detail}.`, [{ header: 'idempotency-key', detail }]);
  }
  return uuidV5(idempotencyKey, Buffer.from(namespace, 'hex'));
}

/** RFC 9562, section 5.5. */
function uuidV5(name: string, namespace: Buffer): string {
  const bytes = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
