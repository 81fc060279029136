import { createHash } from 'node:crypto';

/** Hash keys are numbers of 128 bits. */
export const MAX_HASH_KEY = 2n ** 128n - 1n;

export interface HashRange {
  readonly from: string;
  readonly to: string;
}

/** The MD5 of a partition key, by which a record finds its shard. */
export function hashKeyOf(partitionKey: string): bigint {
  return BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`);
}

export function contains({ from, to }: HashRange, hashKey: bigint): boolean {
  return BigInt(from) <= hashKey && hashKey <= BigInt(to);
}

export function overlap(a: HashRange, b: HashRange): boolean {
  return BigInt(a.from) <= BigInt(b.to) && BigInt(b.from) <= BigInt(a.to);
}

/** The whole range in so many parts of the same size. */
export function uniformRanges(count: number): HashRange[] {
  const size = (MAX_HASH_KEY + 1n) / BigInt(count);
  return Array.from({ length: count }, (_, i) => {
    const from = size * BigInt(i);
    const to = i === count - 1 ? MAX_HASH_KEY : from + size - 1n;
    return { from: String(from), to: String(to) };
  });
}
