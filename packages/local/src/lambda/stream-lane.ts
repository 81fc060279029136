import type { Clock } from '../clock';
import type { InvocationResult, StreamMappingConfig } from '../contracts';
import { ServiceError } from '../engine';
import type { Activity } from '../engine/activity';
import type { Changes, SourceRecord, StreamSource } from '../streams';
import { Backoff } from './backoff';
import type { FilterCriteria } from './event-filter';
import type { Functions } from './functions';
import { BatchBuilder, part, payloadOf, remainder } from './stream-batch';
import type { StreamBatch } from './stream-batch';
import type { ShardCheckpoint } from './stream-checkpoints';
import { laneOf } from './stream-checkpoints';
import type { FailureCondition } from './stream-failure';
import { failureRecord } from './stream-failure';
import { streamResult } from './stream-response';
import type { StreamResult } from './stream-response';
import type { Targets } from './targets';

/** Records that are read at once. */
const PAGE = 1000;

export interface StreamLaneOptions {
  readonly config: StreamMappingConfig;
  readonly source: StreamSource;
  readonly shardId: string;
  readonly lane: number;
  readonly checkpoint: ShardCheckpoint;
  readonly changes: Changes;
  readonly filter: FilterCriteria;
  readonly functions: Functions;
  readonly targets: Targets;
  readonly clock: Clock;
  readonly activity: Activity;
  /** Ends it: what the function has then is settled, and nothing more is taken. */
  readonly signal: AbortSignal;
  /** Is told how each batch ended. */
  readonly onResult: (text: string) => void;
}

interface Answer extends StreamResult {
  /** Undefined where the function did not run. */
  readonly result?: InvocationResult;
}

/**
 * The part of a shard whose partition keys are this lane's, batch by batch, in order. A batch that fails holds up what comes
 * behind it until it succeeds, is too old, or has had its retries; then where it is in the stream goes to the destination.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-errors.html
 */
export class StreamLane {
  private readonly backoff: Backoff;
  private lastResult: InvocationResult | undefined;

  constructor(private readonly options: StreamLaneOptions) {
    this.backoff = new Backoff(options.clock, options.signal);
  }

  /** Resolves when the shard is at its end, or the signal ends it. */
  async run(): Promise<void> {
    const { activity, config, signal } = this.options;
    while (!signal.aborted) {
      try {
        const collected = await this.collect();
        if (collected === undefined) return;
        await this.handle(collected.batch);
        if (!signal.aborted) this.advance(collected.until);
      } catch (error) {
        // What fails because everything stops is of no interest.
        if (signal.aborted) return;
        activity.warn(config.functionName, `${this.name}: ${(error as Error).message}`);
        await this.pause();
      }
    }
  }

  /** A batch: what is there at once, or what comes until the window closes. Undefined at the end of the shard. */
  private async collect(): Promise<{ batch: StreamBatch; until: string } | undefined> {
    const { config, source, shardId, lane, checkpoint, changes, clock, signal } = this.options;
    const builder = new BatchBuilder(config.batchSize, this.roleArn);
    let until = checkpoint.position(lane);
    let closesAt = Infinity;
    while (!signal.aborted) {
      const { seen } = changes;
      const page = await source.read(shardId, until, PAGE);
      for (const record of page) {
        if (this.isWanted(record) && !builder.add(record)) return { batch: builder.build(), until };
        until = record.sequenceNumber;
        if (builder.isFull) return { batch: builder.build(), until };
      }
      if (builder.isEmpty) this.advance(until);
      else if (closesAt === Infinity) closesAt = clock.now() + config.batchWindowSeconds * 1000;
      if (page.length === PAGE) continue;
      const isOver = clock.now() >= closesAt || (await source.hasEnded(shardId, until));
      if (isOver) return builder.isEmpty ? undefined : { batch: builder.build(), until };
      await changes.since(seen, closesAt - clock.now());
    }
    return undefined;
  }

  private isWanted(record: SourceRecord): boolean {
    const { config, lane, filter } = this.options;
    if (laneOf(record.partitionKey, config.parallelizationFactor) !== lane) return false;
    if (filter.isEmpty) return true;
    const { document, data } = record.filterable();
    return filter.accept(document, data);
  }

  private async handle(batch: StreamBatch): Promise<void> {
    const work = [batch];
    this.lastResult = undefined;
    while (work.length > 0 && !this.options.signal.aborted) {
      const fresh = await this.withoutOld(work.shift()!);
      if (fresh !== undefined) work.unshift(...(await this.attempt(fresh)));
    }
  }

