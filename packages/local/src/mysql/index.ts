import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Clock } from '../clock';
import { systemClock } from '../clock';
import type { DatabaseServer, Reporter } from '../contracts';
import { UserError } from '../errors';
import { ensureCertificates } from './certificates';
import { downloadedBinary, downloadServer } from './download';
import { findEngines, inspect, recall } from './engine';
import type { Engine, Flavor } from './engine';
import { connectExternal } from './external';
import { openFolder, readState, writeState } from './files';
import type { ServerFiles } from './files';
import { initialize } from './initialize';
import { installServer } from './install';
import type { Environment } from './install';
import { endLeftover } from './leftover';
import { PrivateServer } from './server';

export interface MySqlOptions {
  /** Folder of the private server; made if it is missing. */
  readonly dataDir: string;
  /** MYSQL_URL names a server; PATH is searched for one; AWS_MICRO_INSTALL=never forbids to install or download one. */
  readonly env: Environment;
  /** Searched after PATH. @default where packages put servers */
  readonly folders?: readonly string[];
  readonly reporter: Reporter;
  /** @default systemClock */
  readonly clock?: Clock;
}

/**
 * A MySQL-compatible server, by the first of these ways that there is: the one that MYSQL_URL names; a private one from
 * `mariadbd` or `mysqld` on this machine; the same after an installation by the system's package manager, or a download.
 *
 * @throws UserError in one line with the remedy
 */
export async function startMySql(options: MySqlOptions): Promise<DatabaseServer> {
  const { env, reporter, clock = systemClock } = options;
  if (env.MYSQL_URL) return connectExternal(env.MYSQL_URL);
  const files = await openFolder(resolve(options.dataDir));
  const state = await readState(files);
  if (await endLeftover(files, state.ownerPid)) {
    reporter.event('mysql', 'stopped the server that an earlier run left behind');
  }
  const initialized = existsSync(files.data);
  const flavor = initialized ? state.engine?.flavor : undefined;
  const engine = (await recall(state.engine)) ?? (await obtain(files, flavor, options));
  await ensureCertificates(files, clock);
  // Before the start: a process that finds this server must see that its owner is alive.
  await writeState(files, { ...state, engine, ownerPid: process.pid });
  if (!initialized) {
    reporter.event('mysql', `making an empty database in ${files.folder}`);
    await initialize(engine, files, state.password);
  }
  const { password, port } = state;
  const server = await PrivateServer.start({ engine, files, password, port, reporter, clock });
  if (server.port !== port) {
    await writeState(files, { ...state, engine, ownerPid: process.pid, port: server.port });
  }
  return server;
}

/** @param flavor whose data there is; another's server could not read it */
async function obtain(
  files: ServerFiles,
  flavor: Flavor | undefined,
  { env, reporter, folders }: MySqlOptions,
): Promise<Engine> {
  const found = await search(files, env, folders);
  const fitting = choose(found, flavor);
  if (fitting) return fitting;
  const refusals: string[] = [];
  const mayInstall = env.AWS_MICRO_INSTALL !== 'never';
  for (const [way, attempt] of [
    ['installing MariaDB', () => installServer(env, reporter)],
    ['downloading MySQL', () => downloadServer(files, reporter)],
  ] as const) {
    const refusal = mayInstall ? await attempt() : 'AWS_MICRO_INSTALL forbids it';
    const engine = refusal === undefined ? choose(await search(files, env, folders), flavor) : undefined;
    if (engine) return engine;
    refusals.push(`${way}: ${refusal ?? 'it brought no server that fits'}`);
  }
  throw new UserError(noServer(found, flavor, refusals));
}

async function search(
  files: ServerFiles,
  env: Environment,
  folders: readonly string[] | undefined,
): Promise<Engine[]> {
  const downloaded = await inspect(downloadedBinary(files));
  return [...(await findEngines(env.PATH, folders)), ...(downloaded ? [downloaded] : [])];
}

function choose(engines: readonly Engine[], flavor: Flavor | undefined): Engine | undefined {
  return flavor === undefined ? engines[0] : engines.find((engine) => engine.flavor === flavor);
}

function noServer(found: readonly Engine[], flavor: Flavor | undefined, refusals: readonly string[]): string {
  const missing =
    flavor !== undefined && found.length > 0
      ? `The database here was made by ${flavor}, and only ${found[0]?.binary} is on this machine ` +
        `(\`npm run reset\` begins with an empty database)`
      : 'No MySQL-compatible server: neither mariadbd (10.5 or newer) nor mysqld (8.0 or newer) is on this machine';
  return (
    `${missing}; ${refusals.join('; ')}. Install MariaDB (Debian, Ubuntu: sudo apt-get install mariadb-server-core; ` +
    `macOS: brew install mariadb), or set MYSQL_URL=mysql://user:password@127.0.0.1:3306.`
  );
}
