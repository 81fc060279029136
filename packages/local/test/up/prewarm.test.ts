import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { prewarmLimit, prewarmOrder } from '../../src/up/prewarm';
import { TestProject } from './support';

const GB = 1024 ** 3;

test.each([
  [2, 16 * GB, 4],
  [8, 16 * GB, 16],
  // A sixteenth of the free memory is what counts where there is little of it.
  [8, 4 * GB, 5],
  [8, GB / 4, 1],
])(
  '%d processors and %d bytes of free memory start %d functions',
  (processors, freeMemoryBytes, functions) => {
    expect(prewarmLimit({ processors, freeMemoryBytes })).toBe(functions);
  },
);

test('what answers requests and what works behind it start in turn, each once, after what was called last', () => {
  expect(prewarmOrder([], ['a', 'b', 'a', 'c'], ['x', 'b', 'y'])).toEqual(['a', 'x', 'b', 'c', 'y']);
  expect(prewarmOrder([], [], ['x'])).toEqual(['x']);
  expect(prewarmOrder(['y', 'c'], ['a', 'b', 'c'], ['x', 'y'])).toEqual(['y', 'c', 'a', 'x', 'b']);
});

test('what was called is remembered when the runtime ends, the last one first', async () => {
  const project = new TestProject();
  try {
    const code = 'exports.handler = async () => 1;';
    const functions = Object.fromEntries(
      ['one', 'two', 'three'].map((name) => [name, project.writeFunction(name, code)]),
    );
    const assumeRole = JSON.stringify({
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ],
    });
    project.writeStack({
      aws_lambda_function: functions,
      aws_iam_role: { open: { name: 'open', assume_role_policy: assumeRole } },
    });
    const recentAfter = async (...names: string[]) => {
      const runtime = project.run();
      const [, endpoint] = await runtime.prints(/AWS_ENDPOINT_URL=(\S+)/);
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
      const lambda = new LambdaClient({ endpoint, region: 'us-east-1', credentials });
      for (const FunctionName of names) await lambda.send(new InvokeCommand({ FunctionName }));
      lambda.destroy();
      runtime.signal('SIGTERM');
      await runtime.exited;
      const state = readFileSync(join(project.folder, '.aws-micro', 'state.json'), 'utf8');
      return (JSON.parse(state) as { recentFunctions: string[] }).recentFunctions;
    };
    expect(await recentAfter('one', 'two', 'one')).toEqual(['one', 'two']);
    expect(await recentAfter('three')).toEqual(['three', 'one', 'two']);
  } finally {
    await project.remove();
  }
}, 30_000);
