import type { SourceRecord } from '../streams';
import { MAX_EVENT_BYTES } from './sqs-event';

const ENVELOPE_BYTES = '{"Records":[]}'.length;

/** Records that a function is to get together, in order. */
export interface StreamBatch {
  readonly records: readonly SourceRecord[];
  /** The same, as JSON. */
  readonly events: readonly string[];
  /** How often the function has failed at the first of them. */
  readonly failures: number;
  /** How often the function got them. */
  readonly invocations: number;
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
export function payloadOf({ events }: StreamBatch): string {
  return `{"Records":[${events.join(',')}]}`;
}

export function part(batch: StreamBatch, from: number, to?: number, failures = 0): StreamBatch {
  const { records, events, invocations } = batch;
  return { records: records.slice(from, to), events: events.slice(from, to), failures, invocations };
}

/** What of a batch is to be tried next, in this order, after all but the first `done` of its records failed; nothing to give up. */
export function remainder(batch: StreamBatch, done: number, bisect: boolean): StreamBatch[] {
  const left = batch.records.length - done;
  // Halves are new batches: a split is no retry (https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html).
  if (bisect && left > 1) {
    if (done > 0) return [part(batch, done)];
    const middle = Math.ceil(left / 2);
    return [part(batch, 0, middle), part(batch, middle)];
  }
  return [part(batch, done, undefined, (done === 0 ? batch.failures : 0) + 1)];
}

/** Gathers records until there are as many as a batch may have, in number and in bytes. */
export class BatchBuilder {
  private readonly records: SourceRecord[] = [];
  private readonly events: string[] = [];
  private bytes = ENVELOPE_BYTES;

  constructor(
    private readonly batchSize: number,
    private readonly roleArn: string,
  ) {}

  get isEmpty(): boolean {
    return this.records.length === 0;
  }

  get isFull(): boolean {
    return this.records.length >= this.batchSize;
  }

  /** Whether it had room for the record. */
  add(record: SourceRecord): boolean {
    const event = JSON.stringify(record.event(this.roleArn));
    const bytes = Buffer.byteLength(event) + 1;
    if (!this.isEmpty && this.bytes + bytes > MAX_EVENT_BYTES) return false;
    this.bytes += bytes;
    this.records.push(record);
    this.events.push(event);
    return true;
  }

  build(): StreamBatch {
    return { records: this.records, events: this.events, failures: 0, invocations: 0 };
  }
}
