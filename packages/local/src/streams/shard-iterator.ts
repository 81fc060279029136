import { ServiceError } from '../engine/errors';

/** Where a reader is, as the token that it gets. */
export interface ShardIterator {
  /** The service's name for the stream. */
  readonly stream: string;
  readonly shardId: string;
  /** The sequence number after which it reads; empty for the first. */
  readonly after: string;
  /** When the token was made, in milliseconds since the epoch. */
  readonly at: number;
}

export function encodeIterator({ stream, shardId, after, at }: ShardIterator): string {
  return Buffer.from(JSON.stringify([stream, shardId, after, at])).toString('base64');
}

/** Undefined where the token is none of ours. */
export function decodeIterator(token: unknown): ShardIterator | undefined {
  if (typeof token !== 'string') return undefined;
  try {
    const parts = JSON.parse(Buffer.from(token, 'base64').toString()) as unknown[];
    const [stream, shardId, after, at] = parts;
    const isOurs =
      [stream, shardId].every((part) => typeof part === 'string' && part !== '') &&
      typeof after === 'string' &&
      /^\d*$/.test(after) &&
      typeof at === 'number';
    return isOurs ? ({ stream, shardId, after, at } as ShardIterator) : undefined;
  } catch {
    return undefined;
  }
}

/** @throws ServiceError ExpiredIteratorException */
export function checkAge({ at }: ShardIterator, now: number, lifeMs: number): void {
  if (now - at < lifeMs) return;
  throw new ServiceError(
    'ExpiredIteratorException',
    `Iterator expired. The iterator was created at time ${new Date(at).toISOString()} while right now it is ` +
      `${new Date(now).toISOString()} which is further in the future than the tolerated delay of ${lifeMs} milliseconds.`,
  );
}
