import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProject, readStacks, synthesize } from '../../src/synth';
import { environmentNames } from '../../src/synth/fingerprint';
import { ownMessage } from '../../src/synth/synthesize';

/** An app in plain JavaScript that writes what CDKTF would. */
const APP = `
const { mkdirSync, writeFileSync } = require('node:fs');
const out = process.env.CDKTF_OUTDIR;
if (process.env.BREAK) { mkdirSync(out + '/stacks'); throw new Error('the queue needs a name'); }
const stack = 'app-' + (process.env.STAGE || 'dev');
mkdirSync(out + '/stacks/' + stack, { recursive: true });
writeFileSync(out + '/stacks/' + stack + '/cdk.tf.json', JSON.stringify({
  provider: { aws: [{ region: 'eu-west-1' }] },
  resource: { aws_sqs_queue: { q: { '//': { metadata: 1 }, name: require('./name.js') } } },
  output: { colour: { value: process.env['COLOUR'] || JSON.parse(process.env.CDKTF_CONTEXT_JSON).colour } },
}));
writeFileSync(out + '/manifest.json', JSON.stringify({
  stacks: { [stack]: { synthesizedStackPath: 'stacks/' + stack + '/cdk.tf.json' } },
}));
`;

let folder: string;
let runs: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'synth-'));
  runs = 0;
  writeFileSync(join(folder, 'cdktf.json'), '{"app": "node main.js", "context": {"colour": "blue"}}');
  writeFileSync(join(folder, 'main.js'), APP);
  writeFileSync(join(folder, 'name.js'), 'module.exports = "first";');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function synth(environment: NodeJS.ProcessEnv = {}) {
  const project = findProject(folder);
  const result = await synthesize(project, {
    environment: { PATH: process.env['PATH'], ...environment },
    onStart: () => (runs += 1),
  });
  return readStacks(result)[0]!;
}

test('runs the app once while nothing that decides the result changes', async () => {
  const stack = await synth();
  expect(stack.name).toBe('app-dev');
  expect(stack.resources).toEqual({ aws_sqs_queue: { q: { '//': { metadata: 1 }, name: 'first' } } });
  expect(stack.outputs).toEqual({ colour: { value: 'blue' } });
  expect(stack.providers).toEqual([{ region: 'eu-west-1' }]);
  await synth();
  await synth({ UNRELATED: '1' });
  expect(runs).toBe(1);
});

test('runs the app again for a changed source, a new source, a lock file and an environment variable it reads', async () => {
  await synth();
  writeFileSync(join(folder, 'name.js'), 'module.exports = "second";');
  expect((await synth()).resources['aws_sqs_queue']!['q']!['name']).toBe('second');
  mkdirSync(join(folder, 'lib'));
  writeFileSync(join(folder, 'lib', 'more.js'), '');
  await synth();
  writeFileSync(join(folder, 'package-lock.json'), '{}');
  await synth();
  expect(runs).toBe(4);
  expect((await synth({ STAGE: 'prod' })).name).toBe('app-prod');
  expect((await synth({ STAGE: 'prod', COLOUR: 'red' })).outputs).toEqual({ colour: { value: 'red' } });
  expect(runs).toBe(6);
});

test('names of variables are found however they are read', () => {
  writeFileSync(
    join(folder, 'reads.ts'),
    "process.env.A1; process.env['B']; const { C, D: d = 'x', E = 1 } = process.env; process.env.F ?? 1;",
  );
  const names = environmentNames([join(folder, 'reads.ts')]);
  expect(names).toEqual(expect.arrayContaining(['A1', 'B', 'C', 'D', 'E', 'F', 'STAGE']));
});

test('what is only set, and what npm tells its scripts, decides nothing', () => {
  writeFileSync(
    join(folder, 'sets.ts'),
    "process.env.SET = '1'; process.env['SET_TOO']='2'; process.env.npm_lifecycle_event; if (process.env.ASKED == '3') {}",
  );
  expect(environmentNames([join(folder, 'sets.ts')])).toEqual(['ASKED', 'STAGE']);
});

test('tests, documents, hidden and installed files decide nothing', async () => {
  await synth();
  for (const name of ['test', 'node_modules', '.git', 'docs', 'cdktf.out']) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'x.js'), '');
  }
  writeFileSync(join(folder, 'README.md'), '');
  await synth();
  expect(runs).toBe(1);
});

