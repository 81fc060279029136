import type { Broker } from '../../src/engine';
import { ManualClock } from '../support/manual-clock';
import { cleanUp, Lines, openBroker } from './support';

let clock: ManualClock;
let reporter: Lines;
let broker: Broker;
let arn: string;

beforeEach(async () => {
  clock = new ManualClock();
  reporter = new Lines();
  broker = await openBroker({ clock, reporter });
  ({ arn } = await broker.ensureQueue('orders', { VisibilityTimeout: '30' }));
});

afterEach(cleanUp);

describe('limits', () => {
  const refusal = (promise: Promise<unknown>) => expect(promise).rejects;

  it('counts attributes against the size of a message', async () => {
    const { arn: small } = await broker.ensureQueue('small', { MaximumMessageSize: '1024' });
    const attributes = { name: { dataType: 'String', value: 'v'.repeat(14) } };
    await broker.send(small, { body: 'b'.repeat(1000), attributes });
    await refusal(broker.send(small, { body: 'b'.repeat(1001), attributes })).toMatchObject({
      code: 'InvalidParameterValue',
    });
    await refusal(broker.send(small, { body: '\u00e9'.repeat(513) })).toMatchObject({
      code: 'InvalidParameterValue',
    });
  });

  it('refuses characters that SQS does not carry', async () => {
    await broker.send(arn, { body: 'tab\tfeed\nreturn\r \u{1f600} \ufffd' });
    for (const body of ['\u0000', '\u000b', '\ufffe', '\ud800']) {
      await refusal(broker.send(arn, { body })).toMatchObject({ code: 'InvalidMessageContents' });
    }
  });

  it.each([
    ['a name with a space', 'a b', 'String', 'x'],
    ['a reserved name', 'AWS.x', 'String', 'x'],
    ['two periods in a row', 'a..b', 'String', 'x'],
    ['an unknown type', 'a', 'Text', 'x'],
    ['an empty value', 'a', 'String', ''],
    ['a number that is none', 'a', 'Number', 'ten'],
    ['invalid characters', 'a', 'String', '\u0001'],
  ])('refuses an attribute with %s', async (_what, name, dataType, value) => {
    const attributes = { [name]: { dataType, value } };
    await refusal(broker.send(arn, { body: 'x', attributes })).toMatchObject({
      code: 'InvalidParameterValue',
    });
  });

  it('refuses more than ten attributes, and a delay over 15 minutes', async () => {
    const attributes = Object.fromEntries(
      [...Array(11).keys()].map((i) => [`a${i}`, { dataType: 'String', value: 'x' }]),
    );
    await refusal(broker.send(arn, { body: 'x', attributes })).toMatchObject({
      code: 'InvalidParameterValue',
    });
    await refusal(broker.send(arn, { body: 'x', delaySeconds: 901 })).toMatchObject({
      code: 'InvalidParameterValue',
    });
  });

  it.each([
    ['VisibilityTimeout', '43201'],
    ['DelaySeconds', '901'],
    ['MessageRetentionPeriod', '59'],
    ['MaximumMessageSize', '1048577'],
    ['ReceiveMessageWaitTimeSeconds', '21'],
    ['SqsManagedSseEnabled', 'yes'],
    ['FifoQueue', 'yes'],
    ['Policy', 'not json'],
    [
      'RedrivePolicy',
      '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:x","maxReceiveCount":1001}',
    ],
    ['RedriveAllowPolicy', '{"redrivePermission":"byQueue"}'],
  ])('refuses %s %s', async (name, value) => {
    await refusal(broker.ensureQueue('bad', { [name]: value })).toMatchObject({
      code: 'InvalidAttributeValue',
    });
  });

  it('refuses unknown attributes and bad names', async () => {
    await refusal(broker.ensureQueue('bad', { Colour: 'red' })).toMatchObject({
      code: 'InvalidAttributeName',
    });
    for (const name of ['', 'a b', 'x'.repeat(81), 'orders.fifo']) {
      await refusal(broker.ensureQueue(name)).toMatchObject({ code: 'InvalidParameterValue' });
    }
  });

  it('has a queue of a name only once, unless it is the same', async () => {
    await broker.queues.create('orders', { VisibilityTimeout: '30' });
    await refusal(broker.queues.create('orders', { VisibilityTimeout: '31' })).toMatchObject({
      code: 'QueueNameExists',
    });
  });

  it('reports a count instead of lines under load', async () => {
    await Promise.all([...Array(100).keys()].map((i) => broker.send(arn, { body: String(i) })));
    expect(reporter.events.length).toBeLessThan(30);
    clock.advanceSeconds(1);
    expect(reporter.events.at(-1)).toMatch(/and \d+ more events/);
  });
});
