import type { Aws } from '../clients';
import { invalid, isMessagingError, MessagingError, refuse } from '../errors';
import { nameErrors } from '../names';
import type { Page } from '../page';
import { everyItem, page } from '../page';
import { Undo } from '../undo';
import type { Link } from './endpoint-access';
import { EndpointAccess } from './endpoint-access';
import type { ListedSubscription } from './subscription-attributes';
import { changedAttributes, subscriptionInfo, subscriptionSummary } from './subscription-attributes';
import { changeErrors, createErrors } from './subscription-errors';
import { parseSubscriptionId, subscriptionId, topicName } from './subscription-id';
import type {
  ConfirmSubscription,
  CreatedSubscription,
  CreateSubscription,
  ListSubscriptions,
  SubscriptionChanges,
  SubscriptionInfo,
  SubscriptionSummary,
} from './types';

/** Who gets a topic's messages: queues, functions, URLs, mail addresses, telephones. */
export class Subscriptions {
  private readonly access: EndpointAccess;

  constructor(private readonly aws: Aws) {
    this.access = new EndpointAccess(aws);
  }

  /**
   * Subscribes an endpoint, and lets the topic send to it: by one statement in a queue's policy, by one permission of a
   * function. Again with the same attributes it answers the subscription that is there. Mail addresses and URLs have to
   * agree first: `pending`.
   *
   * @throws MessagingError 'invalid', 'not-found' for the topic, the queue or the function, 'already-exists' with other attributes
   */
  async create(input: CreateSubscription): Promise<CreatedSubscription> {
    refuse(createErrors(input));
    this.aws.checkName('topic', input.topic);
    const topicArn = await this.aws.topicArn(input.topic);
    const endpoint = await this.access.endpointOf(input);
    const link = { topicArn, protocol: input.protocol, endpoint };
    return Undo.around(this.aws.events, async (undo) => {
      // What is subscribed before it is permitted loses the messages between.
      const warnings = [...(await this.access.permit(link, undo))];
      const { deadLetterQueue: queue } = input;
      if (queue !== undefined) warnings.push(...(await this.access.permitDeadLetters(link, queue, undo)));
      const info = await this.read(await this.subscribe(input, link));
      this.emit('resource.created', info);
      return { ...info, warnings: [...warnings, ...pendingWarnings(info)] };
    });
  }

  /**
   * Subscriptions of one topic or of all, with what SNS's lists tell; `get` has the rest.
   * @throws MessagingError 'not-found' for the topic
   */
  async list(options: ListSubscriptions = {}): Promise<Page<SubscriptionSummary>> {
    const { topic } = options;
    if (topic !== undefined) this.aws.checkName('topic', topic);
    const topicArn = topic === undefined ? undefined : await this.aws.topicArn(topic);
    const what = topic === undefined ? 'listing subscriptions' : `listing subscriptions of topic "${topic}"`;
    const listed = await page(
      `subscriptions?topic=${topic ?? ''}&prefix=${this.aws.settings.prefix}`,
      options,
      (token) => this.aws.attempt(what, () => this.chunk(topicArn, token)),
      ({ TopicArn = '' }) => this.aws.isVisible(topicName(TopicArn)),
    );
    return { ...listed, items: listed.items.map(subscriptionSummary) };
  }

  /** @throws MessagingError 'not-found' */
  async get(id: string): Promise<SubscriptionInfo> {
    return this.read(await this.arnOf(id));
  }

  /** Changes what is said. @throws MessagingError 'not-found', 'invalid' */
  async update(id: string, changes: SubscriptionChanges): Promise<SubscriptionInfo> {
    const arn = await this.arnOf(id);
    const before = await this.read(arn);
    refuse(changeErrors(before.protocol, changes, before.filterScope));
    const link = await this.linkOf(before);
    const attributes = await changedAttributes(this.aws, changes);
    await Undo.around(this.aws.events, async (undo) => {
      if (changes.deadLetterQueue) await this.access.permitDeadLetters(link, changes.deadLetterQueue, undo);
      await this.set(id, arn, attributes);
    });
    const after = await this.read(arn);
    if (after.deadLetterQueue !== before.deadLetterQueue) {
      await this.access.withdrawDeadLetters(link, before.deadLetterQueue);
    }
    return after;
  }

  /** Agrees to a pending subscription. @throws MessagingError 'invalid' for a token that is none or is too old */
  async confirm({ topic, token }: ConfirmSubscription): Promise<SubscriptionInfo> {
    if (token === '') throw invalid([{ field: 'token', detail: 'must not be empty' }]);
    this.aws.checkName('topic', topic);
    const arn = await this.aws.attempt(`confirming a subscription of topic "${topic}"`, async () => {
      const { SubscriptionArn } = await (
        await this.aws.sns()
      ).confirmSubscription({ TopicArn: await this.aws.topicArn(topic), Token: token });
      return SubscriptionArn!;
    });
    return this.read(arn);
  }

