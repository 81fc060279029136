import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { clientConfig } from '../wire/support';
import { alarmsStack } from './alarms-stack';
import { ClockedStack } from './clocked-stack';
import { TestProject } from './support';

const project = new TestProject();

beforeAll(() => project.writeStack(alarmsStack(project)));
afterAll(() => project.remove());

/** What somebody would read, by subject. */
function mails(): string[] {
  const folder = join(project.folder, '.aws-micro', 'mail');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.eml'))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

async function until<T>(look: () => T | Promise<T>, found: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await look();
    if (found(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a stack with alarms', () => {
  const stack = new ClockedStack(project);
  let cloudWatch: CloudWatchClient;
  let sqs: SQSClient;

  beforeAll(async () => {
    await stack.start();
    cloudWatch = new CloudWatchClient(clientConfig(stack.endpoint));
    sqs = new SQSClient(clientConfig(stack.endpoint));
  });

  afterAll(async () => {
    for (const client of [cloudWatch, sqs]) client.destroy();
    await stack.stop();
  });

  /** Lets time pass; what is under way at the time is done before anything is asked. */
  async function pass(seconds: number): Promise<void> {
    stack.clock.advanceSeconds(seconds);
    await new Promise(setImmediate);
  }

  async function state(name: string): Promise<string | undefined> {
    const { MetricAlarms } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
    return MetricAlarms![0]?.StateValue;
  }

  async function deadLetters(): Promise<string | undefined> {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: `${stack.endpoint}/000000000000/jobs-dead`,
        AttributeNames: ['ApproximateNumberOfMessages'],
      }),
    );
    return Attributes!.ApproximateNumberOfMessages;
  }

  /** The actions of an alarm, once there are so many, the newest first. */
  async function actions(name: string, count: number): Promise<string[]> {
    const ask = () =>
      cloudWatch.send(new DescribeAlarmHistoryCommand({ AlarmName: name, HistoryItemType: 'Action' }));
    const { AlarmHistoryItems } = await until(ask, (answer) => answer.AlarmHistoryItems!.length >= count);
    return AlarmHistoryItems!.map(({ HistorySummary }) => HistorySummary!);
  }

  it('says what it hosts, and what gets no data', () => {
    expect(stack.output.replace(/\s+/g, ' ')).toContain(
      'alarms jobs-dead-letters, failing-errors, stranger-errors, storage (no data here for 1: AWS/RDS)',
    );
    expect(stack.output).toContain('aws_cloudwatch_metric_alarm.math (metric math)');
    expect(stack.output).toContain('aws_cloudwatch_composite_alarm');
  });

  it('mails somebody when a message is given up on, to the second', async () => {
    const QueueUrl = `${stack.endpoint}/000000000000/jobs`;
    await pass(60);
    expect(await state('jobs-dead-letters')).toBe('OK');
    expect(await actions('jobs-dead-letters', 1)).toHaveLength(1);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    await pass(30);
    // The next receive finds that it was received too often.
    await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    await until(deadLetters, (count) => count === '1');
    await pass(29);
    expect(await state('jobs-dead-letters')).toBe('OK');
    await pass(1);
    expect(await state('jobs-dead-letters')).toBe('ALARM');
    expect(await actions('jobs-dead-letters', 2)).toEqual([
      'Successfully executed action arn:aws:sns:us-east-1:000000000000:alerts',
      'Successfully executed action arn:aws:sns:us-east-1:000000000000:alerts',
    ]);
    const all = await until(mails, (found) => found.length === 2);
    const letter = all.at(-1)!.replace(/=\r?\n/g, '');
    expect(letter).toContain('To: ops@example.com');
    expect(letter).toContain('ALARM=3A_=22jobs-dead-letters=22_in_US_E');
    expect(letter).toContain('is in the state ALARM since Thursday 1 January, 2026 00:02:00 UTC');
    expect(letter).toContain('- Description:  Messages were given up on');
  });

  it('invokes a function that lets it, and no other', async () => {
    const lambda = new LambdaClient(clientConfig(stack.endpoint));
    await lambda.send(new InvokeCommand({ FunctionName: 'failing' }));
    await pass(60);
    expect(await actions('failing-errors', 1)).toEqual([expect.stringMatching(/^Successfully executed/)]);
    await until(
      () => stack.output,
      (output) => output.includes('told failing-errors ALARM'),
    );
    expect(await actions('stranger-errors', 1)).toEqual([
      expect.stringContaining(
        'no permission lets lambda.alarms.cloudwatch.amazonaws.com invoke told for arn:aws:cloudwatch:us-east-1:000000000000:alarm:stranger-errors',
      ),
    ]);
    expect(stack.output).not.toContain('told stranger-errors');
    lambda.destroy();
  });
});

it('keeps alarms and their states when it is killed', async () => {
  const start = async () => {
    const runtime = project.run();
    const [, endpoint] = await runtime.prints(/AWS_ENDPOINT_URL=(\S+)/);
    return { runtime, client: new CloudWatchClient(clientConfig(endpoint!)) };
  };
  const first = await start();
  await first.client.send(
    new PutMetricAlarmCommand({
      AlarmName: 'kept',
      ...{ Namespace: 'Shop', MetricName: 'Orders', Statistic: 'Sum', Period: 3600, EvaluationPeriods: 24 },
      ...{ ComparisonOperator: 'LessThanThreshold', Threshold: 1, TreatMissingData: 'ignore' },
      Tags: [{ Key: 'team', Value: 'shop' }],
    }),
  );
  const drill = { AlarmName: 'kept', StateValue: 'ALARM', StateReason: 'a drill' } as const;
  await first.client.send(new SetAlarmStateCommand(drill));
  await first.runtime.kill();
  const second = await start();
  const { MetricAlarms } = await second.client.send(new DescribeAlarmsCommand({}));
  expect(MetricAlarms!.map(({ AlarmName }) => AlarmName)).toEqual([
    'failing-errors',
    'jobs-dead-letters',
    'kept',
    'storage',
    'stranger-errors',
  ]);
  expect(MetricAlarms![2]).toMatchObject({ StateValue: 'ALARM', StateReason: 'a drill' });
  for (const { client } of [first, second]) client.destroy();
});
