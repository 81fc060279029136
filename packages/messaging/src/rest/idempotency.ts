/** The first answer to an Idempotency-Key, as it was sent. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** What became of a key: nothing yet, its first request is still running, was answered, or had another body. */
export type KeyState =
  | { readonly kind: 'new' }
  | { readonly kind: 'running' }
  | { readonly kind: 'done'; readonly answer: StoredAnswer }
  | { readonly kind: 'other-body' };

/** Remembers answers by Idempotency-Key. `fingerprint` stands for the request's body. */
export interface IdempotencyStore {
  /** Looks the key up and, if it is new, takes it: of two requests at once one is told `new`. */
  begin(key: string, fingerprint: string): KeyState | Promise<KeyState>;
  finish(key: string, answer: StoredAnswer): void | Promise<void>;
  /** The request failed: the key is free again. */
  abandon(key: string): void | Promise<void>;
}

interface Entry {
  readonly fingerprint: string;
  readonly expiresAt: number;
  answer?: StoredAnswer;
  bytes: number;
}

export interface MemoryIdempotencyOptions {
  /** @default 3600 */
  readonly keepSeconds?: number;
  /** Keys that are remembered; the oldest answered ones are forgotten first. @default 10000 */
  readonly maxKeys?: number;
  /** Of all answers together. @default 16777216 */
  readonly maxBytes?: number;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/** Keys and answers in the memory of this process, which is as far as they reach: a second process does not know them. */
export class MemoryIdempotency implements IdempotencyStore {
  private readonly entries = new Map<string, Entry>();
  private readonly limits: Required<MemoryIdempotencyOptions>;
  private bytes = 0;

  constructor(options: MemoryIdempotencyOptions = {}) {
    this.limits = { keepSeconds: 3600, maxKeys: 10_000, maxBytes: 16_777_216, now: Date.now, ...options };
  }

  /** Keys that are remembered now. */
  get size(): number {
    return this.entries.size;
  }

  begin(key: string, fingerprint: string): KeyState {
    const known = this.entries.get(key);
    if (known !== undefined && known.expiresAt > this.limits.now()) {
      if (known.fingerprint !== fingerprint) return { kind: 'other-body' };
      return known.answer === undefined ? { kind: 'running' } : { kind: 'done', answer: known.answer };
    }
    this.abandon(key);
    const expiresAt = this.limits.now() + this.limits.keepSeconds * 1000;
    this.entries.set(key, { fingerprint, expiresAt, bytes: 0 });
    this.shrink();
    return { kind: 'new' };
  }

  finish(key: string, answer: StoredAnswer): void {
    const entry = this.entries.get(key);
    if (entry === undefined) return;
    entry.answer = answer;
    entry.bytes = Buffer.byteLength(answer.body ?? '');
    this.bytes += entry.bytes;
    this.shrink();
  }

  abandon(key: string): void {
    this.bytes -= this.entries.get(key)?.bytes ?? 0;
    this.entries.delete(key);
  }

  /** A map keeps the order of insertion. Keys whose requests are running stay: they are as many as there are requests. */
  private shrink(): void {
    for (const [key, entry] of this.entries) {
      const isOver = this.entries.size > this.limits.maxKeys || this.bytes > this.limits.maxBytes;
      if (!isOver && entry.expiresAt > this.limits.now()) return;
      if (entry.answer !== undefined) this.abandon(key);
    }
  }
}
