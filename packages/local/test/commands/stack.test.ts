import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TraceView } from '../../src/admin/model';
import { api, merge, role, routed, TestProject } from '../up/support';
import type { Bodies, RuntimeProcess } from '../up/support';
import { call, jsonLines } from './support';
import type { Ended } from './support';

const ID = 'b815c877-40a5-4eaf-ace0-65d7850e838e';

/** Publishes what it gets, as an SDK would: with the trace of its invocation. */
const PRODUCER = `
exports.handler = async (event) => {
  const credential = process.env.AWS_ACCESS_KEY_ID + '/20260101/us-east-1/sns/aws4_request';
  const response = await fetch(process.env.AWS_ENDPOINT_URL, {
    method: 'POST',
    headers: {
      authorization: 'AWS4-HMAC-SHA256 Credential=' + credential + ', SignedHeaders=host, Signature=0',
      'x-amzn-trace-id': process.env._X_AMZN_TRACE_ID,
    },
    body: new URLSearchParams({ Version: '2010-03-31', Action: 'Publish', TopicArn: process.env.TOPIC_ARN, Message: event.body }),
  });
  return { statusCode: response.status === 200 ? 202 : 500, body: JSON.stringify({ messageId: '${ID}' }) };
};`;
const CONSUMER = `
exports.handler = async (event) => {
  for (const { body, messageId } of event.Records) {
    if (body === 'bad') throw new Error('cannot store this');
    process.stdout.write(JSON.stringify({ event: 'stored', messageId }) + '\\n');
  }
};`;
const ECHO = `
exports.handler = async (event) => ({
  statusCode: event.headers['x-status'] ?? 200,
  headers: { 'x-type': event.headers['content-type'] ?? 'none' },
  body: JSON.stringify({ method: event.requestContext.http.method, query: event.rawQueryString, body: event.body }),
});`;

const project = new TestProject();
let runtime: RuntimeProcess;

function stack(): Bodies {
  const withTopic = { environment: { variables: { TOPIC_ARN: '${aws_sns_topic.t.arn}' } } };
  return merge(
    api,
    role(
      'open',
      { Effect: 'Allow', Action: 'sns:Publish', Resource: '*' },
      { Effect: 'Allow', Action: 'sqs:*', Resource: '*' },
    ),
    routed('producer', 'POST /messages'),
    routed('echo', 'ANY /echo'),
    {
      aws_lambda_function: {
        producer: { ...project.writeFunction('producer', PRODUCER), ...withTopic },
        consumer: { ...project.writeFunction('consumer', CONSUMER), timeout: 1 },
        echo: project.writeFunction('echo', ECHO),
      },
      aws_sns_topic: { t: { name: 'events' } },
      aws_sqs_queue: {
        dead: { name: 'work-dead' },
        work: {
          name: 'work',
          visibility_timeout_seconds: 1,
          redrive_policy: '{"deadLetterTargetArn":"${aws_sqs_queue.dead.arn}","maxReceiveCount":2}',
          policy: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: 'sns.amazonaws.com' },
                Action: 'sqs:SendMessage',
                Resource: '*',
              },
            ],
          }),
        },
      },
      aws_sns_topic_subscription: {
        s: {
          topic_arn: '${aws_sns_topic.t.arn}',
          protocol: 'sqs',
          endpoint: '${aws_sqs_queue.work.arn}',
          raw_message_delivery: true,
        },
      },
      aws_lambda_event_source_mapping: {
        m: { event_source_arn: '${aws_sqs_queue.work.arn}', function_name: 'consumer', batch_size: 1 },
      },
    },
  );
}

/** A call in the project's folder: it finds the runtime by itself. */
function run(args: readonly string[], input?: string): Promise<Ended> {
  return call(args, { cwd: project.folder, input });
}

beforeAll(async () => {
  const resources = stack();
  const route = resources['aws_apigatewayv2_route']!['echo'] as Record<string, unknown>;
  route['authorization_type'] = 'AWS_IAM';
  project.writeStack(resources);
  runtime = project.run();
  await runtime.api();
});
afterAll(() => project.remove());

