import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../clock';
import type { FunctionConfig, InvocationResult, InvokeOptions, Tracer } from '../contracts';
import { ServiceError } from '../engine';
import { invoked } from '../trace/hops';
import { nextOrder } from '../trace/order';
import { errorPayload } from './errors';
import { Instance } from './instance';
import type { InitError, InstanceOptions, Invocation, Outcome } from './instance';
import { invocationTrace } from '../trace-header';

/** An invocation that has waited this long is worth a process more; shorter waits are cheaper than its memory. */
const SCALE_UP_MS = 25;
/** What was started for a load that is over costs memory until then. */
const SURPLUS_IDLE_MS = 60_000;
/** A function that nobody calls any more ends after some minutes, as on AWS; the next call starts it again. */
const IDLE_MS = 5 * 60_000;

export interface PoolOptions {
  readonly config: FunctionConfig;
  /** Instances at most; 0 throttles everything. */
  readonly capacity: number;
  readonly clock: Clock;
  readonly tracer?: Tracer;
  /** Keeps an instance however long nobody calls it. @default false */
  readonly keepWarm?: boolean;
  readonly instance: Omit<InstanceOptions, 'config' | 'clock' | 'onExit'>;
}

interface Idle {
  readonly instance: Instance;
  readonly since: number;
  reaper: Timer;
}

interface Waiting {
  readonly invocation: Invocation;
  readonly settle: (outcome: Outcome) => void;
  /** It could not be run, and that is not the function's fault. */
  readonly refuse: (error: ServiceError) => void;
}

/** A function's instances: never more than its concurrency, kept warm between invocations, first come first served. */
export class FunctionPool {
  private readonly instances = new Set<Instance>();
  /** The most recently used is last, and taken first: so the others grow old and are ended. */
  private readonly idle: Idle[] = [];
  private readonly waiting: Waiting[] = [];
  private vacancies: (() => void)[] = [];
  private starting = 0;
  private busy = 0;
  private growth: Timer | undefined;
  /** Refuses new invocations. */
  private stopped = false;
  /** Starts no instance any more. */
  private closed = false;
  private drained: (() => void) | undefined;
  private currentCode: string;
  private currentConfig: FunctionConfig;
  private most: number;
  /** Instances of code that has been replaced. */
  private readonly outdated = new WeakSet<Instance>();

  constructor(private readonly options: PoolOptions) {
    this.currentCode = options.instance.code;
    this.currentConfig = options.config;
    this.most = options.capacity;
  }

  /** Folder of the code that new instances load. */
  get code(): string {
    return this.currentCode;
  }

  get capacity(): number {
    return this.most;
  }

  get config(): FunctionConfig {
    return this.currentConfig;
  }

  /** Invocations that run or wait to. */
  get active(): number {
    return this.busy + this.waiting.length;
  }

  /** Process ids of the instances. */
  get pids(): number[] {
    return [...this.instances].flatMap(({ pid }) => pid ?? []);
  }

  /** @throws ServiceError TooManyRequestsException where the function's concurrency is 0, or the runtime stops */
  async invoke(payload: string, options: InvokeOptions = {}): Promise<InvocationResult> {
    if (this.capacity === 0 || this.stopped) {
      throw throttled();
    }
    const { requestId = randomUUID(), clientContext, qualifier } = options;
    const { clock, config, tracer } = this.options;
    const startedAt = clock.now();
    const order = nextOrder();
    const traceId = invocationTrace(options.traceId, startedAt);
    const outcome = await new Promise<Outcome>((settle, refuse) => {
      this.waiting.push({
        invocation: { requestId, traceId, payload, clientContext, qualifier },
        settle,
        refuse,
      });
      this.serve();
    });
    const { failed, ...rest } = outcome;
    const result: InvocationResult = { requestId, ...rest, ...(failed && { functionError: 'Unhandled' }) };
    const invocation = {
      functionName: config.name,
      traceId,
      messageIds: options.messageIds,
      startedAt,
      order,
    };
    tracer?.record(invoked(invocation, result, clock.now()));
    return result;
  }

  /** Starts an instance if there is none. Resolves when it is ready, or has failed to be. */
  async prewarm(): Promise<void> {
    if (this.instances.size === 0 && this.capacity > 0 && !this.stopped) await this.start();
  }

  /**
   * Runs this code from now on. Instances of the old code finish what they do, and take nothing any more.
   * @returns resolves when the last of them is gone
   */
  async replaceCode(code: string): Promise<void> {
    this.currentCode = code;
    const old = [...this.instances];
    for (const instance of old) this.outdated.add(instance);
    for (const { instance, reaper } of this.idle.splice(0)) {
      reaper.cancel();
      this.discard(instance);
    }
    if (old.length > 0 && this.instances.size < this.capacity && !this.stopped) void this.start();
    this.serve();
    await Promise.all(old.map(({ closed }) => closed));
  }

  /**
   * Another concurrency: instances beyond it end as soon as they are free.
   * @param capacity 0 throttles everything, what waits as well
   */
  resize(config: FunctionConfig, capacity: number): void {
    this.currentConfig = config;
    this.most = capacity;
    while (this.instances.size > capacity && this.idle.length > 0) {
      const { instance, reaper } = this.idle.shift() as Idle;
      reaper.cancel();
      this.discard(instance);
    }
    if (capacity === 0) for (const { refuse } of this.waiting.splice(0)) refuse(throttled());
    this.serve();
  }

