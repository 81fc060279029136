import { randomUUID } from 'node:crypto';
import type { Aws } from '../clients';
import type { Consumer } from '../consumer';
import { asError, consumer } from '../consumer';
import { MessagingError, refuse } from '../errors';
import { isWhole } from '../options';
import { Queues } from '../queues';
import { ReplyQueue } from './reply-queue';
import type { Reply, RequesterOptions, RequesterStats, RequestOptions } from './types';

const DEFAULT_TIMEOUT_MS = 30_000;
const LONGEST_TIMEOUT_MS = 3_600_000;
/** For a reply queue that is being made when the requester is closed. */
const OPENING_MS = 2_000;
/** Replies are taken so many at a time: taking one is only looking up who waits. */
const CONCURRENCY = 50;
/** Requests that timed out: so many are remembered, to tell late replies from foreign ones. */
const MOST_REMEMBERED = 10_000;

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/** Where replies come to. */
interface Replies {
  readonly name: string;
  readonly consumer: Consumer;
  close(): Promise<void>;
}

/**
 * Sends requests to one queue and gives each the reply that carries its correlation id. All of them share one reply queue.
 *
 * @example
 * const requester = messaging.requester({ queue: 'prices' });
 * const { body } = await requester.request('{"book":"0-306-40615-2"}', { timeoutMs: 5_000 });
 */
export class Requester {
  private readonly waiting = new Map<string, Waiting>();
  private readonly timedOut = new Set<string>();
  private readonly counts = { sent: 0, replied: 0, timedOut: 0, late: 0, foreign: 0 };
  private readonly queues: Queues;
  private readonly untrack: () => void;
  private replies?: Promise<Replies>;
  private closing?: Promise<void>;
  private tellClosed!: (error: Error) => void;
  /** Rejects when the requester is closed. */
  private readonly closed = new Promise<never>((_, reject) => (this.tellClosed = reject));

  /** @throws MessagingError 'invalid' or 'denied' when a name or the timeout is wrong */
  constructor(
    private readonly aws: Aws,
    private readonly options: RequesterOptions,
  ) {
    aws.checkName('queue', options.queue, 'queue');
    if (options.replyQueue !== undefined) aws.checkName('queue', options.replyQueue, 'replyQueue');
    checkTimeout(options.timeoutMs);
    this.queues = new Queues(aws);
    this.closed.catch(() => undefined);
    this.untrack = aws.track(this);
  }

  get stats(): RequesterStats {
    return { ...this.counts, inFlight: this.waiting.size };
  }

  /**
   * Sends a request and waits for its reply; where the other side failed, the reply's attribute `error` says why.
   *
   * @throws MessagingError 'timeout' when no reply came in time, 'closed' when the requester was closed meanwhile, the signal's reason,
   * and what sending throws
   */
  async request(body: string, options: RequestOptions = {}): Promise<Reply> {
    checkTimeout(options.timeoutMs);
    options.signal?.throwIfAborted();
    const { name } = await Promise.race([this.listen(), this.closed]);
    const id = randomUUID();
    const over = new AbortController();
    try {
      // Waited for before it is sent: the reply may be there before the acknowledgement.
      const reply = this.wait(id, options, over.signal);
      // A failure of the sending is what the caller learns; this one would be nobody's.
      reply.catch(() => undefined);
      const { attributes, groupId, deduplicationId } = options;
      await this.queues.send(this.options.queue, {
        body,
        attributes: { ...attributes, correlationId: id, replyTo: name },
        ...(groupId !== undefined && { groupId }),
        ...(deduplicationId !== undefined && { deduplicationId }),
      });
      this.counts.sent += 1;
      return await reply;
    } finally {
      this.waiting.delete(id);
      over.abort();
    }
  }

  /** Ends what waits with 'closed', and deletes the temporary reply queue. */
  close(): Promise<void> {
    return (this.closing ??= this.shutDown());
  }

  private async shutDown(): Promise<void> {
    const error = this.closedError();
    this.tellClosed(error);
    for (const waiting of this.waiting.values()) waiting.reject(error);
    try {
      const replies = await this.opened();
      await replies?.close();
    } finally {
      this.untrack();
    }
  }

  /** What was opened, or is within a moment: an endpoint may never answer, and a queue that is left behind is swept. */
  private async opened(): Promise<Replies | undefined> {
    const over = new AbortController();
    const late = this.aws.clock.wait(OPENING_MS, over.signal).then(
      () => undefined,
      () => undefined,
    );
    try {
      return await Promise.race([this.replies?.catch(() => undefined), late]);
    } finally {
      over.abort();
    }
  }

  private closedError(): MessagingError {
    return new MessagingError('closed', `The requester of queue "${this.options.queue}" was closed`);
  }

  private wait(id: string, { timeoutMs, signal }: RequestOptions, over: AbortSignal): Promise<Reply> {
    const ms = timeoutMs ?? this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      const abort = () => reject(asError(signal?.reason));
      signal?.addEventListener('abort', abort, { once: true });
      over.addEventListener('abort', () => signal?.removeEventListener('abort', abort), { once: true });
      this.aws.clock.wait(ms, over).then(
        () => reject(this.timeout(id, ms)),
        () => undefined,
      );
    });
  }

  private timeout(id: string, ms: number): MessagingError {
    this.counts.timedOut += 1;
    this.timedOut.add(id);
    const [oldest] = this.timedOut;
    if (this.timedOut.size > MOST_REMEMBERED && oldest !== undefined) this.timedOut.delete(oldest);
    return new MessagingError(
      'timeout',
      `No reply to a request to queue "${this.options.queue}" came within ${ms} ms`,
    );
  }

  /** The reply queue, made with the first request; a failure is not kept. */
  private listen(): Promise<Replies> {
    if (this.closing !== undefined) return Promise.reject(this.closedError());
    this.replies ??= this.open().catch((error: unknown) => {
      this.replies = undefined;
      throw error;
    });
    return this.replies;
  }

  private async open(): Promise<Replies> {
    const { queue, replyQueue } = this.options;
    // For a queue that there is not, no queue of replies is made.
    await this.aws.queueUrl(queue);
    const own = replyQueue === undefined ? await ReplyQueue.create(this.aws) : undefined;
    if (own !== undefined) void this.sweep();
    const name = own?.name ?? replyQueue!;
    const listening = consumer(this.aws, name, { concurrency: CONCURRENCY }, (message) => this.take(message));
    const close = async () => {
      await listening.stop({ graceMs: 0 });
      await own?.close();
    };
    return { name, consumer: listening, close };
  }

  private async sweep(): Promise<void> {
    try {
      await ReplyQueue.sweep(this.aws);
    } catch (error) {
      this.aws.events.emit('error', asError(error));
    }
  }

  private take(reply: Reply): Promise<void> {
    const id = String(reply.attributes['correlationId']);
    const waiting = this.waiting.get(id);
    if (waiting !== undefined) {
      this.counts.replied += 1;
      this.waiting.delete(id);
      waiting.resolve(reply);
    } else if (this.timedOut.delete(id)) this.counts.late += 1;
    else this.counts.foreign += 1;
    return Promise.resolve();
  }
}

function checkTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs === undefined || isWhole(timeoutMs, 1, LONGEST_TIMEOUT_MS)) return;
  refuse([{ field: 'timeoutMs', detail: `must be a whole number from 1 to ${LONGEST_TIMEOUT_MS}` }]);
}
