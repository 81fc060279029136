import { HttpClient, pause, until } from '../support/load';
import type { MessageQueues } from './queues';

const CLIENTS = 16;
/** Between two messages of a client: the point is to be hit anywhere, not to be fast. */
const PAUSE_MS = 40;
const POISON_EVERY = 50;

/** What was sent and what became of it as far as the clients know. */
export interface Sent {
  /** Texts by message id: answered with 202. */
  readonly accepted: Map<string, string>;
  /** Bodies no consumer can read, accepted by the topic. */
  readonly poison: Set<string>;
  /** The same, where no answer came: the topic may have them or not. */
  readonly perhapsPoison: Set<string>;
}

/** Clients that post messages, each until it is accepted, with poison mixed in. */
export class Load {
  readonly sent: Sent = { accepted: new Map(), poison: new Set(), perhapsPoison: new Set() };
  private readonly http = new HttpClient(CLIENTS);
  private stopping = false;
  private readonly clients: Promise<void[]>;

  constructor(
    private readonly apiUrl: string,
    private readonly queues: MessageQueues,
  ) {
    this.clients = Promise.all(Array.from({ length: CLIENTS }, (_, client) => this.run(client)));
  }

  /** Resolves when every client has seen its last message accepted. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.clients;
    this.http.close();
  }

  private async run(client: number): Promise<void> {
    for (let index = 1; !this.stopping; index++) {
      if (index % POISON_EVERY === 0) await this.poison(`poison ${client}-${index}`);
      else await this.post(`message ${client}-${index}`);
      await pause(PAUSE_MS);
    }
  }

  private async post(message: string): Promise<void> {
    const messageId = await until('the message to be accepted', 60_000, async () => {
      const { status, body } = await this.http.post({
        url: `${this.apiUrl}/messages`,
        body: JSON.stringify({ message }),
        // A client that saw its connection cut cannot know whether the message was accepted.
        headers: { 'idempotency-key': message.replace(' ', '-') },
      });
      if (status === 202) return (JSON.parse(body) as { messageId: string }).messageId;
      if (![0, 500, 503].includes(status)) throw new Error(`${status} for a good message: ${body}`);
      return undefined;
    });
    this.sent.accepted.set(messageId, message);
  }

  private async poison(body: string): Promise<void> {
    try {
      await this.queues.publish(body);
      this.sent.poison.add(body);
    } catch {
      this.sent.perhapsPoison.add(body);
    }
  }
}
