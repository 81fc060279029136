import type { Filterable } from './filter';
import type { AttributeMap } from '../sqs/queue-attributes';
import { SortedIndex } from './sorted-index';
import type { Subscription, SubscriptionRecord } from './subscription';
import type { SubscriptionProtocol } from './subscription-endpoint';
import type { Tags } from './tags';
import type { TopicSettings } from './topic-attributes';
import { topicSettings } from './topic-attributes';

/** A topic as it is stored. */
export interface TopicRecord {
  /** Unique for ever: a topic created again under the same name is another one. */
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly attributes: AttributeMap;
  readonly tags: Tags;
  /** Comes from the synthesized stack and not from a call. */
  readonly declared: boolean;
}

/** A topic and its subscriptions, arranged so that a message finds its receivers without asking the others. */
export class Topic {
  /** All, by ARN. */
  readonly members = new SortedIndex<Subscription>();
  /** Subscriptions that were removed since the runtime started. */
  deleted = 0;
  /** Since the runtime started: messages, their deliveries, those that failed for good, and those that filter policies prevented. */
  readonly traffic = { published: 0, delivered: 0, failed: 0, filteredOut: 0 };
  private state: TopicRecord;
  private parsed: TopicSettings;
  private readonly byEndpoint = new Map<string, Subscription>();
  private readonly active = new Set<Subscription>();
  /** Active subscriptions that are not found by an attribute. */
  private readonly general = new Set<Subscription>();
  /** Attribute -> text -> active subscriptions whose filter policy wants one of some texts there. */
  private readonly keyed = new Map<string, Map<string, Set<Subscription>>>();

  constructor(record: TopicRecord) {
    this.state = record;
    this.parsed = topicSettings(record.attributes);
  }

  get record(): TopicRecord {
    return this.state;
  }

  get settings(): TopicSettings {
    return this.parsed;
  }

  get subscriptions(): SubscriptionRecord[] {
    return this.members.values().map(({ record }) => record);
  }

  update(record: TopicRecord): void {
    this.state = record;
    this.parsed = topicSettings(record.attributes);
  }

  /** How many subscriptions are confirmed, and how many wait for that. */
  counts(): { confirmed: number; pending: number } {
    const confirmed = this.active.size;
    return { confirmed, pending: this.members.size - confirmed };
  }

  find(protocol: SubscriptionProtocol, endpoint: string): Subscription | undefined {
    return this.byEndpoint.get(`${protocol} ${endpoint}`);
  }

  add(subscription: Subscription): void {
    const { record, arn, filter } = subscription;
    this.members.set(arn, subscription);
    this.byEndpoint.set(`${record.protocol} ${record.endpoint}`, subscription);
    if (!subscription.isActive) return;
    this.active.add(subscription);
    const key = filter?.key;
    if (!key) {
      this.general.add(subscription);
      return;
    }
    for (const text of key.texts) this.bucket(key.name, text).add(subscription);
  }

  remove(subscription: Subscription): void {
    const { record, arn, filter } = subscription;
    this.members.delete(arn);
    this.byEndpoint.delete(`${record.protocol} ${record.endpoint}`);
    this.active.delete(subscription);
    this.general.delete(subscription);
    const key = filter?.key;
    for (const text of key?.texts ?? []) {
      const texts = this.keyed.get(key!.name);
      const bucket = texts?.get(text);
      bucket?.delete(subscription);
      if (bucket?.size === 0) texts!.delete(text);
      if (texts?.size === 0) this.keyed.delete(key!.name);
    }
  }

  has(subscription: Subscription): boolean {
    return this.active.has(subscription);
  }

  /** Who gets a message; the others are counted as filtered out. */
  recipients(message: Filterable): Subscription[] {
    const recipients: Subscription[] = [];
    for (const subscription of this.general) {
      if (subscription.filter?.accepts(message) ?? true) recipients.push(subscription);
    }
    for (const subscription of this.candidates(message)) {
      if (subscription.filter!.accepts(message)) recipients.push(subscription);
    }
    this.traffic.filteredOut += this.active.size - recipients.length;
    return recipients;
  }

  private candidates(message: Filterable): Set<Subscription> {
    const found = new Set<Subscription>();
    for (const [name, texts] of this.keyed) {
      for (const value of message.attributes().get(name) ?? []) {
        if (typeof value !== 'string') continue;
        for (const subscription of texts.get(value) ?? []) found.add(subscription);
      }
    }
    return found;
  }

  private bucket(name: string, text: string): Set<Subscription> {
    const texts = this.keyed.get(name) ?? new Map<string, Set<Subscription>>();
    this.keyed.set(name, texts);
    const bucket = texts.get(text) ?? new Set<Subscription>();
    texts.set(text, bucket);
    return bucket;
  }
}
