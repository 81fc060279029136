import { Agent, request } from 'node:http';

export interface Answer {
  /** HTTP status; 0 where no answer came (connection refused or cut). */
  readonly status: number;
  readonly body: string;
}

export interface Post {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A keep-alive HTTP client of bare `node:http`: what it costs is not what is measured. */
export class HttpClient {
  private readonly agent: Agent;

  constructor(concurrency: number) {
    this.agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  }

  post(post: Post): Promise<Answer> {
    return new Promise((resolve) => {
      const outgoing = request(
        post.url,
        {
          method: 'POST',
          agent: this.agent,
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(post.body),
            ...post.headers,
          },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('end', () =>
            resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
          );
          incoming.on('error', (error) => resolve({ status: 0, body: error.message }));
        },
      );
      outgoing.on('error', (error) => resolve({ status: 0, body: error.message }));
      outgoing.end(post.body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

/** Runs `task(0) ... task(count - 1)`, `concurrency` of them at a time. */
export async function runConcurrently(
  count: number,
  concurrency: number,
  task: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, worker));
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Calls `probe` until it answers something; throws after `timeoutMs` with `what` was waited for. */
export async function until<T>(
  what: string,
  timeoutMs: number,
  probe: () => Promise<T | undefined>,
  intervalMs = 25,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await pause(intervalMs);
  }
}