test('a touched file counts as changed', async () => {
  await synth();
  utimesSync(join(folder, 'name.js'), new Date(), new Date(Date.now() + 5000));
  await synth();
  expect(runs).toBe(2);
});

test("a broken synth says the app's own words and leaves the former result as it was", async () => {
  await synth();
  const before = readFileSync(join(folder, '.aws-micro', 'synth', 'manifest.json'), 'utf8');
  await expect(synth({ BREAK: '1' })).rejects.toThrow('The synth failed: Error: the queue needs a name');
  expect(readFileSync(join(folder, '.aws-micro', 'synth', 'manifest.json'), 'utf8')).toBe(before);
  await synth();
  expect(runs).toBe(2);
});

test('a first synth that breaks leaves nothing that looks like a result', async () => {
  await expect(synth({ BREAK: '1' })).rejects.toThrow('the queue needs a name');
  expect(existsSync(join(folder, '.aws-micro', 'synth'))).toBe(false);
});

test('an app that writes nothing is an error', async () => {
  writeFileSync(join(folder, 'main.js'), '');
  await expect(synth()).rejects.toThrow('"node main.js" wrote no stack: does it call app.synth()?');
});

test('the app is ended when the runtime is', async () => {
  writeFileSync(join(folder, 'main.js'), 'setInterval(() => {}, 1000)');
  const stop = new AbortController();
  const running = synthesize(findProject(folder), {
    environment: process.env,
    onStart: () => setImmediate(() => stop.abort()),
    signal: stop.signal,
  });
  await expect(running).rejects.toThrow('Stopped while the stack was synthesized');
});

describe('findProject', () => {
  test('looks upwards for a cdktf.json', () => {
    mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
    expect(findProject(join(folder, 'deep', 'er'))).toMatchObject({ folder, app: 'node main.js' });
  });

  test.each([
    ['{', 'is not valid JSON'],
    ['{}', 'has no "app" command'],
  ])('refuses cdktf.json %s', (text, message) => {
    writeFileSync(join(folder, 'cdktf.json'), text);
    expect(() => findProject(folder)).toThrow(message);
  });

  test('refuses a folder without a project', () => {
    rmSync(join(folder, 'cdktf.json'));
    expect(() => findProject(folder)).toThrow('No cdktf.json and no *.tf.json');
    expect(() => findProject(join(folder, 'none'))).toThrow('does not exist');
  });
});

test('reads plain Terraform JSON, merged over its files', () => {
  rmSync(join(folder, 'cdktf.json'));
  writeFileSync(join(folder, 'a.tf.json'), '{"resource": {"aws_sqs_queue": {"a": {"name": "a"}}}}');
  writeFileSync(
    join(folder, 'b.tf.json'),
    '{"resource": [{"aws_sqs_queue": {"b": [{"name": "b"}]}}], "locals": {"x": 1}}',
  );
  const project = findProject(folder);
  expect(project.app).toBeUndefined();
  const stack = readStacks(project.folder)[0]!;
  expect(stack.resources).toEqual({ aws_sqs_queue: { a: { name: 'a' }, b: { name: 'b' } } });
  expect(stack.locals).toEqual({ x: 1 });
});

test('a stack may be named', () => {
  const stacks = { one: { synthesizedStackPath: 'one.json' }, two: { synthesizedStackPath: 'two.json' } };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ stacks }));
  writeFileSync(join(folder, 'one.json'), '{}');
  writeFileSync(join(folder, 'two.json'), '{}');
  const names = (wanted?: string[]) => readStacks(folder, wanted).map(({ name }) => name);
  expect(names()).toEqual(['one', 'two']);
  expect(names(['two'])).toEqual(['two']);
  expect(() => names(['three'])).toThrow('No stack "three": the app has one, two');
});

describe('ownMessage', () => {
  test('takes the words of an exception out of its frame and stack', () => {
    const output =
      "/x/main.ts:3\n  throw\n  ^\n\nError: one\n  two\n    at f (x.ts:1:2)\n    at g {\n  code: 'X'\n}";
    expect(ownMessage(output)).toBe('Error: one\n  two');
  });

  test('falls back to the last lines', () => {
    expect(ownMessage('a\nb\n')).toBe('a\nb');
    expect(ownMessage('')).toBe('it printed nothing');
  });
});