  /** Resolves as soon as an invocation would not have to wait for others. */
  vacancy(): Promise<void> {
    if (this.isVacant()) return Promise.resolve();
    return new Promise((resolve) => this.vacancies.push(resolve));
  }

  /** Lets what runs and waits finish for up to `graceMs`, then ends every process. */
  async stop(graceMs: number): Promise<void> {
    this.stopped = true;
    if (this.busy > 0 || this.waiting.length > 0) {
      await new Promise<void>((resolve) => {
        const impatience = this.options.clock.schedule(graceMs, resolve);
        this.drained = () => {
          impatience.cancel();
          resolve();
        };
      });
    }
    this.closed = true;
    this.growth?.cancel();
    for (const { invocation, settle } of this.waiting.splice(0)) settle(neverRan(invocation));
    for (const { reaper } of this.idle.splice(0)) reaper.cancel();
    const left = [...this.instances];
    for (const instance of left) instance.kill();
    await Promise.all(left.map(({ closed }) => closed));
  }

  /** Whether an invocation would not have to wait for others now. */
  isVacant(): boolean {
    return this.waiting.length === 0 && (this.idle.length > 0 || this.instances.size < this.capacity);
  }

  private serve(): void {
    while (this.waiting.length > 0 && this.idle.length > 0) {
      const { instance, reaper } = this.idle.pop() as Idle;
      reaper.cancel();
      void this.run(instance, this.waiting.shift() as Waiting);
    }
    if (this.waiting.length > 0) this.grow();
    else while (this.vacancies.length > 0 && this.isVacant()) this.vacancies.shift()?.();
  }

  /** The first instance starts at once; each further one when an invocation has waited in vain for a while. */
  private grow(): void {
    if (this.closed || this.instances.size >= this.capacity || this.starting >= this.waiting.length) return;
    if (this.instances.size === 0) {
      void this.start();
      return;
    }
    const oldest = this.waiting[0];
    this.growth ??= this.options.clock.schedule(SCALE_UP_MS, () => {
      this.growth = undefined;
      if (this.waiting.length === 0) return;
      if (this.waiting[0] === oldest || this.starting === 0) this.startAnother();
      this.grow();
    });
  }

  private startAnother(): void {
    if (this.instances.size < this.capacity && this.starting < this.waiting.length) void this.start();
  }

  private async start(): Promise<void> {
    const { clock, instance: rest } = this.options;
    const { config } = this;
    const onExit = () => this.onExit(instance);
    const instance: Instance = new Instance({ ...rest, code: this.code, config, clock, onExit });
    this.instances.add(instance);
    this.starting += 1;
    try {
      await instance.ready;
      this.starting -= 1;
      this.release(instance);
    } catch (error) {
      this.starting -= 1;
      // What the old code could not do, the new one may.
      if (!this.outdated.has(instance)) this.failOldest(error as InitError);
      this.serve();
    }
  }

  /** An instance that cannot start is the answer to one invocation; the next one is tried anew. */
  private failOldest({ outcome, message }: InitError): void {
    const { invocation, settle, refuse } = this.waiting.shift() ?? {};
    if (!invocation) return;
    if (outcome) settle?.(outcome(invocation.requestId));
    else
      refuse?.(new ServiceError('ServiceException', `The function's process cannot start: ${message}`, 500));
  }

  private async run(instance: Instance, { invocation, settle }: Waiting): Promise<void> {
    this.busy += 1;
    const outcome = await instance.run(invocation);
    this.busy -= 1;
    settle(outcome);
    if (this.instances.has(instance)) this.release(instance);
    else this.serve();
    if (this.busy === 0 && this.waiting.length === 0) this.drained?.();
  }

  private release(instance: Instance): void {
    if (this.outdated.has(instance) || this.instances.size > this.capacity) {
      this.discard(instance);
      this.serve();
      return;
    }
    const { clock } = this.options;
    const reaper = clock.schedule(SURPLUS_IDLE_MS, () => this.reap(idle));
    const idle: Idle = { instance, since: clock.now(), reaper };
    this.idle.push(idle);
    this.serve();
  }

  /** A function's last instance stays longer than the others. */
  private reap(idle: Idle): void {
    const { clock, keepWarm } = this.options;
    const leftMs = idle.since + IDLE_MS - clock.now();
    if (this.instances.size === 1 && (keepWarm || leftMs > 0)) {
      idle.reaper = clock.schedule(keepWarm ? IDLE_MS : leftMs, () => this.reap(idle));
      return;
    }
    this.forgetIdle(idle.instance);
    this.discard(idle.instance);
  }

  private discard(instance: Instance): void {
    this.instances.delete(instance);
    instance.retire();
  }

  private onExit(instance: Instance): void {
    this.instances.delete(instance);
    this.forgetIdle(instance);
    this.serve();
  }

  private forgetIdle(instance: Instance): void {
    const index = this.idle.findIndex((each) => each.instance === instance);
    if (index >= 0) this.idle.splice(index, 1)[0]?.reaper.cancel();
  }
}

function throttled(): ServiceError {
  return new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
}

function neverRan({ requestId }: Invocation): Outcome {
  const payload = errorPayload('Runtime.ExitError', requestId, 'the runtime stops');
  return { failed: true, payload, logTail: '', durationMs: 0 };
}
