import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Template } from '../support/template';

const PROJECT = path.join(__dirname, '..', '..');
const SOURCES = [
  'main.ts',
  'stages.ts',
  'modules',
  'services',
  'handlers',
  'packages/messaging',
  'web',
  'package.json',
  'cdktf.json',
  'tsconfig.json',
];

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'aws-micro-synth-'));
  folders.push(folder);
  return folder;
}

/** The project in a folder of another name, which a test may edit. */
function copyOfProject(): string {
  const copy = temporaryFolder();
  for (const source of SOURCES)
    cpSync(path.join(PROJECT, source), path.join(copy, source), { recursive: true });
  symlinkSync(path.join(PROJECT, 'node_modules'), path.join(copy, 'node_modules'));
  return copy;
}

function run(project: string, outdir: string, environment: Readonly<Record<string, string>> = {}) {
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'main.ts'], {
    cwd: project,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], CDKTF_OUTDIR: outdir, ...environment },
    encoding: 'utf8',
  });
  return { status, stderr };
}

/** Synthesizes and returns every file that was written, by relative path. */
function synth(project: string, environment: Readonly<Record<string, string>> = {}): Map<string, Buffer> {
  const outdir = temporaryFolder();
  expect(run(project, outdir, environment)).toEqual({ status: 0, stderr: '' });
  const names = readdirSync(outdir, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => statSync(path.join(outdir, name)).isFile());
  return new Map(files.map((name) => [name, readFileSync(path.join(outdir, name))]));
}

function templateIn(files: ReadonlyMap<string, Buffer>, stack = 'aws-micro-dev'): Template {
  const text = files.get(path.join('stacks', stack, 'cdk.tf.json'))?.toString() ?? '{}';
  return new Template(JSON.parse(text) as Template['json']);
}

/** Functions whose package is another. */
function changedFunctions(
  before: ReadonlyMap<string, Buffer>,
  after: ReadonlyMap<string, Buffer>,
): unknown[] {
  const hashes = (files: ReadonlyMap<string, Buffer>) =>
    templateIn(files)
      .resourcesOf('aws_lambda_function')
      .map(({ attributes }) => [attributes['function_name'], attributes['source_code_hash']] as const);
  const known = new Map(hashes(before));
  return hashes(after)
    .filter(([name, hash]) => known.get(name) !== hash)
    .map(([name]) => name);
}

const original = synth(PROJECT);
/** What tests edit, one after the other. */
const copy = copyOfProject();

test('two synths in different folders are the same, byte for byte', () => {
  const elsewhere = synth(copy, { TZ: 'Asia/Tokyo' });
  expect([...elsewhere.keys()]).toEqual([...original.keys()]);
  const different = [...original].filter(([name, contents]) => !elsewhere.get(name)?.equals(contents));
  expect(different.map(([name]) => name)).toEqual([]);
});

test('an edit of a handler and of the schema changes their packages, runs the migrations, and nothing else', () => {
  appendFileSync(path.join(copy, 'handlers/messages/producer.ts'), "\nconsole.log('edited');\n");
  appendFileSync(path.join(copy, 'handlers/database/schema/0001_messages.sql'), '\n-- edited\n');
  const edited = synth(copy);
  expect(changedFunctions(original, edited).sort()).toEqual([
    'aws-micro-dev-database-migrator',
    'aws-micro-dev-messages-producer',
  ]);
  const input = (files: ReadonlyMap<string, Buffer>) =>
    templateIn(files).only('aws_lambda_invocation')['input'];
  expect(input(edited)).not.toEqual(input(original));
  expect(templateIn(edited).snapshot()).toEqual(templateIn(original).snapshot());
  const changed = [...original.keys()].filter((name) => !edited.get(name)?.equals(original.get(name)!));
  expect(changed).toEqual([
    expect.stringMatching(/assets.messages_producer_bundle_/),
    expect.stringMatching(/assets.platform_migrations_migrator_bundle_/),
    expect.stringMatching(/cdk\.tf\.json$/),
  ]);
});

test('prod synthesizes with the real handlers', () => {
  const files = synth(PROJECT, { STAGE: 'prod' });
  expect(templateIn(files, 'aws-micro-prod').resourcesOf('aws_lambda_function')).toHaveLength(33);
});

test('a client that a function cannot reach fails the synth and names the remedy', () => {
  const stray =
    "\nimport { SQSClient } from '@aws-sdk/client-sqs';\nexport const stray = new SQSClient({});\n";
  appendFileSync(path.join(copy, 'handlers/messages/consumer.ts'), stray);
  const { status, stderr } = run(copy, temporaryFolder());
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /messages-consumer cannot reach sqs: @aws-sdk\/client-sqs is in its bundle.*interfaceEndpoints/,
  );
});

test('an unknown stage is one line and exit code 1', () => {
  expect(run(PROJECT, temporaryFolder(), { STAGE: 'staging' })).toEqual({
    status: 1,
    stderr: 'aws-micro: STAGE is "staging": the stages are dev and prod\n',
  });
});
