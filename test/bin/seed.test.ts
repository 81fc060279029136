import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { BOOKS } from '../../bin/seed/books';
import { readBook } from '../../handlers/books/book';
import { freePort } from '../support/ports';

const project = path.resolve(__dirname, '../..');

function seed(...args: readonly string[]) {
  return spawnSync(process.execPath, ['--import', 'tsx', 'bin/seed.ts', ...args], {
    cwd: project,
    encoding: 'utf8',
  });
}

test('--help tells the options and the exit codes', () => {
  const { status, stdout } = seed('--help');
  expect(status).toBe(0);
  for (const text of ['--stage', '--table', '--profile', '--region', '--data', 'Exit codes']) {
    expect(stdout).toContain(text);
  }
});

test('a wrong option ends with 2, an absent runtime with 1 and what to do', async () => {
  const wrong = seed('--tabel', 'x');
  expect([wrong.status, wrong.stderr]).toEqual([
    2,
    expect.stringContaining("Unknown option '--tabel'") as string,
  ]);
  const nobody = seed('--endpoint-url', `http://127.0.0.1:${await freePort()}`);
  expect(nobody.status).toBe(1);
  expect(nobody.stderr).toMatch(/seed: Nothing answers at .*: start the runtime first/);
});

test('its books are what the catalogue takes, each with an id of its own', () => {
  for (const { id, ...content } of BOOKS) {
    expect(readBook(content)).toEqual(content);
    expect(id).toMatch(/^[a-z\d]+(-[a-z\d]+)*$/);
  }
  expect(new Set(BOOKS.map(({ id }) => id)).size).toBe(BOOKS.length);
});
