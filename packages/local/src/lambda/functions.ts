import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Clock } from '../clock';
import { systemClock } from '../clock';
import type {
  FunctionConfig,
  InvocationObserver,
  InvocationResult,
  InvokeOptions,
  Invoker,
  LogSink,
  Reporter,
  Tracer,
} from '../contracts';
import { ServiceError } from '../engine';
import { UserError } from '../errors';
import { logged } from '../trace/hops';
import { install, prune, remove, unpack } from './code';
import { DebugPort } from './debug-port';
import { FunctionPool } from './pool';

/** Lambda's limit for a synchronous invocation. */
const MAX_REQUEST_BYTES = 6_291_456;
const TOO_MANY_REQUESTS = 429;

export interface FunctionsOptions {
  readonly configs: readonly FunctionConfig[];
  /** Where packages are unzipped; everything else in it is deleted. */
  readonly folder: string;
  readonly region: string;
  /** The AWS endpoint that the SDK in the functions is pointed at. */
  readonly endpointUrl: string;
  readonly reporter: Reporter;
  /** @default nothing is traced */
  readonly tracer?: Tracer;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Instances at most of a function, where its reserved concurrency is not less. @default one more than processors */
  readonly defaultConcurrency?: number;
  /** Where a function's log is kept. @default nowhere */
  readonly logs?: (functionName: string) => LogSink | undefined;
  /** @default nobody is told of invocations */
  readonly observer?: InvocationObserver;
  /** A function to debug, by its name or the end of it: it has one instance, and a port for debuggers. */
  readonly inspect?: { readonly functionName: string; readonly port: number };
}

/** The stack's functions, each with a pool of processes. */
export class Functions implements Invoker {
  /** In the order of their last call. */
  private readonly called = new Set<string>();

  private constructor(
    private readonly pools: ReadonlyMap<string, FunctionPool>,
    private readonly folder: string,
    private readonly defaultConcurrency: number,
    private readonly debugged: { readonly name: string; readonly port: DebugPort } | undefined,
    private readonly observer: InvocationObserver | undefined,
  ) {}

  /**
   * Unzips the packages. No process is started yet.
   * @throws UserError where a package cannot be used, or there is no such function or port to debug
   */
  static async load(options: FunctionsOptions): Promise<Functions> {
    const { configs, folder, region, endpointUrl, reporter, tracer, clock = systemClock } = options;
    const defaultConcurrency = options.defaultConcurrency ?? availableParallelism() + 1;
    await mkdir(folder, { recursive: true });
    const codes = await Promise.all(configs.map(({ zipFile }) => unpack(zipFile, folder)));
    await prune(folder, codes);
    const debugged = await openDebugPort(options);
    const pools = configs.map((config, index): [string, FunctionPool] => {
      const onLog = (line: string, requestId: string | undefined) => {
        reporter.event(config.name, requestId === undefined ? line : `${requestId.slice(0, 8)} ${line}`);
        const hop = tracer && logged(config.name, line, clock.now());
        if (hop) tracer.record(hop);
      };
      const debug = config.name === debugged?.name ? debugged.port : undefined;
      const logs = options.logs?.(config.name);
      const instance = { code: codes[index] as string, region, endpointUrl, onLog, logs, debug };
      const capacity = capacityOf(config, debug ? 1 : defaultConcurrency);
      const keepWarm = debug !== undefined;
      return [config.name, new FunctionPool({ config, capacity, clock, tracer, keepWarm, instance })];
    });
    return new Functions(new Map(pools), folder, defaultConcurrency, debugged, options.observer);
  }

  /** What the functions are. */
  get configs(): readonly FunctionConfig[] {
    return [...this.pools.values()].map(({ config }) => config);
  }

  /** Names of those that were called since the start, the last one first. */
  get recent(): string[] {
    return [...this.called].reverse();
  }

  /** Invocations of any function that run or wait to. */
  get active(): number {
    return [...this.pools.values()].reduce((sum, { active }) => sum + active, 0);
  }

  /** Starts the function that is debugged, so that its debugger finds it. */
  async startDebugged(): Promise<void> {
    if (this.debugged) await this.prewarm(this.debugged.name);
  }

  /**
   * Runs other code from now on: the content of its zip file, or these files.
   *
   * @returns whether it is other code than before
   * @throws UserError where the zip file cannot be used
   */
  async reload(functionNameOrArn: string, files?: Readonly<Record<string, Uint8Array>>): Promise<boolean> {
    const pool = this.pool(functionNameOrArn);
    const { code: before, config } = pool;
    const code = files ? await install(files, this.folder) : await unpack(config.zipFile, this.folder);
    if (code === before) return false;
    void pool.replaceCode(code).then(() => this.removeUnused(before));
    return true;
  }

