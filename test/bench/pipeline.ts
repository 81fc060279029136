import type { Connection, RowDataPacket } from 'mysql2/promise';
import { HttpClient, pause, runConcurrently, until } from '../support/load';
import type { Memory } from '../support/processes';
import { memoryOf, processTree } from '../support/processes';
import type { System } from '../support/system';
import { percentile } from './measure';

/**
 * Milliseconds from the start of the runtime's process to the first row, on data that is set up: a client posts from
 * the beginning and stops at the first 202, a separate SQL connection waits for the row.
 */
export async function timeToFirstRow(system: System): Promise<number> {
  const client = new HttpClient(1);
  const started = performance.now();
  system.launch();
  const connecting = connectWhenUp(system);
  const answer = await until(
    'a first 202',
    60_000,
    async () => {
      const posted = await client.post({ url: `${system.apiUrl}/messages`, body: '{"message":"first"}' });
      return posted.status === 202 ? posted : undefined;
    },
    2,
  );
  const connection = await connecting;
  await rowOf(connection, messageIdOf(answer.body));
  const elapsed = performance.now() - started;
  await connection.end();
  client.close();
  await system.ready();
  return elapsed;
}

function connectWhenUp(system: System): Promise<Connection> {
  return until('the database', 60_000, () => system.connectToDatabase().catch(() => undefined), 5);
}

/** Milliseconds from a POST sent to its row seen by a separate SQL connection, one message at a time. */
export async function latencies(system: System, connection: Connection, count: number): Promise<number[]> {
  const client = new HttpClient(1);
  const samples: number[] = [];
  for (let index = 0; index < count; index++) {
    const started = performance.now();
    const answer = await client.post({
      url: `${system.apiUrl}/messages`,
      body: `{"message":"latency ${index}"}`,
    });
    await rowOf(connection, messageIdOf(answer.body));
    samples.push(performance.now() - started);
  }
  client.close();
  return samples;
}

export interface Throughput {
  readonly acceptedPerSecond: number;
  readonly rowsPerSecond: number;
  /** Percentiles of the answer time of a POST, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** The largest memory of the process tree. */
  readonly peak: Memory;
}

/** `count` POSTs at `concurrency`, until all are accepted and until all are rows. */
export async function throughput(
  system: System,
  connection: Connection,
  count: number,
  concurrency: number,
): Promise<Throughput> {
  const client = new HttpClient(concurrency);
  const before = await countRows(connection);
  const answerTimes: number[] = [];
  const memory = watchMemory(system.pid);
  const started = performance.now();
  await runConcurrently(count, concurrency, async (index) => {
    const sent = performance.now();
    const answer = await client.post({
      url: `${system.apiUrl}/messages`,
      body: `{"message":"load ${index}"}`,
    });
    if (answer.status !== 202) throw new Error(`POST answered ${answer.status}: ${answer.body}`);
    answerTimes.push(performance.now() - sent);
  });
  const accepted = performance.now();
  await until('all rows', 120_000, async () =>
    (await countRows(connection)) >= before + count ? true : undefined,
  );
  const written = performance.now();
  client.close();
  return {
    acceptedPerSecond: count / ((accepted - started) / 1000),
    rowsPerSecond: count / ((written - started) / 1000),
    p50: percentile(answerTimes, 0.5),
    p99: percentile(answerTimes, 0.99),
    peak: memory.stop(),
  };
}

function watchMemory(pid: number): { stop(): Memory } {
  let peak: Memory = { resident: 0, proportional: 0 };
  const sample = (): void => {
    const now = memoryOf(processTree(pid));
    if (now.resident > peak.resident) peak = now;
  };
  const timer = setInterval(sample, 1000);
  return {
    stop: () => {
      clearInterval(timer);
      sample();
      return peak;
    },
  };
}

export async function countRows(connection: Connection): Promise<number> {
  const [rows] = await connection.query<RowDataPacket[]>('SELECT COUNT(*) AS rows_there FROM app.messages');
  return Number(rows[0]?.['rows_there']);
}

async function rowOf(connection: Connection, messageId: string): Promise<void> {
  const end = Date.now() + 30_000;
  for (;;) {
    const [rows] = await connection.query<RowDataPacket[]>(
      'SELECT 1 FROM app.messages WHERE message_id = ?',
      [messageId],
    );
    if (rows.length > 0) return;
    if (Date.now() > end) throw new Error(`no row for ${messageId} after 30 s`);
    await pause(0);
  }
}

function messageIdOf(body: string): string {
  return (JSON.parse(body) as { messageId: string }).messageId;
}
