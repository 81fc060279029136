import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listProcesses } from '../../../../test/support/processes';
import { api, merge, role, routed, TestProject } from './support';
import type { Bodies, RuntimeProcess } from './support';

/** Calls an AWS service the way an SDK does; the runtime knows the caller by the credential alone. */
const CALL = `
const call = async (service, target, input) => {
  const credential = process.env.AWS_ACCESS_KEY_ID + '/20260101/us-east-1/' + service + '/aws4_request';
  const response = await fetch(process.env.AWS_ENDPOINT_URL, {
    method: 'POST',
    headers: {
      authorization: 'AWS4-HMAC-SHA256 Credential=' + credential + ', SignedHeaders=host, Signature=0',
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target,
    },
    body: JSON.stringify(input),
    signal: AbortSignal.timeout(1000),
  });
  return { status: response.status, body: await response.text() };
};
const send = (body) => call('sqs', 'AmazonSQS.SendMessage', { QueueUrl: process.env.QUEUE_URL, MessageBody: body });
`;
const SENDER = `${CALL}
exports.handler = async (event) => {
  try {
    const { status, body } = await send(event.body || 'empty');
    return { statusCode: status, body };
  } catch (error) {
    return { statusCode: 504, body: error.name };
  }
};`;
const RECEIVER = `
const { appendFileSync } = require('node:fs');
exports.handler = async (event) => {
  for (const { body } of event.Records) appendFileSync(process.env.RESULT, body + '\\n');
  return { batchItemFailures: [] };
};`;
const ECHO_ENVIRONMENT = `
const net = require('node:net');
exports.handler = async () => {
  const { DATABASE_HOST: host, DATABASE_PORT: port } = process.env;
  const connected = await new Promise((resolve) => {
    const socket = net.connect({ host, port }, () => setTimeout(() => { socket.destroy(); resolve('silence'); }, 300));
    socket.on('data', () => { socket.destroy(); resolve('greeting'); });
    socket.on('error', (error) => resolve(error.code));
  });
  const own = Object.entries(process.env).filter(([name]) => name.startsWith('DATABASE_'));
  return { connected, ...Object.fromEntries(own) };
};`;

const project = new TestProject();
const result = join(project.folder, 'result.txt');
let runtime: RuntimeProcess;
let url: string;

function stack(): Bodies {
  const queueUrl = { environment: { variables: { QUEUE_URL: '${aws_sqs_queue.q.url}', RESULT: result } } };
  const walled = {
    vpc_config: { subnet_ids: ['${aws_subnet.s.id}'], security_group_ids: ['${aws_security_group.fn.id}'] },
  };
  const database = (user: string) => ({
    environment: {
      variables: {
        DATABASE_HOST: '${aws_db_instance.db.address}',
        DATABASE_PORT: '3306',
        DATABASE_AUTH: 'iam',
        DATABASE_USER: user,
      },
    },
  });
  return merge(
    api,
    role(
      'open',
      { Effect: 'Allow', Action: 'sqs:*', Resource: '${aws_sqs_queue.q.arn}' },
      {
        Effect: 'Allow',
        Action: 'rds-db:connect',
        Resource: 'arn:aws:rds-db:us-east-1:000000000000:dbuser:${aws_db_instance.db.resource_id}/writer',
      },
    ),
    role('closed'),
    routed('sender', 'POST /send'),
    routed('forbidden', 'POST /forbidden'),
    routed('walled', 'POST /walled'),
    routed('inside', 'GET /inside'),
    routed('outside', 'GET /outside'),
    routed('stranger', 'GET /stranger'),
    {
      aws_lambda_function: {
        sender: { ...project.writeFunction('sender', SENDER), ...queueUrl },
        forbidden: {
          ...project.writeFunction('forbidden', SENDER),
          ...queueUrl,
          role: '${aws_iam_role.closed.arn}',
        },
        walled: { ...project.writeFunction('walled', SENDER), ...queueUrl, ...walled },
        receiver: { ...project.writeFunction('receiver', RECEIVER), ...queueUrl },
        deploy: project.writeFunction(
          'deploy',
          'exports.handler = async (event) => ({ seen: event.version });',
        ),
        inside: { ...project.writeFunction('inside', ECHO_ENVIRONMENT), ...database('writer'), ...walled },
        outside: { ...project.writeFunction('outside', ECHO_ENVIRONMENT), ...database('writer') },
        stranger: {
          ...project.writeFunction('stranger', ECHO_ENVIRONMENT),
          ...database('reader'),
          ...walled,
        },
      },
      aws_lambda_invocation: { deploy: { function_name: 'deploy', input: '{"version":7}' } },
      aws_sqs_queue: { q: { name: 'q', visibility_timeout_seconds: 60 } },
      aws_lambda_event_source_mapping: {
        m: {
          event_source_arn: '${aws_sqs_queue.q.arn}',
          function_name: 'receiver',
          function_response_types: ['ReportBatchItemFailures'],
        },
        refused: { event_source_arn: '${aws_sqs_queue.q.arn}', function_name: 'forbidden' },
      },
      aws_vpc: { v: { cidr_block: '10.0.0.0/16' } },
      aws_subnet: { s: { vpc_id: '${aws_vpc.v.id}', cidr_block: '10.0.0.0/24' } },
      aws_security_group: {
        fn: { egress: [{ protocol: '-1', from_port: 0, to_port: 0, cidr_blocks: ['0.0.0.0/0'] }] },
        db: {
          ingress: [
            {
              protocol: 'tcp',
              from_port: 3306,
              to_port: 3306,
              security_groups: ['${aws_security_group.fn.id}'],
            },
          ],
        },
      },
      aws_db_subnet_group: { g: { name: 'g', subnet_ids: ['${aws_subnet.s.id}'] } },
      aws_db_instance: {
        db: {
          port: 3306,
          db_subnet_group_name: '${aws_db_subnet_group.g.name}',
          vpc_security_group_ids: ['${aws_security_group.db.id}'],
        },
      },
      aws_cloudwatch_composite_alarm: { a: {}, b: {} },
    },
  );
}

