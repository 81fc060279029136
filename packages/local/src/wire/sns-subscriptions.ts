import type { SubscriptionRecord } from '../engine';
import { page } from './paging';
import type { Call, Input, Operations, Output, WireContext } from './protocol';
import { optionalText, text, textMap } from './protocol';

const PAGE_SIZE = 100;

const ofTopic = (input: Input) => text(input, 'TopicArn');
/** IAM judges calls on a subscription by its topic. */
const ofSubscription = (input: Input) => text(input, 'SubscriptionArn').split(':').slice(0, 6).join(':');

export const subscriptionOperations: Operations = {
  Subscribe: { resource: ofTopic, run: subscribe },
  Unsubscribe: { resource: ofSubscription, run: unsubscribe },
  ListSubscriptions: { run: listSubscriptions },
  ListSubscriptionsByTopic: { resource: ofTopic, run: listSubscriptionsByTopic },
  GetSubscriptionAttributes: { resource: ofSubscription, run: getSubscriptionAttributes },
  SetSubscriptionAttributes: { resource: ofSubscription, run: setSubscriptionAttributes },
};

async function subscribe(input: Input, { context }: Call): Promise<Output> {
  const subscription = await context.broker.topics.subscribe({
    topicArn: text(input, 'TopicArn'),
    protocol: text(input, 'Protocol'),
    endpoint: text(input, 'Endpoint'),
    attributes: textMap(input, 'Attributes'),
  });
  return { SubscriptionArn: subscription.arn };
}

async function unsubscribe(input: Input, { context }: Call): Promise<Output> {
  await context.broker.topics.unsubscribe(text(input, 'SubscriptionArn'));
  return {};
}

function listSubscriptions(input: Input, { context }: Call): Output {
  return pageOf(context.broker.topics.listSubscriptions(), input, context);
}

function listSubscriptionsByTopic(input: Input, { context }: Call): Output {
  return pageOf(context.broker.topics.get(text(input, 'TopicArn')).subscriptions, input, context);
}

function pageOf(subscriptions: readonly SubscriptionRecord[], input: Input, context: WireContext): Output {
  const token = optionalText(input, 'NextToken');
  const { items, nextToken } = page(subscriptions, PAGE_SIZE, token, 'InvalidParameter');
  const Subscriptions = items.map((subscription) => ({
    SubscriptionArn: subscription.arn,
    Owner: context.broker.locale.accountId,
    Protocol: subscription.protocol,
    Endpoint: subscription.endpoint,
    TopicArn: subscription.topicArn,
  }));
  return { Subscriptions, NextToken: nextToken };
}

function getSubscriptionAttributes(input: Input, { context }: Call): Output {
  const subscription = context.broker.topics.getSubscription(text(input, 'SubscriptionArn'));
  const { accountId } = context.broker.locale;
  const Attributes = {
    SubscriptionArn: subscription.arn,
    TopicArn: subscription.topicArn,
    Owner: accountId,
    Protocol: subscription.protocol,
    Endpoint: subscription.endpoint,
    RawMessageDelivery: 'false',
    PendingConfirmation: 'false',
    ConfirmationWasAuthenticated: 'true',
    SubscriptionPrincipal: `arn:aws:iam::${accountId}:root`,
    ...subscription.attributes,
  };
  return { Attributes };
}

async function setSubscriptionAttributes(input: Input, { context }: Call): Promise<Output> {
  const subscription = context.broker.topics.getSubscription(text(input, 'SubscriptionArn'));
  const value = optionalText(input, 'AttributeValue') ?? '';
  await context.broker.topics.setSubscriptionAttributes(subscription, {
    [text(input, 'AttributeName')]: value,
  });
  return {};
}
