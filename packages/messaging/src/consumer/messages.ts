import type { Aws } from '../clients';
import { MessagingError } from '../errors';
import type { Consumer } from './consumer';
import type { Delivery } from './delivery';
import { Later } from './failure';
import { consumer, parsed } from './receive';
import type { ConsumedMessage, ConsumeOptions, OpenMessage } from './types';

/**
 * The queue's messages for a `for await`. Receiving begins with the first one asked for, and ends with the loop: what was not
 * done by then is given back.
 */
export function messages<Data = string>(
  aws: Aws,
  queue: string,
  options: ConsumeOptions<Data> = {},
): AsyncIterable<OpenMessage<Data>> {
  return { [Symbol.asyncIterator]: () => new OpenMessages(aws, queue, options) };
}

type Result<Data> = IteratorResult<OpenMessage<Data>, undefined>;

class OpenMessages<Data> implements AsyncIterator<OpenMessage<Data>, undefined> {
  private readonly ready: OpenMessage<Data>[] = [];
  private readonly asking: { resolve(result: Result<Data>): void; reject(error: unknown): void }[] = [];
  private consumer?: Consumer;
  private ended?: { readonly error?: unknown };

  constructor(
    private readonly aws: Aws,
    private readonly queue: string,
    private readonly options: ConsumeOptions<Data>,
  ) {}

  next(): Promise<Result<Data>> {
    this.begin();
    let message = this.ready.shift();
    // Not ours any more since it came.
    while (message?.signal.aborted) message = this.ready.shift();
    if (message !== undefined) return Promise.resolve({ done: false, value: message });
    return new Promise((resolve, reject) => {
      this.asking.push({ resolve, reject });
      if (this.ended !== undefined) this.answerAll();
    });
  }

  async return(): Promise<Result<Data>> {
    this.ended ??= {};
    this.ready.length = 0;
    this.answerAll();
    await this.consumer?.stop({ graceMs: 0 });
    return { done: true, value: undefined };
  }

  private begin(): void {
    if (this.consumer !== undefined || this.ended !== undefined) return;
    this.consumer = consumer(this.aws, this.queue, this.options, (message, delivery) =>
      this.offer(parsed(message, this.options), delivery),
    );
    this.consumer.finished.then(
      () => this.end({}),
      (error: unknown) => this.end({ error }),
    );
  }

  /** Resolves when the message is done, rejects when it is to come again. */
  private offer(message: ConsumedMessage<Data>, delivery: Delivery): Promise<void> {
    const open = new Opened(delivery);
    const value: OpenMessage<Data> = {
      ...message,
      signal: delivery.signal,
      done: () => open.done(),
      retry: (seconds) => open.retry(seconds),
    };
    const asked = this.asking.shift();
    if (asked === undefined) this.ready.push(value);
    else asked.resolve({ done: false, value });
    return open.finished;
  }

  private end(ended: { readonly error?: unknown }): void {
    this.ended ??= ended;
    // They were given back.
    this.ready.length = 0;
    this.answerAll();
  }

  private answerAll(): void {
    const error = this.ended?.error;
    for (const asked of this.asking.splice(0)) {
      if (error === undefined) asked.resolve({ done: true, value: undefined });
      else asked.reject(error);
    }
  }
}

/** A message that is one's own until it is done. */
class Opened {
  /** For the consumer: what a handler answers. */
  readonly finished: Promise<void>;
  private finish!: (failure?: Error) => void;
  private readonly settled: Promise<Error | undefined>;

  constructor(private readonly delivery: Delivery) {
    this.finished = new Promise((resolve, reject) => {
      this.finish = (failure) => (failure === undefined ? resolve() : reject(failure));
    });
    this.settled = new Promise((resolve) => (delivery.onSettled = resolve));
    const { signal } = delivery;
    signal.addEventListener('abort', () => this.finish(signal.reason as Error), { once: true });
  }

  async done(): Promise<void> {
    this.finish();
    const error = await this.settled;
    if (error !== undefined) throw this.notDone(error);
  }

  async retry(seconds?: number): Promise<void> {
    this.finish(new Later(seconds));
    await this.settled;
  }

  private notDone(cause: Error): MessagingError {
    if (cause instanceof MessagingError) return cause;
    const text = `Message "${this.delivery.messageId}" was not deleted: it is to come again`;
    return new MessagingError('conflict', text, { cause });
  }
}
