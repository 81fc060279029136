import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createConnection, type Connection } from 'mysql2/promise';
import { until } from './load';
import { freePort } from './ports';
import { leaveSynth, newDataDir, takeSynth } from './shared-synth';

const projectDir = join(__dirname, '..', '..');

export interface SystemOptions {
  /** Where the system keeps its data. @default a new temporary folder, removed by `dispose` */
  readonly dataDir?: string;
  /** Start it by `npm start`, as the README says, instead of the script behind it. @default false */
  readonly npm?: boolean;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

interface RuntimeState {
  readonly pid: number;
  readonly database: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly caFile?: string;
    readonly name?: string;
  };
}

/** The whole system as a user starts it, in a child process with data of its own. */
export class System {
  readonly dataDir: string;
  private readonly ownsData: boolean;
  private readonly options: SystemOptions;
  private child: ChildProcess | undefined;
  private database: RuntimeState['database'] | undefined;
  private port = 0;
  private awsPort = 0;
  /** Everything that the running process printed. */
  output = '';

  constructor(options: SystemOptions = {}) {
    this.options = options;
    this.ownsData = options.dataDir === undefined;
    this.dataDir = options.dataDir ?? newDataDir();
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get awsUrl(): string {
    return `http://127.0.0.1:${this.awsPort}`;
  }

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error('the system does not run');
    return this.child.pid;
  }

  /** Starts the process and waits until it says that it is ready. Ports stay the same over restarts. */
  async start(): Promise<void> {
    this.port ||= await freePort();
    this.awsPort ||= await freePort();
    takeSynth(this.dataDir);
    this.launch();
    await this.ready();
    leaveSynth(this.dataDir);
  }

  /** Resolves when the started process says that it runs. */
  async ready(): Promise<void> {
    await until('the system to be ready', 120_000, () => {
      if (this.child?.exitCode !== null) throw new Error(`the system ended at its start:\n${this.output}`);
      return Promise.resolve(this.output.includes('runs here') ? true : undefined);
    });
    this.database = this.state().database;
  }

  /** Starts the process without waiting for it. */
  launch(): void {
    const { npm = false, env } = this.options;
    const [command, args] = npm
      ? ['npm', ['start', '--silent', '--']]
      : [process.execPath, ['--max-semi-space-size=4', 'bin/start.mjs']];
    this.output = '';
    const child = spawn(command, [...args, '--data', this.dataDir], {
      cwd: projectDir,
      env: { ...process.env, PORT: String(this.port), AWS_PORT: String(this.awsPort), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const collect = (chunk: Buffer): void => void (this.output += chunk.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    this.child = child;
  }

  /** Ends the process with `signal` and waits for its end; answers its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill(signal);
    return ended;
  }

  /** A connection of the database's administrator: not the one that functions use, and not over the runtime. */
  async connectToDatabase(): Promise<Connection> {
    if (this.database === undefined) throw new Error('the system has never been ready');
    const { caFile, name: database, ...server } = this.database;
    return createConnection({
      ...server,
      database,
      ssl: caFile === undefined ? undefined : { ca: readFileSync(caFile) },
    });
  }

  /** What the running process tells other programs of itself. */
  state(): RuntimeState {
    return JSON.parse(readFileSync(join(this.dataDir, 'owner.json'), 'utf8')) as RuntimeState;
  }

  async dispose(): Promise<void> {
    await this.stop();
    // Where npm was stopped, the runtime below it stops a moment later.
    if (this.ownsData)
      rmSync(dirname(this.dataDir), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
