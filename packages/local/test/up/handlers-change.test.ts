import { Debugger } from '../lambda/debugger';
import { role, TestProject } from './support';

let project: TestProject;

beforeEach(() => {
  project = new TestProject();
});

afterEach(() => project.remove());

const answering = (text: string) => `exports.handler = async () => '${text}';`;

function writeStack(): void {
  project.writeStack({
    ...role('open'),
    aws_lambda_function: { f: project.writeFunction('app-answer', answering('old')) },
  });
}

async function ask(awsEndpoint: string): Promise<unknown> {
  const url = `${awsEndpoint}/2015-03-31/functions/app-answer/invocations`;
  return (await fetch(url, { method: 'POST', body: '{}' })).json();
}

const ENDPOINT = /^ {2}AWS +export AWS_ENDPOINT_URL=(\S+)/m;

test('a function whose package changes runs the new code, and a stack that changes asks for a restart', async () => {
  writeStack();
  const runtime = project.run();
  const [, endpoint = ''] = await runtime.prints(ENDPOINT);
  expect(await ask(endpoint)).toBe('old');
  project.writeFunction('app-answer', answering('new'));
  await runtime.prints(/app-answer reloaded \(app-answer\.zip\) in \d+ ms$/m);
  expect(await ask(endpoint)).toBe('new');
  writeStack();
  await runtime.prints(/reload main\.tf\.json changed: restart to apply$/m);
});

test('with --no-reload it keeps its code', async () => {
  writeStack();
  const runtime = project.run(['--no-reload']);
  const [, endpoint = ''] = await runtime.prints(ENDPOINT);
  project.writeFunction('app-answer', answering('new'));
  expect(await ask(endpoint)).toBe('old');
});

test('with --inspect a debugger attaches to the function', async () => {
  writeStack();
  const runtime = project.run(['--inspect', 'answer=0']);
  const [, url = ''] = await runtime.prints(/app-answer debugger at (ws:\S+) /);
  const attached = await Debugger.attach(url);
  const expression = 'process.env.AWS_LAMBDA_FUNCTION_NAME';
  expect(await attached.send('Runtime.evaluate', { expression })).toMatchObject({
    result: { value: 'app-answer' },
  });
  await attached.close();
});

test.each(['answer=', 'answer=99999', 'a b', '=1'])(
  '--inspect "%s" is a wrong command line',
  async (value) => {
    writeStack();
    const runtime = project.run(['--inspect', value]);
    expect(await runtime.exited).toBe(2);
    expect(runtime.errors).toContain(
      `--inspect is "${value}": it takes the name of a function, and =port if need be`,
    );
  },
);

test('--inspect of a function that the stack does not have ends the start', async () => {
  writeStack();
  const runtime = project.run(['--inspect', 'other']);
  expect(await runtime.exited).toBe(1);
  expect(runtime.errors).toContain('--inspect other: there is no such function; the stack has app-answer');
});
