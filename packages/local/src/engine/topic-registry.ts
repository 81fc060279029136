import { randomUUID } from 'node:crypto';
import type { Locale } from './arn';
import { topicArn } from './arn';
import { invalidParameter, subscriptionDoesNotExist, topicDoesNotExist } from './errors';
import type { AttributeMap } from './queue-attributes';
import type { Operation, Store } from './store';
import type { SubscriptionProtocol, SubscriptionRecord } from './subscription';
import { checkEndpoint, mergeSubscriptionAttributes } from './subscription';

const TOPICS = 't!';
const SUBSCRIPTIONS = 's!';
const NAME = /^[A-Za-z0-9_-]{1,256}$/;
const FEEDBACK =
  /^(Application|Firehose|HTTP|Lambda|SQS)(SuccessFeedbackRoleArn|SuccessFeedbackSampleRate|FailureFeedbackRoleArn)$/;
const ACCEPTED = new Set([
  'DeliveryPolicy',
  'DisplayName',
  'KmsMasterKeyId',
  'MaximumMessageSize',
  'Policy',
  'SignatureVersion',
  'TracingConfig',
]);
/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-size.html */
const DEFAULT_MAXIMUM_MESSAGE_SIZE = 262_144;
const LARGEST_MAXIMUM_MESSAGE_SIZE = 1_048_576;

interface TopicRecord {
  readonly arn: string;
  readonly name: string;
  readonly attributes: AttributeMap;
  readonly tags: Readonly<Record<string, string>>;
  readonly declared: boolean;
}

export interface Topic {
  readonly record: TopicRecord;
  readonly subscriptions: readonly SubscriptionRecord[];
}

export interface SubscriptionRequest {
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly attributes?: AttributeMap;
}

/** Bytes that a message of the topic may have, attributes included. */
export function maximumMessageSize(topic: Topic): number {
  return Number(topic.record.attributes.MaximumMessageSize ?? DEFAULT_MAXIMUM_MESSAGE_SIZE);
}

/** All topics and subscriptions and their records in the store. */
export class TopicRegistry {
  private readonly topics = new Map<string, Topic>();
  private readonly bySubscription = new Map<string, SubscriptionRecord>();

  constructor(
    private readonly store: Store,
    private readonly locale: Locale,
  ) {}

  async restore(): Promise<void> {
    for await (const [, value] of this.store.entries(TOPICS)) {
      const record = JSON.parse(value) as TopicRecord;
      this.topics.set(record.arn, { record, subscriptions: [] });
    }
    for await (const [, value] of this.store.entries(SUBSCRIPTIONS))
      this.link(JSON.parse(value) as SubscriptionRecord);
  }

  find(arn: string): Topic | undefined {
    return this.topics.get(arn);
  }

  /** @throws ServiceError NotFound */
  get(arn: string): Topic {
    const topic = this.topics.get(arn);
    if (!topic) throw topicDoesNotExist();
    return topic;
  }

  /** @throws ServiceError NotFound */
  getSubscription(arn: string): SubscriptionRecord {
    const subscription = this.bySubscription.get(arn);
    if (!subscription) throw subscriptionDoesNotExist();
    return subscription;
  }

  list(): Topic[] {
    return [...this.topics.values()].sort((a, b) => (a.record.arn < b.record.arn ? -1 : 1));
  }

  listSubscriptions(): SubscriptionRecord[] {
    return [...this.bySubscription.values()].sort((a, b) => (a.arn < b.arn ? -1 : 1));
  }

  /**
   * As SNS's CreateTopic: an existing topic with the same attributes is no error.
   * @throws ServiceError InvalidParameter
   */
  async create(
    name: string,
    attributes: AttributeMap,
    tags: Readonly<Record<string, string>> = {},
  ): Promise<Topic> {
    const existing = this.topics.get(topicArn(this.locale, name));
    if (!existing) return this.put(name, mergeTopicAttributes({}, attributes), tags, false);
    const wanted = mergeTopicAttributes(existing.record.attributes, attributes);
    if (JSON.stringify(wanted) !== JSON.stringify(existing.record.attributes)) {
      throw invalidParameter('Attributes Reason: Topic already exists with different attributes');
    }
    return existing;
  }

  /** Makes a topic of the stack exist with exactly these attributes. */
  async declare(
    name: string,
    attributes: AttributeMap,
    tags: Readonly<Record<string, string>>,
  ): Promise<Topic> {
    return this.put(name, mergeTopicAttributes({}, attributes), tags, true);
  }

  async setAttributes(topic: Topic, changes: AttributeMap): Promise<void> {
    const { name, attributes, tags, declared } = topic.record;
    await this.put(name, mergeTopicAttributes(attributes, changes), tags, declared);
  }

  async setTags(topic: Topic, tags: Readonly<Record<string, string>>): Promise<void> {
    const { name, attributes, declared } = topic.record;
    await this.put(name, attributes, tags, declared);
  }

  /** Deletes the topic and its subscriptions. */
  async delete(topic: Topic): Promise<void> {
    const { arn } = topic.record;
    this.topics.delete(arn);
    const operations: Operation[] = [{ type: 'del', key: TOPICS + arn }];
    for (const subscription of topic.subscriptions) {
      this.bySubscription.delete(subscription.arn);
      operations.push({ type: 'del', key: SUBSCRIPTIONS + subscription.arn });
    }
    await this.store.commit(operations);
  }

