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

describe('a call that fails', () => {
  test('is tried again with growing pauses', async () => {
    own.refused.add(own.queueArn);
    own.scheduler.put(
      own.schedule({ endAt: START + 300_000 }, own.target({ input: '<aws.scheduler.attempt-number>' })),
    );
    own.scheduler.start();
    await own.pass(300);
    await own.pass(1);
    await own.pass(1);
    own.refused.clear();
    expect(await own.arrived()).toEqual([]);
    await own.pass(1);
    expect(await own.arrived()).toEqual(['3']);
    expect(own.reporter.lines.filter((line) => line.startsWith('scheduler'))).toEqual([
      `scheduler ! s: ${own.queueArn}: no sqs:SendMessage; again in 1 s, with growing pauses`,
      'scheduler s -> work',
    ]);
  });

  test('is not tried again for a schedule that is deleted meanwhile', async () => {
    own.refused.add(own.queueArn);
    own.run(own.schedule({ endAt: START + 300_000 }));
    own.clock.advanceSeconds(300);
    own.scheduler.delete(ARN);
    await own.deliveries.idle();
    own.refused.clear();
    await own.pass(60);
    expect(await own.arrived()).toEqual([]);
  });

  test('is tried again for a schedule that ends with it', async () => {
    own.refused.add(own.queueArn);
    own.run(own.schedule({ expression: 'at(2026-01-01T12:05:00)', afterCompletion: 'DELETE' }));
    await own.pass(300);
    expect(own.scheduler.find(ARN)).toBeUndefined();
    own.refused.clear();
    await own.pass(1);
    expect(await own.arrived()).toHaveLength(1);
  });

  test('is left to the next run where it fails while this one stops', async () => {
    own.refused.add(own.queueArn);
    const once = own.schedule({ endAt: START + 300_000 });
    own.run(once);
    own.clock.advanceSeconds(300);
    await own.stop();
    own.refused.clear();
    await own.pass(60);
    expect(await own.arrived()).toEqual([]);
    await own.restart(0, once);
    await own.pass(1);
    expect(await own.arrived()).toHaveLength(1);
  });

  test('is tried again after a restart', async () => {
    own.refused.add(own.queueArn);
    const once = own.schedule({ endAt: START + 300_000 });
    own.scheduler.put(once);
    own.scheduler.start();
    await own.pass(300);
    own.refused.clear();
    await own.restart(0, once);
    await own.pass(1);
    expect(await own.arrived()).toHaveLength(1);
    await own.restart(60, once);
    expect(await own.arrived()).toHaveLength(0);
  });

  test('ends in the dead-letter queue after the last attempt', async () => {
    const missing = 'arn:aws:sqs:us-east-1:000000000000:missing';
    const retried = own.target({
      arn: missing,
      input: 'lost?',
      maximumRetryAttempts: 2,
      deadLetterArn: own.deadLetterArn,
    });
    own.scheduler.put(own.schedule({ endAt: START + 300_000 }, retried));
    own.scheduler.start();
    await own.pass(300);
    await own.pass(1);
    expect(await receive(own.broker, own.deadLetterArn)).toEqual([]);
    await own.pass(2);
    const [letter] = await receive(own.broker, own.deadLetterArn);
    expect(letter!.body).toBe('lost?');
    const text = (value: unknown) => ({ dataType: 'String', value });
    expect(letter!.attributes).toEqual({
      ERROR_CODE: text('QueueDoesNotExist'),
      ERROR_MESSAGE: text('The specified queue does not exist.'),
      EXECUTION_ID: text(expect.any(String)),
      EXHAUSTED_RETRY_CONDITION: text('MaximumRetryAttempts'),
      IS_PAYLOAD_TRUNCATED: text('false'),
      RETRY_ATTEMPTS: text('2'),
      SCHEDULED_TIME: text('2026-01-01T12:05:00Z'),
      SCHEDULE_ARN: text(ARN),
      TARGET_ARN: text(missing),
    });
  });

  test('ends in the dead-letter queue when it is too old', async () => {
    own.refused.add(own.queueArn);
    own.scheduler.put(
      own.schedule(
        { endAt: START + 300_000 },
        own.target({ maximumEventAgeSeconds: 60, deadLetterArn: own.deadLetterArn }),
      ),
    );
    own.scheduler.start();
    await own.pass(300);
    for (let i = 0; i < 59; i += 1) await own.pass(1);
    expect(await receive(own.broker, own.deadLetterArn)).toEqual([]);
    await own.pass(1);
    expect(await receive(own.broker, own.deadLetterArn)).toMatchObject([
      { attributes: { EXHAUSTED_RETRY_CONDITION: { value: 'MaximumEventAgeInSeconds' } } },
    ]);
  });

  test('is lost with a warning where there is no dead-letter queue, or it does not take it', async () => {
    own.refused.add(own.queueArn).add(own.deadLetterArn);
    const none = own.target({ maximumRetryAttempts: 0 });
    own.scheduler.put(
      own.schedule({ endAt: START + 300_000 }, none, { ...none, id: 'u', deadLetterArn: own.deadLetterArn }),
    );
    own.scheduler.start();
    await own.pass(300);
    expect(own.reporter.lines).toEqual([
      `scheduler ! s: ${own.queueArn}: no sqs:SendMessage; given up after 1 attempts, the event is lost`,
      `scheduler ! s: ${own.queueArn}: no sqs:SendMessage; given up after 1 attempts; the event is lost, ${own.deadLetterArn} did not take it: no sqs:SendMessage`,
    ]);
  });

  test('of a function is one to a function that is not there, or with no JSON', async () => {
    const none = { maximumRetryAttempts: 0, deadLetterArn: own.deadLetterArn };
    const missing = own.target({ arn: `${FUNCTION}-2`, input: '{}', ...none });
    own.scheduler.put(
      own.schedule({}, missing, own.target({ id: 'u', arn: FUNCTION, input: 'text', ...none })),
    );
    own.scheduler.start();
    await own.pass(300);
    const letters = await receive(own.broker, own.deadLetterArn);
    expect(letters.map(({ attributes }) => attributes['ERROR_CODE']!.value).sort()).toEqual([
      'InvalidRequestContentException',
      'ResourceNotFoundException',
    ]);
  });

  test('is not tried again where the schedule is deleted', async () => {
    own.refused.add(own.queueArn);
    own.scheduler.put(own.schedule());
    own.scheduler.start();
    await own.pass(300);
    own.scheduler.delete(ARN);
    own.refused.clear();
    await own.pass(3600);
    expect(await own.arrived()).toEqual([]);
  });
});
