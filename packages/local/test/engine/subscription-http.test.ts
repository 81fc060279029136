import type { Broker } from '../../src/engine';
import { ManualClock } from '../support/manual-clock';
import { HttpEndpoint, SILENCE, until } from './http-endpoint';
import { allowTopic, cleanUp, Lines, openBroker, receive, temporaryFolder } from './support';

let clock: ManualClock;
let reporter: Lines;
let broker: Broker;
let topicArn: string;
let endpoint: HttpEndpoint;

beforeEach(async () => {
  clock = new ManualClock();
  reporter = new Lines();
  broker = await openBroker({ clock, reporter });
  broker.setEndpointUrl('http://127.0.0.1:4566');
  ({ arn: topicArn } = await broker.ensureTopic('events'));
  endpoint = await HttpEndpoint.start();
});

afterEach(async () => {
  await cleanUp();
  await endpoint.stop();
});

function subscribe(attributes: Record<string, string> = {}, url = endpoint.url) {
  return broker.subscriptions.subscribe({ topicArn, protocol: 'http', endpoint: url, attributes });
}

/** A subscription that is confirmed at once. */
async function confirmed(attributes: Record<string, string> = {}): Promise<string> {
  const request = { topicArn, protocol: 'http', endpoint: endpoint.url, attributes };
  return (await broker.ensureSubscription(request)).arn;
}

function messageOf(request: { body: string }): Record<string, string> {
  return JSON.parse(request.body) as Record<string, string>;
}

const byOwner = { authenticated: true };
const byLink = { authenticated: false };

describe('a confirmation', () => {
  it('is asked for by a POST with a token', async () => {
    const { arn, suspended } = await subscribe({ RawMessageDelivery: 'true' });
    expect(suspended).toBe('pending');
    const { headers, body, path } = await endpoint.request(1);
    expect(path).toBe('/sns');
    expect(headers).toMatchObject({
      'x-amz-sns-message-type': 'SubscriptionConfirmation',
      'x-amz-sns-topic-arn': topicArn,
      'content-type': 'text/plain; charset=UTF-8',
      'user-agent': 'Amazon Simple Notification Service Agent',
    });
    expect(headers).not.toHaveProperty('x-amz-sns-rawdelivery');
    expect(headers).not.toHaveProperty('x-amz-sns-subscription-arn');
    const message = messageOf({ body });
    expect(message).toEqual({
      Type: 'SubscriptionConfirmation',
      MessageId: headers['x-amz-sns-message-id'],
      Token: expect.stringMatching(/^[0-9a-f]{128}$/) as string,
      TopicArn: topicArn,
      Message: `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
      SubscribeURL: `http://127.0.0.1:4566/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=${message.Token}`,
      Timestamp: '2026-01-01T00:00:00.000Z',
      SignatureVersion: '1',
      Signature: expect.any(String) as string,
      SigningCertURL: expect.any(String) as string,
    });
    expect(broker.subscriptions.get(arn).isActive).toBe(false);
  });

  it('starts the deliveries, and can be repeated', async () => {
    const { arn } = await subscribe();
    const { Token } = messageOf(await endpoint.request(1));
    await broker.publish(topicArn, [{ message: 'too early' }]);
    const record = await broker.subscriptions.confirm(topicArn, Token!, byLink);
    expect(record).toMatchObject({ arn, confirmedByOwner: false });
    expect((await broker.subscriptions.confirm(topicArn, Token!, byOwner)).arn).toBe(arn);
    await broker.publish(topicArn, [{ message: 'in time' }]);
    expect(messageOf(await endpoint.request(2)).Message).toBe('in time');
    expect(broker.topics.get(topicArn).counts()).toEqual({ confirmed: 1, pending: 0 });
  });

  it('is asked for again by another Subscribe, with a token that replaces the first', async () => {
    const { arn } = await subscribe();
    const first = messageOf(await endpoint.request(1)).Token!;
    expect((await subscribe()).arn).toBe(arn);
    const second = messageOf(await endpoint.request(2)).Token!;
    await expect(broker.subscriptions.confirm(topicArn, first, byLink)).rejects.toMatchObject({
      message: 'Invalid parameter: Token',
    });
    await broker.subscriptions.confirm(topicArn, second, byLink);
  });

  it.each([
    ['no token at all', () => topicArn, 'abc', 'Invalid token'],
    ['an unknown token', () => topicArn, '0'.repeat(128), 'Invalid parameter: Token'],
    ['another topic', () => `${topicArn}-other`, '0'.repeat(128), 'Invalid parameter: Topic'],
  ])('refuses %s', async (_what, topic, token, message) => {
    const confirming = broker.subscriptions.confirm(topic(), token, byLink);
    await expect(confirming).rejects.toMatchObject({ code: 'InvalidParameter', message });
  });

  it('that does not come within two days ends the subscription', async () => {
    const { arn } = await subscribe();
    const { Token } = messageOf(await endpoint.request(1));
    clock.advanceSeconds(172_799);
    expect(broker.subscriptions.find(arn)).toBeDefined();
    clock.advanceSeconds(1);
    expect(broker.subscriptions.find(arn)).toBeUndefined();
    await expect(broker.subscriptions.confirm(topicArn, Token!, byLink)).rejects.toThrow('Token');
  });

  it('makes one subscription of simultaneous calls', async () => {
    const records = await Promise.all([subscribe(), subscribe(), subscribe()]);
    expect(new Set(records.map(({ arn }) => arn)).size).toBe(1);
    expect(broker.subscriptions.list()).toHaveLength(1);
  });
});

