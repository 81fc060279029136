import { once } from 'node:events';
import { connect } from 'node:net';
import { Shutdown } from '../../src/up/shutdown';
import { api, merge, role, routed, TestProject } from './support';

let project: TestProject;
beforeEach(() => (project = new TestProject()));
afterEach(() => project.remove());

test.each([
  ['that a browser opens in advance', ''],
  ['with half a request head', 'POST /now HTTP/1.1\r\nHost: local'],
  ['whose body never comes', 'POST /now HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{'],
])('a connection %s does not keep the runtime from stopping', async (_, text) => {
  project.writeStack(api);
  const runtime = project.run();
  const socket = connect(Number(new URL(await runtime.api()).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  if (text !== '') await new Promise<void>((resolve) => void socket.write(text, () => resolve()));
  runtime.signal('SIGTERM');
  expect(await runtime.exited).toBe(0);
  expect(runtime.output).not.toContain('did not stop');
  socket.destroy();
});

test('a request that is under way is answered before the end, and is its connection’s last', async () => {
  const slow = project.writeFunction(
    'slow',
    'exports.handler = async () => { console.log("begun"); await new Promise((r) => setTimeout(r, 300)); return "done" }',
  );
  project.writeStack(
    merge(api, role('open'), routed('slow', 'GET /slow'), { aws_lambda_function: { slow } }),
  );
  const runtime = project.run();
  const answer = fetch(`${await runtime.api()}/slow`);
  await runtime.prints(/begun/);
  runtime.signal('SIGTERM');
  const response = await answer;
  expect(response.headers.get('connection')).toBe('close');
  expect(await response.text()).toBe('done');
  expect(await runtime.exited).toBe(0);
});

test('a signal during a deploy-time invocation ends the start', async () => {
  const endless = {
    ...project.writeFunction(
      'endless',
      'exports.handler = () => new Promise(() => setInterval(() => {}, 9e5))',
    ),
    timeout: 900,
  };
  project.writeStack(
    merge(role('open'), {
      aws_lambda_function: { endless },
      aws_lambda_invocation: { now: { function_name: 'endless', input: '{}' } },
    }),
  );
  const runtime = project.run();
  await runtime.prints(/invoked as at a deploy/);
  runtime.signal('SIGINT');
  expect(await runtime.exited).toBe(0);
});

test('what comes up after everything was stopped is stopped at once', async () => {
  const stopped: string[] = [];
  const shutdown = new Shutdown({ event: () => undefined, warn: () => undefined });
  const stop = (name: string) => () => Promise.resolve(stopped.push(name));
  shutdown.add('early', stop('early'));
  await shutdown.run();
  shutdown.add('late', stop('late'));
  expect(stopped).toEqual(['early', 'late']);
});
