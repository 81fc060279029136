import type { Messaging } from '../messaging';
import type { Reply, RequestOptions, Requester } from '../requests';

/** How long a queue's requester, and with it the temporary queue of its replies, stays after the last request. */
const IDLE_MS = 60_000;

interface Held {
  readonly requester: Requester;
  running: number;
  idle: NodeJS.Timeout | undefined;
}

/** One requester a queue: requests over two queues share the queue of the replies. */
export class Requesters {
  private readonly held = new Map<string, Held>();

  constructor(private readonly messaging: Messaging) {}

  /** @throws MessagingError 'timeout' and all that sending throws */
  async request(queue: string, body: string, options: RequestOptions): Promise<Reply> {
    const held = this.hold(queue);
    try {
      return await held.requester.request(body, options);
    } finally {
      this.release(queue, held);
    }
  }

  private hold(queue: string): Held {
    const held = this.held.get(queue) ?? {
      requester: this.messaging.requester({ queue }),
      running: 0,
      idle: undefined,
    };
    this.held.set(queue, held);
    held.running += 1;
    clearTimeout(held.idle);
    return held;
  }

  private release(queue: string, held: Held): void {
    held.running -= 1;
    if (held.running > 0) return;
    held.idle = setTimeout(() => this.close(queue, held), IDLE_MS);
    held.idle.unref();
  }

  /** What fails is left to the next requester, which sweeps queues that were left behind. */
  private close(queue: string, { requester }: Held): void {
    this.held.delete(queue);
    requester.close().catch(() => undefined);
  }
}
