import type { Topic } from '../engine';
import { renderTopicDelivery, ServiceError, topicArn } from '../engine';
import { addPermission, defaultTopicPolicy, removePermission } from './permissions';
import type { Call, Input, Operations, Output, WireContext } from './protocol';
import { isInput, optionalText, text, textList, textMap } from './protocol';
import { pageStart, pageToken, topicArnOf } from './sns-arn';

const PAGE_SIZE = 100;
const NAMES = {
  prefix: 'SNS',
  accounts: 'AWSAccountId',
  actions: 'ActionName',
  exists: refuse('Statement already exists'),
};
/** What a topic's policy can permit. */
const ACTIONS = new Set([
  '*',
  'AddPermission',
  'DeleteTopic',
  'GetTopicAttributes',
  'ListSubscriptionsByTopic',
  'Publish',
  'Receive',
  'RemovePermission',
  'SetTopicAttributes',
  'Subscribe',
]);
const ACCOUNT = /^(\d{12}|arn:aws[a-z-]*:iam::\d{12}:.+)$/;

const ofTopic = (input: Input, context: WireContext) => topicArnOf(input, 'TopicArn', context);
const ofResource = (input: Input, context: WireContext) => topicArnOf(input, 'ResourceArn', context);

export const topicOperations: Operations = {
  CreateTopic: { resource: namedTopicArn, run: createTopic },
  DeleteTopic: { resource: ofTopic, run: deleteTopic },
  ListTopics: { run: listTopics },
  GetTopicAttributes: { resource: ofTopic, run: getTopicAttributes },
  SetTopicAttributes: { resource: ofTopic, run: setTopicAttributes },
  AddPermission: { resource: ofTopic, run: allow },
  RemovePermission: { resource: ofTopic, run: disallow },
  ListTagsForResource: { resource: ofResource, run: listTags },
  TagResource: { resource: ofResource, run: tagResource },
  UntagResource: { resource: ofResource, run: untagResource },
  GetDataProtectionPolicy: { resource: ofResource, run: refuseDataProtection },
  PutDataProtectionPolicy: { resource: ofResource, run: refuseDataProtection },
};

function namedTopicArn(input: Input, context: WireContext): string {
  return topicArn(context.broker.locale, text(input, 'Name'));
}

function topicOf(input: Input, { context }: Call): Topic {
  return context.broker.topics.get(ofTopic(input, context));
}

async function createTopic(input: Input, { context }: Call): Promise<Output> {
  if (optionalText(input, 'DataProtectionPolicy')) refuseDataProtection();
  const attributes = textMap(input, 'Attributes');
  const topic = await context.broker.topics.create(text(input, 'Name'), attributes, tagsOf(input));
  return { TopicArn: topic.record.arn };
}

/** A topic that does not exist is deleted already. */
async function deleteTopic(input: Input, { context }: Call): Promise<Output> {
  const topic = context.broker.topics.find(ofTopic(input, context));
  if (topic) await context.broker.topics.delete(topic);
  return {};
}

function listTopics(input: Input, { context }: Call): Output {
  const { items, next } = context.broker.topics.page(pageStart(input), PAGE_SIZE);
  return { Topics: items.map((topic) => ({ TopicArn: topic.record.arn })), NextToken: pageToken(next) };
}

function getTopicAttributes(input: Input, call: Call): Output {
  const topic = topicOf(input, call);
  const { locale } = call.context.broker;
  const { confirmed, pending } = topic.counts();
  const Attributes = {
    TopicArn: topic.record.arn,
    Owner: locale.accountId,
    DisplayName: '',
    Policy: defaultTopicPolicy(topic.record.arn, locale),
    EffectiveDeliveryPolicy: renderTopicDelivery(topic.settings.delivery),
    SubscriptionsConfirmed: String(confirmed),
    SubscriptionsPending: String(pending),
    SubscriptionsDeleted: String(topic.deleted),
    ...topic.record.attributes,
  };
  return { Attributes };
}

async function setTopicAttributes(input: Input, call: Call): Promise<Output> {
  const value = optionalText(input, 'AttributeValue') ?? '';
  await call.context.broker.topics.setAttributes(topicOf(input, call), {
    [text(input, 'AttributeName')]: value,
  });
  return {};
}

async function allow(input: Input, call: Call): Promise<Output> {
  const topic = topicOf(input, call);
  const { arn, attributes } = topic.record;
  const current = attributes.Policy ?? defaultTopicPolicy(arn, call.context.broker.locale);
  if (textList(input, 'ActionName').some((action) => !ACTIONS.has(action))) {
    throw refuse('Policy statement action out of service scope!');
  }
  const stranger = textList(input, 'AWSAccountId').find((account) => !ACCOUNT.test(account));
  if (stranger !== undefined) throw refuse(`AWSAccountId Reason: no account: ${stranger.slice(0, 100)}`);
  await call.context.broker.topics.setAttributes(topic, {
    Policy: addPermission(current, input, arn, NAMES),
  });
  return {};
}

async function disallow(input: Input, call: Call): Promise<Output> {
  const topic = topicOf(input, call);
  const { arn, attributes } = topic.record;
  const current = attributes.Policy ?? defaultTopicPolicy(arn, call.context.broker.locale);
  const Policy = removePermission(current, input);
  await call.context.broker.topics.setAttributes(topic, { Policy });
  return {};
}

function taggedTopic(input: Input, { context }: Call): Topic {
  const topic = context.broker.topics.find(ofResource(input, context));
  if (topic) return topic;
  throw new ServiceError('ResourceNotFound', 'Resource does not exist', 404);
}

function listTags(input: Input, call: Call): Output {
  const tags = Object.entries(taggedTopic(input, call).record.tags);
  return { Tags: tags.map(([Key, Value]) => ({ Key, Value })) };
}

async function tagResource(input: Input, call: Call): Promise<Output> {
  const topic = taggedTopic(input, call);
  await call.context.broker.topics.setTags(topic, { ...topic.record.tags, ...tagsOf(input) });
  return {};
}

async function untagResource(input: Input, call: Call): Promise<Output> {
  const topic = taggedTopic(input, call);
  const keys = new Set(textList(input, 'TagKeys'));
  const kept = Object.entries(topic.record.tags).filter(([key]) => !keys.has(key));
  await call.context.broker.topics.setTags(topic, Object.fromEntries(kept));
  return {};
}

function tagsOf(input: Input): Record<string, string> {
  const tags = new Map<string, string>();
  const given = Array.isArray(input.Tags) ? (input.Tags as unknown[]) : [];
  for (const tag of given) {
    if (!isInput(tag)) continue;
    const key = text(tag, 'Key');
    if (tags.has(key)) throw refuse('Duplicated keys are not allowed.');
    tags.set(key, optionalText(tag, 'Value') ?? '');
  }
  return Object.fromEntries(tags);
}

function refuseDataProtection(): never {
  throw refuse('DataProtectionPolicy Reason: data protection is not hosted by the local runtime');
}

function refuse(reason: string): ServiceError {
  return new ServiceError('InvalidParameter', `Invalid parameter: ${reason}`);
}
