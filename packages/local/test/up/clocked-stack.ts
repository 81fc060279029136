import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { systemClock } from '../../src/clock';
import { ConsoleReporter } from '../../src/reporter';
import { up } from '../../src/up';
import type { Running } from '../../src/up';
import { ManualClock } from '../support/manual-clock';
import type { TestProject } from './support';

/** A project's stack in this process, on a clock that the test moves. Functions are real processes. */
export class ClockedStack {
  readonly clock = new ManualClock();
  /** Everything that was printed. */
  output = '';
  private running: Running | undefined;

  constructor(private readonly project: TestProject) {}

  async start(): Promise<void> {
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.output += chunk.toString();
        done();
      },
    });
    const free = { port: 0, by: '--port' };
    this.running = await up(
      {
        folder: this.project.folder,
        port: free,
        awsPort: free,
        fresh: false,
        reload: false,
        prewarm: 0,
        environment: {},
        clock: this.clock,
      },
      new ConsoleReporter({ stream, clock: systemClock }),
      new AbortController().signal,
    );
  }

  /** URL of the AWS endpoint. */
  get endpoint(): string {
    const owner = readFileSync(join(this.project.folder, '.aws-micro', 'owner.json'), 'utf8');
    return (JSON.parse(owner) as { awsEndpoint: string }).awsEndpoint;
  }

  /** Invocations that run or wait to. */
  get activeInvocations(): number {
    return this.running?.activeInvocations ?? 0;
  }

  async stop(): Promise<void> {
    await this.running?.stop();
    this.running = undefined;
  }
}
