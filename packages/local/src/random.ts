import { randomFillSync } from 'node:crypto';

/** Random bytes cost a system call; a pool shares it between some hundred ids. */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** @param encoding of the text */
export function randomText(bytes: number, encoding: 'hex' | 'base64'): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString(encoding, used - bytes, used);
}
