import type { Clock } from '../clock';
import { asyncInvocationQueueArn } from '../contracts';
import type {
  AsyncInvokeConfig,
  InvocationResult,
  QueueConsumer,
  ReceivedMessage,
  Tracer,
} from '../contracts';
import { ServiceError } from '../engine';
import type { Activity } from '../engine/activity';
import { givenUp } from '../trace/hops';
import { AttemptMemory } from './attempts';
import type { Attempts } from './attempts';
import { deliveries } from './destinations';
import type { Condition, Delivery, Ending } from './destinations';
import { summary } from './errors';
import type { Functions } from './functions';
import { Poller } from './poller';
import { executedVersion, LATEST } from './qualifier';
import type { Targets } from './targets';

/** Lambda tries again after one minute and then after two. */
const RETRY_SECONDS = [60, 120];
/** Throttled events come back after one second, then two, four, up to five minutes. */
const LONGEST_BACKOFF_SECONDS = 300;
/** How long an event that was taken waits for an instance before it counts as throttled. */
const PATIENCE_MS = 1000;
/** Beyond waiting for an instance and running, so that no second attempt begins while one is under way. */
const MARGIN_SECONDS = 120;

export interface AsyncInvocationsOptions {
  readonly functionArn: string;
  readonly config: AsyncInvokeConfig;
  readonly functions: Functions;
  readonly queues: QueueConsumer;
  readonly targets: Targets;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly tracer?: Tracer;
}

/** What is left to do after an attempt. */
type Settlement = () => Promise<void>;

