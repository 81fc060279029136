import { gunzipSync } from 'node:zlib';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  DescribeSubscriptionFiltersCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientConfig } from '../wire/support';
import { ClockedStack } from './clocked-stack';
import { merge, role, TestProject } from './support';

const DAY = 86_400_000;
const TALK = `exports.handler = async ({ say, level = 'log' }, { logGroupName, logStreamName }) => {
  console[level](say);
  return { logGroupName, logStreamName };
};`;
const WATCH = `exports.handler = async ({ awslogs: { data } }) => console.log('watched', data);`;

const project = new TestProject();
const stack = new ClockedStack(project);
let lambda: LambdaClient;
let logs: CloudWatchLogsClient;

beforeAll(async () => {
  const talk = (name: string, more: object = {}) => ({ ...project.writeFunction(name, TALK), ...more });
  const subscription = (destination: string, pattern: string) => ({
    name: destination,
    log_group_name: '${aws_cloudwatch_log_group.talk.name}',
    filter_pattern: pattern,
    destination_arn: `\${aws_lambda_function.${destination}.arn}`,
  });
  const permission = (name: string) => ({
    action: 'lambda:InvokeFunction',
    function_name: name,
    principal: 'logs.amazonaws.com',
    source_arn: '${aws_cloudwatch_log_group.talk.arn}:*',
  });
  project.writeStack(
    merge(
      role('open', { Effect: 'Allow', Action: '*', Resource: '*' }),
      role('mute', { Effect: 'Allow', Action: 'logs:PutLogEvents', Resource: '*' }),
      // The group itself, without what is behind it: that is a policy that allows nothing.
      role('narrow', {
        Effect: 'Allow',
        Action: 'logs:*',
        Resource: '${aws_cloudwatch_log_group.narrow.arn}',
      }),
      {
        aws_cloudwatch_log_group: {
          talk: { name: '/aws/lambda/talk', retention_in_days: 1, tags: { team: 'a' } },
          narrow: { name: '/aws/lambda/narrow' },
        },
        aws_lambda_function: {
          talk: talk('talk'),
          json: talk('json', { logging_config: [{ log_format: 'JSON', log_group: '/shared' }] }),
          mute: talk('mute', { role: '${aws_iam_role.mute.arn}' }),
          narrow: talk('narrow', { role: '${aws_iam_role.narrow.arn}' }),
          watch: project.writeFunction('watch', WATCH),
          forbidden: project.writeFunction('forbidden', WATCH),
        },
        aws_cloudwatch_log_subscription_filter: {
          watch: subscription('watch', '?ERROR ?WARN'),
          forbidden: subscription('forbidden', ''),
          itself: subscription('talk', ''),
        },
        aws_lambda_permission: { watch: permission('watch'), talk: permission('talk') },
        aws_cloudwatch_log_metric_filter: {
          errors: { name: 'errors', log_group_name: '/aws/lambda/talk', pattern: 'ERROR' },
        },
      },
    ),
  );
  await stack.start();
  lambda = new LambdaClient(clientConfig(stack.endpoint));
  logs = new CloudWatchLogsClient(clientConfig(stack.endpoint));
});

afterAll(async () => {
  lambda.destroy();
  logs.destroy();
  await stack.stop();
  await project.remove();
});

async function invoke(FunctionName: string, event: object) {
  const { Payload, $metadata } = await lambda.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
  );
  const place = JSON.parse(Payload!.transformToString()) as { logGroupName: string; logStreamName: string };
  return { ...place, requestId: $metadata.requestId! };
}

async function logged(logGroupName: string, filterPattern?: string) {
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern }));
  return events;
}

