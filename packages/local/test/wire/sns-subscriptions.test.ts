import {
  ConfirmSubscriptionCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { HttpEndpoint } from '../engine/http-endpoint';
import type { Runtime } from './support';
import { query, startRuntime, stopRuntime } from './support';

const VERSION = '2010-03-31';

let runtime: Runtime;
let endpoint: HttpEndpoint;
let TopicArn: string;

beforeEach(async () => {
  runtime = await startRuntime();
  endpoint = await HttpEndpoint.start();
  TopicArn = (await runtime.broker.ensureTopic('events')).arn;
});

afterEach(async () => {
  await stopRuntime(runtime);
  await endpoint.stop();
});

function subscribe(input: object = {}) {
  return runtime.sns.send(
    new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: endpoint.url, ...input }),
  );
}

async function attributes(SubscriptionArn: string) {
  return (await runtime.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes!;
}

async function posted(count: number): Promise<Record<string, string>> {
  return JSON.parse((await endpoint.request(count)).body) as Record<string, string>;
}

describe('a subscription by HTTP', () => {
  it('is pending until its link is opened', async () => {
    expect((await subscribe()).SubscriptionArn).toBe('pending confirmation');
    const { SubscriptionArn } = await subscribe({ ReturnSubscriptionArn: true });
    expect(SubscriptionArn).toMatch(/^arn:aws:sns:us-east-1:000000000000:events:[0-9a-f-]{36}$/);
    expect(await attributes(SubscriptionArn!)).toMatchObject({
      PendingConfirmation: 'true',
      ConfirmationWasAuthenticated: 'false',
    });
    const listed = await runtime.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(listed.Subscriptions).toMatchObject([
      { SubscriptionArn: 'PendingConfirmation', Protocol: 'http' },
    ]);
    const topic = await runtime.sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(topic.Attributes).toMatchObject({ SubscriptionsPending: '1', SubscriptionsConfirmed: '0' });

    const { SubscribeURL } = await posted(2);
    const response = await fetch(SubscribeURL!);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain(`<SubscriptionArn>${SubscriptionArn}</SubscriptionArn>`);
    expect(await attributes(SubscriptionArn!)).toMatchObject({
      PendingConfirmation: 'false',
      ConfirmationWasAuthenticated: 'false',
    });
    await runtime.sns.send(new PublishCommand({ TopicArn, Message: 'hello' }));
    expect((await posted(3)).Message).toBe('hello');
  });

  it('is confirmed by a call, which can forbid to end it by a link', async () => {
    await subscribe();
    const { Token } = await posted(1);
    const input = { TopicArn, Token, AuthenticateOnUnsubscribe: 'true' };
    const { SubscriptionArn } = await runtime.sns.send(new ConfirmSubscriptionCommand(input));
    expect(await attributes(SubscriptionArn!)).toMatchObject({ ConfirmationWasAuthenticated: 'true' });
    await runtime.sns.send(new PublishCommand({ TopicArn, Message: 'hello' }));
    const { UnsubscribeURL } = await posted(2);
    const refused = await fetch(UnsubscribeURL!);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('<Code>AuthorizationError</Code>');
    await runtime.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    expect(runtime.broker.subscriptions.list()).toEqual([]);
    const topic = await runtime.sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(topic.Attributes).toMatchObject({ SubscriptionsDeleted: '1', SubscriptionsConfirmed: '0' });
  });

  it('is ended by its link and listed as deleted while it can come back', async () => {
    await subscribe();
    await fetch((await posted(1)).SubscribeURL!);
    await runtime.sns.send(new PublishCommand({ TopicArn, Message: 'hello' }));
    expect((await fetch((await posted(2)).UnsubscribeURL!)).status).toBe(200);
    const { Type, SubscribeURL } = await posted(3);
    expect(Type).toBe('UnsubscribeConfirmation');
    const { Subscriptions } = await runtime.sns.send(new ListSubscriptionsCommand({}));
    expect(Subscriptions).toMatchObject([{ SubscriptionArn: 'Deleted' }]);
    expect((await fetch(SubscribeURL!)).status).toBe(200);
    await runtime.sns.send(new PublishCommand({ TopicArn, Message: 'again' }));
    expect((await posted(4)).Message).toBe('again');
  });

  it('shows the delivery policy that holds', async () => {
    const DeliveryPolicy = '{"healthyRetryPolicy":{"numRetries":1}}';
    const { SubscriptionArn } = await subscribe({
      ReturnSubscriptionArn: true,
      Attributes: { DeliveryPolicy },
    });
    const shown = await attributes(SubscriptionArn!);
    expect(shown.DeliveryPolicy).toBe(DeliveryPolicy);
    expect(JSON.parse(shown.EffectiveDeliveryPolicy!)).toMatchObject({
      healthyRetryPolicy: { numRetries: 1, minDelayTarget: 20 },
      requestPolicy: { headerContentType: 'text/plain; charset=UTF-8' },
    });
  });

  it('has a certificate to verify its messages by', async () => {
    await subscribe();
    const { SigningCertURL } = await posted(1);
    const response = await fetch(SigningCertURL!);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('BEGIN CERTIFICATE');
    const other = SigningCertURL!.replace(/-[0-9a-f]{32}/, `-${'0'.repeat(32)}`);
    expect((await fetch(other)).status).toBe(404);
  });
});

describe('attributes of a subscription', () => {
  const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:q';
  const toQueue = (Attributes?: Record<string, string>) =>
    subscribe({ Protocol: 'sqs', Endpoint, Attributes });

  it('may be told again, or not at all, but not others', async () => {
    const { SubscriptionArn } = await toQueue({ RawMessageDelivery: 'True' });
    const equal: (Record<string, string> | undefined)[] = [
      { RawMessageDelivery: 'true' },
      { RawMessageDelivery: 'true', FilterPolicyScope: 'MessageAttributes' },
      undefined,
      {},
    ];
    for (const same of equal) {
      expect((await toQueue(same)).SubscriptionArn).toBe(SubscriptionArn);
    }
    await expect(toQueue({ RawMessageDelivery: 'false' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: Attributes Reason: Subscription already exists with different attributes',
    });
  });

  it('show a filter policy with its scope, and no scope without one', async () => {
    const { SubscriptionArn } = await toQueue();
    const set = (AttributeName: string, AttributeValue: string) =>
      runtime.sns.send(
        new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }),
      );
    await set('FilterPolicyScope', 'MessageBody');
    expect(await attributes(SubscriptionArn!)).not.toHaveProperty('FilterPolicyScope');
    await set('FilterPolicy', '{"a":{"b":["x"]}}');
    expect(await attributes(SubscriptionArn!)).toMatchObject({
      FilterPolicy: '{"a":{"b":["x"]}}',
      FilterPolicyScope: 'MessageBody',
    });
    await set('FilterPolicy', '');
    expect(await attributes(SubscriptionArn!)).not.toHaveProperty('FilterPolicy');
  });

  it.each([
    ['RawMessageDelivery', 'maybe', 'RawMessageDelivery: Invalid value [maybe]. Must be true or false.'],
    ['RawMessageDelivery', '', 'RawMessageDelivery: Invalid value []. Must be true or false.'],
    [
      'FilterPolicyScope',
      'X',
      'FilterPolicyScope: Invalid value [X]. Please use either MessageBody or MessageAttributes',
    ],
    ['FilterPolicy', '{"a":[]}', 'FilterPolicy: Empty arrays are not allowed\n at a'],
    ['RedrivePolicy', '{"deadLetterTargetArn":"x"}', 'RedrivePolicy: deadLetterTargetArn is an invalid arn'],
    ['RedrivePolicy', '{invalid', 'RedrivePolicy: failed to parse JSON'],
    [
      'RedrivePolicy',
      '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:q.fifo"}',
      'RedrivePolicy: must use a standard queue as DLQ for this subscription.',
    ],
    ['DeliveryPolicy', '[]', 'DeliveryPolicy: must be a JSON object'],
    ['ReplayPolicy', '{}', 'ReplayPolicy is not hosted by the local runtime'],
    ['Colour', 'red', 'AttributeName'],
  ])('are refused: %s %s', async (AttributeName, AttributeValue, reason) => {
    const { SubscriptionArn } = await toQueue();
    const command = new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue });
    const setting = runtime.sns.send(command);
    await expect(setting).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(setting).rejects.toThrow(`Invalid parameter: ${reason}`);
    if (AttributeValue === '') return;
    const subscribing = subscribe({
      Protocol: 'sqs',
      Endpoint: `${Endpoint}2`,
      Attributes: { [AttributeName]: AttributeValue },
    });
    await expect(subscribing).rejects.toThrow('Invalid parameter: Attributes Reason: ');
    await expect(subscribing).rejects.toThrow(reason);
  });
});

