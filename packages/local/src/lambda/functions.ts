import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Clock } from '../clock';
import { systemClock } from '../clock';
import type { FunctionConfig, InvocationResult, Invoker, Reporter } from '../contracts';
import { ServiceError } from '../engine';
import { prune, unpack } from './code';
import { FunctionPool } from './pool';
import type { InvokeOptions } from './pool';

/** Lambda's limit for a synchronous invocation. */
const MAX_REQUEST_BYTES = 6_291_456;

export interface FunctionsOptions {
  readonly configs: readonly FunctionConfig[];
  /** Where packages are unzipped; everything else in it is deleted. */
  readonly folder: string;
  readonly region: string;
  /** The AWS endpoint that the SDK in the functions is pointed at. */
  readonly endpointUrl: string;
  readonly reporter: Reporter;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Instances at most of a function, where its reserved concurrency is not less. @default one more than processors */
  readonly defaultConcurrency?: number;
}

/** The stack's functions, each with a pool of processes. */
export class Functions implements Invoker {
  private constructor(private readonly pools: ReadonlyMap<string, FunctionPool>) {}

  /** Unzips the packages. No process is started yet. */
  static async load(options: FunctionsOptions): Promise<Functions> {
    const { configs, folder, region, endpointUrl, reporter, clock = systemClock } = options;
    const defaultConcurrency = options.defaultConcurrency ?? availableParallelism() + 1;
    await mkdir(folder, { recursive: true });
    const codes = await Promise.all(configs.map(({ zipFile }) => unpack(zipFile, folder)));
    await prune(folder, codes);
    const pools = configs.map((config, index): [string, FunctionPool] => {
      const onLog = (line: string, requestId: string | undefined) =>
        reporter.event(config.name, requestId === undefined ? line : `${requestId.slice(0, 8)} ${line}`);
      const instance = { code: codes[index] as string, region, endpointUrl, onLog };
      // Reserved concurrency may be far more than this machine has processors for.
      const capacity = Math.min(config.reservedConcurrency ?? Infinity, defaultConcurrency);
      return [config.name, new FunctionPool({ config, capacity, clock, instance })];
    });
    return new Functions(new Map(pools));
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
    return pool.invoke(payload, options);
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
  }

  private pool(functionNameOrArn: string): FunctionPool {
    const pool = this.pools.get(functionName(functionNameOrArn));
    if (pool) return pool;
    throw new ServiceError('ResourceNotFoundException', `Function not found: ${functionNameOrArn}`, 404);
  }
}

/** Accepts what the API accepts: a name, an ARN, a partial ARN, each with a version or alias or without. */
function functionName(nameOrArn: string): string {
  return nameOrArn.replace(/^(arn:[^:]+:lambda:[^:]*:)?(\d{12}:)?function:/, '').replace(/:.*$/, '');
}
