import { createHash, randomBytes } from 'node:crypto';

const LIFETIME_MS = 30_000;
const MAX_TICKETS = 10_000;

/** What a ticket is good for. */
export interface Ticket<T> {
  readonly ticket: string;
  readonly expiresAt: Date;
  readonly holder: T;
}

/**
 * One-time tickets for those that cannot send headers: `EventSource` and links. They live for 30 seconds, so that one in a log of a
 * proxy is worth nothing.
 */
export class Tickets<T> {
  /** In the order of their end. */
  private readonly open = new Map<string, { readonly holder: T; readonly expiresAt: number }>();

  constructor(private readonly now: () => number = Date.now) {}

  issue(holder: T): Ticket<T> {
    this.sweep();
    const [oldest] = this.open.keys();
    if (this.open.size >= MAX_TICKETS && oldest !== undefined) this.open.delete(oldest);
    const ticket = randomBytes(24).toString('base64url');
    const expiresAt = this.now() + LIFETIME_MS;
    this.open.set(digest(ticket), { holder, expiresAt });
    return { ticket, expiresAt: new Date(expiresAt), holder };
  }

  /** Whose it is; undefined for one that is unknown, was used, or is too old. */
  redeem(ticket: string): T | undefined {
    const key = digest(ticket);
    const found = this.open.get(key);
    this.open.delete(key);
    return found !== undefined && found.expiresAt > this.now() ? found.holder : undefined;
  }

  private sweep(): void {
    for (const [key, { expiresAt }] of this.open) {
      if (expiresAt > this.now()) return;
      this.open.delete(key);
    }
  }
}

/** Looked up by hash: how long that takes says nothing about the ticket. */
function digest(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64');
}