  /**
   * @param payload JSON
   * @throws ServiceError before the function runs: there is no such function, it has no concurrency, or the payload is too large
   */
  async invoke(
    functionNameOrArn: string,
    payload: string,
    options: InvokeOptions = {},
  ): Promise<InvocationResult> {
    const pool = this.pool(functionNameOrArn);
    if (Buffer.byteLength(payload) > MAX_REQUEST_BYTES) {
      const text = `Request must be smaller than ${MAX_REQUEST_BYTES} bytes for the InvokeFunction operation`;
      throw new ServiceError('RequestTooLargeException', text, 413);
    }
    const { name } = pool.config;
    this.called.delete(name);
    this.called.add(name);
    try {
      const result = await pool.invoke(payload, options);
      this.observer?.invoked(name, result.durationMs, result.functionError !== undefined);
      return result;
    } catch (error) {
      if (error instanceof ServiceError && error.status === TOO_MANY_REQUESTS) this.observer?.throttled(name);
      throw error;
    }
  }

  has(functionNameOrArn: string): boolean {
    return this.pools.has(functionName(functionNameOrArn));
  }

  /** @throws ServiceError ResourceNotFoundException */
  config(functionNameOrArn: string): FunctionConfig {
    return this.pool(functionNameOrArn).config;
  }

  /** How many invocations of the function may run at once. */
  capacity(functionNameOrArn: string): number {
    return this.pool(functionNameOrArn).capacity;
  }

  /**
   * Another reserved concurrency. @param reserved undefined for none
   * @throws ServiceError ResourceNotFoundException
   */
  reserveConcurrency(functionNameOrArn: string, reserved: number | undefined): void {
    const pool = this.pool(functionNameOrArn);
    const config = { ...pool.config, reservedConcurrency: reserved };
    const limit = config.name === this.debugged?.name ? 1 : this.defaultConcurrency;
    pool.resize(config, capacityOf(config, limit));
  }

  /** Whether an invocation would not have to wait for others now. */
  isVacant(functionNameOrArn: string): boolean {
    return this.pool(functionNameOrArn).isVacant();
  }

  /** Resolves as soon as an invocation would not have to wait for others. */
  vacancy(functionNameOrArn: string): Promise<void> {
    return this.pool(functionNameOrArn).vacancy();
  }

  /** Starts an instance, so that the first invocation finds it ready. An initialization that fails is left to that one. */
  prewarm(functionNameOrArn: string): Promise<void> {
    return this.pool(functionNameOrArn).prewarm();
  }

  /** Process ids of the function's instances. */
  pids(functionNameOrArn: string): number[] {
    return this.pool(functionNameOrArn).pids;
  }

  /** Refuses new invocations, lets the others finish for up to `graceMs`, and ends every process. */
  async stop(graceMs = 5_000): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.stop(graceMs)));
    this.debugged?.port.close();
  }

  private async removeUnused(code: string): Promise<void> {
    const isUsed = [...this.pools.values()].some((pool) => pool.code === code);
    if (!isUsed) await remove(code);
  }

  private pool(functionNameOrArn: string): FunctionPool {
    const pool = this.pools.get(functionName(functionNameOrArn));
    if (pool) return pool;
    throw new ServiceError('ResourceNotFoundException', `Function not found: ${functionNameOrArn}`, 404);
  }
}

async function openDebugPort({ inspect, configs, reporter }: FunctionsOptions) {
  if (!inspect) return undefined;
  const wanted = inspect.functionName;
  const names = configs.map(({ name }) => name);
  const found = names.filter((name) => name === wanted || name.endsWith(`-${wanted}`));
  const name = names.find((each) => each === wanted) ?? found[0];
  if (name === undefined || (found.length > 1 && name !== wanted)) {
    const problem = name === undefined ? 'there is no such function' : `that may be ${found.join(' or ')}`;
    throw new UserError(`--inspect ${wanted}: ${problem}; the stack has ${names.join(', ')}`);
  }
  const tell = (url: string) => reporter.event(name, `debugger at ${url} (or chrome://inspect)`);
  return { name, port: await DebugPort.open(inspect.port, tell) };
}

/** Reserved concurrency may be far more than this machine has processors for. */
function capacityOf({ reservedConcurrency = Infinity }: FunctionConfig, limit: number): number {
  return Math.min(reservedConcurrency, limit);
}

/** Accepts what the API accepts: a name, an ARN, a partial ARN, each with a version or alias or without. */
function functionName(nameOrArn: string): string {
  return nameOrArn.replace(/^(arn:[^:]+:lambda:[^:]*:)?(\d{12}:)?function:/, '').replace(/:.*$/, '');
}