test('what a function logs is in its group, in a stream of its instance, as Lambda writes it', async () => {
  const { requestId, logStreamName } = await invoke('talk', { say: 'two\nlines' });
  expect(logStreamName).toMatch(/^2026\/01\/01\/\[\$LATEST\][\da-f]{32}$/);
  const events = await logged('/aws/lambda/talk');
  expect(events.map(({ message }) => message)).toEqual([
    `START RequestId: ${requestId} Version: $LATEST\n`,
    expect.stringMatching(new RegExp(`^\\S+Z\\t${requestId}\\tINFO\\ttwo\nlines\n$`)) as string,
    `END RequestId: ${requestId}\n`,
    expect.stringMatching(new RegExp(`^REPORT RequestId: ${requestId}\\tDuration: .*\n$`)) as string,
  ]);
  expect(events[0]).toMatchObject({ logStreamName, timestamp: stack.clock.now() });
  await invoke('talk', { say: 'again' });
  const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupName: '/aws/lambda/talk' }));
  expect(logStreams).toMatchObject([{ logStreamName }]);
});

test('in the JSON format, and in a group of its choice, the stream says whose it is', async () => {
  const { requestId, logGroupName, logStreamName } = await invoke('json', { say: 'hello' });
  expect(logGroupName).toBe('/shared');
  expect(logStreamName).toMatch(/^2026\/01\/01\/json\[\$LATEST\][\da-f]{32}$/);
  const events = await logged('/shared', `{ $.requestId = "${requestId}" }`);
  expect(events.map(({ message }) => JSON.parse(message!) as unknown)).toMatchObject([
    { level: 'INFO', message: 'hello' },
  ]);
  expect(await logged('/shared', '{ $.type = "platform.report" }')).toHaveLength(1);
});

test('a role that may not write its logs is told, and they are dropped', async () => {
  expect(stack.output).toContain(
    'mute ! its role does not allow logs:CreateLogGroup, logs:CreateLogStream on /aws/lambda/mute: its logs are in no log group',
  );
  expect(stack.output).toContain(
    'narrow ! its role does not allow logs:CreateLogStream, logs:PutLogEvents on /aws/lambda/narrow: its logs are in no log group',
  );
  await invoke('mute', { say: 'a' });
  await invoke('narrow', { say: 'a' });
  await expect(logged('/aws/lambda/mute')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  expect(await logged('/aws/lambda/narrow')).toEqual([]);
});

test('a subscription gets what matches, zipped, and only where it may', async () => {
  expect(stack.output).toMatch(
    /aws_cloudwatch_log_subscription_filter\.forbidden: no aws_lambda_permission lets logs\.amazonaws\.com invoke forbidden/,
  );
  expect(stack.output).toMatch(/talk logs to \/aws\/lambda\/talk itself, and would invoke itself for ever/);
  await invoke('talk', { say: 'fine' });
  const { logStreamName } = await invoke('talk', { say: 'careful', level: 'warn' });
  await logged('/aws/lambda/talk');
  let found: RegExpExecArray | null = null;
  while (!found) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    found = /watched (\S+)/.exec(stack.output);
  }
  const data = JSON.parse(gunzipSync(Buffer.from(found[1]!, 'base64')).toString()) as object;
  expect(data).toEqual({
    messageType: 'DATA_MESSAGE',
    owner: '000000000000',
    logGroup: '/aws/lambda/talk',
    logStream: logStreamName,
    subscriptionFilters: ['watch'],
    logEvents: [
      {
        id: expect.stringMatching(/^\d{56}$/) as string,
        timestamp: stack.clock.now(),
        message: expect.stringMatching(/\tWARN\tcareful\n$/) as string,
      },
    ],
  });
  const filters = await logs.send(
    new DescribeSubscriptionFiltersCommand({ logGroupName: '/aws/lambda/talk' }),
  );
  expect(filters.subscriptionFilters).toMatchObject([{ filterName: 'watch', filterPattern: '?ERROR ?WARN' }]);
});

test('groups of the stack have its settings, and their events end with the retention', async () => {
  const { logGroups } = await logs.send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/talk' }),
  );
  expect(logGroups).toMatchObject([{ logGroupName: '/aws/lambda/talk', retentionInDays: 1 }]);
  expect((await logged('/aws/lambda/talk')).length).toBeGreaterThan(0);
  expect((await logged('/shared')).length).toBeGreaterThan(0);
  stack.clock.advance(DAY + 1);
  expect(await logged('/aws/lambda/talk')).toEqual([]);
  expect((await logged('/shared')).length).toBeGreaterThan(0);
});
