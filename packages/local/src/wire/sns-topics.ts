import type { Topic } from '../engine';
import { topicArn } from '../engine';
import { page } from './paging';
import { addPermission, defaultTopicPolicy, removePermission } from './permissions';
import type { Call, Input, Operations, Output, WireContext } from './protocol';
import { isInput, optionalText, text, textList, textMap } from './protocol';

const PAGE_SIZE = 100;
const NAMES = { prefix: 'SNS', accounts: 'AWSAccountId', actions: 'ActionName' };

/** The delivery policy that SNS follows unless told otherwise. */
const EFFECTIVE_DELIVERY_POLICY = JSON.stringify({
  http: {
    defaultHealthyRetryPolicy: {
      minDelayTarget: 20,
      maxDelayTarget: 20,
      numRetries: 3,
      numMaxDelayRetries: 0,
      numNoDelayRetries: 0,
      numMinDelayRetries: 0,
      backoffFunction: 'linear',
    },
    disableSubscriptionOverrides: false,
  },
});

const ofTopic = (input: Input) => text(input, 'TopicArn');
const ofResource = (input: Input) => text(input, 'ResourceArn');

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
};

function namedTopicArn(input: Input, context: WireContext): string {
  return topicArn(context.broker.locale, text(input, 'Name'));
}

function topicOf(input: Input, { context }: Call): Topic {
  return context.broker.topics.get(text(input, 'TopicArn'));
}

async function createTopic(input: Input, { context }: Call): Promise<Output> {
  const attributes = textMap(input, 'Attributes');
  const topic = await context.broker.topics.create(text(input, 'Name'), attributes, tagsOf(input));
  return { TopicArn: topic.record.arn };
}

/** A topic that does not exist is deleted already. */
async function deleteTopic(input: Input, { context }: Call): Promise<Output> {
  const topic = context.broker.topics.find(text(input, 'TopicArn'));
  if (topic) await context.broker.topics.delete(topic);
  return {};
}

function listTopics(input: Input, { context }: Call): Output {
  const topics = context.broker.topics.list();
  const { items, nextToken } = page(topics, PAGE_SIZE, optionalText(input, 'NextToken'), 'InvalidParameter');
  return { Topics: items.map((topic) => ({ TopicArn: topic.record.arn })), NextToken: nextToken };
}

function getTopicAttributes(input: Input, call: Call): Output {
  const topic = topicOf(input, call);
  const { locale } = call.context.broker;
  const Attributes = {
    TopicArn: topic.record.arn,
    Owner: locale.accountId,
    DisplayName: '',
    Policy: defaultTopicPolicy(topic.record.arn, locale),
    EffectiveDeliveryPolicy: EFFECTIVE_DELIVERY_POLICY,
    SubscriptionsConfirmed: String(topic.subscriptions.length),
    SubscriptionsPending: '0',
    SubscriptionsDeleted: '0',
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
  await call.context.broker.topics.setAttributes(topic, {
    Policy: addPermission(current, input, arn, NAMES),
  });
  return {};
}

async function disallow(input: Input, call: Call): Promise<Output> {
  const topic = topicOf(input, call);
  const Policy = removePermission(topic.record.attributes.Policy, input);
  await call.context.broker.topics.setAttributes(topic, { Policy });
  return {};
}

function taggedTopic(input: Input, { context }: Call): Topic {
  return context.broker.topics.get(text(input, 'ResourceArn'));
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
  const tags: Record<string, string> = {};
  const given = Array.isArray(input.Tags) ? (input.Tags as unknown[]) : [];
  for (const tag of given) {
    if (isInput(tag)) tags[text(tag, 'Key')] = optionalText(tag, 'Value') ?? '';
  }
  return tags;
}
