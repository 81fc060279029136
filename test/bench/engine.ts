import { measureBacklog } from './backlog';
import { EngineClient } from './engine-client';
import type { Row } from './measure';
import { rate } from './measure';

const FAN_OUTS = [2, 10, 100];
const MANY_QUEUES = [10, 1_000, 10_000];
const FEW_MESSAGES = 1_000;

export interface EngineSizes {
  /** Publishes of a fan-out row, fewer for wide ones, and cycles of a row. */
  readonly operations: number;
  /** The larger backlog. */
  readonly backlog: number;
}

/** SNS and SQS alone, beside another engine that keeps everything in memory. */
export async function measureEngine(
  { operations, backlog }: EngineSizes,
  progress: (text: string) => void,
): Promise<Row[]> {
  const ours = await EngineClient.start('aws-micro');
  const fauxqs = await EngineClient.start('fauxqs');
  try {
    return [
      ...(await fanOutRows(ours, fauxqs, operations, progress)),
      ...(await cycleRows(ours, fauxqs, operations, progress)),
      ...(await backlogRows(operations, backlog, progress)),
    ];
  } finally {
    await Promise.all([ours.stop(), fauxqs.stop()]);
  }
}

async function fanOutRows(
  ours: EngineClient,
  fauxqs: EngineClient,
  operations: number,
  progress: (text: string) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const width of FAN_OUTS) {
    progress(`fan-out to ${width} queues`);
    const count = Math.max(200, Math.round(operations / Math.sqrt(width)));
    const own = await ours.publishes(width, count);
    const other = await fauxqs.publishes(width, count);
    rows.push({
      what: `1 topic -> ${width} queues: publishes/s; deliveries/s`,
      value: `${rate(own)}; ${rate(own * width)}`,
      beside: beside(own, other),
    });
  }
  return rows;
}

async function cycleRows(
  ours: EngineClient,
  fauxqs: EngineClient,
  operations: number,
  progress: (text: string) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of MANY_QUEUES) {
    progress(`${count} queues`);
    const own = await ours.cycles(await ours.createQueues(count), operations);
    const other = await fauxqs.cycles(await fauxqs.createQueues(count), operations);
    const what = `send, receive, delete by SDK on ${count} queues: cycles/s`;
    rows.push({ what, value: rate(own), beside: beside(own, other) });
  }
  return rows;
}

async function backlogRows(
  operations: number,
  backlog: number,
  progress: (text: string) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  let few = NaN;
  for (const messages of [FEW_MESSAGES, backlog]) {
    progress(`backlog of ${messages}`);
    const { cyclesPerSecond, openMs } = await measureBacklog(messages, operations * 2);
    few = messages === FEW_MESSAGES ? cyclesPerSecond : few;
    rows.push({
      what: `in process, ${messages.toLocaleString('en')} messages wait: cycles/s`,
      value: rate(cyclesPerSecond),
      beside:
        messages === FEW_MESSAGES
          ? ''
          : `${(cyclesPerSecond / few).toFixed(2)} x with ${FEW_MESSAGES.toLocaleString('en')}; opens in ${openMs.toFixed(0)} ms`,
    });
  }
  return rows;
}

const beside = (own: number, other: number): string =>
  `fauxqs, in memory: ${rate(other)} (${(own / other).toFixed(2)} x)`;
