import { once } from 'node:events';
import { Script } from 'node:vm';
import { Worker } from 'node:worker_threads';
import type { EdgeCode } from './config';
import type { EdgeEvent, EdgeRequest, EdgeResponse } from './edge-event';
import { EDGE_WORKER } from './edge-worker';

/** CloudFront gives functions a millisecond of its processors; here it is what ends an endless loop, on a busy machine too. */
const TIMEOUT_MS = 2000;
const MAX_MEMORY_MB = 64;

export interface EdgeOutcome {
  readonly value: EdgeRequest | EdgeResponse;
  /** What it wrote to its console. */
  readonly lines: readonly string[];
}

/** Runs CloudFront functions, one at a time, in a thread of their own that begins with the first. */
export class EdgeFunctions {
  private worker: Promise<Worker> | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly timeoutMs = TIMEOUT_MS) {}

  /** @throws Error of the function, or for one that takes too long or returns nothing */
  run(code: EdgeCode, event: EdgeEvent): Promise<EdgeOutcome> {
    const running = this.last.then(() => this.perform(code, event));
    this.last = running.catch(() => undefined);
    return running;
  }

  /** Ends the thread; another run would begin a new one. */
  async stop(): Promise<void> {
    const worker = this.worker;
    this.worker = undefined;
    await (await worker)?.terminate();
  }

  private async perform({ code }: EdgeCode, event: EdgeEvent): Promise<EdgeOutcome> {
    this.worker ??= startWorker();
    const worker = await this.worker;
    const answer = await this.answerOf(worker, { code, event: JSON.stringify(event) });
    const { value, error, lines } = JSON.parse(answer) as Partial<EdgeOutcome> & { readonly error?: string };
    if (error !== undefined) throw new Error(error);
    if (typeof value !== 'object' || value === null) throw new Error('the function returned nothing');
    return { value, lines: lines ?? [] };
  }

  private async answerOf(worker: Worker, message: object): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<string>((resolve, reject) => {
        timer = setTimeout(() => reject(new Error('the function took too long')), this.timeoutMs);
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.once('exit', () => reject(new Error('the function was ended')));
        worker.postMessage(message);
      });
    } catch (error) {
      // Whatever it is at, the next function does not wait for it.
      await this.stop();
      throw error;
    } finally {
      clearTimeout(timer);
      for (const name of ['message', 'error', 'exit']) worker.removeAllListeners(name);
    }
  }
}

/** Why a function cannot run at all; undefined where it can. */
export function edgeCodeProblem({ code }: EdgeCode): string | undefined {
  try {
    new Script(code);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

async function startWorker(): Promise<Worker> {
  const worker = new Worker(EDGE_WORKER, {
    eval: true,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY_MB },
  });
  worker.unref();
  await once(worker, 'online');
  return worker;
}