const mysql = { MYSQL_URL: process.env['TEST_MYSQL_URL'] };

function post(path: string, body: string) {
  return fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}

beforeAll(async () => {
  project.writeStack(stack());
  runtime = project.run([], mysql);
  url = await runtime.api();
});
afterAll(() => project.remove());

test('says where things are, what is not hosted, and what to try', () => {
  expect(runtime.output).toContain(`API        ${url}  POST /send, POST /forbidden`);
  expect(runtime.output).toMatch(/AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:\d+ AWS_REGION=us-east-1/);
  expect(runtime.output).toContain('not hosted aws_cloudwatch_composite_alarm (2)');
  expect(runtime.output).toContain(`  curl ${url}/inside\n`);
  const password = decodeURIComponent(new URL(mysql.MYSQL_URL!).password);
  expect(runtime.output).not.toContain(password);
});

test('a request goes through its function to a queue and on to the function that is mapped to it', async () => {
  expect((await post('/send', 'through')).status).toBe(200);
  await runtime.prints(/receiver.*1 from q/);
  expect(readFileSync(result, 'utf8')).toContain('through\n');
});

test('a function whose role does not allow a call is refused', async () => {
  const response = await post('/forbidden', 'x');
  expect([400, 403]).toContain(response.status);
  expect(await response.text()).toContain('is not authorized to perform: sqs:SendMessage');
});

test('AWS refuses the mapping of a function that may not poll; so does the runtime', () => {
  expect(runtime.output).toContain(
    'forbidden ! aws_lambda_event_source_mapping.refused: its role does not allow sqs:ReceiveMessage, ' +
      'sqs:DeleteMessage, sqs:GetQueueAttributes',
  );
});

test('a function in a VPC without a way out waits in vain, and the reason is printed', async () => {
  const response = await post('/walled', 'x');
  expect([response.status, await response.text()]).toEqual([504, 'TimeoutError']);
  await runtime.prints(
    /walled ! .*aws_subnet\.s has no route to a NAT gateway; the VPC has no endpoint for sqs/,
  );
});

test('what the stack invokes at a deploy was invoked', () => {
  expect(runtime.output).toContain('deploy answered {"seen":7}');
});

