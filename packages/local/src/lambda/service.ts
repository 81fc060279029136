import { systemClock } from '../clock';
import type {
  AsyncInvokeConfig,
  InvocationResult,
  InvokeOptions,
  Invoker,
  LambdaControl,
  MappingConfig,
  QueueConsumer,
} from '../contracts';
import { Activity } from '../engine/activity';
import type { StreamSources } from '../streams';
import { AsyncInvocations } from './async-invocations';
import { Functions } from './functions';
import type { FunctionsOptions } from './functions';
import { Mappings } from './mappings';
import { Targets } from './targets';
import type { TargetsOptions } from './targets';

const ASYNC_DEFAULTS = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 };

export interface LambdaOptions extends FunctionsOptions, Omit<TargetsOptions, 'queues'> {
  /** Has a queue `asyncInvocationQueueArn(arn)` for each function before `start()`. */
  readonly queues: QueueConsumer;
  readonly mappings: readonly MappingConfig[];
  /** @default there are no streams */
  readonly streams?: StreamSources;
  /** Functions that are not named here have Lambda's defaults: two retries, six hours, no destinations. */
  readonly asyncConfigs: readonly AsyncInvokeConfig[];
  /** Where progress is told. @default lines of its own on `reporter` */
  readonly activity?: Activity;
}

/** Lambda: the functions, the mappings that feed them from queues and streams, and their asynchronous invocations. */
export class LambdaService implements Invoker {
  private constructor(
    readonly functions: Functions,
    private readonly mappings: Mappings,
    private readonly asyncInvocations: readonly AsyncInvocations[],
    private readonly asyncConfigs: readonly AsyncInvokeConfig[],
  ) {}

  get control(): LambdaControl {
    const { functions, mappings, asyncConfigs } = this;
    return {
      functions: () => functions.configs,
      asyncConfig: (name) => asyncConfigs.find(({ functionName }) => functionName === name),
      reserveConcurrency: (name, reserved) => functions.reserveConcurrency(name, reserved),
      mappings: () => mappings.mappings(),
      createMapping: (config) => mappings.createMapping(config),
      updateMapping: (uuid, changes) => mappings.updateMapping(uuid, changes),
      deleteMapping: (uuid) => mappings.deleteMapping(uuid),
    };
  }

  /** Unzips the packages; nothing runs yet. */
  static async load(options: LambdaOptions): Promise<LambdaService> {
    const { clock = systemClock, queues, tracer } = options;
    const activity = options.activity ?? new Activity(clock, options.reporter);
    const functions = await Functions.load(options);
    const common = { functions, queues, clock, activity, tracer };
    const targets = new Targets(options);
    const { mayCall, streams, mappings: configs } = options;
    const mappings = new Mappings({ ...common, targets, mayCall, streams, configs });
    const asyncInvocations = options.configs.map(({ name, arn: functionArn }) => {
      const own = options.asyncConfigs.find(({ functionName }) => functionName === name);
      return new AsyncInvocations({
        functionArn,
        config: own ?? { functionName: name, ...ASYNC_DEFAULTS },
        targets,
        ...common,
      });
    });
    return new LambdaService(functions, mappings, asyncInvocations, options.asyncConfigs);
  }

  /** Begins to take messages and events. */
  start(): void {
    void this.functions.startDebugged();
    this.mappings.start();
    for (const source of this.asyncInvocations) source.start();
  }

  /** @throws ServiceError before the function runs */
  invoke(functionNameOrArn: string, payload: string, options?: InvokeOptions): Promise<InvocationResult> {
    return this.functions.invoke(functionNameOrArn, payload, options);
  }

  has(functionNameOrArn: string): boolean {
    return this.functions.has(functionNameOrArn);
  }

  /** Starts an instance, so that the first invocation finds it ready. */
  prewarm(functionNameOrArn: string): Promise<void> {
    return this.functions.prewarm(functionNameOrArn);
  }

  /** Runs other code from now on; see {@link Functions.reload}. */
  reload(functionName: string, files?: Readonly<Record<string, Uint8Array>>): Promise<boolean> {
    return this.functions.reload(functionName, files);
  }

  /** Takes nothing more, lets what runs finish for up to `graceMs`, and ends every process. */
  async stop(graceMs?: number): Promise<void> {
    const sources = [this.mappings, ...this.asyncInvocations].map((source) => source.stop());
    await this.functions.stop(graceMs);
    await Promise.all(sources);
  }
}