  /**
   * Ends a subscription and takes back what let the topic send to its endpoint.
   * @throws MessagingError 'not-found'; 'conflict' while its confirmation is pending
   */
  async delete(id: string): Promise<void> {
    const info = await this.get(id);
    if (info.pending) throw stillPending(id);
    await this.aws.attempt(`deleting subscription "${id}"`, async () =>
      (await this.aws.sns()).unsubscribe({ SubscriptionArn: info.arn! }),
    );
    const link = await this.linkOf(info);
    await this.access.withdraw(link);
    await this.access.withdrawDeadLetters(link, info.deadLetterQueue);
    this.emit('resource.deleted', info);
  }

  /** What a topic's queues and functions let it do; the answer takes all of it back, once the topic is gone. */
  async permissionsOf(topic: string): Promise<() => Promise<void>> {
    const topicArn = await this.aws.topicArn(topic);
    const permitted: ListedSubscription[] = [];
    await this.aws.attempt(`listing subscriptions of topic "${topic}"`, async () => {
      for await (const listed of everyItem((token) => this.chunk(topicArn, token))) {
        if (this.access.isNeeded(listed.Protocol ?? '')) permitted.push(listed);
      }
    });
    return async () => {
      for (const { Protocol = '', Endpoint = '' } of permitted) {
        await this.access.withdraw({ topicArn, protocol: Protocol, endpoint: Endpoint });
      }
    };
  }

  private async subscribe(input: CreateSubscription, { topicArn, endpoint }: Link): Promise<string> {
    const { topic, protocol, filter, filterScope, deadLetterQueue } = input;
    const raw = input.raw ?? (protocol === 'sqs' || undefined);
    const Attributes = await changedAttributes(this.aws, { raw, filter, filterScope, deadLetterQueue });
    try {
      return await this.aws.attempt(`subscribing "${input.endpoint}" to topic "${topic}"`, async () => {
        const { SubscriptionArn } = await (
          await this.aws.sns()
        ).subscribe({
          TopicArn: topicArn,
          Protocol: protocol,
          Endpoint: endpoint,
          Attributes,
          ReturnSubscriptionArn: true,
        });
        return SubscriptionArn!;
      });
    } catch (error) {
      throw asExisting(error);
    }
  }

  private async set(id: string, arn: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    await this.aws.attempt(`changing subscription "${id}"`, async () => {
      const sns = await this.aws.sns();
      for (const [AttributeName, AttributeValue] of Object.entries(attributes)) {
        await sns.setSubscriptionAttributes({ SubscriptionArn: arn, AttributeName, AttributeValue });
      }
    });
  }

  private async linkOf({ topic, protocol, endpoint }: SubscriptionInfo): Promise<Link> {
    return { topicArn: await this.aws.topicArn(topic), protocol, endpoint };
  }

  private async chunk(topicArn: string | undefined, NextToken: string | undefined) {
    const sns = await this.aws.sns();
    const answer =
      topicArn === undefined
        ? await sns.listSubscriptions({ NextToken })
        : await sns.listSubscriptionsByTopic({ TopicArn: topicArn, NextToken });
    return { items: answer.Subscriptions ?? [], next: answer.NextToken };
  }

  private async read(arn: string): Promise<SubscriptionInfo> {
    return this.aws.attempt(`looking at subscription "${subscriptionId(arn)}"`, async () => {
      const sns = await this.aws.sns();
      const { Attributes = {} } = await sns.getSubscriptionAttributes({ SubscriptionArn: arn });
      return subscriptionInfo(Attributes);
    });
  }

  private async arnOf(id: string): Promise<string> {
    const parts = parseSubscriptionId(id);
    if (!parts || nameErrors('topic', parts.topic).length > 0) {
      throw invalid([{ field: 'id', detail: 'must be <topic>:<uuid>, as lists of subscriptions have it' }]);
    }
    this.aws.checkName('topic', parts.topic, 'id');
    return `${await this.aws.topicArn(parts.topic)}:${parts.uuid}`;
  }

  private emit(event: 'resource.created' | 'resource.deleted', info: SubscriptionInfo): void {
    const { id, arn, ...attributes } = info;
    this.aws.events.emit(event, {
      type: 'subscription',
      name: id!,
      arn: arn!,
      attributes: { ...attributes },
    });
  }
}

function pendingWarnings({ pending, protocol, endpoint }: SubscriptionInfo): string[] {
  if (!pending) return [];
  const how = protocol.startsWith('http')
    ? 'opens the SubscribeURL that it was posted'
    : 'follows the link that it was sent';
  return [`No message arrives before ${endpoint} ${how}; after 48 hours the request is void`];
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-delete-subscription-topic.html */
function stillPending(id: string): MessagingError {
  return new MessagingError(
    'conflict',
    `Subscription "${id}" cannot be deleted before its endpoint has confirmed it; SNS drops it by itself after 48 hours`,
  );
}

function asExisting(error: unknown): unknown {
  const isOther =
    isMessagingError(error, 'invalid') && /already exists with different attributes/.test(error.message);
  return isOther ? new MessagingError('already-exists', error.message, { cause: error.cause }) : error;
}