/**
 * A function's asynchronous invocations, from the internal queue that holds their events. Function errors are retried twice
 * (or as configured); throttles and faults of the service until the event is too old. Then come destinations and dead letters.
 * An event's message id is its request id.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export class AsyncInvocations {
  private readonly poller: Poller<ReceivedMessage, Settlement>;
  private readonly memory: AttemptMemory;
  private readonly queueArn: string;
  private readonly name: string;
  private readonly ending = new AbortController();

  constructor(private readonly options: AsyncInvocationsOptions) {
    const { functionArn, functions, queues, activity, clock, config } = options;
    const { name, timeoutSeconds } = functions.config(functionArn);
    const queueArn = asyncInvocationQueueArn(functionArn);
    const visibilitySeconds = 2 * timeoutSeconds + MARGIN_SECONDS;
    this.name = name;
    this.queueArn = queueArn;
    this.memory = new AttemptMemory(config.maximumRetryAttempts);
    this.poller = new Poller({
      limit: Math.max(1, functions.capacity(functionArn)),
      fullAt: 1,
      clock,
      // Events are taken even if nothing is free: they may have become too old.
      vacancy: () => Promise.resolve(),
      receive: (waitSeconds, signal) =>
        queues.receive(queueArn, { maxMessages: 1, waitSeconds, visibilitySeconds, consumer: name, signal }),
      process: async ([message]) => ({
        outcome: await this.attempt(message as ReceivedMessage),
        // An event waits for its own retry; others need not wait for it.
        healthy: true,
      }),
      settle: (settlement) => settlement(),
      onError: ({ message }) => activity.warn(name, `asynchronous invocations: ${message}`),
    });
  }

  start(): void {
    this.poller.start();
  }

  /** Takes no more events; resolves when those that are under way are settled. */
  stop(): Promise<void> {
    this.ending.abort();
    return this.poller.stop();
  }

  private async attempt(message: ReceivedMessage): Promise<Settlement> {
    const { functions, functionArn } = this.options;
    const attempts = this.memory.of(message);
    if (this.ageLeftMs(message) <= 0) return () => this.end(message, attempts, 'EventAgeExceeded');
    if (functions.capacity(functionArn) === 0) {
      attempts.lastRefusal = throttled(this.reservedConcurrency);
      return () => this.end(message, attempts, 'ZeroReservedConcurrency');
    }
    if (!(await this.isVacantSoon())) {
      return () => this.refuse(message, attempts, throttled(this.reservedConcurrency));
    }
    try {
      const { messageId: requestId, traceHeader: traceId, attributes: given } = message;
      const options = { requestId, traceId, qualifier: given['Qualifier']?.value };
      const result = await functions.invoke(functionArn, message.body, options);
      return () => this.answered(message, attempts, result);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return () => this.refuse(message, attempts, error);
    }
  }

  private get reservedConcurrency(): number | undefined {
    const { functions, functionArn } = this.options;
    return functions.config(functionArn).reservedConcurrency;
  }

  private isVacantSoon(): Promise<boolean> {
    const { functions, functionArn, clock } = this.options;
    if (functions.isVacant(functionArn)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const decide = (isVacant: boolean) => {
        impatience.cancel();
        this.ending.signal.removeEventListener('abort', giveUp);
        resolve(isVacant);
      };
      const giveUp = () => decide(false);
      const impatience = clock.schedule(PATIENCE_MS, giveUp);
      this.ending.signal.addEventListener('abort', giveUp);
      void functions.vacancy(functionArn).then(() => decide(true));
    });
  }

  private async answered(
    message: ReceivedMessage,
    attempts: Attempts,
    result: InvocationResult,
  ): Promise<void> {
    const { config, activity } = this.options;
    attempts.refusals = 0;
    attempts.lastRefusal = undefined;
    attempts.lastResult = result;
    if (!result.functionError) {
      activity.event(this.name, () => `asynchronous invocation ${message.messageId.slice(0, 8)} done`);
      await this.end(message, attempts, 'Success');
      return;
    }
    // The end of the runtime may be the error; the event is still there when it starts again.
    if (this.ending.signal.aborted) return;
    attempts.errors += 1;
    if (attempts.errors > config.maximumRetryAttempts) {
      await this.end(message, attempts, 'RetriesExhausted');
      return;
    }
    const delaySeconds = RETRY_SECONDS[Math.min(attempts.errors, RETRY_SECONDS.length) - 1] ?? 0;
    const seconds = await this.hide(message, delaySeconds);
    this.warn(message, `${summary(result.payload)}; again in ${seconds} s`);
  }

  private async refuse(message: ReceivedMessage, attempts: Attempts, refusal: ServiceError): Promise<void> {
    if (this.ending.signal.aborted) return;
    attempts.refusals += 1;
    attempts.lastRefusal = refusal;
    if (refusal.status < 500 && refusal.status !== 429) {
      await this.end(message, attempts, 'RetriesExhausted');
      return;
    }
    // Without reserved concurrency AWS would have a free instance: then it is this machine that is busy, and not for long.
    const exponent = this.reservedConcurrency === undefined ? 0 : Math.min(attempts.refusals - 1, 30);
    const seconds = await this.hide(message, Math.min(2 ** exponent, LONGEST_BACKOFF_SECONDS));
    const id = message.messageId.slice(0, 8);
    this.options.activity.event(
      this.name,
      () => `asynchronous invocation ${id}: ${refusal.message}; again in ${seconds} s`,
    );
  }

  /** Brings the event back after a while, at the latest when it has become too old. */
  private async hide(message: ReceivedMessage, delaySeconds: number): Promise<number> {
    const leftSeconds = Math.max(0, Math.ceil(this.ageLeftMs(message) / 1000));
    const seconds = Math.min(delaySeconds, leftSeconds);
    await this.options.queues.changeVisibility(this.queueArn, message.receiptHandle, seconds);
    return seconds;
  }

  /** The event is deleted after its records are durable: a crash in between sends them twice, and never not at all. */
  private async end(message: ReceivedMessage, attempts: Attempts, condition: Condition): Promise<void> {
    const { functionArn, functions, config, queues, clock } = this.options;
    const qualifier = message.attributes['Qualifier']?.value;
    const ending: Ending = {
      condition,
      message,
      functionArn,
      qualifier: qualifier ?? LATEST,
      executedVersion: executedVersion(functions.config(functionArn).aliases, qualifier),
      invocations: attempts.errors + (condition === 'Success' ? 1 : 0),
      result: attempts.lastResult,
      refusal: attempts.lastRefusal,
      now: clock.now(),
    };
    const sent: Delivery[] = [];
    for (const delivery of deliveries(ending, config)) {
      if (await this.deliver(delivery, message)) sent.push(delivery);
    }
    await queues.deleteMessages(this.queueArn, [message.receiptHandle]);
    this.memory.forget(message);
    if (condition === 'Success') return;
    const words = lastWords(ending, sent);
    this.warn(message, words);
    this.options.tracer?.record(givenUp(message.messageId, `${this.name}: ${words}`, clock.now()));
  }

  /** @returns whether the target took it; what it refuses is lost, as on AWS */
  private async deliver(
    { targetArn, message, event: record }: Delivery,
    event: ReceivedMessage,
  ): Promise<boolean> {
    try {
      await this.options.targets.send(this.name, targetArn, message, record);
      return true;
    } catch (error) {
      if (!(error instanceof ServiceError) || error.status >= 500) throw error;
      this.warn(event, `its record is lost, ${targetArn} did not take it: ${error.message}`);
      return false;
    }
  }

  private ageLeftMs({ sentAt }: ReceivedMessage): number {
    const { config, clock } = this.options;
    return sentAt + config.maximumEventAgeSeconds * 1000 - clock.now();
  }

  private warn({ messageId }: ReceivedMessage, text: string): void {
    this.options.activity.warn(this.name, `asynchronous invocation ${messageId.slice(0, 8)}: ${text}`);
  }
}

function throttled(reservedConcurrency: number | undefined): ServiceError {
  const limit = reservedConcurrency === undefined ? '' : ` (reserved concurrency ${reservedConcurrency})`;
  return new ServiceError('TooManyRequestsException', `Rate Exceeded.${limit}`, 429);
}

function lastWords({ condition, result, refusal, invocations }: Ending, sent: readonly Delivery[]): string {
  const reasons: Partial<Record<Condition, string>> = {
    EventAgeExceeded: 'too old',
    ZeroReservedConcurrency: 'its function has reserved concurrency 0',
  };
  const reason = reasons[condition] ?? refusal?.message ?? summary(result?.payload ?? '{}');
  const targets = sent.map(({ targetArn }) => targetArn.split(':').at(-1)).join(' and ');
  const attempts = `${invocations} attempt${invocations === 1 ? '' : 's'}`;
  return `${reason}; given up after ${attempts}, ${targets === '' ? 'discarded' : `sent to ${targets}`}`;
}