describe('the database', () => {
  const read = async (path: string) =>
    (await (await fetch(`${url}${path}`)).json()) as Record<string, string>;

  test('is reached from inside its network, by password', async () => {
    const { port } = new URL(mysql.MYSQL_URL!);
    const seen = await read('/inside');
    expect(seen).toMatchObject({ connected: 'greeting', DATABASE_PORT: port, DATABASE_AUTH: 'password' });
    expect(seen['DATABASE_PASSWORD']).toBe(
      (
        JSON.parse(readFileSync(join(project.folder, '.aws-micro', 'state.json'), 'utf8')) as {
          userPassword: string;
        }
      ).userPassword,
    );
    expect(seen['DATABASE_CA_FILE']).toBe(new URL(mysql.MYSQL_URL!).searchParams.get('ca'));
  });

  test('answers statements of the developer', async () => {
    const select = project.command(['sql', "SELECT 6 * 7 AS answer, 'é' AS letter"]);
    expect(await select.exited).toBe(0);
    expect(select.output).toMatch(/42.*'é'/);
    const wrong = project.command(['sql', 'SELEKT 1']);
    expect(await wrong.exited).toBe(1);
    expect(wrong.errors).toMatch(/^aws-micro: The database says: You have an error in your SQL syntax.*\n$/);
  });

  test('is a black hole from outside, and the reason is printed', async () => {
    expect(await read('/outside')).toMatchObject({ connected: 'silence' });
    await runtime.prints(
      /outside ! cannot reach the database, as on AWS: it runs outside the VPC of aws_db_instance\.db/,
    );
  });

  test('gives no password to a function whose role may not connect as its user', async () => {
    const [own, other] = [await read('/stranger'), await read('/inside')];
    expect(own['DATABASE_PASSWORD']).not.toBe(other['DATABASE_PASSWORD']);
    expect(runtime.output).toContain('stranger ! its role does not allow rds-db:connect as reader');
  });
});

test('a second copy on the same data is refused in one line', async () => {
  const second = project.run([], mysql);
  expect(await second.exited).toBe(1);
  expect(second.errors).toBe(
    `aws-micro: Another aws-micro (process ${runtime.pid}) is running on ${project.folder}/.aws-micro at ${url}: ` +
      'use that one, or stop it first\n',
  );
  const reset = project.command(['reset']);
  expect(await reset.exited).toBe(1);
  expect(reset.errors).toContain('is running on');
});

test('a port that was asked for and is taken is refused in one line', async () => {
  const other = new TestProject();
  const { port } = new URL(url);
  other.writeStack(api);
  const asked = other.command(['--port', port, '--aws-port', '0']);
  expect(await asked.exited).toBe(1);
  expect(asked.errors).toBe(
    `aws-micro: Port ${port} (--port) is taken: stop what listens there, or ask for another\n`,
  );
  const byVariable = other.command([], { AWS_PORT: port });
  expect(await byVariable.exited).toBe(1);
  expect(byVariable.errors).toContain(`Port ${port} (AWS_PORT) is taken`);
  await other.remove();
});

test('SIGTERM stops everything, and no child stays behind', async () => {
  const own = listProcesses().filter(({ parent }) => parent === runtime.pid);
  expect(own.length).toBeGreaterThan(0);
  runtime.signal('SIGTERM');
  expect(await runtime.exited).toBe(0);
  expect(runtime.output).toMatch(/stopping\nstopped\n$/);
  const alive = new Set(listProcesses().map(({ pid }) => pid));
  // The watchdog's shell notices the end of its pipe a moment later.
  expect(own.filter(({ pid, command }) => alive.has(pid) && !command.includes('watchdog'))).toEqual([]);
});

test('a second run needs no deploy again, and a reset forgets everything', async () => {
  runtime = project.run([], mysql);
  await runtime.api();
  expect(runtime.output).not.toContain('deploy answered');
  runtime.signal('SIGINT');
  expect(await runtime.exited).toBe(0);
  const sql = project.command(['sql', 'SELECT 1']);
  expect(await sql.exited).toBe(1);
  expect(sql.errors).toContain('No stack with a database runs on');
  const reset = project.command(['reset']);
  expect(await reset.exited).toBe(0);
  expect(reset.output).toBe(`Cleared ${project.folder}/.aws-micro\n`);
  const again = project.command(['reset']);
  await again.exited;
  expect(again.output).toContain('nothing to clear');
});
