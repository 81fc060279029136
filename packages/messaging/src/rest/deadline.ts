import { Problem } from './problem';

/** The time that a request has; it ends, too, when the client goes away. */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly ended: Promise<never>;
  private readonly onGone = () => this.end(new Problem('client-closed', 'The client went away.'));
  private end!: (problem: Problem) => void;

  constructor(
    seconds: number,
    private readonly client: AbortSignal,
  ) {
    this.ended = new Promise((_, reject) => {
      this.end = (problem) => {
        reject(problem);
        this.controller.abort(problem);
      };
    });
    // Whoever waits handles it; nobody may be waiting any more.
    this.ended.catch(() => undefined);
    this.timer = setTimeout(() => this.end(timeout(seconds)), seconds * 1000);
    client.addEventListener('abort', this.onGone);
    if (client.aborted) this.onGone();
  }

  /** For what can be called off. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The work's result, unless the time is over before; the work itself may go on. */
  race<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.ended]);
  }

  clear(): void {
    clearTimeout(this.timer);
    this.client.removeEventListener('abort', this.onGone);
  }
}

function timeout(seconds: number): Problem {
  return new Problem('timeout', `There was no answer within ${seconds} s; what was asked may still be done.`);
}
