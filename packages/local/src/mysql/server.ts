import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Timer } from '../clock';
import type { DatabaseServer, Reporter } from '../contracts';
import { UserError } from '../errors';
import { guard } from '../watchdog';
import { describeEngine } from './engine';
import type { Engine } from './engine';
import { readIfThere } from './files';
import type { ServerFiles } from './files';
import { ADMIN_USER, lastError } from './initialize';
import { freePort, greets } from './network';
import { serverOptions } from './options';

const START_PATIENCE_MS = 60_000;
const STOP_PATIENCE_MS = 15_000;
const POLL_MS = 5;
/** A crash-looping server is tried again after these times, the last one from then on. */
const BACKOFF_MS = [0, 250, 1_000, 3_000, 10_000];
/** A server that ran this long is healthy: its next crash starts the back-off anew. */
const HEALTHY_MS = 60_000;

export interface PrivateServerOptions {
  readonly engine: Engine;
  readonly files: ServerFiles;
  readonly password: string;
  /** Taken if it is free. */
  readonly port: number | undefined;
  readonly reporter: Reporter;
  readonly clock: Clock;
}

/** A server process of this runtime's own: started, watched, started again when it dies, stopped. */
export class PrivateServer implements DatabaseServer {
  readonly host = '127.0.0.1';
  readonly admin: DatabaseServer['admin'];
  readonly caFile: string;
  readonly description: string;
  private child: ChildProcess | undefined;
  private exited: Promise<unknown> = Promise.resolve();
  private restart: Timer | undefined;
  private stopping = false;
  private crashes = 0;
  private startedAt = 0;

  private constructor(
    private readonly options: PrivateServerOptions,
    readonly port: number,
  ) {
    this.admin = { user: ADMIN_USER, password: options.password };
    this.caFile = options.files.ca;
    this.description = describeEngine(options.engine);
  }

  /** Resolves once the server takes clients. */
  static async start(options: PrivateServerOptions): Promise<PrivateServer> {
    const server = new PrivateServer(options, await freePort(options.port));
    await server.launch();
    return server;
  }

  /** The server's process id while it runs. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.restart?.cancel();
    const child = this.child;
    if (!child) return;
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS);
    await this.exited;
    clearTimeout(impatience);
  }

  private async launch(): Promise<void> {
    const child = this.spawnServer();
    for (let waitedMs = 0; this.child === child; waitedMs += POLL_MS) {
      if (await greets(this.port)) {
        if (this.child === child)
          child.once('exit', (code, signal) => this.onCrash(signal ?? `exit code ${code}`));
        else break;
        return;
      }
      if (waitedMs > START_PATIENCE_MS) {
        child.kill('SIGKILL');
        throw new UserError(`${this.description} takes no connections; its log is ${this.options.files.log}`);
      }
      await sleep(POLL_MS);
    }
    if (this.stopping) return;
    const reason = lastError((await readIfThere(this.options.files.log)) ?? '');
    throw new UserError(
      `${this.description} does not start: ${reason}. Its log is ${this.options.files.log}; ` +
        `\`npm run reset\` begins with an empty database.`,
    );
  }

  private spawnServer(): ChildProcess {
    const { engine, files, clock } = this.options;
    const log = openSync(files.log, 'w', 0o600);
    const child = spawn(engine.binary, serverOptions(engine, files, this.port), {
      cwd: files.folder,
      // A session of its own: Ctrl-C reaches the runtime, which stops its functions before their database.
      detached: true,
      env: { PATH: process.env.PATH },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.child = child;
    this.startedAt = clock.now();
    const release = child.pid === undefined ? () => undefined : guard(child.pid, 'TERM');
    this.exited = new Promise((resolve) => {
      const onEnd = () => {
        release();
        if (this.child === child) this.child = undefined;
        resolve(undefined);
      };
      child.once('exit', onEnd);
      child.once('error', onEnd);
    });
    return child;
  }

  private onCrash(reason: string): void {
    if (this.stopping) return;
    if (this.options.clock.now() - this.startedAt > HEALTHY_MS) this.crashes = 0;
    this.scheduleRestart(`stopped unexpectedly (${reason})`);
  }

  private scheduleRestart(what: string): void {
    const { reporter, clock } = this.options;
    const delayMs = BACKOFF_MS[Math.min(this.crashes, BACKOFF_MS.length - 1)] ?? 0;
    this.crashes += 1;
    reporter.warn('mysql', `${what}; starting it again${delayMs > 0 ? ` in ${delayMs} ms` : ''}`);
    this.restart = clock.schedule(delayMs, () => {
      const begun = clock.now();
      this.launch().then(
        () => this.stopping || reporter.event('mysql', `running again after ${clock.now() - begun} ms`),
        (error: unknown) => this.stopping || this.scheduleRestart((error as Error).message),
      );
    });
  }
}
