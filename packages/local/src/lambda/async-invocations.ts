import type { Clock } from '../clock';
import { asyncInvocationQueueArn } from '../contracts';
import type { AsyncInvokeConfig, InvocationResult, QueueConsumer, ReceivedMessage } from '../contracts';
import type { Activity } from '../engine/activity';
import { deliveries } from './destinations';
import type { Condition, Ending } from './destinations';
import { summary } from './errors';
import type { Functions } from './functions';
import { Poller } from './poller';

/** Lambda tries again after one minute and then after two. */
const RETRY_SECONDS = [60, 120];
/** Beyond the function's timeout, so that no second attempt begins while one still waits for an instance. */
const MARGIN_SECONDS = 120;

export interface AsyncInvocationsOptions {
  readonly functionArn: string;
  readonly config: AsyncInvokeConfig;
  readonly functions: Functions;
  readonly queues: QueueConsumer;
  readonly clock: Clock;
  readonly activity: Activity;
}

interface Attempt {
  readonly message: ReceivedMessage;
  /** Undefined where the event was too old to be tried. */
  readonly result: InvocationResult | undefined;
}

/**
 * A function's asynchronous invocations, from the internal queue that holds their events: retried after errors, given up after
 * the last retry or at the maximum age, and then sent to destinations and dead letters. An event's message id is its request id.
 */
export class AsyncInvocations {
  private readonly poller: Poller<ReceivedMessage, Attempt>;
  private readonly queueArn: string;
  private readonly name: string;

  constructor(private readonly options: AsyncInvocationsOptions) {
    const { functionArn, functions, queues, activity, clock } = options;
    const { name, timeoutSeconds } = functions.config(functionArn);
    const queueArn = asyncInvocationQueueArn(functionArn);
    const visibilitySeconds = timeoutSeconds + MARGIN_SECONDS;
    this.name = name;
    this.queueArn = queueArn;
    this.poller = new Poller({
      limit: functions.capacity(functionArn),
      fullAt: 1,
      clock,
      vacancy: () => functions.vacancy(functionArn),
      receive: (waitSeconds, signal) =>
        queues.receive(queueArn, { maxMessages: 1, waitSeconds, visibilitySeconds, signal }),
      process: ([message]) => this.attempt(message as ReceivedMessage),
      settle: (attempt) => this.settle(attempt),
      onError: ({ message }) => activity.warn(name, `asynchronous invocations: ${message}`),
    });
  }

  start(): void {
    this.poller.start();
  }

  /** Takes no more events; resolves when those that are under way are settled. */
  stop(): Promise<void> {
    return this.poller.stop();
  }

  private async attempt(message: ReceivedMessage): Promise<{ outcome: Attempt; healthy: boolean }> {
    // An event waits for its own retry; others need not wait for it.
    const healthy = true;
    if (this.ageLeftMs(message) <= 0) return { outcome: { message, result: undefined }, healthy };
    const { functions, functionArn } = this.options;
    const { messageId: requestId, traceHeader: traceId } = message;
    const result = await functions.invoke(functionArn, message.body, { requestId, traceId });
    return { outcome: { message, result }, healthy };
  }

  private async settle({ message, result }: Attempt): Promise<void> {
    const { queues, config, activity } = this.options;
    if (!result) {
      await this.end(message, result, 'EventAgeExceeded', message.receiveCount - 1);
    } else if (!result.functionError) {
      activity.event(this.name, () => `asynchronous invocation ${message.messageId.slice(0, 8)} done`);
      await this.end(message, result, 'Success', message.receiveCount);
    } else if (message.receiveCount > config.maximumRetryAttempts) {
      await this.end(message, result, 'RetriesExhausted', message.receiveCount);
    } else {
      const delaySeconds = RETRY_SECONDS[Math.min(message.receiveCount, RETRY_SECONDS.length) - 1] ?? 0;
      const leftSeconds = Math.max(0, Math.ceil(this.ageLeftMs(message) / 1000));
      const seconds = Math.min(delaySeconds, leftSeconds);
      await queues.changeVisibility(this.queueArn, message.receiptHandle, seconds);
      this.warn(message, `${summary(result.payload)}; again in ${seconds} s`);
    }
  }

  private async end(
    message: ReceivedMessage,
    result: InvocationResult | undefined,
    condition: Condition,
    attempts: number,
  ): Promise<void> {
    const { functionArn, config, queues, clock } = this.options;
    const ending: Ending = { condition, message, functionArn, attempts, result, now: clock.now() };
    const sendings = deliveries(ending, config);
    for (const { targetArn, message: outgoing } of sendings) {
      await this.deliver(targetArn, () => queues.send(targetArn, outgoing), message);
    }
    await queues.deleteMessages(this.queueArn, [message.receiptHandle]);
    if (condition !== 'Success') this.warn(message, lastWords(ending, sendings));
  }

  private async deliver(
    targetArn: string,
    send: () => Promise<unknown>,
    message: ReceivedMessage,
  ): Promise<void> {
    try {
      if (targetArn.split(':')[2] !== 'sqs') throw new Error('only queues are served here');
      await send();
    } catch (error) {
      this.warn(message, `its record is lost, ${targetArn} did not take it: ${(error as Error).message}`);
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

function lastWords(
  { condition, result, attempts }: Ending,
  sendings: readonly { targetArn: string }[],
): string {
  const reason = condition === 'EventAgeExceeded' ? 'too old' : summary(result?.payload ?? '{}');
  const targets = sendings.map(({ targetArn }) => targetArn.split(':').at(-1)).join(' and ');
  return `${reason}; given up after ${attempts} attempts, ${targets === '' ? 'discarded' : `sent to ${targets}`}`;
}
