import { hash } from 'node:crypto';
import type { Clock } from '../../clock';
import type { Accepted } from './accepted-ring';
import { AcceptedRing } from './accepted-ring';
import type { Operation, Store } from '../store';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html */
const WINDOW_MS = 300_000;
const SWEEP_MS = 60_000;
const KEYS = 'd!';
// 132 bits of the digest: no two ids of one window will ever share them.
const DIGEST_CHARACTERS = 22;

/** `MessageDeduplicationId` of a message without one, where the queue or topic deduplicates by content. */
export function contentDeduplicationId(body: string): string {
  return hash('sha256', body, 'hex');
}

/** As SQS and SNS show it: 20 digits, in the order in which the messages were accepted. */
export function sequenceNumber(sequence: number): string {
  return `1${String(sequence).padStart(19, '0')}`;
}

/**
 * The deduplication ids of the last 5 minutes, of all FIFO queues and topics. Durable: the operation of `remember` belongs into
 * the batch that writes the message. In memory is what came within the window and nothing else.
 */
export class DeduplicationWindow {
  /** From the id's digest to the answer's number, in the order of time, since the window is the same for all. */
  private readonly ids = new Map<string, number>();
  private readonly answers = new AcceptedRing();
  private sweeping = false;

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  async restore(): Promise<void> {
    await this.store.clearRange(KEYS, this.keyUntil(this.clock.now()));
    for await (const page of this.store.pages(KEYS)) {
      for (const [key, value] of page) {
        const [, until, digest] = key.split('!') as [string, string, string];
        const [messageId, sequence] = value.split(',') as [string, string];
        const accepted = { messageId, sequence: Number(sequence) };
        this.ids.set(copyOf(digest), this.answers.add(accepted, parseInt(until, 36)));
      }
    }
    this.sweepLater();
  }

  /**
   * The message that was accepted under this id in the last 5 minutes.
   * @param scope names the queue or topic, and with `messageGroup` scope the group too; see `deduplicationScope()`.
   */
  find(scope: string, id: string): Accepted | undefined {
    const found = this.ids.get(digestOf(scope, id));
    if (found === undefined || this.answers.endOf(found) <= this.clock.now()) return undefined;
    return this.answers.get(found);
  }

  /**
   * Remembers a message before it is written, so that a duplicate on its heels is seen. Commit the operation together with the
   * message, and at once: the answer to a duplicate waits for the same write if it is committed later.
   */
  remember(scope: string, id: string, accepted: Accepted): Operation {
    const digest = digestOf(scope, id);
    const until = this.clock.now() + WINDOW_MS;
    // What is there has ended; set anew it would keep its old place.
    this.ids.delete(digest);
    this.ids.set(digest, this.answers.add(accepted, until));
    this.sweepLater();
    const value = `${accepted.messageId},${accepted.sequence}`;
    return { type: 'put', key: `${this.keyUntil(until)}${digest}`, value };
  }

  private sweepLater(): void {
    if (this.sweeping || this.ids.size === 0) return;
    this.sweeping = true;
    this.clock.schedule(SWEEP_MS, () => {
      this.sweeping = false;
      this.sweep();
      this.sweepLater();
    });
  }

  private sweep(): void {
    const now = this.clock.now();
    for (const [digest, answer] of this.ids) {
      if (this.answers.endOf(answer) > now) break;
      this.ids.delete(digest);
      this.answers.forget(answer);
    }
    // What a crash or a closing store leaves behind is cleared by the next start.
    this.store.clearRange(KEYS, this.keyUntil(now + 1)).catch(() => undefined);
  }

  private keyUntil(until: number): string {
    return `${KEYS}${until.toString(36).padStart(9, '0')}!`;
  }
}

/**
 * The scope in which ids are compared.
 * @param owner is unique for ever: a queue or topic created again under the same name starts with an empty window.
 * @param group with `DeduplicationScope` or `FifoThroughputScope` by message group: the group's id.
 */
export function deduplicationScope(owner: string, group?: string): string {
  return group === undefined ? owner : `${owner}/${group}`;
}

/** A part of a string keeps the whole of it in memory. */
function copyOf(part: string): string {
  return Buffer.from(part, 'latin1').toString('latin1');
}

function digestOf(scope: string, id: string): string {
  return hash('sha256', `${scope}\n${id}`, 'base64url').slice(0, DIGEST_CHARACTERS);
}
