import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { unzipSync } from 'fflate';
import { succeed } from './run';
import { awsEnvironment } from './workspace';

/** What Lambda's runtime does with a function: load `index.js`, call `handler`, write the answer. */
const bootstrap = (timeoutSeconds: number) => `
  const { handler } = require('./index.js');
  const deadline = Date.now() + ${timeoutSeconds * 1000};
  const context = {
    awsRequestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  let event = '';
  process.stdin.on('data', (chunk) => (event += chunk)).on('end', async () => {
    const answer = await handler(JSON.parse(event), context);
    require('node:fs').writeFileSync('answer.json', JSON.stringify(answer));
  });`;

/**
 * Runs a function as it was deployed: the zip that moto was given, in a process of its own that has the environment
 * which Lambda would give it and nothing else.
 */
export async function invokeDeployed(
  functionName: string,
  zipFile: string,
  endpoint: string,
  event: unknown,
): Promise<{ answer: unknown; zipIsDeployed: boolean }> {
  const client = new LambdaClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const configuration = await client.send(
    new GetFunctionConfigurationCommand({ FunctionName: functionName }),
  );
  client.destroy();
  const zip = readFileSync(zipFile);
  const folder = mkdtempSync(path.join(tmpdir(), 'function-'));
  try {
    for (const [name, bytes] of Object.entries(unzipSync(zip))) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), bytes);
    }
    const env = {
      PATH: process.env['PATH'],
      ...awsEnvironment(endpoint),
      AWS_LAMBDA_FUNCTION_NAME: functionName,
      LAMBDA_TASK_ROOT: folder,
      ...configuration.Environment?.Variables,
    };
    const input = JSON.stringify(event);
    const script = bootstrap(configuration.Timeout ?? 3);
    await succeed(process.execPath, ['-e', script], { cwd: folder, env, input, timeoutSeconds: 60 });
    return {
      answer: JSON.parse(readFileSync(path.join(folder, 'answer.json'), 'utf8')) as unknown,
      zipIsDeployed: configuration.CodeSha256 === createHash('sha256').update(zip).digest('base64'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
