import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const project = path.resolve(__dirname, '../../..');
const fixture = (name: string): string => path.join(__dirname, 'fixtures', `${name}.json`);

function plan(args: readonly string[], more: { input?: string; env?: NodeJS.ProcessEnv } = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'bin/plan.ts', ...args],
    {
      cwd: project,
      encoding: 'utf8',
      input: more.input,
      env: { ...process.env, ...more.env },
    },
  );
  return { status, stdout, stderr };
}

test('--help tells the options and the exit codes', () => {
  const { status, stdout } = plan(['--help']);
  expect(status).toBe(0);
  for (const option of [
    '--stage',
    '--markdown',
    '--json',
    '--out',
    '--destroy',
    '--detailed-exitcode',
    'Exit codes',
  ]) {
    expect(stdout).toContain(option);
  }
});

test.each([
  ['none', 0],
  ['create', 2],
  ['change', 3],
  ['destroy', 3],
])('--detailed-exitcode of %s is %d; without it 0', (name, code) => {
  expect(plan(['--json', fixture(name), '--detailed-exitcode']).status).toBe(code);
  expect(plan(['--json', fixture(name)]).status).toBe(0);
});

test('a plan is read from standard input, and is plain text where there is no terminal', () => {
  const { status, stdout } = plan(['--json', '-'], { input: readFileSync(fixture('change'), 'utf8') });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Plan for standard input: 5 replaced, /);
  expect(stdout).not.toContain('\u001b');
});

test('a plan that Terraform could not finish fails', () => {
  const errored = { ...(JSON.parse(readFileSync(fixture('none'), 'utf8')) as object), errored: true };
  const { status, stdout } = plan(['--json', '-'], { input: JSON.stringify(errored) });
  expect(status).toBe(1);
  expect(stdout).toContain('this plan cannot be applied');
});

test.each([
  [['--json', 'nowhere.json'], /^plan: ENOENT: no such file or directory, open 'nowhere\.json'\n$/],
  [
    ['--json', 'package.json'],
    /^plan: the JSON is not a Terraform plan; make it with: terraform show -json PLANFILE\n$/,
  ],
  [
    ['--json', fixture('none'), '--stage', 'dev'],
    /^plan: --json shows a plan that exists; --stage would have no effect/,
  ],
  [['--colour'], /^plan: Unknown option '--colour'/],
])('%j fails in one line', (args, message) => {
  const { status, stdout, stderr } = plan(args);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(message);
});

test('without Terraform one line says what to do', () => {
  const { status, stderr } = plan([], { env: { TERRAFORM_BINARY_NAME: 'no-such-terraform' } });
  expect(status).toBe(1);
  expect(stderr.split('\n').at(-2)).toBe(
    'plan: no-such-terraform is not installed: install Terraform 1.10 or newer ' +
      '(https://developer.hashicorp.com/terraform/install), or show an existing plan with --json FILE',
  );
});