  /**
   * As SNS's Subscribe: the same endpoint with the same attributes again returns the existing subscription.
   * @throws ServiceError NotFound, InvalidParameter
   */
  async subscribe(request: SubscriptionRequest): Promise<SubscriptionRecord> {
    const { existing, protocol } = this.match(request);
    if (!existing) {
      return this.addSubscription(
        request,
        mergeSubscriptionAttributes(protocol, {}, request.attributes ?? {}),
        false,
      );
    }
    const wanted = mergeSubscriptionAttributes(protocol, existing.attributes, request.attributes ?? {});
    if (JSON.stringify(wanted) !== JSON.stringify(existing.attributes)) {
      throw invalidParameter('Attributes Reason: Subscription already exists with different attributes');
    }
    return existing;
  }

  /** Makes a subscription of the stack exist with exactly these attributes; it keeps its ARN from run to run. */
  async declareSubscription(request: SubscriptionRequest): Promise<SubscriptionRecord> {
    const { existing, protocol } = this.match(request);
    const attributes = mergeSubscriptionAttributes(protocol, {}, request.attributes ?? {});
    if (!existing) return this.addSubscription(request, attributes, true);
    return this.saveSubscription({ ...existing, attributes, declared: true });
  }

  async setSubscriptionAttributes(subscription: SubscriptionRecord, changes: AttributeMap): Promise<void> {
    const attributes = mergeSubscriptionAttributes(subscription.protocol, subscription.attributes, changes);
    await this.saveSubscription({ ...subscription, attributes });
  }

  /** Unknown subscriptions are passed over, as SNS does. */
  async unsubscribe(arn: string): Promise<void> {
    const subscription = this.bySubscription.get(arn);
    if (!subscription) return;
    this.unlink(subscription);
    await this.store.commit([{ type: 'del', key: SUBSCRIPTIONS + arn }]);
  }

  private match(request: SubscriptionRequest) {
    const topic = this.get(request.topicArn);
    const protocol = checkEndpoint(request.protocol, request.endpoint);
    const existing = topic.subscriptions.find(
      (subscription) => subscription.protocol === protocol && subscription.endpoint === request.endpoint,
    );
    return { existing, protocol };
  }

  private addSubscription(
    request: SubscriptionRequest,
    attributes: AttributeMap,
    declared: boolean,
  ): Promise<SubscriptionRecord> {
    return this.saveSubscription({
      arn: `${request.topicArn}:${randomUUID()}`,
      topicArn: request.topicArn,
      protocol: request.protocol as SubscriptionProtocol,
      endpoint: request.endpoint,
      attributes,
      declared,
    });
  }

  private async saveSubscription(record: SubscriptionRecord): Promise<SubscriptionRecord> {
    const existing = this.bySubscription.get(record.arn);
    if (JSON.stringify(existing) === JSON.stringify(record)) return record;
    if (existing) this.unlink(existing);
    this.link(record);
    await this.store.commit([
      { type: 'put', key: SUBSCRIPTIONS + record.arn, value: JSON.stringify(record) },
    ]);
    return record;
  }

  private async put(
    name: string,
    attributes: AttributeMap,
    tags: Readonly<Record<string, string>>,
    declared: boolean,
  ): Promise<Topic> {
    checkName(name);
    const record: TopicRecord = { arn: topicArn(this.locale, name), name, attributes, tags, declared };
    const existing = this.topics.get(record.arn);
    const topic = { record, subscriptions: existing?.subscriptions ?? [] };
    this.topics.set(record.arn, topic);
    const value = JSON.stringify(record);
    if (value !== JSON.stringify(existing?.record)) {
      await this.store.commit([{ type: 'put', key: TOPICS + record.arn, value }]);
    }
    return this.topics.get(record.arn) ?? topic;
  }

  private link(subscription: SubscriptionRecord): void {
    const topic = this.topics.get(subscription.topicArn);
    if (!topic) return;
    this.bySubscription.set(subscription.arn, subscription);
    this.topics.set(subscription.topicArn, {
      ...topic,
      subscriptions: [...topic.subscriptions, subscription],
    });
  }

  private unlink(subscription: SubscriptionRecord): void {
    this.bySubscription.delete(subscription.arn);
    const topic = this.topics.get(subscription.topicArn);
    if (!topic) return;
    const subscriptions = topic.subscriptions.filter((other) => other.arn !== subscription.arn);
    this.topics.set(subscription.topicArn, { ...topic, subscriptions });
  }
}

function checkName(name: string): void {
  if (name.endsWith('.fifo')) throw invalidParameter('Name: FIFO topics are not hosted by the local runtime');
  if (!NAME.test(name)) throw invalidParameter('Topic Name');
}

function mergeTopicAttributes(current: AttributeMap, changes: AttributeMap): Record<string, string> {
  const merged: Record<string, string> = { ...current };
  for (const [name, value] of Object.entries(changes)) {
    if ((name === 'FifoTopic' || name === 'ContentBasedDeduplication') && value === 'false') continue;
    if (!ACCEPTED.has(name) && !FEEDBACK.test(name)) {
      throw invalidParameter(`AttributeName ${name} is not hosted by the local runtime`);
    }
    if (name === 'MaximumMessageSize') checkMaximumMessageSize(value);
    if (name === 'Policy' && value !== '') checkJson(name, value);
    if (value === '') delete merged[name];
    else merged[name] = value;
  }
  return merged;
}

function checkMaximumMessageSize(value: string): void {
  const size = Number(value);
  if (Number.isInteger(size) && size >= 1024 && size <= LARGEST_MAXIMUM_MESSAGE_SIZE) return;
  throw invalidParameter(
    `MaximumMessageSize: must be 1024 to ${LARGEST_MAXIMUM_MESSAGE_SIZE}, and is ${value}`,
  );
}

function checkJson(name: string, value: string): void {
  try {
    JSON.parse(value);
  } catch {
    throw invalidParameter(`Attributes Reason: ${name} is not JSON`);
  }
}
