import fc from 'fast-check';
import { batch, bodies, messageAttributes, mostly, often, some } from './messages';
import { build, receive } from './queue-steps';
import type { JsonObject, Step } from './step';
import { step } from './step';

/** Two topics and two queues of a kind. */
export interface Slots {
  readonly topics: readonly string[];
  readonly queues: readonly string[];
}

/** The queues, open to every topic, and the topics. */
export function topicSetup({ topics, queues }: Slots): fc.Arbitrary<Step[]> {
  const made = queues.map((slot) =>
    step('CreateQueue', {
      QueueName: `$name(${slot})`,
      Attributes: { Policy: openPolicy(slot), ...(isFifo(slot) && { FifoQueue: 'true' }) },
    }),
  );
  return fc
    .tuple(...topics.map((slot) => some({ Attributes: topicAttributes(slot), Tags: tags })))
    .map((inputs) => [...made, ...inputs.map((input, i) => createTopic(topics[i]!, input))]);
}

export function topicSteps({ topics }: Slots): fc.Arbitrary<Step>[] {
  const slot = fc.constantFrom(...topics);
  const TopicArn = slot.map((name) => `$arn(${name})`);
  const attribute = mostly<string[]>(
    fc.constantFrom(['DisplayName', 'shown'], ['DisplayName', ''], ['SignatureVersion', '2']),
    fc.constantFrom(['Nothing', 'x'], ['Policy', 'x']),
  );
  const create = mostly(
    slot.chain((name) =>
      some({ Attributes: topicAttributes(name), Tags: tags }).map((input) => createTopic(name, input)),
    ),
    fc.constantFrom('a b', '$repeat(t,257)', 'ä').map((Name) => step('CreateTopic', { Name })),
  );
  const ResourceArn = mostly(TopicArn, fc.constant('$arn(t9)'));
  return [
    create,
    create,
    build('GetTopicAttributes', { TopicArn: mostly(TopicArn, fc.constant('$arn(t9)')) }),
    fc.tuple(TopicArn, attribute).map(([arn, [AttributeName, AttributeValue]]) =>
      step('SetTopicAttributes', {
        TopicArn: arn,
        AttributeName: AttributeName!,
        AttributeValue: AttributeValue!,
      }),
    ),
    build('ListTagsForResource', { ResourceArn }),
    build('TagResource', { ResourceArn, Tags: tags }),
    build('UntagResource', {
      ResourceArn,
      TagKeys: fc.constantFrom<string[]>(['team'], ['stage', 'other']),
    }),
    build('ListSubscriptionsByTopic', { TopicArn: ResourceArn }),
    build('DeleteTopic', { TopicArn: mostly(fc.constant('$arn(t9)'), TopicArn) }),
  ];
}

export function subscriptionSteps({ topics, queues }: Slots): fc.Arbitrary<Step>[] {
  const SubscriptionArn = mostly(
    fc.nat(5).map((n) => `$subscription(${n})`),
    fc.constantFrom(...topics).map((slot) => `$arn(${slot}):00000000-0000-4000-8000-000000000000`),
  );
  const subscribe = build('Subscribe', {
    TopicArn: mostly(
      fc.constantFrom(...topics).map((slot) => `$arn(${slot})`),
      fc.constant('$arn(t9)'),
    ),
    Protocol: mostly(fc.constant('sqs'), fc.constantFrom('carrier-pigeon')),
    Endpoint: mostly(
      fc.constantFrom(...queues).map((slot) => `$arn(${slot})`),
      fc.constant('nonsense'),
    ),
    Attributes: often(fc.constant({}), subscriptionAttributes(queues)),
    ReturnSubscriptionArn: fc.constant(true),
  });
  const change = fc.tuple(SubscriptionArn, subscriptionAttributes(queues)).map(([arn, attributes]) => {
    const [[AttributeName, AttributeValue] = ['RawMessageDelivery', 'true']] = Object.entries(attributes);
    return step('SetSubscriptionAttributes', {
      SubscriptionArn: arn,
      AttributeName,
      AttributeValue: AttributeValue!,
    });
  });
  return [
    subscribe,
    subscribe,
    change,
    build('GetSubscriptionAttributes', { SubscriptionArn }),
    build('Unsubscribe', { SubscriptionArn }),
  ];
}

