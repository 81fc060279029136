import { join } from 'node:path';
import type { Broker } from '../../src/engine';
import { runUntilKilled } from '../support/killed-process';
import { cleanUp, openBroker, temporaryFolder } from './support';

const SCRIPT = join(__dirname, 'killed-broker.ts');
const KILLS = 4;
const MIN_FACTS = 500;
const MAX_FACTS = 6000;

afterEach(cleanUp);

/** Reproducible pseudo-random numbers in [0, 1). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Facts {
  readonly published: Set<string>;
  readonly deleting: Set<string>;
  readonly deleted: Set<string>;
}

async function drain(broker: Broker, name: string): Promise<string[]> {
  const queueArn = `arn:aws:sqs:us-east-1:000000000000:${name}`;
  const bodies: string[] = [];
  for (;;) {
    const messages = await broker.receive(queueArn, { maxMessages: 10, waitSeconds: 0 });
    if (messages.length === 0) return bodies;
    for (const message of messages) bodies.push(message.body);
  }
}

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32));

describe(`kill -9 (SEED=${seed})`, () => {
  it('loses nothing that was acknowledged and revives nothing that was deleted', async () => {
    const next = random(seed);
    const folder = temporaryFolder();
    const facts: Facts = { published: new Set(), deleting: new Set(), deleted: new Set() };
    for (let kill = 0; kill < KILLS; kill += 1) {
      const limit = MIN_FACTS + Math.floor(next() * (MAX_FACTS - MIN_FACTS));
      await runUntilKilled(SCRIPT, [folder, `run${kill}`], facts, limit);
    }
    const broker = await openBroker({ folder });
    const consumed = await drain(broker, 'consumed');
    const untouched = await drain(broker, 'untouched');

    const inUntouched = new Set(untouched);
    const inConsumed = new Set(consumed);
    expect(facts.published.size).toBeGreaterThan(0);
    expect(facts.deleted.size).toBeGreaterThan(0);
    expect([inUntouched.size, inConsumed.size]).toEqual([untouched.length, consumed.length]);
    const lost = [...facts.published].filter((body) => !inUntouched.has(body));
    const lostInFlight = [...facts.published].filter(
      (body) => !inConsumed.has(body) && !facts.deleting.has(body),
    );
    const revived = consumed.filter((body) => facts.deleted.has(body));
    // A publish is in both queues or in none: one that was killed before its acknowledgement too.
    const halves = [...inUntouched].filter((body) => !inConsumed.has(body) && !facts.deleting.has(body));
    const otherHalves = consumed.filter((body) => !inUntouched.has(body));
    const half = (body: string) => body.replace(/[ab]$/, (letter) => (letter === 'a' ? 'b' : 'a'));
    const splitBatches = untouched.filter((body) => !inUntouched.has(half(body)));
    expect({ lost, lostInFlight, revived, halves, otherHalves, splitBatches }).toEqual({
      lost: [],
      lostInFlight: [],
      revived: [],
      halves: [],
      otherHalves: [],
      splitBatches: [],
    });
  }, 60_000);
});
