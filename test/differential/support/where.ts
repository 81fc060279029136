import type { Difference } from './difference';
import { errorOf } from './difference';
import { pairsOf } from './filter-pairs';
import type { Pair } from './filter-pairs';
import type { Json, JsonObject } from './step';
import { textOf } from './step';

/** The vocabulary of the tables of known differences. */
export type Where = (difference: Difference) => boolean;

export const all =
  (...conditions: Where[]): Where =>
  (difference) =>
    conditions.every((condition) => condition(difference));

export const any =
  (...conditions: Where[]): Where =>
  (difference) =>
    conditions.some((condition) => condition(difference));

/** The step is one of these operations. */
export const on =
  (...operations: string[]): Where =>
  ({ step }) =>
    operations.includes(step.operation);

/** We refuse with one of these codes what the oracle accepts. */
export const accepts =
  (...codes: string[]): Where =>
  ({ path, ours, theirs }) =>
    path === '' && errorOf(theirs) === undefined && codes.includes(errorOf(ours) ?? '');

/** The oracle refuses with one of these codes what we accept. */
export const refuses =
  (...codes: string[]): Where =>
  ({ path, ours, theirs }) =>
    path === '' && errorOf(ours) === undefined && codes.includes(errorOf(theirs) ?? '');

/** Both refuse, each with its own code. */
export const codes =
  (ours: string, theirs: string): Where =>
  (difference) =>
    errorOf(difference.ours) === ours && errorOf(difference.theirs) === theirs;

/** The answers differ in a member whose path matches. */
export const at =
  (path: RegExp): Where =>
  (difference) =>
    difference.path !== '' && path.test(difference.path);

/** The oracle has nothing there. */
export const missing: Where = ({ theirs }) => theirs === undefined;

/** Other messages were received, or in another order. */
export const messages =
  (test: (ours: readonly JsonObject[], theirs: readonly JsonObject[]) => boolean): Where =>
  ({ path, ours, theirs }) =>
    path === 'Messages' && test(ours as readonly JsonObject[], theirs as readonly JsonObject[]);

/** A filter let a message through on one side only, and one of the policy's conditions meets such a value. */
export const meets =
  (test: (pair: Pair) => boolean): Where =>
  (difference) =>
    pairsOf(difference).some(test);

/** The step's input, as it was before placeholders were filled in. */
export const input =
  (test: (input: JsonObject) => boolean): Where =>
  ({ step }) =>
    test(step.input);

/**
 * We fail entries of a batch with these codes. The oracle accepts them, or finds another mistake in them; no others
 * differ.
 */
export const acceptsEntries =
  (...allowed: string[]): Where =>
  ({ path, ours, theirs }) => {
    if (path !== 'Failed') return false;
    const [our, their] = [ours as JsonObject, theirs as JsonObject];
    return unlikeIds(our, their).every((id) => allowed.includes(codeOf(our[id])));
  };

/** The oracle fails entries of a batch with these codes, all of which we accept; no others differ. */
export const refusesEntries =
  (...refused: string[]): Where =>
  ({ path, ours, theirs }) => {
    if (path !== 'Failed') return false;
    const [our, their] = [ours as JsonObject, theirs as JsonObject];
    const isRefused = (id: string): boolean => our[id] === undefined && refused.includes(codeOf(their[id]));
    return unlikeIds(our, their).every(isRefused);
  };

/** Both fail the same entries of a batch; those that are wrong in two ways with two codes. */
export const namesOtherMistakes: Where = ({ path, ours, theirs }) =>
  path === 'Failed' && Object.keys(ours as JsonObject).join() === Object.keys(theirs as JsonObject).join();

function unlikeIds(ours: JsonObject, theirs: JsonObject): string[] {
  const ids = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])];
  return ids.filter((id) => JSON.stringify(ours[id]) !== JSON.stringify(theirs[id]));
}

function codeOf(failure: Json | undefined): string {
  return textOf((failure as JsonObject | undefined)?.['Code']);
}

/** Some earlier step of the sequence was like this. */
export const after =
  (test: (step: Difference['step']) => boolean): Where =>
  ({ history }) =>
    history.some(test);