export function publishSteps({ topics, queues }: Slots): fc.Arbitrary<Step>[] {
  const message = {
    Message: mostly(bodies, fc.constant('$repeat(x,262145)')),
    MessageAttributes: mostly(fc.constant({}), messageAttributes, messageAttributes),
    ...(topics.every(isFifo) && fifoMessage),
  };
  const TopicArn = mostly(
    fc.constantFrom(...topics).map((slot) => `$arn(${slot})`),
    fc.constant('$arn(t9)'),
  );
  const publish = fc
    .tuple(fc.record({ TopicArn, ...message }), some({ Subject: subjects }))
    .map(([input, more]) => step('Publish', { ...(input as JsonObject), ...more }));
  const structured = build('Publish', {
    TopicArn,
    ...message,
    Message: mostly(
      fc.constantFrom('{"default":"d","sqs":"for queues"}', '{"default":"d"}'),
      fc.constantFrom('{"sqs":"no default"}', 'no JSON', '{"default":1}'),
    ),
    MessageStructure: fc.constant('json'),
  });
  const plain = fc.record({ TopicArn, ...message }).map((input) => step('Publish', input as JsonObject));
  const all = receive(
    fc.constantFrom(...queues).map((slot) => `$url(${slot})`),
    queues.every(isFifo),
  );
  return [
    plain,
    plain,
    publish,
    structured,
    build('PublishBatch', {
      TopicArn,
      PublishBatchRequestEntries: batch(fc.record(message)),
    }),
    all,
    all,
    all,
  ];
}

const isFifo = (slot: string): boolean => /^[fu]/.test(slot);

const tags: fc.Arbitrary<JsonObject[]> = fc.constantFrom(
  [{ Key: 'team', Value: 'a' }],
  [{ Key: 'team', Value: 'b' }],
  [
    { Key: 'team', Value: 'a' },
    { Key: 'stage', Value: '' },
  ],
);

const subjects = mostly(
  fc.constantFrom('a subject', 'x'),
  fc.constantFrom('two\nlines', '', '$repeat(s,101)', ' x', 'ä'),
);

const fifoMessage = {
  MessageGroupId: mostly(fc.constantFrom('g1', 'g2'), fc.constantFrom('', 'a b')),
  MessageDeduplicationId: mostly(
    fc.integer({ min: 0, max: 99 }).map((n) => `d${n}`),
    fc.constantFrom('d0', 'd1'),
    fc.constantFrom('a b'),
  ),
};

function topicAttributes(slot: string): fc.Arbitrary<JsonObject> {
  const kind: JsonObject = isFifo(slot) ? { FifoTopic: 'true' } : {};
  const deduplication: JsonObject = isFifo(slot) ? { ContentBasedDeduplication: 'true' } : {};
  return often<JsonObject>(
    fc.constant(kind),
    fc.constant({ DisplayName: 'shown', ...kind }),
    fc.constant({ ...kind, ...deduplication }),
  );
}

const createTopic = (slot: string, input: JsonObject): Step =>
  step('CreateTopic', {
    Name: `$name(${slot})`,
    ...(isFifo(slot) && { Attributes: { FifoTopic: 'true' } }),
    ...input,
  });

const openPolicy = (slot: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: `$arn(${slot})`,
      },
    ],
  });

/** One attribute of a subscription, good or bad. */
const subscriptionAttributes = (queues: readonly string[]): fc.Arbitrary<JsonObject> =>
  mostly<JsonObject>(
    fc.constantFrom<JsonObject>(
      { RawMessageDelivery: 'true' },
      { RawMessageDelivery: 'false' },
      { FilterPolicy: '{"color":["red"]}' },
      { FilterPolicy: '{"size":[{"numeric":[">",1]}]}' },
      { FilterPolicyScope: 'MessageAttributes' },
      { RedrivePolicy: `{"deadLetterTargetArn":"$arn(${queues[1]})"}` },
    ),
    fc.constantFrom<JsonObject>(
      { RawMessageDelivery: 'perhaps' },
      { FilterPolicy: 'x' },
      { FilterPolicy: '{"color":"red"}' },
      { FilterPolicy: '{"color":[{"sounds-like":"red"}]}' },
      { FilterPolicyScope: 'Everything' },
      { Nothing: 'x' },
    ),
  );