it('lists are in pages of a hundred, which go on where they ended', async () => {
  for (let i = 0; i < 205; i += 1) {
    const endpointArn = `arn:aws:sqs:us-east-1:000000000000:q${i}`;
    await runtime.broker.subscriptions.subscribe({
      topicArn: TopicArn,
      protocol: 'sqs',
      endpoint: endpointArn,
    });
  }
  for (const page of [
    (NextToken?: string) => runtime.sns.send(new ListSubscriptionsCommand({ NextToken })),
    (NextToken?: string) => runtime.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken })),
  ]) {
    const seen = new Set<string>();
    const sizes: number[] = [];
    let token: string | undefined;
    do {
      const { Subscriptions, NextToken } = await page(token);
      sizes.push(Subscriptions!.length);
      for (const { SubscriptionArn } of Subscriptions!) seen.add(SubscriptionArn!);
      token = NextToken;
    } while (token !== undefined);
    expect(sizes).toEqual([100, 100, 5]);
    expect(seen.size).toBe(205);
    await expect(page('nonsense')).rejects.toMatchObject({ name: 'InvalidParameterException' });
  }
});

describe('what is refused', () => {
  it.each([
    ['Unsubscribe', {}, 'SubscriptionArn Reason: no value for required parameter'],
    [
      'Unsubscribe',
      { SubscriptionArn: 'x' },
      'SubscriptionArn Reason: An ARN must have at least 6 elements, not 1',
    ],
    ['Unsubscribe', { SubscriptionArn: 'arn:aws:sns:us-east-1:000000000000:events:1' }, 'SubscriptionId'],
    [
      'Subscribe',
      { TopicArn: 'a:b:c:d:e', Protocol: 'sqs', Endpoint: 'x' },
      'TopicArn Reason: An ARN must have at least 6 elements, not 5',
    ],
    ['Publish', { TopicArn: 'arn:aws:sns:eu-west-1:000000000000:events', Message: 'x' }, 'TopicArn'],
    [
      'Publish',
      { TargetArn: 'arn:aws:sns:us-east-1:000000000000:endpoint/GCM/a/b', Message: 'x' },
      'TargetArn Reason: No endpoint found for the target arn specified',
    ],
    ['Publish', { Message: 'x' }, 'TopicArn or TargetArn Reason: no value for required parameter'],
    [
      'Publish',
      { PhoneNumber: 'NAA+15551234567', Message: 'x' },
      'PhoneNumber Reason: NAA+15551234567 is not valid to publish to',
    ],
    ['ConfirmSubscription', { TopicArn: 'x', Token: '0'.repeat(128) }, 'Topic'],
    [
      'GetDataProtectionPolicy',
      { ResourceArn: 'arn:aws:sns:us-east-1:000000000000:events' },
      'DataProtectionPolicy Reason: data protection is not hosted by the local runtime',
    ],
  ])('%s with %j', async (Action, parameters, reason) => {
    const given = parameters as Record<string, string>;
    const { status, text } = await query(runtime.endpoint.url, VERSION, { Action, ...given });
    expect(text).toContain('<Code>InvalidParameter</Code>');
    expect(text).toContain(`<Message>Invalid parameter: ${reason}</Message>`);
    expect(status).toBe(400);
  });
});

it('text messages are lines of the log', async () => {
  const input = { PhoneNumber: '+15550100', Message: 'hello' };
  const { MessageId } = await runtime.sns.send(new PublishCommand(input));
  expect(MessageId).toMatch(/^[0-9a-f-]{36}$/);
  expect(runtime.reporter.events).toContain('sms: to +15550100: hello');
});
