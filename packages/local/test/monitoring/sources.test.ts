import { allowTopic, receive } from '../engine/support';
import { TestMonitoring } from './support';

let rig: TestMonitoring;

beforeEach(async () => (rig = await new TestMonitoring().open()));
afterEach(() => rig.close());

describe('what queues and topics do', () => {
  const sum = (namespace: string, name: string, dimension: [string, string], from: number) =>
    rig.monitoring.metrics.statistics(
      { namespace, name, dimensions: [{ name: dimension[0], value: dimension[1] }] },
      from,
      rig.clock.now(),
    );

  it('is in the metrics of SQS at the end of the minute', async () => {
    const { broker, clock } = rig;
    const { arn } = await broker.ensureQueue('jobs', { VisibilityTimeout: '600' });
    const start = clock.now();
    await rig.pass(60);
    const of = (name: string) => sum('AWS/SQS', name, ['QueueName', 'jobs'], start);
    expect(of('NumberOfMessagesSent')).toBeUndefined();
    await broker.send(arn, { body: '12345' });
    await broker.send(arn, { body: '1', attributes: { a: { dataType: 'String', value: 'b' } } });
    await broker.send(arn, { body: 'later', delaySeconds: 300 });
    const [first, second] = await receive(broker, arn);
    await broker.deleteMessages(arn, [first!.receiptHandle]);
    expect(second!.body).toBe('1');
    await receive(broker, arn);
    await rig.pass(60);
    const all = [
      'ApproximateNumberOfMessagesVisible',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
      'ApproximateAgeOfOldestMessage',
      'NumberOfMessagesSent',
      'NumberOfMessagesReceived',
      'NumberOfMessagesDeleted',
      'NumberOfEmptyReceives',
    ].map((name) => of(name)?.sum);
    expect(all).toEqual([0, 1, 1, 60, 3, 2, 1, 1]);
    expect(of('SentMessageSize')).toMatchObject({ sampleCount: 3, minimum: 5, maximum: 9, sum: 19 });
    await rig.pass(60);
    expect(of('NumberOfMessagesSent')).toMatchObject({ sampleCount: 2, sum: 3 });
  });

  it('ends six hours after the last of it', async () => {
    const { broker, clock } = rig;
    const { arn } = await broker.ensureQueue('jobs');
    await receive(broker, arn);
    const start = clock.now();
    await rig.pass(7 * 3600);
    const metric = sum('AWS/SQS', 'NumberOfMessagesSent', ['QueueName', 'jobs'], start);
    expect(metric?.sampleCount).toBe(361);
  });

  it('is in the metrics of SNS', async () => {
    const { arn: topicArn } = await rig.broker.ensureTopic('alerts');
    const { arn: inbox } = await rig.broker.ensureQueue('inbox');
    await rig.broker.ensureQueue('inbox', { Policy: allowTopic(topicArn, inbox) });
    await rig.broker.ensureSubscription({ topicArn, protocol: 'sqs', endpoint: inbox });
    const start = rig.clock.now();
    const filter = JSON.stringify({ kind: ['other'] });
    const { arn: queueArn } = await rig.broker.ensureQueue('filtered');
    await rig.broker.ensureSubscription({
      topicArn,
      protocol: 'sqs',
      endpoint: queueArn,
      attributes: { FilterPolicy: filter },
    });
    const gone = `arn:aws:sqs:us-east-1:000000000000:gone`;
    await rig.broker.ensureSubscription({ topicArn, protocol: 'sqs', endpoint: gone });
    await rig.broker.publish(topicArn, [{ message: 'one' }, { message: 'two' }]);
    await rig.pass(60);
    const of = (name: string) => sum('AWS/SNS', name, ['TopicName', 'alerts'], start)?.sum;
    expect(of('NumberOfMessagesPublished')).toBe(2);
    expect(of('NumberOfNotificationsDelivered')).toBe(2);
    expect(of('NumberOfNotificationsFailed')).toBe(2);
    expect(of('NumberOfNotificationsFilteredOut')).toBe(2);
  });

  it('is counted once for functions, with errors and throttles', async () => {
    const start = rig.clock.now();
    rig.monitoring.functions.invoked('f', 12, false);
    rig.monitoring.functions.invoked('f', 30, true);
    rig.monitoring.functions.throttled('f');
    await rig.pass(60);
    const of = (name: string) => sum('AWS/Lambda', name, ['FunctionName', 'f'], start);
    expect(['Invocations', 'Errors', 'Throttles'].map((name) => of(name)?.sum)).toEqual([2, 1, 1]);
    expect(of('Duration')).toMatchObject({ sampleCount: 2, maximum: 30 });
  });
});
