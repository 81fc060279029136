import { rm, stat, readFile } from 'node:fs/promises';
import { createServer, connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { systemClock } from '../../src/clock';
import { startMySql } from '../../src/mysql';
import { ensureCertificates } from '../../src/mysql/certificates';
import { openFolder } from '../../src/mysql/files';
import type { PrivateServer } from '../../src/mysql/server';
import { Lines } from '../support/lines';
import { connectAsAdmin, ended, temporaryFolder } from './support';

let folder: string;
let server: PrivateServer;
let connection: Connection;
const reporter = new Lines();

const start = async (): Promise<PrivateServer> =>
  (await startMySql({ dataDir: folder, env: { PATH: process.env.PATH }, reporter })) as PrivateServer;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await start();
  connection = await connectAsAdmin(server);
});

afterAll(async () => {
  await connection.end();
  await server.stop();
  await rm(folder, { recursive: true });
});

test('says that it makes an empty database, and what runs', () => {
  expect(reporter.lines).toEqual([`mysql making an empty database in ${folder}`]);
  expect(server.description).toMatch(/^(MariaDB|MySQL) \d+\.\d+\.\d+ \(\/.+\)$/);
});

test('has the settings that RDS has where they decide what a handler sees', async () => {
  const [rows] = await connection.query(
    `SELECT @@character_set_server AS charset, @@time_zone AS zone, @@innodb_flush_log_at_trx_commit AS durability,
      @@log_bin AS binlog, @@performance_schema AS performance, @@sql_mode AS mode, @@max_allowed_packet AS packet,
      @@require_secure_transport AS secure, @@local_infile AS local_files`,
  );
  expect(rows).toEqual([
    {
      charset: 'utf8mb4',
      zone: '+00:00',
      durability: 1,
      binlog: 0,
      performance: 0,
      mode: expect.stringContaining('STRICT_TRANS_TABLES') as string,
      packet: 64 * 1024 * 1024,
      secure: 1,
      local_files: 0,
    },
  ]);
});

test('has one account that can log in, the admin with a password of this folder', async () => {
  const [rows] = await connection.query(
    `SELECT user AS name FROM mysql.user WHERE user NOT LIKE 'm%.%' ORDER BY user`,
  );
  expect((rows as { name: string }[]).map(({ name }) => name).filter((name) => name !== 'root')).toEqual([
    'admin',
  ]);
  expect(server.admin.password).toMatch(/^[\w-]{24}$/);
  await expect(connectAsAdmin(server, { password: 'guess' })).rejects.toThrow('Access denied');
  await expect(connectAsAdmin(server, { user: 'root', password: '' })).rejects.toThrow(/Access denied/);
});

test('refuses plain connections', async () => {
  await expect(connectAsAdmin(server, { ssl: undefined })).rejects.toThrow(
    /Access denied|insecure transport/,
  );
});

test('is verified by its own authority, which fits no other server', async () => {
  const other = await openFolder(join(folder, 'other'));
  await ensureCertificates(other, systemClock);
  const ca = await readFile(other.ca, 'utf8');
  await expect(connectAsAdmin(server, { ssl: { ca, verifyIdentity: true } })).rejects.toThrow(
    /certificate|signature/,
  );
});

test('keeps its secrets from other users of the machine', async () => {
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  for (const name of ['state.json', 'server-key.pem', 'server.log']) {
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  }
});

test('listens on the loopback interface only', async () => {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outside = addresses.filter(({ internal, family }) => !internal && family === 'IPv4');
  for (const { address } of outside) {
    await expect(
      new Promise((resolve, reject) => {
        connect(server.port, address, () => resolve('reached')).once('error', reject);
      }),
    ).rejects.toThrow('ECONNREFUSED');
  }
});

test('refuses a second start on the same folder and leaves the first alone', async () => {
  await expect(start()).rejects.toThrow(
    `Process ${process.pid} is running a database on ${folder}. Stop it first, or use another data folder.`,
  );
  await connection.query('SELECT 1');
});

test('is started again when it is killed, on the same port with what was committed', async () => {
  await connection.query('CREATE DATABASE kept');
  await connection.query('CREATE TABLE kept.rows_ (id INT PRIMARY KEY)');
  await connection.query('INSERT INTO kept.rows_ VALUES (1), (2)');
  const killed = server.pid ?? 0;
  connection.on('error', () => undefined);
  process.kill(killed, 'SIGKILL');
  await reporter.see(/running again after \d+ ms/);
  expect(reporter.lines).toContain('mysql ! stopped unexpectedly (SIGKILL); starting it again');
  expect(server.pid).not.toBe(killed);
  connection = await connectAsAdmin(server);
  const [rows] = await connection.query('SELECT id FROM kept.rows_');
  expect(rows).toEqual([{ id: 1 }, { id: 2 }]);
});

test('stops, and starts on its port with its data', async () => {
  const { pid = 0, port } = server;
  await connection.end();
  await server.stop();
  await ended(pid);
  server = await start();
  connection = await connectAsAdmin(server);
  expect(server.port).toBe(port);
  expect((await connection.query('SELECT COUNT(*) AS n FROM kept.rows_'))[0]).toEqual([{ n: 2 }]);
});

test('takes another port when its own is taken', async () => {
  const { port } = server;
  await connection.end();
  await server.stop();
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
  server = await start();
  connection = await connectAsAdmin(server);
  expect(server.port).not.toBe(port);
  await new Promise((resolve) => squatter.close(resolve));
});

test('renews its certificate in the month before it ends, and not earlier', async () => {
  const files = await openFolder(join(folder, 'renewal'));
  const at = (days: number) => ({ ...systemClock, now: () => Date.now() + days * 86_400_000 });
  await ensureCertificates(files, systemClock);
  const first = await readFile(files.ca, 'utf8');
  await ensureCertificates(files, at(365));
  expect(await readFile(files.ca, 'utf8')).toBe(first);
  await ensureCertificates(files, at(368));
  expect(await readFile(files.ca, 'utf8')).not.toBe(first);
});
