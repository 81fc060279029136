import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { EventMap, EventName, MessagingEvent } from './event-map';

type Arguments = { [Name in EventName]: [EventMap[Name]] };
type AnyListener = (event: MessagingEvent) => void;

/**
 * What happens to queues, topics and messages, typed by `EventMap`. Other than Node's: an `error` that nobody listens for
 * does not throw, and neither does a listener that fails: its error is an `error` event, the other listeners are called, and what
 * emitted goes on.
 *
 * @example
 * messaging.events.on('message.failed', ({ resource, receiveCount, error }) => log.warn({ resource, receiveCount, error }));
 */
export class MessagingEvents extends EventEmitter<Arguments> {
  private readonly anyListeners = new Set<AnyListener>();

  constructor(private readonly now: () => number = Date.now) {
    super();
    // One listener a consumer or an open stream is usual; Node's warning at ten would be a false alarm.
    this.setMaxListeners(0);
  }

  /** Calls `listener` with every event; answers what ends that. */
  onAny(listener: AnyListener): () => void {
    // A function of its own: the same listener twice is two, as with `on`.
    const entry: AnyListener = (event) => listener(event);
    this.anyListeners.add(entry);
    return () => void this.anyListeners.delete(entry);
  }

  /** @returns whether anybody was told */
  override emit<Name extends EventName>(name: Name, data: EventMap[Name]): boolean;
  override emit(name: EventName, ...data: never): boolean;
  override emit<Name extends EventName>(name: Name, data: EventMap[Name]): boolean {
    const listeners = this.rawListeners(name) as ((data: EventMap[Name]) => void)[];
    for (const listener of listeners) this.call(name, () => listener.call(this, data));
    if (this.anyListeners.size === 0) return listeners.length > 0;
    const event = { id: randomUUID(), name, at: new Date(this.now()), data } as MessagingEvent;
    for (const listener of [...this.anyListeners]) this.call(name, () => listener(event));
    return true;
  }

  private call(name: EventName, listener: () => unknown): void {
    try {
      listener();
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      // A listener of errors that fails would be told of its own failure for ever.
      if (name === 'error') process.emitWarning(`A listener of errors failed: ${failure.stack}`);
      else this.emit('error', failure);
    }
  }
}