  /** @returns what is left to do, in order */
  private async attempt(batch: StreamBatch): Promise<StreamBatch[]> {
    const { config, signal } = this.options;
    const { done, complaint, result } = await this.invoke(batch);
    if (done > 0) await this.finish(part(batch, 0, done));
    const failed = batch.records.length - done;
    // The end of the runtime may be the error; the records are still there when it starts again.
    if (failed === 0 || signal.aborted) return [];
    if (result === undefined) {
      await this.pause(batch);
      return [batch];
    }
    this.lastResult = result;
    this.report(
      `${failed} of ${batch.records.length} failed${complaint === undefined ? '' : `: ${complaint}`}`,
    );
    const tried = { ...batch, invocations: batch.invocations + 1 };
    const [first, ...others] = remainder(tried, done, config.bisectOnError);
    const { maximumRetryAttempts: retries } = config;
    if (retries >= 0 && first!.failures > retries) {
      await this.giveUp(first!, 'RetryAttemptsExhausted');
      return others;
    }
    if (first!.failures > 0) await this.pause(first);
    return [first!, ...others];
  }

  private async invoke(batch: StreamBatch): Promise<Answer> {
    const { config, functions, onResult } = this.options;
    try {
      const result = await functions.invoke(config.functionName, payloadOf(batch));
      const answer = streamResult(result, batch.records, config.reportBatchItemFailures);
      onResult(answer.done === batch.records.length ? 'OK' : `PROBLEM: Function call failed`);
      return { ...answer, result };
    } catch (error) {
      // Throttles and faults of the service are no failures of the records.
      if (!(error instanceof ServiceError)) throw error;
      onResult(`PROBLEM: ${error.message}`);
      this.report(error.message);
      return { done: 0, complaint: error.message };
    }
  }

  private async finish({ records }: StreamBatch): Promise<void> {
    const { activity, config, checkpoint } = this.options;
    this.backoff.succeeded();
    activity.event(config.functionName, () => `${records.length} from ${this.name}`);
    this.advance(records.at(-1)!.sequenceNumber);
    await checkpoint.save();
  }

  /** Gives up the records that are too old; undefined where none is left. */
  private async withoutOld(batch: StreamBatch): Promise<StreamBatch | undefined> {
    const firstFresh = batch.records.findIndex((record) => this.ageLeftMs(record) > 0);
    if (firstFresh === 0) return batch;
    const old = firstFresh < 0 ? batch.records.length : firstFresh;
    await this.giveUp(part(batch, 0, old), 'RecordAgeExceeded');
    return firstFresh < 0 ? undefined : part(batch, old, undefined, batch.failures);
  }

  /** The checkpoint moves after the destination has it: a crash in between tells it twice, and never not at all. */
  private async giveUp(batch: StreamBatch, condition: FailureCondition): Promise<void> {
    const { config, source, shardId, functions, clock, checkpoint, signal } = this.options;
    const body = failureRecord({
      condition,
      records: batch.records,
      streamArn: source.arn,
      shardId,
      functionArn: functions.config(config.functionName).arn,
      invocations: batch.invocations,
      result: this.lastResult,
      requestId: this.lastResult?.requestId ?? '',
      now: clock.now(),
    });
    const taken = await this.deliver(body);
    if (taken === undefined || signal.aborted) return;
    const count = `${batch.records.length} record${batch.records.length === 1 ? '' : 's'}`;
    const reason =
      condition === 'RecordAgeExceeded' ? 'too old' : `given up after ${batch.invocations} attempts`;
    this.report(`${count} ${reason}, ${taken}`);
    this.backoff.succeeded();
    this.advance(batch.records.at(-1)!.sequenceNumber);
    await checkpoint.save();
  }

  /** Where it went, in words; undefined where everything stops first. */
  private async deliver(body: string): Promise<string | undefined> {
    const { config, targets, signal } = this.options;
    const { onFailureDestinationArn: targetArn, functionName } = config;
    if (targetArn === undefined) return 'discarded';
    while (!signal.aborted) {
      try {
        await targets.send(functionName, targetArn, { body });
        return `told ${targetArn.split(':').at(-1)}`;
      } catch (error) {
        if (error instanceof ServiceError && error.status < 500) {
          return `discarded, and ${targetArn} did not take it: ${error.message}`;
        }
        this.report(`${targetArn}: ${(error as Error).message}`);
        await this.pause();
      }
    }
    return undefined;
  }

  /** Longer each time, but not beyond the age of a batch. */
  private async pause(batch?: StreamBatch): Promise<void> {
    this.backoff.failed();
    await this.backoff.pause(batch && Math.max(0, this.ageLeftMs(batch.records[0]!)));
  }

  private ageLeftMs({ at }: SourceRecord): number {
    const { config, source, clock } = this.options;
    const { maximumRecordAgeSeconds: most } = config;
    const retention = source.retentionSeconds();
    return at + Math.min(most < 0 ? Infinity : most, retention) * 1000 - clock.now();
  }

  private advance(position: string): void {
    this.options.checkpoint.advance(this.options.lane, position);
  }

  private report(text: string): void {
    this.options.activity.warn(this.options.config.functionName, `${this.name}: ${text}`);
  }

  private get name(): string {
    return streamName(this.options.config.streamArn);
  }

  private get roleArn(): string {
    const { functions, config } = this.options;
    return functions.config(config.functionName).roleArn ?? '';
  }
}

/** `orders` of `arn:...:table/orders/stream/...` and of `arn:...:stream/orders`. */
export function streamName(streamArn: string): string {
  return streamArn.split('/')[1] ?? streamArn;
}