describe('a subscription', () => {
  it('is ended by its link, and comes back by the one in the farewell', async () => {
    const arn = await confirmed();
    await broker.subscriptions.unsubscribe(arn, byLink);
    const { headers, body } = await endpoint.request(1);
    expect(headers).toMatchObject({
      'x-amz-sns-message-type': 'UnsubscribeConfirmation',
      'x-amz-sns-subscription-arn': arn,
    });
    expect(messageOf({ body }).Message).toContain(`You have chosen to deactivate subscription ${arn}`);
    await broker.publish(topicArn, [{ message: 'nobody' }]);
    await broker.subscriptions.confirm(topicArn, messageOf({ body }).Token!, byLink);
    await broker.publish(topicArn, [{ message: 'back' }]);
    expect(messageOf(await endpoint.request(2)).Message).toBe('back');
  });

  it('is ended at once by its owner', async () => {
    const arn = await confirmed();
    await broker.subscriptions.unsubscribe(arn, byOwner);
    expect(broker.subscriptions.list()).toEqual([]);
    expect(broker.queues.all()).toEqual([]);
    expect(broker.topics.get(topicArn).deleted).toBe(1);
    await broker.subscriptions.unsubscribe(arn, byOwner);
  });

  it('that was confirmed so cannot be ended by a link', async () => {
    await subscribe();
    const { Token } = messageOf(await endpoint.request(1));
    const options = { authenticated: true, authenticateOnUnsubscribe: true };
    const { arn } = await broker.subscriptions.confirm(topicArn, Token!, options);
    await expect(broker.subscriptions.unsubscribe(arn, byLink)).rejects.toMatchObject({
      code: 'AuthorizationError',
      status: 403,
    });
    await broker.subscriptions.unsubscribe(arn, byOwner);
  });

  it('goes with its topic, and its queue too', async () => {
    await confirmed();
    await broker.topics.delete(broker.topics.get(topicArn));
    expect(broker.subscriptions.list()).toEqual([]);
    await until(() => broker.queues.all().length === 0);
  });

  it.each([
    ['http', 'http://example.com/sns', 'posts to this machine only, and example.com is not'],
    ['http', 'http://10.0.0.1/sns', '10.0.0.1 is not a name of its loopback interface'],
    ['http', 'http://localhost.example.com/', 'localhost.example.com is not'],
    ['https', 'http://127.0.0.1/sns', 'Endpoint must match the specified protocol'],
    ['http', 'nowhere', 'not a URL: nowhere'],
  ])('by %s to %s is refused', async (protocol, url, reason) => {
    const subscribing = broker.subscriptions.subscribe({ topicArn, protocol, endpoint: url });
    await expect(subscribing).rejects.toMatchObject({ code: 'InvalidParameter' });
    await expect(subscribing).rejects.toThrow(reason);
  });
});

