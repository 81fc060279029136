import type { Locale } from '../arn';
import { topicArn } from '../arn';
import { ofChange, ofNew } from './attribute-problem';
import { invalidParameter, topicDoesNotExist } from '../errors';
import type { AttributeMap } from '../sqs/queue-attributes';
import { SortedIndex } from './sorted-index';
import type { Operation, Store } from '../store';
import type { Tags } from './tags';
import { checkTags } from './tags';
import type { TopicRecord } from './topic';
import { Topic } from './topic';
import { mergeTopicAttributes, newTopicAttributes } from './topic-attributes';
import { checkTopicName } from './topic-name';

const TOPICS = 't!';

export interface TopicRegistryOptions {
  readonly store: Store;
  readonly locale: Locale;
  /** An id that was never given before. */
  readonly newId: () => string;
}

/** All topics and their records in the store. */
export class TopicRegistry {
  private readonly topics = new SortedIndex<Topic>();
  private removal: (topic: Topic) => Operation[] = () => [];

  constructor(private readonly options: TopicRegistryOptions) {}

  async restore(): Promise<void> {
    for await (const [, value] of this.options.store.entries(TOPICS)) {
      const record = JSON.parse(value) as TopicRecord;
      this.topics.set(record.arn, new Topic(record));
    }
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

  /** By ARN. */
  list(): Topic[] {
    return this.topics.values();
  }

  /** Topics after an ARN, and the ARN after which the next page begins. */
  page(after: string | undefined, size: number): { items: Topic[]; next?: string } {
    return this.topics.page(after, size);
  }

  /**
   * As SNS's CreateTopic: an existing topic with the same attributes and tags is no error.
   * @throws ServiceError InvalidParameter, TagLimitExceeded
   */
  async create(name: string, attributes: AttributeMap, tags: Tags = {}): Promise<Topic> {
    checkTopicName(name, attributes.FifoTopic === 'true');
    checkTags(tags);
    const existing = this.topics.get(topicArn(this.options.locale, name));
    if (!existing) return this.add(name, attributes, tags, false);
    const { record } = existing;
    const { FifoTopic: _fifo, ...others } = attributes;
    const wanted = ofNew(() => mergeTopicAttributes(record.attributes, others));
    if (!same(wanted, record.attributes)) {
      throw invalidParameter('Attributes Reason: Topic already exists with different attributes');
    }
    if (Object.keys(tags).length > 0 && !same(tags, record.tags)) {
      throw invalidParameter('Tags Reason: Topic already exists with different tags');
    }
    return existing;
  }

  /** Makes a topic of the stack exist with exactly these attributes. */
  async declare(name: string, attributes: AttributeMap, tags: Tags): Promise<Topic> {
    checkTopicName(name, attributes.FifoTopic === 'true');
    checkTags(tags);
    const existing = this.topics.get(topicArn(this.options.locale, name));
    if (!existing) return this.add(name, attributes, tags, true);
    await this.change(existing, {
      attributes: ofNew(() => newTopicAttributes(attributes)),
      tags,
      declared: true,
    });
    return existing;
  }

  /** @throws ServiceError InvalidParameter */
  async setAttributes(topic: Topic, changes: AttributeMap): Promise<void> {
    const attributes = ofChange(() => mergeTopicAttributes(topic.record.attributes, changes));
    await this.change(topic, { attributes });
  }

  /** @throws ServiceError InvalidParameter, TagLimitExceeded */
  async setTags(topic: Topic, tags: Tags): Promise<void> {
    checkTags(tags);
    await this.change(topic, { tags });
  }

  /** Sets what else goes with a topic: it forgets a topic's subscriptions and tells what removes them from the store. */
  setRemoval(remove: (topic: Topic) => Operation[]): void {
    this.removal = remove;
  }

  /** Deletes the topic and its subscriptions. */
  async delete(topic: Topic): Promise<void> {
    const { arn } = topic.record;
    this.topics.delete(arn);
    await this.options.store.commit([{ type: 'del', key: TOPICS + arn }, ...this.removal(topic)]);
  }

  private async add(name: string, attributes: AttributeMap, tags: Tags, declared: boolean): Promise<Topic> {
    const arn = topicArn(this.options.locale, name);
    const id = this.options.newId();
    const topic = new Topic({
      id,
      arn,
      name,
      attributes: ofNew(() => newTopicAttributes(attributes)),
      tags,
      declared,
    });
    this.topics.set(arn, topic);
    await this.save(topic);
    return topic;
  }

  private async change(topic: Topic, changes: Partial<TopicRecord>): Promise<void> {
    const before = JSON.stringify(topic.record);
    topic.update({ ...topic.record, ...changes });
    if (JSON.stringify(topic.record) !== before) await this.save(topic);
  }

  private save({ record }: Topic): Promise<void> {
    return this.options.store.commit([
      { type: 'put', key: TOPICS + record.arn, value: JSON.stringify(record) },
    ]);
  }
}

function same(one: Tags, other: Tags): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && one[name] === other[name])
  );
}
