import type { Messaging } from '../messaging';
import { Cached, within } from './cached';

const CACHE_MS = 5000;
const PATIENCE_MS = 3000;

export interface Readiness {
  readonly ready: boolean;
  /** Why not. */
  readonly reason?: string;
}

/** Whether requests can be served: AWS answers, and the server is not about to stop. */
export class Health {
  /** Set when the server begins to stop. */
  isStopping = false;
  private readonly aws: Cached<Readiness>;

  constructor(private readonly messaging: Messaging) {
    this.aws = new Cached(() => this.askAws(), CACHE_MS);
  }

  async readiness(): Promise<Readiness> {
    if (this.isStopping) return { ready: false, reason: 'the server is stopping' };
    return (await within(PATIENCE_MS, this.aws.get())) ?? { ready: false, reason: 'AWS does not answer' };
  }

  private async askAws(): Promise<Readiness> {
    try {
      // Asked once: needs no permission, and fails without valid credentials.
      await this.messaging.identity();
      await this.messaging.queues.list({ limit: 1 });
      return { ready: true };
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      // Whoever may not list may still send.
      if (code === 'denied' && (await this.isKnown())) return { ready: true };
      return { ready: false, reason: message };
    }
  }

  private async isKnown(): Promise<boolean> {
    return this.messaging.identity().then(
      () => true,
      () => false,
    );
  }
}
