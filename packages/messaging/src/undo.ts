import type { MessagingEvents } from './events';

/** What was made on the way to something that then failed, and how it is taken back. */
export class Undo {
  private readonly steps: (() => Promise<unknown>)[] = [];

  /** Remembers how to take back what was just made. */
  add(step: () => Promise<unknown>): void {
    this.steps.push(step);
  }

  /** The work's result; when it fails, what it made is taken back, the last first. What cannot be is an `error` event. */
  static async around<T>(events: MessagingEvents, work: (undo: Undo) => Promise<T>): Promise<T> {
    const undo = new Undo();
    try {
      return await work(undo);
    } catch (error) {
      for (const step of undo.steps.reverse()) {
        await step().catch((failure: Error) => events.emit('error', failure));
      }
      throw error;
    }
  }
}
