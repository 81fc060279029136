import { randomFillSync } from 'node:crypto';

/** Random bytes cost a system call; a pool shares it between some hundred ids. */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** @param encoding of the text */
function random(bytes: number, encoding: 'hex' | 'base64'): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString(encoding, used - bytes, used);
}

/** 15 characters and `=`, like the gateway's own. */
export function newRequestId(): string {
  return random(11, 'base64');
}

/** X-Ray's root, for requests that bring none. @param now milliseconds since the epoch */
export function newTraceId(now: number): string {
  return `Root=1-${Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0')}-${random(12, 'hex')}`;
}
