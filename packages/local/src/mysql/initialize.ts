import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../errors';
import { commonOptions } from './options';
import type { Engine } from './engine';
import type { ServerFiles } from './files';

export const ADMIN_USER = 'admin';

/** Makes the data directory with one account, the admin's. It appears whole or not at all. */
export async function initialize(engine: Engine, files: ServerFiles, password: string): Promise<void> {
  const draft = `${files.data}.new`;
  // mariadbd has been seen to lose a temporary table of its own scripts; a second attempt starts from nothing.
  await make(engine, draft, files, password).catch(() => make(engine, draft, files, password));
  await rename(draft, files.data);
}

async function make(engine: Engine, draft: string, files: ServerFiles, password: string): Promise<void> {
  await rm(draft, { recursive: true, force: true });
  if (engine.flavor === 'mariadb') await initializeMariaDb(engine, draft, password);
  else await initializeMySql(engine, draft, files, password);
}

/** Feeds the system tables to the server itself: `mariadb-install-db` needs programs that its package does not bring. */
async function initializeMariaDb(engine: Engine, draft: string, password: string): Promise<void> {
  const scripts = await systemTableScripts(engine);
  const tables = await Promise.all(scripts.map((script) => readFile(script, 'utf8')));
  const sql = ['create database mysql;\nuse mysql;', ...tables, 'flush privileges;', ...adminSql(password)];
  await mkdir(draft, { mode: 0o700 });
  await run(
    engine,
    [...commonOptions(engine, draft), '--bootstrap', '--innodb-flush-log-at-trx-commit=0'],
    sql,
  );
}

async function initializeMySql(
  engine: Engine,
  draft: string,
  files: ServerFiles,
  password: string,
): Promise<void> {
  const initFile = join(files.folder, 'initialize.sql');
  const lockRoot = `ALTER USER 'root'@'localhost' IDENTIFIED BY '${password}' ACCOUNT LOCK;`;
  await writeFile(initFile, [...adminSql(password), lockRoot, ''].join('\n'), { mode: 0o600 });
  try {
    const options = commonOptions(engine, draft);
    await run(engine, [...options, '--initialize-insecure', `--init-file=${initFile}`], []);
  } finally {
    await rm(initFile);
  }
}

/** The password is base64url: nothing in it needs escaping. */
function adminSql(password: string): string[] {
  return [
    `CREATE USER '${ADMIN_USER}'@'%' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO '${ADMIN_USER}'@'%' WITH GRANT OPTION;`,
  ];
}

/** MariaDB 11 renamed the scripts; distributions differ in the folder. */
async function systemTableScripts(engine: Engine): Promise<string[]> {
  const prefix = dirname(dirname(await realpath(engine.binary)));
  const shares = [join(prefix, 'share'), '/usr/share', '/usr/local/share'];
  const folders = shares.flatMap((share) => [join(share, 'mariadb'), join(share, 'mysql'), share]);
  for (const folder of folders) {
    for (const name of ['mariadb', 'mysql']) {
      const scripts = ['system_tables', 'performance_tables'].map((part) =>
        join(folder, `${name}_${part}.sql`),
      );
      if (scripts.every((script) => existsSync(script))) return scripts;
    }
  }
  throw new UserError(
    `${engine.binary} comes without its system tables (looked for mariadb_system_tables.sql and ` +
      `mysql_system_tables.sql in ${folders.join(', ')}). Install the whole package, or set MYSQL_URL.`,
  );
}

function run(engine: Engine, options: string[], sql: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(engine.binary, options, {
      env: { PATH: process.env.PATH },
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-20_000)));
    child.stdin.on('error', () => undefined);
    child.stdin.end(sql.join('\n') + '\n');
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new UserError(`${engine.binary} could not make its data directory: ${lastError(output)}`));
    });
  });
}

/** The line of a server's log that says why it gave up. */
export function lastError(log: string): string {
  const lines = log.split('\n').filter((line) => /\[ERROR\]|^ERROR/.test(line) && !line.includes('Aborting'));
  const line = lines[0] ?? log.trim().split('\n').at(-1) ?? '';
  return line.replace(/^.*?\[ERROR\] /, '').trim() || 'it gave no reason';
}
