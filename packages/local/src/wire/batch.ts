import { ServiceError } from '../engine';
import type { Input } from './protocol';
import { isInput } from './protocol';

const MAX_ENTRIES = 10;
const ID = /^[A-Za-z0-9_-]{1,80}$/;

export interface BatchEntry {
  readonly id: string;
  readonly input: Input;
}

export interface BatchFailure {
  readonly Id: string;
  readonly Code: string;
  readonly Message: string;
  readonly SenderFault: boolean;
}

/** @throws ServiceError EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId, BatchEntryIdsNotDistinct */
export function batchEntries(input: Input, member: string): BatchEntry[] {
  const given = input[member];
  if (!Array.isArray(given) || given.length === 0) {
    throw new ServiceError('EmptyBatchRequest', 'The batch request does not contain any entries.');
  }
  if (given.length > MAX_ENTRIES) {
    const text = `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${given.length}.`;
    throw new ServiceError('TooManyEntriesInBatchRequest', text);
  }
  const ids = new Set<string>();
  return given.map((entry: unknown) => {
    const id = isInput(entry) ? entry.Id : undefined;
    if (!isInput(entry) || typeof id !== 'string' || !ID.test(id)) {
      throw new ServiceError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    }
    if (ids.has(id)) throw new ServiceError('BatchEntryIdsNotDistinct', `Id ${id} repeated.`);
    ids.add(id);
    return { id, input: entry };
  });
}

/** @throws the error itself, if it is none of a single entry. */
export function batchFailure(id: string, error: unknown): BatchFailure {
  if (!(error instanceof ServiceError) || error.status >= 500) throw error;
  return { Id: id, Code: error.code, Message: error.message, SenderFault: true };
}

/** Does each entry by itself: what fails is reported and the rest goes on. */
export async function eachEntry<T extends { readonly Id: string }>(
  entries: readonly BatchEntry[],
  act: (entry: BatchEntry) => T | Promise<T>,
): Promise<{ Successful: T[]; Failed: BatchFailure[] }> {
  const outcomes = await Promise.allSettled(entries.map(async (entry) => act(entry)));
  const Successful: T[] = [];
  const Failed: BatchFailure[] = [];
  outcomes.forEach((outcome, i) => {
    if (outcome.status === 'fulfilled') Successful.push(outcome.value);
    else Failed.push(batchFailure(entries[i]!.id, outcome.reason));
  });
  return { Successful, Failed };
}
