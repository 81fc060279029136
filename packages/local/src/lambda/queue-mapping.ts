import type { Clock } from '../clock';
import type { QueueConsumer, QueueMappingConfig, ReceivedMessage } from '../contracts';
import type { Activity } from '../engine/activity';
import { inGroupOrder, readBatchResponse } from './batch-result';
import type { BatchResult } from './batch-result';
import { summary } from './errors';
import { EventFilter } from './event-filter';
import type { Functions } from './functions';
import { isFifo } from './mapping-rules';
import { Poller } from './poller';
import { MAX_EVENT_BYTES, sqsEvent } from './sqs-event';
import type { EventBatch } from './sqs-event';

export interface QueueMappingOptions {
  readonly config: QueueMappingConfig;
  readonly functions: Functions;
  readonly queues: QueueConsumer;
  readonly clock: Clock;
  readonly activity: Activity;
}

/**
 * An event source mapping from a queue to a function: batches of what is there, deleted once the function has dealt with them.
 * What fails stays hidden until its visibility timeout ends, and is the queue's to redrive. The messages of a FIFO queue's group
 * come in order: while some of them are in flight, the queue gives no others.
 */
export class QueueMapping {
  private readonly poller: Poller<ReceivedMessage, readonly ReceivedMessage[]>;
  private readonly queueName: string;
  private readonly filter: EventFilter;

  constructor(private readonly options: QueueMappingOptions) {
    const { config, functions, activity, clock } = options;
    this.filter = new EventFilter(config.filterPatterns ?? [], config.queueArn);
    this.queueName = config.queueArn.split(':').at(-1) ?? '';
    this.poller = new Poller({
      limit: Math.min(config.maximumConcurrency ?? Infinity, functions.capacity(config.functionName)),
      fullAt: config.batchSize,
      clock,
      vacancy: () => functions.vacancy(config.functionName),
      receive: (waitSeconds, signal) => this.collect(waitSeconds, signal),
      process: (messages) => this.process(messages),
      settle: (done) => this.remove(done),
      onError: ({ message }) => activity.warn(config.functionName, `${this.queueName}: ${message}`),
    });
  }

  start(): void {
    if (this.options.config.enabled) this.poller.start();
  }

  /** Takes no more messages; resolves when the batches that are under way are settled. */
  stop(): Promise<void> {
    return this.poller.stop();
  }

  /** A batch: what is there at once, or what comes until the window closes or an event is full. */
  private async collect(waitSeconds: number, signal: AbortSignal): Promise<ReceivedMessage[]> {
    const { config, queues, clock } = this.options;
    const { queueArn, batchSize, functionName: consumer } = config;
    const messages = await queues.receive(queueArn, {
      maxMessages: batchSize,
      waitSeconds,
      consumer,
      signal,
    });
    const closesAt = clock.now() + config.batchWindowSeconds * 1000;
    let bytes = sizeOf(messages);
    while (messages.length > 0 && messages.length < batchSize && bytes < MAX_EVENT_BYTES && !signal.aborted) {
      const leftSeconds = (closesAt - clock.now()) / 1000;
      if (leftSeconds <= 0) break;
      const maxMessages = batchSize - messages.length;
      const options = { maxMessages, waitSeconds: leftSeconds, consumer, signal };
      const more = await queues.receive(queueArn, options);
      messages.push(...more);
      bytes += sizeOf(more);
    }
    return messages;
  }

  private async process(
    messages: readonly ReceivedMessage[],
  ): Promise<{ outcome: readonly ReceivedMessage[]; healthy: boolean }> {
    const wanted: ReceivedMessage[] = [];
    // What no filter wants is deleted, as on AWS.
    const outcome: ReceivedMessage[] = [];
    for (const message of messages) (this.filter.accepts(message) ? wanted : outcome).push(message);
    if (outcome.length > 0) this.reportUnwanted(outcome.length);
    // A function that reports bad messages is well itself: good ones that come behind them need not wait.
    let healthy = wanted.length === 0;
    let left = wanted;
    while (left.length > 0) {
      const batch = sqsEvent(left, this.options.config.queueArn);
      const result = await this.invoke(batch);
      outcome.push(...result.done);
      healthy ||= result.complaint === undefined;
      this.report(batch, result);
      left = this.afterwards(left.slice(batch.messages.length), result);
    }
    return { outcome, healthy };
  }

  /** Behind a failed message of its group none is handed to the function. */
  private afterwards(left: ReceivedMessage[], { failed }: BatchResult): ReceivedMessage[] {
    if (!isFifo(this.options.config) || failed.length === 0) return left;
    const groups = new Set(failed.map(({ groupId }) => groupId));
    return left.filter(({ groupId }) => !groups.has(groupId));
  }

  private async invoke({ payload, messages }: EventBatch): Promise<BatchResult> {
    const { config, functions } = this.options;
    const result = await functions.invoke(config.functionName, payload, {
      traceId: messages[0]?.traceHeader,
      messageIds: messages.map(({ messageId }) => messageId),
    });
    if (result.functionError) return { done: [], failed: messages, complaint: summary(result.payload) };
    if (!config.reportBatchItemFailures) return { done: messages, failed: [] };
    const answer = readBatchResponse(result.payload, messages);
    return isFifo(config) ? inGroupOrder(answer, messages) : answer;
  }

  private async remove(done: readonly ReceivedMessage[]): Promise<void> {
    if (done.length === 0) return;
    const handles = done.map(({ receiptHandle }) => receiptHandle);
    await this.options.queues.deleteMessages(this.options.config.queueArn, handles);
  }

  private reportUnwanted(count: number): void {
    const { activity, config } = this.options;
    activity.event(config.functionName, () => `${count} from ${this.queueName} filtered out`);
  }

  private report({ messages }: EventBatch, { failed, complaint }: BatchResult): void {
    const { activity, config } = this.options;
    const text = () => `${messages.length} from ${this.queueName}`;
    if (failed.length === 0) activity.event(config.functionName, text);
    else
      activity.warn(
        config.functionName,
        `${text()}, ${failed.length} failed${complaint ? `: ${complaint}` : ''}`,
      );
  }
}

/** Bytes of the bodies; an event is larger by what JSON adds. */
function sizeOf(messages: readonly ReceivedMessage[]): number {
  return messages.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
}
