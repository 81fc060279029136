import * as v from 'valibot';
import { anyObject, closed, component, line, page, told } from './base';
import { QueueNameOrArn, TopicName } from './names';

/** https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html */
const Filter = component(
  'FilterPolicy',
  told(anyObject(), 'An SNS filter policy: what a message has to have.', {
    total: [{ numeric: ['>', 100] }],
  }),
);
const FilterScope = told(
  v.picklist(['attributes', 'body']),
  'What the filter looks at; attributes unless told.',
);
const Raw = told(
  v.boolean(),
  "Whether the body comes as it was published, without SNS's envelope; so for queues unless told.",
);

export const NewSubscription = component(
  'NewSubscription',
  closed({
    topic: TopicName,
    protocol: v.picklist(['sqs', 'lambda', 'http', 'https', 'email', 'email-json', 'sms']),
    endpoint: told(
      line(1, 2048),
      'Name or ARN of a queue or function, mail address, telephone number in E.164, or URL.',
      'orders',
    ),
    raw: v.optional(Raw),
    filter: v.optional(Filter),
    filterScope: v.optional(FilterScope),
    deadLetterQueue: v.optional(QueueNameOrArn),
  }),
);

export const SubscriptionChanges = component(
  'SubscriptionChanges',
  closed({
    raw: v.optional(Raw),
    filter: told(v.optional(v.nullable(Filter)), 'null takes it away.'),
    filterScope: v.optional(FilterScope),
    deadLetterQueue: told(v.optional(v.nullable(QueueNameOrArn)), 'null takes it away.'),
  }),
);

const summary = {
  id: told(v.nullable(v.string()), '`<topic>:<uuid>`; null while the endpoint has still to agree.'),
  arn: v.nullable(v.string()),
  topic: v.string(),
  protocol: v.string(),
  endpoint: told(v.string(), 'As SNS has it: the ARN of a queue or function.'),
  pending: told(v.boolean(), 'Whether the endpoint has still to agree.'),
  owner: told(v.string(), 'AWS account.'),
};

const details = {
  raw: v.boolean(),
  filter: v.nullable(anyObject()),
  filterScope: v.picklist(['attributes', 'body']),
  deadLetterQueue: v.nullable(v.string()),
};

export const SubscriptionPage = component(
  'SubscriptionPage',
  page(component('SubscriptionSummary', closed(summary))),
);

export const SubscriptionInfo = component('Subscription', closed({ ...summary, ...details }));

export const CreatedSubscription = component(
  'CreatedSubscription',
  closed({
    ...summary,
    ...details,
    warnings: told(v.array(v.string()), 'What somebody has to see to before messages arrive.'),
  }),
);

export const Confirmation = component(
  'Confirmation',
  closed({
    token: told(
      v.pipe(v.string(), v.regex(/^[A-Za-z0-9]{1,1024}$/, 'is not a token')),
      'From the message that asked for the confirmation.',
      '2336412f37fb687f5d51e6e2425dacbbaf8b',
    ),
  }),
);

export const SubscriptionId = told(
  v.pipe(
    v.string(),
    v.regex(/^[A-Za-z0-9_-]{1,256}(?:\.fifo)?:[0-9a-f-]{36}$/, 'must be <topic>:<uuid>, as lists tell it'),
  ),
  'id of the subscription, `<topic>:<uuid>`.',
  'order-events:6d4b8b1e-9a3c-4f63-9d6c-0f6a2c3a1b7e',
);
