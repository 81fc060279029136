import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { type Connection, createConnection } from 'mysql2/promise';
import { systemClock } from '../../packages/local/src/clock';
import { ConsoleReporter } from '../../packages/local/src/reporter';
import { type Running, up } from '../../packages/local/src/up';
import { ManualClock } from '../../packages/local/test/support/manual-clock';
import { pause, until } from './load';
import { leaveSynth, newDataDir, takeSynth } from './shared-synth';

const projectDir = join(__dirname, '..', '..');

interface Owner {
  readonly url: string;
  readonly awsEndpoint: string;
  readonly database: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly caFile?: string;
    readonly name?: string;
  };
}

/**
 * The whole system in this process, on a clock that a test moves: five minutes pass in no time. Functions and the database
 * are real processes; what they do takes the time it takes.
 */
export class ClockedSystem {
  readonly clock = new ManualClock(Date.now());
  readonly dataDir = newDataDir();
  /** Everything that was printed. */
  output = '';
  private running: Running | undefined;

  async start(): Promise<void> {
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.output += chunk.toString();
        done();
      },
    });
    takeSynth(this.dataDir);
    this.running = await up(
      {
        folder: projectDir,
        dataFolder: this.dataDir,
        port: { port: 0, by: '--port' },
        awsPort: { port: 0, by: '--aws-port' },
        fresh: false,
        environment: process.env,
        clock: this.clock,
      },
      new ConsoleReporter({ stream, clock: systemClock }),
      new AbortController().signal,
    );
    leaveSynth(this.dataDir);
  }

  get owner(): Owner {
    return JSON.parse(readFileSync(join(this.dataDir, 'owner.json'), 'utf8')) as Owner;
  }

  /** A connection of the database's administrator. */
  async connectToDatabase(): Promise<Connection> {
    const { caFile, name: database, ...server } = this.owner.database;
    const ssl = caFile === undefined ? undefined : { ca: readFileSync(caFile) };
    return createConnection({ ...server, database, ssl });
  }

  /** Moves the time by `stepSeconds` again and again, whenever no function runs, until `probe` answers something. */
  async passTimeUntil<T>(what: string, stepSeconds: number, probe: () => Promise<T | undefined>): Promise<T> {
    return until(what, 60_000, async () => {
      const found = await probe();
      if (found === undefined && (await this.isQuiet())) this.clock.advanceSeconds(stepSeconds);
      return found;
    });
  }

  /** What a function has just done, or is about to do, takes a moment to be an invocation or a deleted message. */
  private async isQuiet(): Promise<boolean> {
    for (let probe = 0; probe < 5; probe++) {
      if (this.running?.activeInvocations !== 0) return false;
      await pause(20);
    }
    return true;
  }

  async dispose(): Promise<void> {
    await this.running?.stop();
    rmSync(dirname(this.dataDir), { recursive: true, force: true });
  }
}
