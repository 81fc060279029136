import { randomBytes } from 'node:crypto';

/** The largest sequence is far below: so that a later version of an object sorts before an earlier one. */
const LAST = 2 ** 52;
const DIGITS = 14;

/** Separates an object's key, which cannot contain it, from what follows. */
export const END = '\0';

/** Where the parts of S3 are in its store. */
export const keys = {
  sequence: 'q',
  buckets: 'b!',
  outbox: 'x!',
  bucket: (name: string) => `b!${name}`,
  /** The newest versions of the objects, delete markers left out. */
  currents: (bucketId: string) => `c!${bucketId}!`,
  current: (bucketId: string, key: string) => `c!${bucketId}!${key}`,
  /** Every version and delete marker, of each object the newest first. */
  versions: (bucketId: string) => `v!${bucketId}!`,
  versionsOf: (bucketId: string, key: string) => `v!${bucketId}!${key}${END}`,
  version: (bucketId: string, key: string, sequence: number) =>
    `v!${bucketId}!${key}${END}${hex(LAST - sequence)}`,
  uploads: (bucketId: string) => `u!${bucketId}!`,
  upload: (bucketId: string, key: string, uploadId: string) => `u!${bucketId}!${key}${END}${uploadId}`,
  parts: (uploadId: string) => `p!${uploadId}!`,
  part: (uploadId: string, number: number) => `p!${uploadId}!${String(number).padStart(5, '0')}`,
  /** What the stack last put as an object. */
  declared: (bucketId: string) => `d!${bucketId}!`,
  declaredObject: (bucketId: string, key: string) => `d!${bucketId}!${key}`,
  letter: (sequence: number, index: number) => `x!${hex(sequence)}!${hex(index)}`,
} as const;

function hex(number: number): string {
  return number.toString(16).padStart(DIGITS, '0');
}

/** As events show it: of the same length always, and greater for a later change. */
export function sequencer(sequence: number): string {
  return `0000${hex(sequence).toUpperCase()}`;
}

/** Unguessable, and by it the version is found. */
export function newVersionId(sequence: number): string {
  return `${Buffer.from(hex(sequence), 'hex').toString('base64url')}${randomBytes(16).toString('base64url')}`;
}

/** Undefined for an id that was not made here. */
export function sequenceOfVersion(versionId: string): number | undefined {
  if (!/^[\w-]{32}$/.test(versionId)) return undefined;
  const sequence = Number(`0x${Buffer.from(versionId.slice(0, 10), 'base64url').toString('hex')}`);
  return sequence <= LAST ? sequence : undefined;
}
