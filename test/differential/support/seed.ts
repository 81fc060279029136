const DEFAULT_SEED = 20_061_113;
const SURE_TIMES = 10;

/**
 * How much the differential tests do:
 *
 * - `DIFFERENTIAL_TIMES=20` multiplies the number of sequences; tens of thousands of them take some minutes.
 * - `DIFFERENTIAL_SEED=random` starts somewhere else, `DIFFERENTIAL_SEED=123` where a failure said; the seed is printed.
 *
 * Without them every run does the same, so that a failure belongs to the change at hand.
 */
export const times = Number(process.env['DIFFERENTIAL_TIMES'] ?? '1');

export const seed = chosenSeed(process.env['DIFFERENTIAL_SEED']);

/** Whether every known difference has to show: some are rare, and a few sequences from elsewhere may do without. */
export const showsEverything = seed === DEFAULT_SEED || times >= SURE_TIMES;

function chosenSeed(given: string | undefined): number {
  if (given === undefined) return DEFAULT_SEED;
  return given === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(given);
}
