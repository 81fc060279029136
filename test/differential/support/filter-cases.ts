import fc from 'fast-check';
import type { Json, JsonObject, Step } from './step';
import { step } from './step';

/** A subscription with a filter policy, and messages that it takes or does not take. */
export interface FilterCase {
  readonly scope: 'MessageAttributes' | 'MessageBody';
  readonly policy: JsonObject;
  readonly messages: readonly JsonObject[];
}

const KEYS = ['color', 'size', 'tags', 'kind'];
// Few values, many of which begin, end or compare like others: a condition has to meet what it nearly matches.
const TEXTS = ['red', 'Red', 'dark-red', 'red-dark', 'r', '1', '10.0.0.1', '10.1.2.3', 'true', 'null'];
const NUMBERS = [-1, 0, 1, 1.5, 10, 100];

const text = fc.constantFrom(...TEXTS);
const number = fc.constantFrom(...NUMBERS);
const part = fc.constantFrom('r', 're', 'red', 'dark', '-', '1', 'd');

const oneOrMore = <T>(values: fc.Arbitrary<T>) =>
  fc.oneof(values, fc.uniqueArray(values, { minLength: 1, maxLength: 3 }));

const numeric = fc.oneof(
  fc.tuple(fc.constantFrom('=', '<', '<=', '>', '>='), number),
  fc
    .tuple(fc.constantFrom('>', '>='), number, fc.constantFrom('<', '<='), number)
    .filter(([, low, , high]) => low < high),
);

/** https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html and numeric-value-matching.html beside it */
const condition: fc.Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 2, arbitrary: number },
  part.map((prefix) => ({ prefix })),
  part.map((suffix) => ({ suffix })),
  fc.constantFrom('red', 'RED', 'DARK-red').map((value) => ({ 'equals-ignore-case': value })),
  fc.constantFrom('*red', 'r*', '*-*', 'dark*red', 'r*d').map((wildcard) => ({ wildcard })),
  fc.constantFrom('10.0.0.0/8', '10.0.0.0/24', '10.1.0.0/16').map((cidr) => ({ cidr })),
  fc.boolean().map((exists) => ({ exists })),
  numeric.map((list) => ({ numeric: list })),
  oneOrMore(text).map((values) => ({ 'anything-but': values })),
  oneOrMore(number).map((values) => ({ 'anything-but': values })),
  part.map((prefix) => ({ 'anything-but': { prefix } })),
  part.map((suffix) => ({ 'anything-but': { suffix } })),
  fc.constantFrom('*red', 'r*').map((wildcard) => ({ 'anything-but': { wildcard } })),
);

const conditions = fc.array(condition, { minLength: 1, maxLength: 3 }) as fc.Arbitrary<Json>;

const keys = (values: fc.Arbitrary<Json>, most: number): fc.Arbitrary<JsonObject> =>
  fc.dictionary(fc.constantFrom(...KEYS), values, { minKeys: 1, maxKeys: most });

/** `$or` needs two alternatives at least. */
const either = fc
  .tuple(fc.array(keys(conditions, 2), { minLength: 2, maxLength: 3 }), keys(conditions, 1), fc.boolean())
  .map(([alternatives, both, alone]): JsonObject => ({ $or: alternatives, ...(alone ? {} : both) }));

const flatPolicy = fc.oneof(
  { weight: 4, arbitrary: keys(conditions, 1) },
  { weight: 3, arbitrary: keys(conditions, 2) },
  { weight: 1, arbitrary: either },
);

const nestedPolicy = fc.oneof(
  { weight: 2, arbitrary: flatPolicy },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom('item', 'items'),
        keys(conditions, 2),
        fc.option(keys(conditions, 1), { nil: {} }),
      )
      .map(([name, inner, outer]): JsonObject => ({ ...outer, [name]: inner })),
  },
);

const attribute: fc.Arbitrary<JsonObject> = fc.oneof(
  text.map((value) => ({ DataType: 'String', StringValue: value })),
  number.map((value) => ({ DataType: 'Number', StringValue: String(value) })),
  fc
    .array(fc.oneof<fc.Arbitrary<Json>[]>(text, number, fc.constantFrom(true, null)), {
      minLength: 1,
      maxLength: 3,
    })
    .map((list) => ({ DataType: 'String.Array', StringValue: JSON.stringify(list) })),
  text.map((value) => ({
    DataType: 'Binary',
    BinaryValue: { $base64: Buffer.from(value).toString('base64') },
  })),
);

const value: fc.Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 3, arbitrary: number },
  { weight: 1, arbitrary: fc.constantFrom<Json[]>(true, false, null) },
  { weight: 2, arbitrary: fc.array(fc.oneof<fc.Arbitrary<Json>[]>(text, number), { maxLength: 3 }) },
);

const flatBody = fc.dictionary(fc.constantFrom(...KEYS), value, { maxKeys: 3 }) as fc.Arbitrary<JsonObject>;

const body: fc.Arbitrary<JsonObject> = fc
  .tuple(
    flatBody,
    fc.option(flatBody, { nil: {} }),
    fc.option(fc.array(flatBody, { maxLength: 3 }), { nil: [] }),
  )
  .map(([flat, item, items]): JsonObject => ({ ...flat, item, items }));

const MESSAGES = { minLength: 5, maxLength: 10 };

export const filterCases: fc.Arbitrary<FilterCase> = fc.oneof(
  fc.record({
    scope: fc.constant('MessageAttributes' as const),
    policy: flatPolicy,
    messages: fc.array(
      fc.dictionary(fc.constantFrom(...KEYS), attribute, { maxKeys: 3 }) as fc.Arbitrary<JsonObject>,
      MESSAGES,
    ),
  }),
  fc.record({
    scope: fc.constant('MessageBody' as const),
    policy: nestedPolicy,
    messages: fc.array(body, MESSAGES),
  }),
);

/** Publishes the messages to a topic with one subscription, and receives what its policy let through. */
export function filterSteps({ scope, policy, messages }: FilterCase): Step[] {
  const PublishBatchRequestEntries = messages.map((message, i): JsonObject =>
    scope === 'MessageBody'
      ? { Id: `m${i}`, Message: JSON.stringify({ message: i, ...message }) }
      : { Id: `m${i}`, Message: `${i}`, MessageAttributes: message },
  );
  const Policy = JSON.stringify({
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: '$arn(q0)',
      },
    ],
  });
  return [
    step('CreateQueue', { QueueName: '$name(q0)', Attributes: { Policy } }),
    step('CreateTopic', { Name: '$name(t0)' }),
    step('Subscribe', {
      TopicArn: '$arn(t0)',
      Protocol: 'sqs',
      Endpoint: '$arn(q0)',
      Attributes: {
        FilterPolicy: JSON.stringify(policy),
        FilterPolicyScope: scope,
        RawMessageDelivery: 'true',
      },
    }),
    step('PublishBatch', { TopicArn: '$arn(t0)', PublishBatchRequestEntries }),
    step('ReceiveMessage', { QueueUrl: '$url(q0)', MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
  ];
}
