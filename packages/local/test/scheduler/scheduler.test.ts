import { asyncInvocationQueueArn } from '../../src/contracts';
import { cleanUp, receive } from '../engine/support';
import { ARN, FUNCTION, START, TestScheduler } from './support';

let own: TestScheduler;

beforeEach(async () => {
  own = new TestScheduler();
  await own.open();
});

afterEach(async () => {
  await own.stop();
  await cleanUp();
});

describe('a schedule', () => {
  test('calls its target when it is due, and not before', async () => {
    own.scheduler.put(own.schedule({}, own.target({ input: 'hello' })));
    own.scheduler.start();
    await own.pass(299);
    expect(await own.arrived()).toEqual([]);
    await own.pass(1);
    expect(await own.arrived()).toEqual(['hello']);
    await own.pass(600);
    expect(await own.arrived()).toEqual(['hello', 'hello']);
    expect(own.reporter.lines).toContain('scheduler s -> work');
  });

  test('without input sends an event that says what it is', async () => {
    own.scheduler.put(own.schedule());
    own.scheduler.start();
    await own.pass(300);
    const [event] = await own.arrived();
    expect(JSON.parse(event!)).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account: '000000000000',
      time: '2026-01-01T12:05:00Z',
      region: 'us-east-1',
      resources: [ARN],
      detail: '{}',
    });
  });

  test('replaces the placeholders in its input', async () => {
    const input =
      '<aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time> <aws.scheduler.execution-id> <aws.scheduler.attempt-number> <aws.scheduler.else>';
    own.scheduler.put(own.schedule({}, own.target({ input })));
    own.scheduler.start();
    await own.pass(300);
    const [text] = await own.arrived();
    expect(text).toMatch(
      /^arn:aws:scheduler:us-east-1:000000000000:schedule\/default\/s 2026-01-01T12:05:00Z [0-9a-f-]{36} 1 <aws.scheduler.else>$/,
    );
  });

  test('invokes functions, versions of them, and publishes to topics', async () => {
    const version = own.target({ id: 'b', arn: `${FUNCTION}:live`, input: '{"b":1}' });
    const { arn: subscribed } = await own.broker.ensureQueue('subscribed', {
      Policy: JSON.stringify({
        Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' }],
      }),
    });
    await own.broker.ensureSubscription({
      topicArn: own.topicArn,
      protocol: 'sqs',
      endpoint: subscribed,
      attributes: { RawMessageDelivery: 'true' },
    });
    const topic = own.target({ id: 'c', arn: own.topicArn, input: 'published' });
    own.scheduler.put(own.schedule({}, own.target({ arn: FUNCTION, input: '{"a":1}' }), version, topic));
    own.scheduler.start();
    await own.pass(300);
    expect((await own.arrived(asyncInvocationQueueArn(FUNCTION))).sort()).toEqual(['{"a":1}', '{"b":1}']);
    expect(await own.arrived(subscribed)).toEqual(['published']);
  });

  test('sends to a FIFO queue with its group', async () => {
    const { arn } = await own.broker.ensureQueue('line.fifo', {
      FifoQueue: 'true',
      ContentBasedDeduplication: 'true',
    });
    own.scheduler.put(own.schedule({}, own.target({ arn, input: 'x', messageGroupId: 'g' })));
    own.scheduler.start();
    await own.pass(300);
    expect(await receive(own.broker, arn)).toMatchObject([{ body: 'x', groupId: 'g' }]);
  });

  test('does nothing while it is disabled, before its start and after its end', async () => {
    const times = { startAt: START + 600_000, endAt: START + 900_000 };
    own.scheduler.put(own.schedule(times));
    own.scheduler.put(own.schedule({ arn: `${ARN}-off`, enabled: false }));
    own.scheduler.start();
    await own.pass(599);
    expect(await own.arrived()).toHaveLength(0);
    await own.pass(1);
    expect(await own.arrived()).toHaveLength(1);
    await own.pass(3600);
    expect(await own.arrived()).toHaveLength(1);
  });

  test('at a rate begins at once, or at its start date, and keeps its beat over a restart', async () => {
    const rate = own.schedule({ expression: 'rate(10 minutes)' });
    const later = own.schedule({ arn: `${ARN}-2`, expression: 'rate(10 minutes)', startAt: START + 90_000 });
    own.scheduler.put(rate);
    own.scheduler.put(later);
    own.scheduler.start();
    await own.pass(0);
    expect(await own.arrived()).toHaveLength(1);
    await own.pass(90);
    expect(await own.arrived()).toHaveLength(1);
    await own.restart(420, rate, later);
    expect(await own.arrived()).toHaveLength(0);
    await own.pass(90);
    expect(await own.arrived()).toHaveLength(1);
    await own.pass(90);
    expect(await own.arrived()).toHaveLength(1);
  });

  test('that changes its rate begins anew', async () => {
    own.scheduler.put(own.schedule({ expression: 'rate(10 minutes)' }));
    own.scheduler.start();
    await own.pass(60);
    await own.arrived();
    await own.restart(0, own.schedule({ expression: 'rate(20 minutes)' }));
    await own.pass(0);
    expect(await own.arrived()).toHaveLength(1);
    await own.pass(1199);
    expect(await own.arrived()).toHaveLength(0);
    await own.pass(1);
    expect(await own.arrived()).toHaveLength(1);
  });

  test('does not make up for what it missed, and does nothing twice', async () => {
    own.scheduler.put(own.schedule());
    own.scheduler.start();
    await own.pass(300);
    expect(await own.arrived()).toHaveLength(1);
    await own.restart(0, own.schedule());
    expect(await own.arrived()).toHaveLength(0);
    await own.restart(3600, own.schedule());
    expect(await own.arrived()).toHaveLength(0);
    await own.pass(300);
    expect(await own.arrived()).toHaveLength(1);
  });

  test('at one moment is called once, and goes if it says so', async () => {
    const once = own.schedule({
      expression: 'at(2026-01-01T13:00:00)',
      timeZone: 'Europe/Berlin',
      afterCompletion: 'DELETE',
    });
    own.scheduler.put({ ...once, expression: 'at(2026-01-01T13:30:00)', declared: false });
    own.scheduler.put({
      ...once,
      arn: `${ARN}-kept`,
      expression: 'at(2026-01-01T13:30:00)',
      afterCompletion: 'NONE',
    });
    own.scheduler.put({
      ...once,
      arn: `${ARN}-past`,
      expression: 'at(2026-01-01T12:00:00)',
      declared: false,
    });
    own.scheduler.start();
    await own.pass(1800);
    expect(await own.arrived()).toHaveLength(2);
    expect(own.scheduler.list().map(({ arn }) => arn)).toEqual([`${ARN}-kept`, `${ARN}-past`]);
    await own.pass(86_400);
    expect(await own.arrived()).toHaveLength(0);
  });

  test('follows summer time', async () => {
    own.clock.advance(Date.UTC(2026, 2, 28) - START);
    const input = '<aws.scheduler.scheduled-time>';
    const zoned = { expression: 'cron(30 2 * * ? *)', timeZone: 'Europe/Berlin' };
    own.scheduler.put(own.schedule(zoned, own.target({ input })));
    own.scheduler.start();
    await own.pass(3 * 86_400);
    expect(await own.arrived()).toEqual(['2026-03-28T01:30:00Z', '2026-03-30T00:30:00Z']);
  });

  test('made by the API is there after a restart; one of the stack is not unless it is put again', async () => {
    own.scheduler.put(own.schedule({ arn: `${ARN}-own`, declared: false }));
    own.scheduler.put(own.schedule());
    own.scheduler.start();
    await own.restart(0);
    expect(own.scheduler.list().map(({ arn }) => arn)).toEqual([`${ARN}-own`]);
    await own.pass(300);
    expect(await own.arrived()).toHaveLength(1);
    own.scheduler.delete(`${ARN}-own`);
    await own.restart(300);
    expect(own.scheduler.list()).toEqual([]);
  });

  test('that is due while the machine sleeps is missed', async () => {
    const { clock } = own;
    // A timer of a sleeping machine ends late.
    const late = {
      now: () => clock.now(),
      schedule: (delayMs: number, callback: () => void) => clock.schedule(delayMs + 61_000, callback),
    };
    await own.stop();
    own.scheduler = own.create(late);
    own.scheduler.put(own.schedule());
    own.scheduler.start();
    await own.pass(400);
    expect(await own.arrived()).toEqual([]);
  });
});
