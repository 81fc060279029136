import { systemClock } from '../clock';
import { asyncInvocationQueueArn } from '../contracts';
import type {
  AsyncInvokeConfig,
  InvocationResult,
  Invoker,
  QueueConsumer,
  QueueMappingConfig,
} from '../contracts';
import { Activity } from '../engine/activity';
import { AsyncInvocations } from './async-invocations';
import { checkPayload } from './errors';
import { Functions } from './functions';
import type { FunctionsOptions } from './functions';
import type { InvokeOptions } from './pool';
import { QueueMapping } from './queue-mapping';

/** Lambda's limits for synchronous and asynchronous invocations. */
const MAX_SYNC_BYTES = 6_291_456;
const MAX_ASYNC_BYTES = 1_048_576;
const ASYNC_DEFAULTS = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 };

export interface LambdaOptions extends FunctionsOptions {
  /** Has a queue `asyncInvocationQueueArn(arn)` for each function before `start()`. */
  readonly queues: QueueConsumer;
  readonly mappings: readonly QueueMappingConfig[];
  /** Functions that are not named here have Lambda's defaults: two retries, six hours, no destinations. */
  readonly asyncConfigs: readonly AsyncInvokeConfig[];
  /** Where progress is told. @default lines of its own on `reporter` */
  readonly activity?: Activity;
}

/** Lambda: the functions, the mappings that feed them from queues, and their asynchronous invocations. */
export class LambdaService implements Invoker {
  private constructor(
    readonly functions: Functions,
    private readonly sources: readonly (QueueMapping | AsyncInvocations)[],
    private readonly queues: QueueConsumer,
  ) {}

  /** Unzips the packages; nothing runs yet. */
  static async load(options: LambdaOptions): Promise<LambdaService> {
    const { clock = systemClock, queues } = options;
    const activity = options.activity ?? new Activity(clock, options.reporter);
    const functions = await Functions.load(options);
    const common = { functions, queues, clock, activity };
    const mappings = options.mappings.map((config) => new QueueMapping({ config, ...common }));
    const asyncInvocations = options.configs.map(({ name, arn: functionArn }) => {
      const own = options.asyncConfigs.find(({ functionName }) => functionName === name);
      return new AsyncInvocations({
        functionArn,
        config: own ?? { functionName: name, ...ASYNC_DEFAULTS },
        ...common,
      });
    });
    return new LambdaService(functions, [...mappings, ...asyncInvocations], queues);
  }

  /** Begins to take messages and events. */
  start(): void {
    for (const source of this.sources) source.start();
  }

  /** @throws LambdaError before the function runs: it is unknown or has no concurrency, or the payload is refused */
  async invoke(
    functionNameOrArn: string,
    payload: string,
    options?: InvokeOptions,
  ): Promise<InvocationResult> {
    checkPayload(payload, MAX_SYNC_BYTES);
    return this.functions.invoke(functionNameOrArn, payload, options);
  }

  /**
   * Resolves once the event is durable; the function runs later.
   * @throws LambdaError where the function is unknown or the payload is refused
   */
  async invokeLater(functionNameOrArn: string, payload: string): Promise<{ requestId: string }> {
    const { arn } = this.functions.config(functionNameOrArn);
    checkPayload(payload, MAX_ASYNC_BYTES);
    const { messageId } = await this.queues.send(asyncInvocationQueueArn(arn), { body: payload });
    return { requestId: messageId };
  }

  has(functionNameOrArn: string): boolean {
    return this.functions.has(functionNameOrArn);
  }

  /** Starts an instance, so that the first invocation finds it ready. */
  prewarm(functionNameOrArn: string): Promise<void> {
    return this.functions.prewarm(functionNameOrArn);
  }

  /** Takes nothing more, lets what runs finish for up to `graceMs`, and ends every process. */
  async stop(graceMs?: number): Promise<void> {
    const sources = this.sources.map((source) => source.stop());
    await this.functions.stop(graceMs);
    await Promise.all(sources);
  }
}
