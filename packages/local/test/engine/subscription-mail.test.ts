import type { Mail, Mailbox } from '../../src/contracts';
import type { Broker } from '../../src/engine';
import { ServiceError } from '../../src/engine';
import { ManualClock } from '../support/manual-clock';
import { until } from './http-endpoint';
import { cleanUp, Lines, openBroker } from './support';

/** Keeps mail, or refuses it with the next of the given errors. */
class TestMailbox implements Mailbox {
  readonly mails: Mail[] = [];
  readonly errors: Error[] = [];

  deliver(mail: Mail): Promise<{ messageId: string }> {
    const error = this.errors.shift();
    if (error) return Promise.reject(error);
    this.mails.push(mail);
    return Promise.resolve({ messageId: `mail-${this.mails.length}` });
  }

  deliverText(phoneNumber: string, text: string): Promise<string> {
    const error = this.errors.shift();
    return error ? Promise.reject(error) : Promise.resolve(`${phoneNumber}: ${text}`);
  }

  async mail(count: number): Promise<Mail> {
    await until(() => this.mails.length >= count);
    return this.mails[count - 1]!;
  }
}

let clock: ManualClock;
let reporter: Lines;
let mailbox: TestMailbox;
let broker: Broker;
let topicArn: string;

beforeEach(async () => {
  clock = new ManualClock();
  reporter = new Lines();
  mailbox = new TestMailbox();
  broker = await openBroker({ clock, reporter, mailbox });
  broker.setEndpointUrl('http://127.0.0.1:4566');
  ({ arn: topicArn } = await broker.ensureTopic('events', { DisplayName: 'Shop "x"' }));
});

afterEach(cleanUp);

const endpoint = 'a@example.com';

function tokenIn(text: string): string {
  return /Token=([0-9a-f]{128})/.exec(text)![1]!;
}

describe('by mail', () => {
  it('a subscription waits for the link in a mail', async () => {
    const { arn } = await broker.subscriptions.subscribe({ topicArn, protocol: 'email', endpoint });
    const mail = await mailbox.mail(1);
    expect(mail).toMatchObject({
      from: '"Shop x" <no-reply@sns.amazonaws.com>',
      to: [endpoint],
      subject: 'AWS Notification - Subscription Confirmation',
    });
    expect(mail.text).toContain(
      `http://127.0.0.1:4566/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=`,
    );
    await broker.publish(topicArn, [{ message: 'too early' }]);
    await broker.subscriptions.confirm(topicArn, tokenIn(mail.text!), { authenticated: false });
    await broker.publish(topicArn, [{ message: 'hello', subject: 'greeting' }]);
    const delivered = await mailbox.mail(2);
    expect(delivered.subject).toBe('greeting');
    expect(delivered.text).toMatch(/^hello\n\n--\n/);
    expect(delivered.text).toContain(`?Action=Unsubscribe&SubscriptionArn=${arn}\n`);
    expect(mailbox.mails).toHaveLength(2);
  });

  it('JSON is the envelope', async () => {
    await broker.ensureSubscription({ topicArn, protocol: 'email-json', endpoint });
    await broker.publish(topicArn, [
      { message: '{"default":"d","email-json":"j"}', messageStructure: 'json' },
    ]);
    const { text, subject } = await mailbox.mail(1);
    expect(subject).toBe('AWS Notification Message');
    expect(JSON.parse(text!)).toMatchObject({ Type: 'Notification', Message: 'j', SignatureVersion: '1' });
  });

  it('what cannot be kept is tried again after 10 seconds, what is refused is not', async () => {
    await broker.ensureSubscription({ topicArn, protocol: 'email', endpoint });
    mailbox.errors.push(new Error('disk full'));
    await broker.publish(topicArn, [{ message: '1' }]);
    await until(() => reporter.warnings.length === 1);
    expect(reporter.warnings[0]).toContain('disk full; again in 10 s');
    clock.advanceSeconds(10);
    expect((await mailbox.mail(1)).text).toMatch(/^1\n/);
    mailbox.errors.push(new ServiceError('BadRequestException', 'no such address'));
    await broker.publish(topicArn, [{ message: '2' }]);
    await until(() => reporter.warnings.length === 3);
    expect(reporter.warnings[1]).toContain('no such address; given up after 1 attempts');
  });

  it('goes nowhere without a mailbox, with a warning', async () => {
    broker = await openBroker({ clock, reporter });
    await broker.ensureTopic('events');
    await broker.ensureSubscription({ topicArn, protocol: 'email', endpoint });
    await broker.publish(topicArn, [{ message: '1' }]);
    await until(() => reporter.warnings.length === 2);
    expect(reporter.warnings[0]).toContain('there is no mailbox');
  });

  it.each(['nobody', 'a@b@c', 'a b@example.com', '<a@example.com>', 'a@example.com,b@example.com'])(
    'not to %s',
    async (address) => {
      const subscribing = broker.subscriptions.subscribe({ topicArn, protocol: 'email', endpoint: address });
      await expect(subscribing).rejects.toMatchObject({ code: 'InvalidParameter' });
    },
  );
});

describe('by SMS', () => {
  it('a text is kept, and a line of the log is written', async () => {
    await broker.subscriptions.subscribe({
      topicArn,
      protocol: 'sms',
      endpoint: '+1 555-0100'.replace(' ', ''),
    });
    expect(broker.subscriptions.list()).toMatchObject([{ endpoint: '+15550100' }]);
    await broker.publish(topicArn, [{ message: 'hello' }]);
    await until(() => reporter.events.includes('sms: to +15550100: hello (+15550100: hello)'));
    expect(broker.topics.get(topicArn).traffic).toMatchObject({ published: 1, delivered: 1, failed: 0 });
    mailbox.errors.push(new Error('the disk is full'));
    await broker.publish(topicArn, [{ message: 'again' }]);
    await until(() => reporter.warnings.includes('sms: to +15550100: the disk is full'));
  });

  it.each(['+15--551234567', 'NAA+15551234567', '+15551234567.', '/+15551234567', '1', '+1a234'])(
    'not to %s',
    async (number) => {
      const subscribing = broker.subscriptions.subscribe({ topicArn, protocol: 'sms', endpoint: number });
      await expect(subscribing).rejects.toMatchObject({
        code: 'InvalidParameter',
        message: `Invalid SMS endpoint: ${number}`,
      });
      expect(() => broker.sns.text(number, { message: 'x' })).toThrow('is not valid to publish to');
    },
  );
});

it.each([
  ['application', 'Protocol application is not hosted by the local runtime'],
  ['firehose', 'Protocol firehose is not hosted by the local runtime'],
  ['pigeon', 'Amazon SNS does not support this protocol string: pigeon'],
  ['constructor', 'Amazon SNS does not support this protocol string: constructor'],
])('the protocol %s is refused', async (protocol, reason) => {
  const subscribing = broker.subscriptions.subscribe({ topicArn, protocol, endpoint });
  await expect(subscribing).rejects.toMatchObject({
    code: 'InvalidParameter',
    message: `Invalid parameter: ${reason}`,
  });
});
