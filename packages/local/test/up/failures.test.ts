import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { api, merge, role, TestProject } from './support';

let project: TestProject;
beforeEach(() => (project = new TestProject()));
afterEach(() => project.remove());

async function failure(args: readonly string[], environment?: NodeJS.ProcessEnv) {
  const runtime = project.command(args, environment);
  return { code: await runtime.exited, line: runtime.errors };
}

test('a broken synth ends with its own message', async () => {
  project.write('cdktf.json', '{"app": "node main.js"}');
  project.write('main.js', 'throw new RangeError("visibility timeout 5: at least 6 x the function timeout")');
  const { code, line } = await failure([]);
  expect(code).toBe(1);
  expect(line).toMatch(
    /^aws-micro: The synth failed: RangeError: visibility timeout 5: at least 6 x the function timeout\n/,
  );
  expect(line).not.toContain('    at ');
  expect(existsSync(join(project.folder, '.aws-micro', 'synth'))).toBe(false);
});

test('a stack whose references lead nowhere is refused, quoting the expression', async () => {
  project.writeStack(merge(api, { aws_sqs_queue: { q: { name: '${aws_sns_topic.gone.name}-queue' } } }));
  const { code, line } = await failure(['--port', '0', '--aws-port', '0']);
  expect(code).toBe(1);
  expect(line).toContain(
    'aws_sns_topic.gone does not exist in the stack, in "${aws_sns_topic.gone.name}-queue"',
  );
  expect(line.trim().split('\n')).toHaveLength(1);
});

test('a deploy-time invocation that fails ends the start', async () => {
  const fail = project.writeFunction(
    'fail',
    'exports.handler = async () => { throw new Error("no such table") }',
  );
  project.writeStack(
    merge(role('open'), {
      aws_lambda_function: { fail },
      aws_lambda_invocation: { now: { function_name: 'fail', input: '{}' } },
    }),
  );
  const { code, line } = await failure(['--port', '0', '--aws-port', '0']);
  expect(code).toBe(1);
  expect(line).toBe('aws-micro: aws_lambda_invocation.now: fail failed: Error: no such table\n');
});

test('a function that cannot run here is a line, its invocation at the deploy another, and the rest starts', async () => {
  const python = { ...project.writeFunction('python', ''), runtime: 'python3.13' };
  const image = { function_name: 'image', role: '${aws_iam_role.open.arn}', image_uri: 'registry/image:1' };
  project.writeStack(
    merge(role('open'), {
      aws_lambda_function: { python, image },
      aws_lambda_invocation: { now: { function_name: 'python', input: '{}' } },
    }),
  );
  const runtime = project.run();
  await runtime.prints(/^ {2}functions +python, image$/m);
  expect(runtime.output).toContain(
    'python ! the runtime "python3.13" is not hosted, nodejs is: calls of it fail\n',
  );
  expect(runtime.output).toContain(
    'image ! container images are not hosted (registry/image:1): calls of it fail\n',
  );
  expect(runtime.output).toContain(
    'python ! aws_lambda_invocation.now: aws_lambda_function.python cannot run on this machine: the runtime',
  );
});

test('a default port that is taken moves to the next free one, and says so', async () => {
  // Somebody else may listen on the default already; then this server is not needed.
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.once('error', () => resolve());
    server.listen(3000, '127.0.0.1', resolve);
  });
  project.writeStack(api);
  const runtime = project.command(['--aws-port', '0']);
  const url = await runtime.api();
  expect(Number(new URL(url).port)).toBeGreaterThan(3000);
  const { port } = new URL(url);
  expect(runtime.output).toContain(`apigw ! port 3000 is taken; ${port} is used instead`);
  await new Promise((resolve) => server.close(resolve));
});

test.each([
  [['--prot', '1'], 'Unknown option'],
  [['--port', 'http'], '--port is "http": a port is a number from 0 to 65535'],
  [['--port', '70000'], 'a port is a number'],
  [['up', '.', 'extra'], 'what is "extra"?'],
])('wrong usage %j', async (args, message) => {
  const { code, line } = await failure(args);
  expect(code).toBe(2);
  expect(line).toContain(message);
});

test('a folder without a project is refused', async () => {
  const { code, line } = await failure([]);
  expect(code).toBe(1);
  expect(line).toContain('No cdktf.json and no *.tf.json');
});

test('--version is the package’s', async () => {
  const runtime = project.command(['--version']);
  await runtime.exited;
  expect(runtime.output).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('a signal during the synth ends it', async () => {
  project.write('cdktf.json', '{"app": "node main.js"}');
  project.write('main.js', 'setInterval(() => {}, 1000)');
  const runtime = project.run();
  await runtime.prints(/synth node main\.js/);
  runtime.signal('SIGTERM');
  expect(await runtime.exited).toBe(0);
});

test('ports are of this machine only', async () => {
  project.writeStack(api);
  const runtime = project.run();
  const { port } = new URL(await runtime.api());
  const everywhere = createServer();
  // An address of the machine that is not loopback's first stays free where only that one is listened on.
  await new Promise<void>((resolve, reject) => {
    everywhere.once('error', reject);
    everywhere.listen(Number(port), '127.0.0.2', resolve);
  });
  expect((everywhere.address() as AddressInfo).port).toBe(Number(port));
  await new Promise((resolve) => everywhere.close(resolve));
});

test.each(['taken', join('taken', 'below')])(
  'a data folder %s that is no folder is refused',
  async (name) => {
    project.writeStack(api);
    project.write('taken', '');
    const { code, line } = await failure(['--data', name]);
    expect(code).toBe(1);
    expect(line).toMatch(/^aws-micro: \S+ is a file.*: name a folder with --data\n$/);
  },
);

test('a folder that holds something else is neither used for data nor deleted', async () => {
  project.writeStack(api);
  for (const args of [['up'], ['reset']]) {
    const { code, line } = await failure([...args, '--data', '.']);
    expect(code).toBe(1);
    expect(line).toContain('is not empty, and no data folder of aws-micro');
  }
  expect(existsSync(join(project.folder, 'main.tf.json'))).toBe(true);
});
