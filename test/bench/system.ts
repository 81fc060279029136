import type { Connection } from 'mysql2/promise';
import type { Memory } from '../support/processes';
import { memoryOf, processTree } from '../support/processes';
import { System } from '../support/system';
import { bareClientSns, bareHttp, bareInserts } from './limits';
import type { Row } from './measure';
import { ms, percentile, rate } from './measure';
import type { Throughput } from './pipeline';
import { latencies, throughput, timeToFirstRow } from './pipeline';

export interface SystemSizes {
  /** POSTs of the throughput rows. */
  readonly messages: number;
  /** POSTs of the latency rows. */
  readonly samples: number;
  /** Starts of the first-row rows. */
  readonly starts: number;
}

type Progress = (text: string) => void;

interface Limits {
  readonly http: number;
  readonly sns: number;
  readonly inserts: Readonly<Record<'x1' | 'x10' | 'x100', number>>;
}

/** The whole system, beside the limits of its parts. */
export async function measureSystem(sizes: SystemSizes, progress: Progress): Promise<Row[]> {
  const system = new System();
  try {
    progress('setting the system up');
    await system.start();
    const firstRow = await measureStarts(system, sizes.starts, progress);
    const withNpm = await memoryOfNpm(progress);
    const idle = memoryOf(processTree(system.pid));
    const connection = await system.connectToDatabase();
    progress('latency');
    await latencies(system, connection, 100);
    const samples = await latencies(system, connection, sizes.samples);
    progress('throughput');
    // The functions are compiled while they run; what is measured is what lasts.
    await throughput(system, connection, Math.ceil(sizes.messages / 2), 32);
    const load = await throughput(system, connection, sizes.messages, 32);
    const limits = await measureLimits(connection, sizes, progress);
    await connection.end();
    return [
      { what: 'process start to first row (median)', value: ms(firstRow), beside: 'target < 900 ms' },
      {
        what: 'POST to row, concurrency 1, p50',
        value: ms(percentile(samples, 0.5)),
        beside: 'target < 6 ms',
      },
      {
        what: 'POST to row, concurrency 1, p99',
        value: ms(percentile(samples, 0.99)),
        beside: 'target < 20 ms',
      },
      ...loadRows(load, limits),
      ...memoryRows(idle, withNpm, load.peak),
      ...limitRows(limits),
    ];
  } finally {
    await system.dispose();
  }
}

/** Leaves the system running. */
async function measureStarts(system: System, count: number, progress: Progress): Promise<number> {
  const samples: number[] = [];
  for (let index = 0; index < count; index++) {
    progress(`start ${index + 1} of ${count}`);
    await system.stop();
    samples.push(await timeToFirstRow(system));
  }
  return percentile(samples, 0.5);
}

/** What `npm start` holds besides the system itself: npm and its shell. */
async function memoryOfNpm(progress: Progress): Promise<Memory> {
  progress('memory of npm');
  const system = new System({ npm: true });
  try {
    await system.start();
    const withNpm = memoryOf(processTree(system.pid));
    const without = memoryOf(processTree(system.state().pid));
    return {
      resident: withNpm.resident - without.resident,
      proportional: withNpm.proportional - without.proportional,
    };
  } finally {
    await system.dispose();
  }
}

async function measureLimits(
  connection: Connection,
  sizes: SystemSizes,
  progress: Progress,
): Promise<Limits> {
  progress('limits');
  const http = await bareHttp(sizes.messages);
  const sns = await bareClientSns(sizes.messages);
  const x1 = await bareInserts(connection, 1, 2000);
  const x10 = await bareInserts(connection, 10, 1000);
  const x100 = await bareInserts(connection, 100, 300);
  return { http, sns, inserts: { x1, x10, x100 } };
}

function loadRows(load: Throughput, { sns, inserts }: Limits): Row[] {
  const ofSns = `${(load.acceptedPerSecond / sns).toFixed(2)} x client-sns alone (target 0.6)`;
  const ofInserts = `${(load.rowsPerSecond / inserts.x10).toFixed(2)} x inserts of 10`;
  return [
    { what: 'accepted/s, concurrency 32', value: rate(load.acceptedPerSecond), beside: ofSns },
    { what: 'rows/s, concurrency 32', value: rate(load.rowsPerSecond), beside: ofInserts },
    { what: 'POST to 202, concurrency 32, p50', value: ms(load.p50) },
    { what: 'POST to 202, concurrency 32, p99', value: ms(load.p99) },
  ];
}

/** Proportional memory is what the machine has less of; the sum of resident sizes counts shared pages many times. */
function memoryRows(idle: Memory, npm: Memory, peak: Memory): Row[] {
  const shown = ({ proportional, resident }: Memory): string =>
    `${proportional.toFixed(0)} MB, ${resident.toFixed(0)} MB`;
  return [
    { what: 'memory after the start: proportional, resident', value: shown(idle), beside: 'target < 300 MB' },
    { what: 'memory at the peak of the load: the same', value: shown(peak) },
    { what: 'memory of npm on top: the same', value: shown(npm) },
  ];
}

function limitRows({ http, sns, inserts }: Limits): Row[] {
  return [
    { what: 'limit: bare node:http, requests/s', value: rate(http) },
    { what: 'limit: client-sns and a bare server, publishes/s', value: rate(sns) },
    { what: 'limit: mysql2 inserts x1, rows/s', value: rate(inserts.x1) },
    { what: 'limit: mysql2 inserts x10, rows/s', value: rate(inserts.x10) },
    { what: 'limit: mysql2 inserts x100, rows/s', value: rate(inserts.x100) },
  ];
}
