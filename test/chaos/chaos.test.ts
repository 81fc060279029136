import { join } from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { pause, until } from '../support/load';
import type { Sent } from './load';
import { Load } from './load';
import { wreak } from './monkey';
import type { Changes } from './password-load';
import { PasswordLoad } from './password-load';
import { MessageQueues } from './queues';
import { Random } from './random';
import { World } from './world';

/**
 * CHAOS_SEED repeats the choice of what is broken and when (not how processes happen to interleave); CHAOS_SECONDS is how
 * long things are broken, before what was accepted has time to arrive.
 */
const SEED = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 31));
const SECONDS = Number(process.env.CHAOS_SECONDS ?? 110);
const KILLS = 20;

jest.setTimeout(300_000);

describe(`chaos, CHAOS_SEED=${SEED}`, () => {
  let world: World;
  let queues: MessageQueues;

  beforeAll(async () => {
    world = await World.create();
    queues = new MessageQueues(world.system.awsUrl);
  });

  afterAll(async () => {
    queues?.close();
    await world?.dispose();
  });

  it('makes every accepted message one row or one dead letter, every accepted change history and mail', async () => {
    process.stderr.write(`chaos: CHAOS_SEED=${SEED}, ${SECONDS} s\n`);
    const { system } = world;
    const load = new Load(system.apiUrl, queues);
    const passwords = new PasswordLoad(system.apiUrl, join(system.dataDir, 'mail'));
    const options = { kills: KILLS, milliseconds: SECONDS * 1000 };
    const mischief = await wreak(world, new Random(SEED), options).finally(() =>
      Promise.all([load.stop(), passwords.stop()]),
    );
    const { sent } = load;
    const changes = passwords.changes.reduce((sum, { accepted }) => sum + accepted.size, 0);
    process.stderr.write(`chaos: ${JSON.stringify({ ...mischief, ...sizes(sent), changes })}\n`);
    const { runtime, function: functions, database } = mischief.kills;
    expect(runtime + functions + database).toBeGreaterThanOrEqual(KILLS);

    await Promise.all([settle(queues), ...passwords.changes.map(expectHistoryAndMail)]);
    const rows = await storedRows(world);
    const deadLetters = await queues.takeDeadLetters();
    expectEachOnce(sent, rows, deadLetters);
  });
});

const sizes = ({ accepted, poison, perhapsPoison }: Sent) => ({
  accepted: accepted.size,
  poison: poison.size,
  perhapsPoison: perhapsPoison.size,
});

/** What a killed process held is hidden for the stack's 90 seconds; then few receives are enough to know poison. */
async function settle(queues: MessageQueues): Promise<void> {
  await until(
    'the queue to be empty',
    170_000,
    async () => {
      await queues.setPatience(1, 10);
      return (await queues.backlog()) === 0 ? true : undefined;
    },
    500,
  );
  // A second delivery would come right behind the first.
  await pause(500);
}

/** What a crash left unpublished waits for the sweep, and what a killed process held for its visibility timeout. */
async function expectHistoryAndMail({ user, accepted, unanswered }: Changes): Promise<void> {
  const expected = accepted.size + unanswered;
  await until('history and mails', 200_000, async () => {
    const history = await user.history().catch(() => []);
    return history.length >= expected && user.mails().length >= expected ? true : undefined;
  });
  const ids = (await user.history()).map(({ changeId }) => changeId);
  expect(ids).toHaveLength(expected);
  expect(new Set(ids).size).toBe(expected);
  expect([...accepted].filter((changeId) => !ids.includes(changeId))).toEqual([]);
}

interface StoredRow {
  readonly messageId: string;
  readonly message: string;
}

async function storedRows({ system }: World): Promise<StoredRow[]> {
  const connection = await system.connectToDatabase();
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT message_id AS messageId, message FROM app.messages',
  );
  await connection.end();
  return rows as StoredRow[];
}

function expectEachOnce(sent: Sent, rows: readonly StoredRow[], deadLetters: readonly string[]): void {
  const isPoison = (body: string): boolean => sent.poison.has(body) || sent.perhapsPoison.has(body);
  const unstored = deadLetters.filter((body) => !isPoison(body)).map(envelopeOf);
  const found = [...rows, ...unstored];
  expect(found).toHaveLength(sent.accepted.size);
  expect(new Map(found.map(({ messageId, message }) => [messageId, message]))).toEqual(sent.accepted);

  const poison = deadLetters.filter(isPoison);
  expect(new Set(poison).size).toBe(poison.length);
  expect([...sent.poison].filter((body) => !poison.includes(body))).toEqual([]);
}

function envelopeOf(body: string): StoredRow {
  const { messageId, message } = JSON.parse(body) as StoredRow;
  return { messageId, message };
}
