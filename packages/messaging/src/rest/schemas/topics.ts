import * as v from 'valibot';
import { anyObject, closed, component, Count, dictionary, line, page, text, told } from './base';
import { Attributes, Body, DeduplicationId, GroupId, MAX_BODY_CHARACTERS } from './messages';
import { AccountId, Arn, TopicName } from './names';
import { AnyTags, KmsKey, Tags } from './queues';

/** https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html */
const DisplayName = told(line(1, 100), 'What mails and text messages come from.', 'Book shop');
const Deduplication = told(v.boolean(), 'FIFO: the body stands in for the deduplication id.');

export const NewTopic = component(
  'NewTopic',
  closed({
    name: TopicName,
    fifo: told(v.optional(v.boolean()), 'A FIFO topic; its name ends in .fifo.'),
    displayName: v.optional(DisplayName),
    contentBasedDeduplication: v.optional(Deduplication),
    encryption: v.optional(KmsKey),
    tags: v.optional(Tags),
  }),
);

export const TopicChanges = component(
  'TopicChanges',
  closed({
    displayName: v.optional(DisplayName),
    contentBasedDeduplication: v.optional(Deduplication),
    encryption: told(v.optional(v.union([v.literal('none'), KmsKey])), 'none ends it.'),
    tags: told(v.optional(Tags), 'All tags: those that are not told here are removed.'),
  }),
);

export const TopicSummary = component(
  'TopicSummary',
  closed({ name: v.string(), arn: Arn, fifo: v.boolean() }),
);

export const TopicPage = component('TopicPage', page(TopicSummary));

export const TopicInfo = component(
  'Topic',
  closed({
    name: v.string(),
    arn: Arn,
    fifo: v.boolean(),
    displayName: v.string(),
    subscriptionsConfirmed: Count,
    subscriptionsPending: Count,
    encryption: v.union([v.literal('none'), closed({ keyId: v.string() })]),
    contentBasedDeduplication: v.boolean(),
    tags: AnyTags,
    policy: told(v.nullable(anyObject()), 'Who may publish and subscribe, as IAM writes it.'),
  }),
);

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const Subject = v.pipe(
  v.string(),
  v.regex(/^[!-~][ -~]{0,98}$/, 'must be 1 to 99 characters of ASCII on one line, the first not a space'),
);

const Protocol = v.pipe(
  v.string(),
  v.regex(/^(?:sqs|lambda|http|https|email|email-json|sms)$/, 'is not a protocol of SNS'),
);

export const TopicMessage = component(
  'TopicMessage',
  closed({
    body: Body,
    subject: told(v.optional(Subject), 'The subject of mails.', 'Order o-1'),
    attributes: v.optional(Attributes),
    groupId: v.optional(GroupId),
    deduplicationId: v.optional(DeduplicationId),
    perProtocol: told(
      v.optional(v.pipe(dictionary(Protocol, text(1, MAX_BODY_CHARACTERS)), v.minEntries(1))),
      'Other bodies for receivers of single protocols.',
      { sms: 'Order o-1 is on its way' },
    ),
  }),
);

export const TopicMessageBatch = component(
  'TopicMessageBatch',
  closed({ messages: v.pipe(v.array(TopicMessage), v.minLength(1), v.maxLength(1000)) }),
);

/** https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html */
const ACTIONS = [
  'Publish',
  'Subscribe',
  'GetTopicAttributes',
  'ListSubscriptionsByTopic',
  'SetTopicAttributes',
  'AddPermission',
  'RemovePermission',
  'DeleteTopic',
  'Receive',
] as const;

export const TopicShare = component(
  'TopicShare',
  closed({
    accountIds: told(
      v.pipe(v.array(AccountId), v.minLength(1), v.maxLength(20)),
      'AWS accounts that get the actions.',
      ['111122223333'],
    ),
    actions: told(
      v.pipe(v.array(v.picklist(ACTIONS)), v.minLength(1), v.maxLength(ACTIONS.length)),
      'What they may do.',
      ['Publish'],
    ),
  }),
);
