import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseServer } from '../../packages/local/src/contracts';
import { startMySql } from '../../packages/local/src/mysql';
import { until } from '../support/load';
import { processTree } from '../support/processes';
import { System } from '../support/system';
import { TcpProxy } from '../support/tcp-proxy';

const SILENT = { event: () => undefined, warn: () => undefined };

/** The system, its database server, and the network between the two: everything that can be broken. */
export class World {
  private constructor(
    readonly system: System,
    readonly database: DatabaseServer,
    readonly network: TcpProxy,
    private readonly folder: string,
  ) {}

  static async create(): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), 'aws-micro-chaos-'));
    const database = await startMySql({ dataDir: join(folder, 'mysql'), env: process.env, reporter: SILENT });
    const network = await TcpProxy.start(database.port);
    const url = new URL(`mysql://127.0.0.1:${network.port}`);
    url.username = database.admin.user;
    url.password = database.admin.password;
    if (database.caFile !== undefined) url.searchParams.set('ca', database.caFile);
    const system = new System({ dataDir: join(folder, 'data'), env: { MYSQL_URL: url.href } });
    await system.start();
    return new World(system, database, network, folder);
  }

  /** Ends the runtime's process as the system does that runs out of memory, and starts it again. */
  async killRuntime(): Promise<void> {
    await this.system.stop('SIGKILL');
    // At its start, and only then, the runtime insists on the server that MYSQL_URL names.
    await until('the database server', 60_000, () => isListening(this.database.port));
    await this.system.start();
  }

  /** Ends the database server's process; who started it starts it again. */
  killDatabase(): boolean {
    return this.kill(process.pid, (command) => /(mariadbd|mysqld) /.test(command));
  }

  /**
   * Ends one of the processes in which functions run.
   * @param choose one of several
   * @returns whether there was one
   */
  killFunction(choose: <T>(items: readonly T[]) => T): boolean {
    return this.kill(this.system.pid, (command) => command.includes('bootstrap'), choose);
  }

  async dispose(): Promise<void> {
    await this.system.dispose();
    await this.network.stop();
    await this.database.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private kill(
    root: number,
    isTarget: (command: string) => boolean,
    choose = <T>(items: readonly T[]): T => items[0]!,
  ): boolean {
    const targets = processTree(root).filter(({ command }) => isTarget(command));
    if (targets.length === 0) return false;
    try {
      process.kill(choose(targets).pid, 'SIGKILL');
      return true;
    } catch {
      // It ended by itself meanwhile.
      return false;
    }
  }
}

function isListening(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(undefined));
  });
}
