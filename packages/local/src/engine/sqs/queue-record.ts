import type { AttributeMap } from './queue-attributes';
import type { Operation } from '../store';

/** Begin the store's keys of messages and of their receive counts. */
export const MESSAGES = 'm!';
export const RECEIVES = 'r!';

/** A queue as it is stored. */
export interface QueueRecord {
  /** Unique for ever: a queue created again under the same name is another one. */
  readonly id: string;
  /** Messages of earlier generations are purged. */
  readonly generation: number;
  readonly name: string;
  readonly arn: string;
  /** Not listed on the AWS endpoint. */
  readonly internal: boolean;
  /** Comes from the synthesized stack and not from a call. */
  readonly declared: boolean;
  readonly attributes: AttributeMap;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/** A message whose write is prepared: `apply` puts it in line once the operations are on disk, which belong into one batch. */
export interface StagedMessage {
  readonly operations: readonly Operation[];
  readonly apply: () => void;
}

/** What the store's keys of a queue's messages have after `MESSAGES` or `RECEIVES`. */
export function prefixOf(record: QueueRecord): string {
  return `${record.id}.${record.generation}!`;
}
