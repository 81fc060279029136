import { createHash, randomUUID } from 'node:crypto';
import { HttpProblem } from './http';

/** What every HTTP client and proxy passes on unchanged. */
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
const MAX_CHARACTERS = 255;

/**
 * The id of something new: a random UUID, or for a client's `Idempotency-Key` always the same one.
 *
 * @param namespace hexadecimal, 16 bytes; one for each kind of thing, and for good
 * @param minCharacters of a key: 16 where the id is all that somebody needs to see the thing, or two may come upon the same key
 * @throws HttpProblem 400 if the key has a wrong length or characters
 */
export function idempotentId(
  idempotencyKey: string | undefined,
  namespace: string,
  minCharacters = 1,
): string {
  if (idempotencyKey === undefined) return randomUUID();
  const { length } = idempotencyKey;
  if (length < minCharacters || length > MAX_CHARACTERS || !VISIBLE_ASCII.test(idempotencyKey)) {
    const detail = `must have ${minCharacters} to ${MAX_CHARACTERS} characters, all of them visible ASCII`;
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
