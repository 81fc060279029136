import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { commands } from '../../src/commands';
import { nearest } from '../../src/commands/nearest';
import { TestProject } from '../up/support';

const project = new TestProject();
afterAll(() => project.remove());

async function run(...args: string[]) {
  const child = project.command(args);
  return { code: await child.exited, output: child.output, errors: child.errors };
}

test.each([['--help'], ['-h'], ['help']])('%s names every command', async (...args) => {
  const { code, output } = await run(...args);
  expect(code).toBe(0);
  for (const { name } of commands) expect(output).toMatch(new RegExp(`^ {2}${name} +\\S`, 'm'));
  expect(output).toContain(commands[0]!.summary);
});

test.each(commands.map((command) => [command.name, command] as const))(
  '%s explains itself',
  async (name, { synopsis, options }) => {
    const [asOption, asCommand] = await Promise.all([run(name, '--help'), run('help', name)]);
    expect(asOption).toEqual({ code: 0, output: asCommand.output, errors: '' });
    expect(asOption.output.split('\n')[0]).toBe(`aws-micro ${name} ${synopsis}`.trim());
    for (const [option, { help }] of Object.entries(options)) {
      expect(asOption.output).toContain(`--${option}`);
      expect(asOption.output).toContain(help);
    }
  },
);

test.each([
  [['restt'], 'neither a command nor a folder "restt", did you mean reset?'],
  [['xyzzy'], 'neither a command nor a folder "xyzzy" (aws-micro help)'],
  [['help', 'sqll'], 'did you mean sql?'],
  [['up', '--prot', '1'], "Unknown option '--prot': did you mean --port? (aws-micro help up)"],
  [['--prot', '1'], "Unknown option '--prot': did you mean --port? (aws-micro help up)"],
  [['sql'], 'sql: an argument is missing (aws-micro help sql)'],
  [['sql', 'SELECT 1', 'SELECT 2'], 'what is "SELECT 2"? (aws-micro help sql)'],
  [['reset', '--data'], "Option '--data <value>' argument missing (aws-micro help reset)"],
])('wrong usage %j', async (args, message) => {
  const { code, output, errors } = await run(...args);
  expect(errors).toContain(message);
  expect(errors.trim().split('\n')).toHaveLength(1);
  expect({ code, output }).toEqual({ code: 2, output: '' });
});

test('options may come before the command', async () => {
  const { code, output } = await run('--data', 'nothing-there', 'reset', '.');
  expect(output).toBe('');
  expect(code).toBe(1);
  project.writeStack({});
  expect((await run('--data', 'nothing-there', 'reset')).output).toMatch(
    /nothing-there: nothing to clear\n$/,
  );
});

test('a command that was mistyped is told, and nothing far-fetched', () => {
  const names = ['up', 'reset', 'receive', 'cleanup', 'peek'];
  expect(nearest('recieve', names)).toBe('receive');
  expect(nearest('clean-up', names)).toBe('cleanup');
  expect(nearest('pu', names)).toBe('up');
  expect(nearest('peel', names)).toBe('peek');
  expect(nearest('database', names)).toBeUndefined();
});

test.each([
  ['setup', 'setup'],
  ['send-message', 'send'],
  ['receive-message', 'receive'],
  ['cleanup', 'cleanup'],
])('scripts/%s is aws-micro %s, from any folder', async (script, name) => {
  const file = join(__dirname, '..', '..', '..', '..', 'scripts', script);
  const { output } = await run(name, '--help');
  expect(execFileSync(file, ['--help'], { cwd: project.folder, encoding: 'utf8' })).toBe(output);
});
