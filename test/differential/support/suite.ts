import fc from 'fast-check';
import type { KnownDifference } from './comparison';
import { Comparison } from './comparison';
import type { Endpoint } from './endpoint';
import { startOurs } from './endpoint';
import { seed, showsEverything, times } from './seed';
import * as sequences from './sequences';

const KINDS = {
  'standard queues': sequences.standardQueues,
  'FIFO queues': sequences.fifoQueues,
  'dead letters': sequences.deadLetters,
  'dead letters of FIFO queues': sequences.fifoDeadLetters,
  'topics and subscriptions': sequences.standardTopics,
  'FIFO topics': sequences.fifoTopics,
  'filter policies': sequences.filters,
};

export interface DifferentialSuite {
  readonly oracle: string;
  readonly start: () => Promise<Endpoint>;
  readonly known: readonly KnownDifference[];
  /** Sequences of each kind. */
  readonly sequences: Readonly<Record<keyof typeof KINDS, number>>;
}

/** Tests that send generated sequences of calls to our endpoint and to another's, and compare what both answer. */
export function differentialTests(suite: DifferentialSuite): void {
  let ours: Endpoint;
  let oracle: Endpoint;
  let comparison: Comparison;

  beforeAll(async () => {
    ours = await startOurs();
    oracle = await suite.start();
    comparison = new Comparison(ours, oracle, suite.known);
  });

  afterAll(async () => {
    process.stderr.write(`beside ${suite.oracle}, seed ${seed}: ${comparison?.summary()}\n`);
    await Promise.all([ours?.stop(), oracle?.stop()]);
  });

  test.each(Object.entries(KINDS))(
    '%s',
    async (kind, arbitrary) => {
      const numRuns = Math.ceil(suite.sequences[kind as keyof typeof KINDS] * times);
      await fc.assert(
        fc.asyncProperty(arbitrary, (steps) => comparison.run(steps)),
        { seed, numRuns },
      );
    },
    1_200_000,
  );

  // One that no longer occurs has to go, or it would hide a mistake one day.
  test('each known difference occurs', () => {
    const unused = showsEverything ? comparison.unused() : [];
    expect(unused.map((entry) => entry.oracle)).toEqual([]);
  });
}
