import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { systemClock } from '../../src/clock';
import { UserError } from '../../src/errors';
import { Reloader } from '../../src/up/reload';
import { Lines } from '../support/lines';

const REPOSITORY = resolve(__dirname, '../../../..');
const OPTIONS = { outfile: 'index.js', bundle: true, platform: 'node', format: 'cjs', minify: true };
const MARK = /in \d+ ms$/;

let folder: string;
let reporter: Lines;
let reloader: Reloader;
/** What each function was given, one after the other: the text of its `index.js`, or `zip`. */
let given: Record<string, string[]>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aws-micro-reload-'));
  reporter = new Lines();
  given = {};
  write('package.json', '{}');
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
});

afterEach(async () => {
  await reloader.stop();
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): string {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** A package with the recipe of its bundle beside it, as the project's bundler leaves it. */
function bundled(hash: string, entry: string, inputs: readonly string[], more: object = {}): string {
  const recipe = { options: { ...OPTIONS, entryPoints: [entry], ...more }, inputs };
  write(`.aws-micro/bundles/${hash}.json`, JSON.stringify(recipe));
  return join(folder, 'cdktf.out/assets', `${hash}.zip`);
}

function start(
  functions: Record<string, string>,
  reload?: (name: string) => Promise<boolean>,
  projectFolder = folder,
): void {
  reloader = new Reloader({
    projectFolder,
    functions: Object.entries(functions).map(([name, zipFile]) => ({ name, zipFile })),
    reload:
      reload ??
      ((name, files) => {
        const code = files === undefined ? 'zip' : Buffer.from(files['index.js']!).toString();
        (given[name] ??= []).push(code);
        return Promise.resolve(true);
      }),
    reporter,
    clock: systemClock,
  });
  reloader.start();
}

test('a source that changes makes the bundles anew that it went into, as they were made, and no others', async () => {
  write('handlers/a.ts', `import { text } from '../lib/text'; export const handler = () => text + STAGE;`);
  write('handlers/b.ts', `export const handler = () => 'b';`);
  write('lib/text.ts', `export const text = 'one';`);
  const define = { STAGE: '"dev"' };
  const a = bundled('aaa', 'handlers/a.ts', ['handlers/a.ts', 'lib/text.ts'], { define });
  start({ a, twin: a, b: bundled('bbb', 'handlers/b.ts', ['handlers/b.ts']) });
  write('lib/text.ts', `export const text = 'two';`);
  expect(await reporter.see(/^twin /)).toMatch(/^twin reloaded \(lib\/text\.ts\) in \d+ ms$/);
  expect(reporter.lines.map((line) => line.replace(MARK, ''))).toEqual([
    'a reloaded (lib/text.ts) ',
    'twin reloaded (lib/text.ts) ',
  ]);
  expect(given['a']).toEqual([expect.stringContaining('"twodev"')]);
  expect(given['twin']).toEqual(given['a']);
  expect(given).not.toHaveProperty('b');
});

test('an editor that replaces the file, and a project behind a link, make no difference', async () => {
  write('handlers/a.ts', `export const handler = () => 'one';`);
  const a = bundled('aaa', 'handlers/a.ts', ['handlers/a.ts']);
  const link = `${folder}-link`;
  symlinkSync(folder, link);
  start({ a }, undefined, link);
  renameSync(write('handlers/a.ts~', `export const handler = () => 'two';`), join(folder, 'handlers/a.ts'));
  await reporter.see(/^a reloaded \(handlers\/a\.ts\) in/);
  expect(given['a']).toEqual([expect.stringContaining('two')]);
  rmSync(link);
});

test('an error is told in one line and the function keeps its code until the source is right', async () => {
  write('handlers/a.ts', `export const handler = () => 'one';`);
  start({ a: bundled('aaa', 'handlers/a.ts', ['handlers/a.ts']) });
  write('handlers/a.ts', `import { b } from './b';\nexport const handler = () => b;`);
  await reporter.see(
    /^a ! handlers\/a\.ts:1:19: Could not resolve "\.\/b"; the code before that keeps running$/,
  );
  expect(given).toEqual({});
  write('handlers/b.ts', `export const b = 'found';`);
  await reporter.see(/^a reloaded \(handlers\/b\.ts\) in/);
  expect(given['a']).toEqual([expect.stringContaining('found')]);
});

test('what a source newly imports is watched from then on, in new folders too', async () => {
  write('handlers/a.ts', `export const handler = () => 'one';`);
  start({ a: bundled('aaa', 'handlers/a.ts', ['handlers/a.ts']) });
  write('fresh/deep/text.ts', `export const text = 'two';`);
  await reporter.see(/^reload fresh\/deep\/text\.ts new: restart if the stack is to have it$/);
  write('handlers/a.ts', `import { text } from '../fresh/deep/text'; export const handler = () => text;`);
  await reporter.see(/^a reloaded \(handlers\/a\.ts\) in/);
  write('fresh/deep/text.ts', `export const text = 'three';`);
  await reporter.see(/^a reloaded \(fresh\/deep\/text\.ts\) in/);
  expect(given['a']!.at(-1)).toContain('three');
});

test('sources of the stack are named; tests, texts, hidden files and packages are not', async () => {
  for (const name of ['main.ts', 'test/a.test.ts', '.hidden/a.ts', 'services/a.ts']) write(name, '1');
  start({});
  for (const name of ['test/a.test.ts', '.hidden/a.ts', 'README.md', '.env', 'main.ts~', '4913'])
    write(name, '2');
  write('main.ts', '2');
  write('services/a.ts', '2');
  await reporter.see(/^reload /);
  rmSync(join(folder, 'services/a.ts'));
  await reporter.see(/^reload services\/a\.ts changed/);
  expect(reporter.lines).toEqual([
    'reload main.ts and 1 more changed: restart to apply',
    'reload services/a.ts changed: restart to apply',
  ]);
});

test('a zip file without a recipe is read again when it changes', async () => {
  const zipFile = write('build/a.zip', 'one');
  start({ a: zipFile });
  write('build/a.zip', 'two');
  await reporter.see(/^a reloaded \(build\/a\.zip\) in \d+ ms$/);
  expect(given).toEqual({ a: ['zip'] });
});

test('a zip file that cannot be used is named', async () => {
  const zipFile = write('build/a.zip', 'one');
  start({ a: zipFile }, () => Promise.reject(new UserError('a.zip is not a readable zip file')));
  write('build/a.zip', 'two');
  await reporter.see(/^a ! a\.zip is not a readable zip file; the code before that keeps running$/);
});

test('code that comes out the same is not worth a line', async () => {
  write('handlers/a.ts', `export const handler = () => 'one';`);
  let calls = 0;
  start({ a: bundled('aaa', 'handlers/a.ts', ['handlers/a.ts']) }, () => Promise.resolve((calls += 1) > 1));
  write('handlers/a.ts', `export const handler = () => 'one'; // the same`);
  write('main.ts', '1');
  await reporter.see(/^reload main\.ts/);
  expect(calls).toBe(1);
  expect(reporter.lines).toHaveLength(1);
});

test('a project without esbuild is told what it lacks', async () => {
  rmSync(join(folder, 'node_modules'));
  write('handlers/a.ts', `export const handler = () => 'one';`);
  start({ a: bundled('aaa', 'handlers/a.ts', ['handlers/a.ts']) });
  write('handlers/a.ts', `export const handler = () => 'two';`);
  await reporter.see(/^a ! the project has no esbuild to bundle with: npm install --save-dev esbuild; /);
});
