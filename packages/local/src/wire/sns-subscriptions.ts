import type { Subscription } from '../engine';
import { effectiveDelivery, renderSubscriptionDelivery } from '../engine';
import { credentialScope } from './credentials';
import type { Call, Input, Operations, Output, WireContext, WireRequest } from './protocol';
import { optionalText, text, textMap } from './protocol';
import { pageStart, pageToken, subscriptionArnOf, topicArnOf, topicOfSubscription } from './sns-arn';

const PAGE_SIZE = 100;
const DEFAULT_SCOPE = 'MessageAttributes';

const ofTopic = (input: Input, context: WireContext) => topicArnOf(input, 'TopicArn', context);
/** IAM judges calls on a subscription by its topic. */
const ofSubscription = (input: Input) => topicOfSubscription(subscriptionArnOf(input));

export const subscriptionOperations: Operations = {
  Subscribe: { resource: ofTopic, run: subscribe },
  ConfirmSubscription: { resource: (input) => text(input, 'TopicArn'), run: confirmSubscription },
  Unsubscribe: { resource: ofSubscription, run: unsubscribe },
  ListSubscriptions: { run: listSubscriptions },
  ListSubscriptionsByTopic: { resource: ofTopic, run: listSubscriptionsByTopic },
  GetSubscriptionAttributes: { resource: ofSubscription, run: getSubscriptionAttributes },
  SetSubscriptionAttributes: { resource: ofSubscription, run: setSubscriptionAttributes },
};

async function subscribe(input: Input, { context }: Call): Promise<Output> {
  const record = await context.broker.subscriptions.subscribe({
    topicArn: ofTopic(input, context),
    protocol: text(input, 'Protocol'),
    endpoint: text(input, 'Endpoint'),
    attributes: textMap(input, 'Attributes'),
  });
  const told = record.suspended === undefined || isTrue(input, 'ReturnSubscriptionArn');
  return { SubscriptionArn: told ? record.arn : 'pending confirmation' };
}

async function confirmSubscription(input: Input, { context, request }: Call): Promise<Output> {
  const { arn } = await context.broker.subscriptions.confirm(text(input, 'TopicArn'), text(input, 'Token'), {
    authenticated: isAuthenticated(request),
    authenticateOnUnsubscribe: isTrue(input, 'AuthenticateOnUnsubscribe'),
  });
  return { SubscriptionArn: arn };
}

async function unsubscribe(input: Input, { context, request }: Call): Promise<Output> {
  const authenticated = isAuthenticated(request);
  await context.broker.subscriptions.unsubscribe(subscriptionArnOf(input), { authenticated });
  return {};
}

/** Links in messages have no credentials. */
function isAuthenticated(request: WireRequest): boolean {
  return credentialScope(request) !== undefined;
}

function isTrue(input: Input, name: string): boolean {
  const value = input[name];
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true');
}

function listSubscriptions(input: Input, { context }: Call): Output {
  return rendered(context.broker.subscriptions.page(pageStart(input), PAGE_SIZE), context);
}

function listSubscriptionsByTopic(input: Input, { context }: Call): Output {
  const topic = context.broker.topics.get(ofTopic(input, context));
  return rendered(topic.members.page(pageStart(input), PAGE_SIZE), context);
}

function rendered(page: { items: Subscription[]; next?: string }, context: WireContext): Output {
  const Subscriptions = page.items.map(({ record }) => ({
    SubscriptionArn: shownArn(record),
    Owner: context.broker.locale.accountId,
    Protocol: record.protocol,
    Endpoint: record.endpoint,
    TopicArn: record.topicArn,
  }));
  return { Subscriptions, NextToken: pageToken(page.next) };
}

function shownArn({ arn, suspended }: Subscription['record']): string {
  if (suspended === undefined) return arn;
  return suspended === 'pending' ? 'PendingConfirmation' : 'Deleted';
}

function getSubscriptionAttributes(input: Input, { context }: Call): Output {
  const { broker } = context;
  const { record, settings } = broker.subscriptions.get(subscriptionArnOf(input));
  const topic = broker.topics.get(record.topicArn);
  const { accountId } = broker.locale;
  const { FilterPolicyScope = DEFAULT_SCOPE, ...attributes } = record.attributes;
  const Attributes = {
    SubscriptionArn: record.arn,
    TopicArn: record.topicArn,
    Owner: accountId,
    Protocol: record.protocol,
    Endpoint: record.endpoint,
    RawMessageDelivery: 'false',
    PendingConfirmation: String(record.suspended === 'pending'),
    ConfirmationWasAuthenticated: String(record.suspended === undefined && (record.confirmedByOwner ?? true)),
    SubscriptionPrincipal: `arn:aws:iam::${accountId}:root`,
    ...attributes,
    // A scope without a policy is not told.
    ...(attributes.FilterPolicy !== undefined && { FilterPolicyScope }),
    ...(record.protocol.startsWith('http') && {
      EffectiveDeliveryPolicy: renderSubscriptionDelivery(
        effectiveDelivery(topic.settings.delivery, settings.delivery),
      ),
    }),
  };
  return { Attributes };
}

async function setSubscriptionAttributes(input: Input, { context }: Call): Promise<Output> {
  const subscription = context.broker.subscriptions.get(subscriptionArnOf(input));
  const value = optionalText(input, 'AttributeValue') ?? '';
  await context.broker.subscriptions.setAttributes(subscription, { [text(input, 'AttributeName')]: value });
  return {};
}
