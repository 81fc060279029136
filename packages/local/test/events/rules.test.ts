import { asyncInvocationQueueArn } from '../../src/contracts';
import { allowTopic, cleanUp, receive } from '../engine/support';
import { DEFAULT_ARN, FUNCTION_ARN, ORDERS_ARN, START, TestEvents } from './support';

let own: TestEvents;

beforeEach(async () => {
  own = new TestEvents();
  await own.open();
});

afterEach(async () => {
  await own.stop();
  await cleanUp();
});

const text = (value: unknown) => ({ dataType: 'String', value });

describe('a rule', () => {
  test('sends what matches to all its targets, in an envelope', async () => {
    const topic = await own.broker.ensureTopic('news');
    const raw = { RawMessageDelivery: 'true' };
    await own.broker.ensureQueue('dead', { Policy: allowTopic(topic.arn, own.deadLetterArn) });
    await own.broker.ensureSubscription({
      arn: `${topic.arn}:1`,
      topicArn: topic.arn,
      protocol: 'sqs',
      endpoint: own.deadLetterArn,
      attributes: raw,
    });
    own.rule(
      {},
      own.target(),
      own.target({ id: 'fn', arn: `${FUNCTION_ARN}:$LATEST` }),
      own.target({ id: 'topic', arn: topic.arn }),
      own.target({ id: 'log', arn: 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/events/all:*' }),
    );
    own.rule({ name: 'other', pattern: '{"source":["bank"]}' });
    const detail = '{ "orderId": 12345678901234567890, "note": "a \\" b" }';
    const id = await own.put({ detail, resources: ['arn:x'], at: START - 1500, traceHeader: 'Root=1-2-3' });
    const envelope =
      `{"version":"0","id":"${id}","detail-type":"Order Placed","source":"shop","account":"000000000000",` +
      '"time":"2026-01-01T11:59:58Z","region":"us-east-1","resources":["arn:x"],' +
      '"detail":{"orderId":12345678901234567890,"note":"a \\" b"}}';
    expect(await own.take()).toMatchObject([{ body: envelope, traceHeader: 'Root=1-2-3' }]);
    expect(await receive(own.broker, asyncInvocationQueueArn(FUNCTION_ARN))).toMatchObject([
      { body: envelope, traceHeader: 'Root=1-2-3' },
    ]);
    expect(await own.bodies(own.deadLetterArn)).toEqual([envelope]);
    expect(own.logged).toEqual([`/aws/events/all ${envelope}`]);
  });

  test('that is disabled sends nothing', async () => {
    const rule = own.rule({ enabled: false });
    await own.put();
    expect(await own.bodies()).toEqual([]);
    own.registry.putRule({ ...rule, enabled: true });
    await own.put();
    expect(await own.bodies()).toHaveLength(1);
  });

  test('sees the events of its own bus alone', async () => {
    own.bus('orders');
    own.rule({ busName: 'orders' });
    await own.put();
    expect(await own.bodies()).toEqual([]);
    await own.put({}, ORDERS_ARN);
    expect(await own.bodies()).toHaveLength(1);
  });

  test('sends a part of the event, its input, or what its template makes of it', async () => {
    const inputTransformer = { paths: { order: '$.detail.orderId' }, template: '{"order": <order>}' };
    own.rule(
      {},
      own.target({ inputPath: '$.detail' }),
      own.target({ id: 'nothing', inputPath: '$.detail.no' }),
      own.target({ id: 'input', input: '{"a":"<aws.scheduler.execution-id>"}' }),
      own.target({ id: 'template', inputTransformer }),
    );
    await own.put();
    expect(await own.bodies()).toEqual([
      '{"orderId":7}',
      'null',
      '{"a":"<aws.scheduler.execution-id>"}',
      '{"order": 7}',
    ]);
  });

  test('fills FIFO queues group by group', async () => {
    const { arn } = await own.broker.ensureQueue('line.fifo', {
      FifoQueue: 'true',
      ContentBasedDeduplication: 'true',
    });
    own.rule({}, own.target({ arn, messageGroupId: 'shop' }));
    await own.buses.put(
      DEFAULT_ARN,
      ['1', '2', '3'].map((n) => ({ source: 'shop', detailType: 'n', detail: `{"n":${n}}` })),
    );
    await own.deliveries.idle();
    const messages = await own.take(arn);
    expect(messages.map(({ body }) => (JSON.parse(body) as { detail: object }).detail)).toEqual([
      { n: 1 },
      { n: 2 },
      { n: 3 },
    ]);
    expect(messages[0]!.groupId).toBe('shop');
  });
});

describe('an event on another bus', () => {
  beforeEach(() => {
    own.bus('orders');
    own.bus('third');
    own.rule({}, own.target({ arn: ORDERS_ARN }));
  });

  test('stays as it is', async () => {
    own.rule({ busName: 'orders' });
    const id = await own.put({ resources: ['arn:x'] });
    const [body] = await own.bodies();
    expect(JSON.parse(body!)).toMatchObject({ id, source: 'shop', resources: ['arn:x'] });
  });

  test('does not go on to a third one, nor round in circles', async () => {
    own.rule({ busName: 'orders' }, own.target({ arn: own.registry.busArn('third') }));
    own.rule({ busName: 'orders', name: 'back' }, own.target({ arn: DEFAULT_ARN }));
    own.rule({ busName: 'third' });
    own.rule({ name: 'count' });
    await own.put();
    expect(await own.bodies()).toHaveLength(1);
  });
});

describe('a rule with a schedule', () => {
  test('sends the scheduled event when it is due, not at once', async () => {
    const { arn } = own.rule({ scheduleExpression: 'rate(5 minutes)' });
    await own.pass(299);
    expect(await own.bodies()).toEqual([]);
    await own.pass(1);
    const [body] = await own.bodies();
    expect(JSON.parse(body!)).toEqual({
      version: '0',
      id: expect.any(String) as string,
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '000000000000',
      time: '2026-01-01T12:05:00Z',
      region: 'us-east-1',
      resources: [arn],
      detail: {},
    });
  });

  test('and a pattern does both', async () => {
    own.rule(
      { scheduleExpression: 'cron(0/5 * * * ? *)', pattern: '{"source":["shop"]}' },
      own.target({ inputPath: '$.source' }),
    );
    await own.put();
    expect(await own.bodies()).toEqual(['"shop"']);
    await own.pass(300);
    expect(await own.bodies()).toEqual(['"aws.events"']);
  });

  test('stops when it is disabled, deleted or has none any more', async () => {
    const rule = own.rule({ scheduleExpression: 'rate(5 minutes)' });
    own.registry.putRule({ ...rule, enabled: false });
    await own.pass(600);
    own.registry.putRule(rule);
    own.registry.putRule({ ...rule, scheduleExpression: undefined, pattern: '{"source":["x"]}' });
    await own.pass(600);
    own.registry.putRule({ ...rule, targets: [] });
    own.registry.deleteRule({ ...rule, targets: [] });
    await own.pass(600);
    expect(await own.bodies()).toEqual([]);
  });
});

describe('a target that fails', () => {
  test('is tried again with growing pauses, and then its event goes to the dead letters', async () => {
    // A FIFO queue refuses what has no deduplication id.
    const { arn } = await own.broker.ensureQueue('line.fifo', { FifoQueue: 'true' });
    const rule = own.rule(
      {},
      own.target({
        arn,
        messageGroupId: 'g',
        input: '{}',
        maximumRetryAttempts: 2,
        deadLetterArn: own.deadLetterArn,
      }),
    );
    const id = await own.put();
    await own.pass(1);
    await own.pass(1);
    expect(await own.take(own.deadLetterArn)).toEqual([]);
    await own.pass(1);
    const [letter] = await own.take(own.deadLetterArn);
    expect(JSON.parse(letter!.body)).toMatchObject({ id, detail: { orderId: 7 } });
    expect(letter!.attributes).toEqual({
      RULE_ARN: text(rule.arn),
      TARGET_ARN: text(arn),
      ERROR_CODE: text('INVALID_PARAMETER'),
      ERROR_MESSAGE: text(expect.stringContaining('MessageDeduplicationId')),
      EXHAUSTED_RETRY_CONDITION: text('MaximumRetryAttempts'),
      RETRY_ATTEMPTS: text('2'),
    });
    await own.pass(86_400);
    expect(await own.take(own.deadLetterArn)).toEqual([]);
  });

  test('is given up at the age that its policy says, to the second', async () => {
    const wrong = own.target({ arn: FUNCTION_ARN, inputTransformer: { paths: {}, template: '"a" "b"' } });
    own.rule({}, { ...wrong, maximumEventAgeSeconds: 60, deadLetterArn: own.deadLetterArn });
    await own.put();
    for (let second = 0; second < 59; second += 1) await own.pass(1);
    expect(await own.take(own.deadLetterArn)).toEqual([]);
    await own.pass(1);
    expect(await own.take(own.deadLetterArn)).toMatchObject([
      {
        attributes: {
          ERROR_CODE: { value: 'SDK_CLIENT_ERROR' },
          EXHAUSTED_RETRY_CONDITION: { value: 'MaximumEventAgeInSeconds' },
          // After 1, 2, 4, 8, 16 and 29 seconds.
          RETRY_ATTEMPTS: { value: '5' },
        },
      },
    ]);
  });

  test.each([
    ['may not be called', 'NO_PERMISSIONS', () => own.refused.add(own.queueArn), () => own.queueArn],
    ['is not there', 'NO_RESOURCE', () => undefined, () => `${own.queueArn}-missing`],
    ['is no function', 'NO_RESOURCE', () => undefined, () => `${FUNCTION_ARN}-missing`],
    ['is no bus', 'NO_RESOURCE', () => undefined, () => ORDERS_ARN],
  ])('is not tried again where it %s', async (_, code, prepare, arn) => {
    prepare();
    own.rule({}, own.target({ arn: arn(), deadLetterArn: own.deadLetterArn }));
    await own.put();
    const [letter] = await own.take(own.deadLetterArn);
    expect(letter!.attributes).toMatchObject({ ERROR_CODE: { value: code }, RETRY_ATTEMPTS: { value: '0' } });
    expect(letter!.attributes.EXHAUSTED_RETRY_CONDITION).toBeUndefined();
  });

  test('goes on being tried by the next process, at the time it was to be', async () => {
    const target = own.target({ arn: FUNCTION_ARN, inputTransformer: { paths: {}, template: 'x' } });
    own.rule({}, { ...target, maximumRetryAttempts: 1, deadLetterArn: own.deadLetterArn });
    await own.put();
    await own.restart();
    expect(await own.take(own.deadLetterArn)).toEqual([]);
    await own.pass(1);
    expect(await own.take(own.deadLetterArn)).toMatchObject([
      { attributes: { ERROR_CODE: { value: 'INVALID_JSON' }, RETRY_ATTEMPTS: { value: '1' } } },
    ]);
    await own.restart();
    await own.pass(3600);
    expect(await own.take(own.deadLetterArn)).toEqual([]);
  });

  test('loses its event, with a word, where nobody takes it', async () => {
    own.refused.add(own.queueArn).add(own.deadLetterArn);
    own.rule({}, own.target(), own.target({ id: 'u', deadLetterArn: own.deadLetterArn }));
    await own.put();
    expect(own.reporter.lines.filter((line) => line.startsWith('events !'))).toEqual([
      `events ! r: ${own.queueArn}: no sqs:SendMessage; given up after 1 attempts, the event is lost`,
      `events ! r: ${own.queueArn}: no sqs:SendMessage; given up after 1 attempts; the event is lost, ${own.deadLetterArn} did not take it: no sqs:SendMessage`,
    ]);
  });
});

test('what was accepted and not sent is sent by the next process', async () => {
  own.rule();
  await own.deliveries.stop();
  const { store } = own.broker.queues;
  // As a kill leaves it: kept, but not sent.
  const delivery = {
    id: 'kept',
    source: { kind: 'rule', arn: own.registry.ruleArn('default', 'r'), name: 'r' },
    target: own.target(),
    event: '{"id":"1"}',
    eventId: '1',
    at: START,
    attempts: 0,
    nextAt: START,
  };
  await store.commit([{ type: 'put', key: 'e!kept', value: JSON.stringify(delivery) }]);
  await own.restart();
  await own.deliveries.idle();
  expect(await own.bodies()).toEqual(['{"id":"1"}']);
  await own.restart();
  expect(await own.bodies()).toEqual([]);
});

test('buses and rules made by the API outlive the process, and changes of the stack’s do not', async () => {
  const bus = own.bus('orders');
  own.registry.putBus({ ...bus, name: 'made', arn: own.registry.busArn('made'), declared: false });
  const rule = own.rule({ busName: 'made', name: 'kept', declared: false });
  own.rule({ scheduleExpression: 'rate(5 minutes)', name: 'timed', declared: false });
  own.rule({ name: 'declared' });
  await own.restart();
  expect(own.registry.listBuses().map(({ name }) => name)).toEqual(['default', 'made']);
  expect(own.registry.allRules().map(({ name }) => name)).toEqual(['timed', 'kept']);
  await own.put({}, own.registry.busArn('made'));
  expect(await own.bodies()).toHaveLength(1);
  await own.pass(300);
  expect(await own.bodies()).toHaveLength(1);
  expect(() => own.registry.deleteBus('made')).toThrow('it still has rules');
  expect(() => own.registry.deleteRule(rule)).toThrow("Rule can't be deleted since it has targets.");
});