describe('curl', () => {
  it('signs for routes with IAM authorization, which refuse who does not', async () => {
    const url = await runtime.api();
    expect((await fetch(`${url}/echo`)).status).toBe(403);
    const { code, output } = await run(['curl', '/echo?b=2&a=1%202']);
    expect({ code, output: JSON.parse(output) as unknown }).toEqual({
      code: 0,
      output: { method: 'GET', query: 'b=2&a=1%202' },
    });
    expect(JSON.parse((await run(['curl', `${url}/echo`, '-X', 'PUT'])).output)).toMatchObject({
      method: 'PUT',
    });
  });

  it('sends a body from the command line, a file or standard input', async () => {
    writeFileSync(join(project.folder, 'body.json'), '{"from":"file"}');
    const bodies = await Promise.all([
      run(['curl', '/echo', '-d', '{"from":"argument"}', '-i']),
      run(['curl', '/echo', '-d', '@body.json']),
      run(['curl', '/echo', '-d', '@-'], '{"from":"input"}'),
    ]);
    const [head, body] = bodies[0].output.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head).toMatch(/^x-type: application\/json$/m);
    expect(body).toContain('{\\"from\\":\\"argument\\"}');
    expect(JSON.parse(bodies[1].output)).toMatchObject({ method: 'POST', body: '{"from":"file"}' });
    expect(JSON.parse(bodies[2].output)).toMatchObject({ body: '{"from":"input"}' });
    const form = await run(['curl', '/echo', '-d', 'a=b', '-i']);
    expect(form.output).toContain('x-type: application/x-www-form-urlencoded');
    const own = await run(['curl', '/echo', '-i', '-H', 'Content-Type: text/x', '-d', 'a']);
    expect(own.output).toContain('x-type: text/x');
  });

  it('tells an error by its exit code only if it is asked to', async () => {
    const shown = await run(['curl', '/echo', '-H', 'x-status: 404']);
    expect(shown.code).toBe(0);
    expect(shown.output).toContain('"method":"GET"');
    const failed = await run(['curl', '-f', '/echo', '-H', 'x-status: 404']);
    expect(failed).toEqual({ code: 22, output: '', errors: 'aws-micro: the answer is 404 Not Found\n' });
  });

  it.each([
    [['curl', 'echo'], 2, '"echo" is neither a path'],
    [['curl', '/echo', '-H', 'no colon'], 2, '-H is "no colon"'],
    [['curl', '/echo', '-d', '@missing'], 1, 'The body cannot be read'],
    [['curl', 'http://127.0.0.1:1/'], 1, 'Nothing answers at http://127.0.0.1:1'],
  ])('%j fails', async (args, code, message) => {
    const ended = await run(args);
    expect(ended.errors).toContain(message);
    expect(ended).toMatchObject({ code, output: '' });
  });
});

describe('trace', () => {
  it('shows the way of a message from the request to the function that takes it', async () => {
    const { output } = await run(['curl', '/messages', '-d', 'good', '-H', 'content-type: text/plain']);
    expect(JSON.parse(output)).toEqual({ messageId: ID });
    const { code, output: shown } = await run(['trace', ID, '--follow']);
    expect(code).toBe(0);
    expect(shown).toMatch(/^ +\+0 ms +\d+ ms {2}POST \/messages 202 {2}\S+$/m);
    expect(shown).toMatch(/^ +\+\d+ ms +published to events {2}[0-9a-f-]{36}$/m);
    expect(shown).toMatch(/^8 steps in \d+ ms$/m);
    const asJson = await run(['trace', ID, '--json']);
    const [found] = jsonLines<TraceView>(asJson.output);
    expect(found).toMatchObject({ failures: 0, pending: 0 });
    expect(found!.hops[0]).toMatchObject({ afterMs: 0, failed: false });
    expect(found!.hops.map(({ step }) => step)).toEqual([
      'POST /messages 202',
      'invoked producer',
      'published to events',
      'queued in work',
      'received from work by consumer',
      'invoked consumer',
      'consumer says stored',
      'deleted from work',
    ]);
  });

  it('shows retries and dead letters, for any id of the way', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await run([
      'curl',
      '/messages',
      '-d',
      'bad',
      '-H',
      'content-type: text/plain',
      '-H',
      `traceparent: ${traceparent}`,
    ]);
    const { output } = await run(['trace', traceparent, '--follow', '--json']);
    const [found] = jsonLines<TraceView>(output);
    const steps = found!.hops.map(({ step }) => step);
    expect(found!.traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(steps.filter((step) => step.startsWith('received from work by consumer'))).toEqual([
      'received from work by consumer',
      'received from work by consumer (receive 2)',
    ]);
    expect(steps.filter((step) => step === 'invoked consumer: Error: cannot store this')).toHaveLength(2);
    expect(steps.at(-1)).toBe('moved to the dead letters work-dead: received 2 times from work');
    expect(found!.failures).toBe(3);
    const messageId = found!.hops.find(({ step }) => step === 'queued in work')!.ids[0]!;
    const text = await run(['trace', messageId]);
    expect(text.output).toMatch(/! moved to the dead letters work-dead/);
    expect(text.output).toMatch(/, 3 failed$/m);
  });

  it('lists the newest, and says what is not remembered', async () => {
    const { output } = await run(['trace']);
    expect(output).toMatch(/^[0-9a-f]{32} {2}\d{4}-\S+Z {2}\S+ \S+ \d{3} {2}\d+ steps? in \d+ ms/m);
    const missing = await run(['trace', '00000000-0000-4000-8000-000000000000']);
    expect(missing.code).toBe(1);
    expect(missing.errors).toContain(
      'No trace of 00000000-0000-4000-8000-000000000000: the runtime remembers',
    );
  });
});

test('a project whose runtime does not run is told how to start it', async () => {
  const other = new TestProject();
  other.writeStack({});
  const { code, errors } = await call(['curl', '/x'], { cwd: other.folder });
  expect(errors).toContain('No runtime runs for the project here: start it first (npx aws-micro up)');
  expect(code).toBe(1);
  await other.remove();
});

test('work on AWS alone is refused where only a runtime can do it', async () => {
  const { code, errors } = await call(['peek', 'q'], {
    environment: { AWS_ENDPOINT_URL: 'https://sqs.example.com' },
  });
  expect(errors).toContain('This works on a local runtime only, and not on https://sqs.example.com');
  expect(code).toBe(1);
});
