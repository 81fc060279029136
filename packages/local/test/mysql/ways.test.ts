import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { startMySql } from '../../src/mysql';
import { findEngines, inspect } from '../../src/mysql/engine';
import { openFolder, readState, writeState } from '../../src/mysql/files';
import { Lines } from '../support/lines';
import { connectAsAdmin, temporaryFolder } from './support';

let folder: string;
const reporter = new Lines();

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterAll(() => rm(folder, { recursive: true }));

const startWith = (mysqlUrl: string) =>
  startMySql({ dataDir: join(folder, 'unused'), env: { MYSQL_URL: mysqlUrl }, reporter });

describe('MYSQL_URL', () => {
  test.each([
    [
      'nonsense',
      'MYSQL_URL is not a URL; it has the form mysql://user:password@host:port[?ca=/path/to/ca.pem]',
    ],
    ['postgres://a:secret@127.0.0.1/', 'MYSQL_URL begins with "postgres:"'],
    ['mysql://127.0.0.1:3306', 'MYSQL_URL names no user'],
    ['mysql://a:secret@127.0.0.1?tls=1', 'MYSQL_URL has the parameter "tls"; only `ca` is known'],
    ['mysql://a:secret@db.example.com', 'MYSQL_URL names db.example.com without `ca`'],
    ['mysql://a:secret@10.0.0.5', 'passwords would travel unencrypted'],
    ['mysql://a:secret@127.0.0.1.example.com', 'passwords would travel unencrypted'],
    [
      'mysql://a:secret@db.example.com?ca=/nowhere/ca.pem',
      'cannot read the certificate file /nowhere/ca.pem',
    ],
  ])('%s is refused in one line without the password', async (url, reason) => {
    const error = await startWith(url).then(String, (failure: Error) => failure);
    expect(error).toMatchObject({ name: 'UserError', message: expect.stringContaining(reason) as string });
    expect((error as Error).message).not.toMatch(/secret|\n/);
  });

  test('where nothing listens the error says what to do', async () => {
    const port = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const free = (server.address() as { port: number }).port;
        server.close(() => resolve(free));
      });
    });
    await expect(startWith(`mysql://a:secret@127.0.0.1:${port}`)).rejects.toThrow(
      `MYSQL_URL: cannot connect to 127.0.0.1:${port} as a: connect ECONNREFUSED 127.0.0.1:${port}. ` +
        'Start that server or correct MYSQL_URL; without it a private server is started here.',
    );
  });

  test('a server is used with its certificate, or plain on this machine', async () => {
    const own = await startMySql({ dataDir: join(folder, 'own'), env: { PATH: process.env.PATH }, reporter });
    const admin = await connectAsAdmin(own);
    try {
      const base = `mysql://admin:${own.admin.password}@127.0.0.1:${own.port}`;
      const verified = await startWith(`${base}?ca=${own.caFile}`);
      expect(verified).toMatchObject({
        host: '127.0.0.1',
        port: own.port,
        caFile: own.caFile,
        admin: own.admin,
      });
      expect(verified.description).toMatch(/at 127\.0\.0\.1:\d+ \(MYSQL_URL\)$/);

      await expect(startWith(base)).rejects.toThrow(/Access denied|insecure transport/);
      await admin.query('SET GLOBAL require_secure_transport = OFF');
      expect((await startWith(base)).caFile).toBeUndefined();
      await expect(startWith(base.replace('admin:', 'someone:'))).rejects.toThrow(
        /as someone: Access denied/,
      );
      await verified.stop();
      await admin.query('SELECT 1');
    } finally {
      await admin.end();
      await own.stop();
    }
  });
});

describe('without a server', () => {
  const env = { PATH: '', AWS_MICRO_INSTALL: 'never' };

  test('one error names every way to get one', async () => {
    const dataDir = join(folder, 'none');
    const error = await startMySql({ dataDir, env, folders: [], reporter }).then(
      String,
      (failure: Error) => failure,
    );
    expect((error as Error).message).toBe(
      'No MySQL-compatible server: neither mariadbd (10.5 or newer) nor mysqld (8.0 or newer) is on this machine; ' +
        'installing MariaDB: AWS_MICRO_INSTALL forbids it; downloading MySQL: AWS_MICRO_INSTALL forbids it. ' +
        'Install MariaDB (Debian, Ubuntu: sudo apt-get install mariadb-server-core; macOS: brew install mariadb), ' +
        'or set MYSQL_URL=mysql://user:password@127.0.0.1:3306.',
    );
  });

  test("another kind's data is not touched", async () => {
    const files = await openFolder(join(folder, 'foreign'));
    await writeFile(files.data, 'data of another server');
    const [here] = await findEngines(process.env.PATH);
    const flavor = here?.flavor === 'mysql' ? 'mariadb' : 'mysql';
    const gone = { flavor, version: '8.4.0', binary: '/nowhere/server', modified: 0 } as const;
    await writeState(files, { ...(await readState(files)), engine: gone });
    await expect(
      startMySql({ dataDir: files.folder, env: { ...env, PATH: process.env.PATH }, reporter }),
    ).rejects.toThrow(
      new RegExp(`^The database here was made by ${flavor}, and only /.* is on this machine`),
    );
    expect(await readFile(files.data, 'utf8')).toBe('data of another server');
  });

  test('a file that is no server is not taken for one', async () => {
    const impostor = join(folder, 'mysqld');
    await writeFile(impostor, '#!/bin/sh\necho mysqld Ver 5.7.44\n', { mode: 0o755 });
    expect(await inspect(impostor)).toBeUndefined();
    await writeFile(impostor, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    expect(await inspect(impostor)).toBeUndefined();
    expect(await inspect(join(folder, 'missing'))).toBeUndefined();
  });
});
