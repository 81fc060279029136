import type { JsonObject } from '../../src/synth';
import { merge, TestProject } from './support';
import type { Bodies } from './support';

const RECORDER = `exports.handler = async (event) => { console.log('got ' + JSON.stringify(event)); };`;

let project: TestProject;

beforeEach(() => (project = new TestProject()));
afterEach(() => project.remove());

/** A role that a service assumes, and what it may do. */
function serviceRole(name: string, service: string, ...statements: JsonObject[]): Bodies {
  const trust = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' };
  const inline_policy = [{ name: 'p', policy: JSON.stringify({ Statement: statements }) }];
  return {
    aws_iam_role: {
      [name]: { name, assume_role_policy: JSON.stringify({ Statement: [trust] }), inline_policy },
    },
  };
}

const schedule = (name: string, role: string, more: JsonObject = {}): JsonObject => ({
  name,
  schedule_expression: 'rate(1 minute)',
  flexible_time_window: { mode: 'OFF' },
  target: {
    arn: '${aws_lambda_function.recorder.arn}',
    role_arn: `\${aws_iam_role.${role}.arn}`,
    input: `{"from":"${name}"}`,
    retry_policy: { maximum_retry_attempts: 0 },
    dead_letter_config: { arn: '${aws_sqs_queue.dead.arn}' },
  },
  ...more,
});

test('schedules call functions with their roles, and rules by the functions’ permissions', async () => {
  const invoke = {
    Effect: 'Allow',
    Action: 'lambda:InvokeFunction',
    Resource: '${aws_lambda_function.recorder.arn}',
  };
  const bury = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '${aws_sqs_queue.dead.arn}' };
  project.writeStack(
    merge(
      serviceRole('open', 'lambda.amazonaws.com'),
      serviceRole('allowed', 'scheduler.amazonaws.com', invoke, bury),
      serviceRole('denied', 'scheduler.amazonaws.com', bury),
      serviceRole('stranger', 'events.amazonaws.com', invoke),
      {
        aws_lambda_function: { recorder: project.writeFunction('recorder', RECORDER) },
        aws_sqs_queue: { dead: { name: 'dead' } },
        aws_scheduler_schedule_group: { group: { name: 'group' } },
        aws_scheduler_schedule: {
          allowed: schedule('allowed', 'allowed', {
            group_name: '${aws_scheduler_schedule_group.group.name}',
          }),
          denied: schedule('denied', 'denied'),
          stranger: schedule('stranger', 'stranger'),
          off: schedule('off', 'allowed', { state: 'DISABLED' }),
        },
        aws_cloudwatch_event_rule: {
          rule: { name: 'rule', schedule_expression: 'rate(1 day)' },
          pattern: { name: 'pattern', event_pattern: '{"source":["x"]}' },
        },
        aws_cloudwatch_event_target: {
          rule: {
            rule: '${aws_cloudwatch_event_rule.rule.name}',
            arn: '${aws_lambda_function.recorder.arn}',
          },
        },
        aws_lambda_permission: {
          rule: {
            function_name: 'recorder',
            action: 'lambda:InvokeFunction',
            principal: 'events.amazonaws.com',
            source_arn: '${aws_cloudwatch_event_rule.rule.arn}',
          },
        },
      },
    ),
  );
  const runtime = project.run();
  await runtime.prints(/got \{"from":"allowed"\}/);
  await runtime.prints(
    /scheduler ! denied: .*recorder: .*role\/denied is not authorized to perform: lambda:InvokeFunction on resource: .*sent to dead/,
  );
  await runtime.prints(/runs here/);
  expect(runtime.output).toContain(
    'aws_scheduler_schedule.stranger: its role stranger does not let scheduler.amazonaws.com assume it, so it calls nothing',
  );
  expect(runtime.output).toMatch(/^ {2}schedules +allowed rate\(1 minute\), [^]*?rule rate\(1 day\)$/m);
  expect(runtime.output).not.toContain('"from":"off"');
});

test('an expression that AWS refuses is refused', async () => {
  project.writeStack(
    merge(serviceRole('open', 'scheduler.amazonaws.com'), {
      aws_scheduler_schedule: {
        wrong: {
          name: 'wrong',
          schedule_expression: 'cron(0 3 * * * *)',
          flexible_time_window: { mode: 'OFF' },
          target: {
            arn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
            role_arn: '${aws_iam_role.open.arn}',
          },
        },
      },
    }),
  );
  const runtime = project.run();
  expect(await runtime.exited).toBe(1);
  expect(runtime.errors).toContain(
    'aws_scheduler_schedule.wrong: "cron(0 3 * * * *)": exactly one of day of the month and day of the week must be ?',
  );
});