describe('a delivery', () => {
  const attributes = { kind: { dataType: 'String', value: 'test' } };

  it('has the envelope and headers', async () => {
    const arn = await confirmed();
    const [MessageId] = await broker.publish(topicArn, [{ message: 'hello', subject: 'hi', attributes }]);
    const { headers, body } = await endpoint.request(1);
    expect(headers).toMatchObject({
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-message-id': MessageId,
      'x-amz-sns-topic-arn': topicArn,
      'x-amz-sns-subscription-arn': arn,
      'content-type': 'text/plain; charset=UTF-8',
    });
    expect(JSON.parse(body)).toMatchObject({
      Type: 'Notification',
      Message: 'hello',
      Subject: 'hi',
      UnsubscribeURL: `http://127.0.0.1:4566/?Action=Unsubscribe&SubscriptionArn=${arn}`,
      MessageAttributes: { kind: { Type: 'String', Value: 'test' } },
    });
  });

  it('is bare if raw, in the content type that is asked for', async () => {
    const DeliveryPolicy = '{"requestPolicy":{"headerContentType":"text/csv"}}';
    await confirmed({ RawMessageDelivery: 'true', DeliveryPolicy });
    const message = '{"default":"d","http":"a;b"}';
    await broker.publish(topicArn, [{ message, messageStructure: 'json', attributes }]);
    const { headers, body } = await endpoint.request(1);
    expect(headers).toMatchObject({ 'x-amz-sns-rawdelivery': 'true', 'content-type': 'text/csv' });
    expect(body).toBe('a;b');
  });

  it('is tried again as the policy says', async () => {
    const healthyRetryPolicy = {
      numRetries: 4,
      numNoDelayRetries: 1,
      numMinDelayRetries: 1,
      minDelayTarget: 5,
      maxDelayTarget: 15,
      backoffFunction: 'linear',
    };
    await confirmed({ DeliveryPolicy: JSON.stringify({ healthyRetryPolicy }) });
    endpoint.answers.push(500, 503, 0, 429);
    await broker.publish(topicArn, [{ message: 'hello' }]);
    await endpoint.request(2);
    const delays = [5, 5, 15];
    for (const [i, delay] of delays.entries()) {
      await until(() => reporter.warnings.length === i + 2);
      expect(reporter.warnings[i + 1]).toContain(`again in ${delay} s`);
      clock.advanceSeconds(delay - 1);
      expect(endpoint.requests).toHaveLength(i + 2);
      clock.advanceSeconds(1);
      await endpoint.request(i + 3);
    }
    expect(new Set(endpoint.requests.map(({ body }) => body)).size).toBe(1);
    await until(() => reporter.events.some((line) => line.endsWith(': 200')));
    expect(broker.queues.all()[0]!.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it('ends in the dead-letter queue after the last try', async () => {
    const { arn } = await broker.ensureQueue('undelivered');
    await broker.ensureQueue('undelivered', { Policy: allowTopic(topicArn, arn) });
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn });
    await confirmed({ RedrivePolicy, RawMessageDelivery: 'true' });
    endpoint.answers.push(500, 500, 500, 500);
    await broker.publish(topicArn, [{ message: 'hello', attributes }]);
    for (let tries = 1; tries <= 4; tries += 1) {
      await endpoint.request(tries);
      await until(() => reporter.warnings.length >= tries);
      clock.advanceSeconds(20);
    }
    await until(() => broker.queues.get(arn).depth().visible === 1);
    expect(await receive(broker, arn)).toMatchObject([{ body: 'hello', attributes }]);
    expect(endpoint.requests).toHaveLength(4);
    expect(reporter.warnings.join()).toContain('given up after 4 attempts');
  });

  it.each([400, 404, 301])('that is answered with %d is not tried again', async (status) => {
    await confirmed();
    endpoint.answers.push(status);
    await broker.publish(topicArn, [{ message: 'hello' }]);
    await until(() => reporter.warnings.length === 2);
    expect(reporter.warnings[0]).toContain(`it answered ${status}; given up after 1 attempts`);
    expect(reporter.warnings[1]).toContain('no dead-letter queue, so its messages are lost');
    clock.advanceSeconds(3600);
    expect(broker.queues.all()[0]!.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(endpoint.requests).toHaveLength(1);
  });

  it('is given 15 seconds', async () => {
    await confirmed();
    endpoint.answers.push(SILENCE);
    await broker.publish(topicArn, [{ message: 'hello' }]);
    await endpoint.request(1);
    clock.advanceSeconds(15);
    await until(() => reporter.warnings.length === 1);
    expect(reporter.warnings[0]).toContain('no answer within 15 seconds; again in 20 s');
  });

  it('waits for its turn under a throttle policy', async () => {
    await confirmed({ DeliveryPolicy: '{"throttlePolicy":{"maxReceivesPerSecond":2}}' });
    await broker.publish(topicArn, [{ message: '1' }, { message: '2' }, { message: '3' }]);
    await endpoint.request(1);
    await until(() => clock.pending.includes(500));
    expect(endpoint.requests).toHaveLength(1);
    clock.advance(500);
    await endpoint.request(2);
    await until(() => clock.pending.includes(500));
    expect(endpoint.requests).toHaveLength(2);
    clock.advance(500);
    await endpoint.request(3);
  });

  it('goes by HTTPS and with a password too, to a server of this machine', async () => {
    await endpoint.stop();
    endpoint = await HttpEndpoint.startSecure();
    const url = endpoint.url.replace('https://127.0.0.1', 'https://me:secret@hooks.localhost');
    await broker.ensureSubscription({ topicArn, protocol: 'https', endpoint: url });
    await broker.publish(topicArn, [{ message: 'hello' }]);
    const { headers, body } = await endpoint.request(1);
    expect(messageOf({ body }).Message).toBe('hello');
    expect(headers.authorization).toBe(`Basic ${Buffer.from('me:secret').toString('base64')}`);
  });

  it('survives a restart', async () => {
    const folder = temporaryFolder();
    broker = await openBroker({ folder, clock, reporter });
    await broker.ensureTopic('events');
    await confirmed();
    endpoint.answers.push(500);
    await broker.publish(topicArn, [{ message: 'kept' }]);
    await until(() => reporter.warnings.length === 1);
    await broker.close();
    broker = await openBroker({ folder, clock, reporter });
    expect(messageOf(await endpoint.request(2)).Message).toBe('kept');
    await broker.ensureTopic('events');
    await confirmed();
    await broker.removeUndeclared();
    await broker.publish(topicArn, [{ message: 'more' }]);
    expect(messageOf(await endpoint.request(3)).Message).toBe('more');
  });

  it('does not outlive a subscription that is no longer declared', async () => {
    const folder = temporaryFolder();
    broker = await openBroker({ folder, clock, reporter });
    await broker.ensureTopic('events');
    await confirmed();
    await broker.close();
    broker = await openBroker({ folder, clock, reporter });
    await broker.ensureTopic('events');
    await broker.removeUndeclared();
    expect(broker.subscriptions.list()).toEqual([]);
    expect(broker.queues.all()).toEqual([]);
  });

  it('is counted and reported where it goes', async () => {
    await confirmed();
    const [id] = await broker.publish(topicArn, [{ message: 'hello' }]);
    expect(reporter.events[0]).toBe(`sns: ${id} published to events -> ${endpoint.url}`);
  });
});
