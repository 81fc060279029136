import type { Clock } from '../../clock';
import type { ReceivedMessage } from '../../contracts';
import type { Queue } from '../sqs/queue';

export interface OutboundWorkerOptions {
  readonly queue: Queue;
  readonly clock: Clock;
  /** Deliveries a second at most; undefined sets no limit. */
  readonly rate: () => number | undefined;
  /** Delivers one message and settles it in the queue. Never rejects. */
  readonly deliver: (message: ReceivedMessage, signal: AbortSignal) => Promise<void>;
  readonly onError: (error: Error) => void;
}

const CONCURRENCY = 10;
const WAIT_SECONDS = 20;
/** Longer than any attempt; a failed one sets when the next follows. */
const VISIBILITY_SECONDS = 120;
const ERROR_PAUSE_MS = 1000;

/** Takes the letters of one subscription from its queue, several at a time. */
export class OutboundWorker {
  private readonly ending = new AbortController();
  private readonly deliveries = new Set<Promise<void>>();
  private nextAt = 0;
  private running: Promise<void> | undefined;

  constructor(private readonly options: OutboundWorkerOptions) {}

  start(): void {
    this.running ??= this.listen();
  }

  /** Ends what is under way; what was not delivered stays in the queue. */
  async stop(): Promise<void> {
    this.ending.abort();
    await this.running;
    await Promise.all(this.deliveries);
  }

  private async listen(): Promise<void> {
    const { queue, deliver, onError } = this.options;
    const { signal } = this.ending;
    while (!signal.aborted) {
      try {
        if (this.deliveries.size >= CONCURRENCY) await Promise.race(this.deliveries);
        await this.pause(this.nextAt - this.options.clock.now());
        const [message] = await queue.receive({
          maxMessages: 1,
          waitSeconds: WAIT_SECONDS,
          visibilitySeconds: VISIBILITY_SECONDS,
          signal,
        });
        if (!message) continue;
        this.throttle();
        const delivery = deliver(message, signal).finally(() => this.deliveries.delete(delivery));
        this.deliveries.add(delivery);
      } catch (error) {
        onError(error as Error);
        await this.pause(ERROR_PAUSE_MS);
      }
    }
  }

  private throttle(): void {
    const rate = this.options.rate();
    if (rate !== undefined) this.nextAt = this.options.clock.now() + 1000 / rate;
  }

  private pause(milliseconds: number): Promise<void> {
    const { signal } = this.ending;
    if (milliseconds <= 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        timer.cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = this.options.clock.schedule(milliseconds, end);
      signal.addEventListener('abort', end);
    });
  }
}
