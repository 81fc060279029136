import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { strToU8, zipSync } from 'fflate';
import { merge, role, TestProject } from './support';
import type { Bodies, RuntimeProcess } from './support';

const project = new TestProject();
let runtime: RuntimeProcess;
let lambda: LambdaClient;

const zip = (files: Record<string, string>) =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));

function fn(
  name: string,
  more: Record<string, string | string[] | Record<string, Record<string, string>>>,
): Bodies {
  const body = {
    function_name: name,
    role: '${aws_iam_role.open.arn}',
    handler: 'index.handler',
    runtime: 'nodejs20.x',
  };
  return { aws_lambda_function: { [name]: { ...body, ...more } } };
}

const stack = merge(
  role('open'),
  {
    aws_s3_bucket: { code: { bucket: 'code' } },
    aws_s3_object: {
      zip: { bucket: '${aws_s3_bucket.code.id}', key: 'v1/fn.zip', source: 'in-bucket.zip' },
      text: { bucket: 'code', key: 'v1/base64.zip', content_base64: '${filebase64("base64.zip")}' },
    },
    aws_lambda_layer_version: {
      one: { layer_name: 'one', filename: 'one.zip' },
      two: { layer_name: 'two', s3_bucket: 'code', s3_key: 'v1/two.zip' },
    },
    aws_sqs_queue: { far: { name: 'far', provider: 'aws.far' } },
  },
  { aws_s3_object: { layer: { bucket: 'code', key: 'v1/two.zip', source: 'two.zip' } } },
  fn('in-bucket', { s3_bucket: 'code', s3_key: '${aws_s3_object.zip.key}' }),
  fn('base64', { s3_bucket: 'code', s3_key: 'v1/base64.zip' }),
  fn('nowhere', { s3_bucket: 'elsewhere', s3_key: 'x.zip' }),
  fn('commonjs', {
    filename: 'commonjs.zip',
    layers: ['${aws_lambda_layer_version.one.arn}', '${aws_lambda_layer_version.two.arn}'],
    environment: { variables: { NODE_OPTIONS: '--no-warnings' } },
  }),
  fn('module', {
    filename: 'module.zip',
    handler: 'app.run',
    layers: ['${aws_lambda_layer_version.one.arn}', 'arn:aws:lambda:us-east-1:580247275435:layer:Insights:1'],
  }),
);

beforeAll(async () => {
  project.write('in-bucket.zip', zip({ 'index.js': 'exports.handler = async () => "from the bucket"' }));
  project.write('base64.zip', zip({ 'index.js': 'exports.handler = async () => "from base64"' }));
  project.write(
    'one.zip',
    zip({
      'nodejs/node_modules/greet/index.js': 'module.exports = { greet: () => "one" }',
      'nodejs/node_modules/only-one/index.js': 'module.exports = { only: () => "first" }',
      'nodejs/shared.js': 'exports.shared = "shared"',
    }),
  );
  project.write(
    'two.zip',
    zip({ 'nodejs/node_modules/greet/index.js': 'module.exports = { greet: () => "two" }' }),
  );
  project.write(
    'commonjs.zip',
    zip({
      'index.js': `const { greet } = require('greet'); const { only } = require('only-one');
const { shared } = require('/opt/nodejs/shared');
exports.handler = async () => [greet(), only(), shared, require('own').own];`,
      'node_modules/own/index.js': 'exports.own = "its own"',
    }),
  );
  project.write(
    'module.zip',
    zip({
      'app.mjs': `import greeting from 'greet'; import { SNSClient } from '@aws-sdk/client-sns';
import shared from '/opt/nodejs/shared.js';
export const run = async () => [greeting.greet(), typeof SNSClient, shared.shared];`,
    }),
  );
  const provider = { aws: [{ region: 'us-east-1' }, { alias: 'far', region: 'eu-north-1' }] };
  project.write('main.tf.json', JSON.stringify({ provider, resource: stack }));
  runtime = project.run();
  const [, endpoint] = await runtime.prints(/AWS_ENDPOINT_URL=(\S+)[\s\S]+^ {2}data /m);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  lambda = new LambdaClient({ endpoint, region: 'us-east-1', credentials });
});
afterAll(() => project.remove());

async function call(name: string): Promise<unknown> {
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: name }));
  return JSON.parse(Buffer.from(Payload!).toString()) as unknown;
}

test('code in S3 is that of the object of the stack', async () => {
  expect(await call('in-bucket')).toBe('from the bucket');
  expect(await call('base64')).toBe('from base64');
});

test('code that is no object of the stack is a line, and an error to who calls', async () => {
  const problem = 'its code s3://elsewhere/x.zip is no aws_s3_object of the stack';
  expect(runtime.output).toContain(`nowhere ! ${problem}: calls of it fail\n`);
  expect(await call('nowhere')).toMatchObject({
    errorType: 'Runtime.NotHosted',
    errorMessage: `aws_lambda_function.nowhere cannot run on this machine: ${problem}`,
  });
});

test('layers lie over each other, and beside the code of the function', async () => {
  expect(await call('commonjs')).toEqual(['two', 'first', 'shared', 'its own']);
});

test('modules find layers and the SDK, though the project has none', async () => {
  expect(await call('module')).toEqual(['one', 'function', 'shared']);
});

test('a layer of others is named', () => {
  expect(runtime.output).toContain(
    'module ! the layer arn:aws:lambda:us-east-1:580247275435:layer:Insights:1 is not part of the stack: it is not there\n',
  );
});

test('what is in another region is in this one, which one line says', async () => {
  expect(runtime.output).toContain(
    'aws ! everything is in one region here: what the stacks have in eu-north-1 is in us-east-1\n',
  );
  const [, endpoint] = /AWS_ENDPOINT_URL=(\S+)/.exec(runtime.output)!;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const sqs = new SQSClient({ endpoint, region: 'eu-north-1', credentials });
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'far' }));
  expect(QueueUrl).toBe(`${endpoint}/000000000000/far`);
});

test('two resources of one name are refused by their addresses', async () => {
  const other = new TestProject();
  other.writeStack({ aws_sqs_queue: { a: { name: 'jobs' }, b: { name: 'jobs' } } });
  const failed = other.run();
  expect(await failed.exited).toBe(1);
  expect(failed.errors).toBe(
    'aws-micro: aws_sqs_queue.a and aws_sqs_queue.b are both arn:aws:sqs:us-east-1:000000000000:jobs: ' +
      'give them different names, or start one of their stacks with --stack\n',
  );
  await other.remove();
});
