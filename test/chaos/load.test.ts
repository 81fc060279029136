import type { Connection, RowDataPacket } from 'mysql2/promise';
import { HttpClient, pause, runConcurrently, until } from '../support/load';
import { processTree } from '../support/processes';
import { System } from '../support/system';

const MESSAGES = 10_000;
/** With something killed in the middle; chaos.test.ts does it again and again. */
const MESSAGES_WITH_KILL = 4_000;
const CONCURRENCY = 32;

jest.setTimeout(300_000);

describe(`messages at concurrency ${CONCURRENCY} become as many rows`, () => {
  let system: System;

  beforeEach(async () => {
    system = new System();
    await system.start();
  });

  afterEach(() => system.dispose());

  it(`${MESSAGES} with nothing in the way`, async () => {
    const accepted = await postAll(system, MESSAGES);
    await expectRows(system, accepted);
  });

  it(`${MESSAGES_WITH_KILL} with the database killed in the middle`, async () => {
    const accepted = await postAll(system, MESSAGES_WITH_KILL, () => {
      process.kill(databasePid(system), 'SIGKILL');
    });
    await expectRows(system, accepted);
  });

  it(`${MESSAGES_WITH_KILL} with the runtime killed in the middle and started again`, async () => {
    const accepted = await postAll(system, MESSAGES_WITH_KILL, async () => {
      await system.stop('SIGKILL');
      await system.start();
    });
    await expectRows(system, accepted);
  });
});

/**
 * Posts each message until it is answered with 202, under an Idempotency-Key of its own: a client that saw its connection
 * cut cannot know whether the message was accepted.
 *
 * @param interrupt called once, when half of them are accepted
 * @returns text by message id
 */
async function postAll(
  system: System,
  count: number,
  interrupt?: () => void | Promise<void>,
): Promise<Map<string, string>> {
  const client = new HttpClient(CONCURRENCY);
  const accepted = new Map<string, string>();
  let interruption: Promise<void> | undefined;
  await runConcurrently(count, CONCURRENCY, async (index) => {
    const message = `message ${index}`;
    const messageId = await until('the message to be accepted', 60_000, () => post(client, system, message));
    accepted.set(messageId, message);
    if (accepted.size >= count / 2) interruption ??= Promise.resolve(interrupt?.());
  });
  await interruption;
  client.close();
  expect(accepted.size).toBe(count);
  return accepted;
}

async function post(client: HttpClient, system: System, message: string): Promise<string | undefined> {
  const answer = await client.post({
    url: `${system.apiUrl}/messages`,
    body: JSON.stringify({ message }),
    headers: { 'idempotency-key': message.replace(' ', '-') },
  });
  if (answer.status === 202) return (JSON.parse(answer.body) as { messageId: string }).messageId;
  // Anything but "not now" would be a mistake that trying again hides.
  expect([0, 500, 503]).toContain(answer.status);
  return undefined;
}

async function expectRows(system: System, accepted: ReadonlyMap<string, string>): Promise<void> {
  let connection: Connection | undefined;
  await until('all rows', 200_000, async () => {
    connection ??= await system.connectToDatabase().catch(() => undefined);
    const [rows] = (await connection
      ?.query<RowDataPacket[]>('SELECT COUNT(*) AS there FROM app.messages')
      .catch(() => (connection = undefined))) ?? [[]];
    return Number(rows[0]?.['there']) >= accepted.size ? true : undefined;
  });
  // A second delivery would come right behind the first.
  await pause(500);
  const [rows] = await connection!.query<RowDataPacket[]>('SELECT message_id, message FROM app.messages');
  await connection!.end();
  expect(rows).toHaveLength(accepted.size);
  expect(new Map(rows.map((row) => [row['message_id'], row['message']]))).toEqual(accepted);
}

function databasePid(system: System): number {
  const database = processTree(system.pid).find(({ command }) => /(mariadbd|mysqld) /.test(command));
  if (database === undefined) throw new Error('no database process below the runtime');
  return database.pid;
}
