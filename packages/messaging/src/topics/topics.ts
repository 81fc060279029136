import type { Aws } from '../clients';
import { isMessagingError, MessagingError, refuse } from '../errors';
import { nameOf } from '../names';
import type { Page } from '../page';
import { page } from '../page';
import type { SentAll, SentMessage } from '../queues';
import type { Subscriptions } from '../subscriptions';
import { BatchPublisher, published } from './batch-publisher';
import { messageErrors, preparePublication } from './publication';
import { changedAttributes, newAttributes, tagList, topicInfo, topicSummary } from './topic-attributes';
import { changeErrors, createErrors, shareErrors } from './topic-errors';
import type {
  CreateTopic,
  ListTopics,
  ShareTopic,
  TopicChanges,
  TopicInfo,
  TopicMessage,
  TopicSummary,
} from './types';

/** Topics: what is published to one goes to all its subscriptions. */
export class Topics {
  constructor(
    private readonly aws: Aws,
    private readonly subscriptions: Subscriptions,
  ) {}

  /**
   * Makes a topic; again with the same attributes and tags it answers the one that is there.
   * @throws MessagingError 'invalid', 'already-exists' with other attributes or tags
   */
  async create(input: CreateTopic): Promise<TopicInfo> {
    refuse(createErrors(input));
    const { name, tags } = input;
    this.aws.checkName('topic', name, 'name');
    const isNew = (await this.find(name)) === undefined;
    const arn = await this.make(input);
    const info = await this.read(name, arn);
    // SNS keeps the tags of a topic that is there, whatever is said.
    if (!isNew && tags !== undefined && !sameTags(info.tags, tags)) {
      throw new MessagingError('already-exists', `Topic "${name}" already exists with different tags`);
    }
    if (isNew) this.emit('resource.created', info);
    return info;
  }

  /** By pages, in SNS's order. */
  async list(options: ListTopics = {}): Promise<Page<TopicSummary>> {
    const prefix = options.prefix ?? '';
    const listed = await page(
      `topics?prefix=${this.aws.settings.prefix}&${prefix}`,
      options,
      (NextToken) =>
        this.aws.attempt('listing topics', async () => {
          const { Topics = [], NextToken: next } = await (await this.aws.sns()).listTopics({ NextToken });
          return { items: Topics.map(({ TopicArn }) => TopicArn!), next };
        }),
      (arn) => this.aws.isVisible(nameOf(arn)) && nameOf(arn).startsWith(prefix),
    );
    return { ...listed, items: listed.items.map(topicSummary) };
  }

  /** @throws MessagingError 'not-found' */
  async get(name: string): Promise<TopicInfo> {
    this.aws.checkName('topic', name);
    return this.read(name, await this.aws.topicArn(name));
  }

  /** Changes what is said. @throws MessagingError 'not-found', 'invalid' */
  async update(name: string, changes: TopicChanges): Promise<TopicInfo> {
    this.aws.checkName('topic', name);
    refuse(changeErrors(name, changes));
    const arn = await this.aws.topicArn(name);
    await this.aws.attempt(`changing topic "${name}"`, async () => {
      const sns = await this.aws.sns();
      for (const [AttributeName, AttributeValue] of Object.entries(changedAttributes(changes))) {
        await sns.setTopicAttributes({ TopicArn: arn, AttributeName, AttributeValue });
      }
    });
    if (changes.tags !== undefined) await this.setTags(name, arn, changes.tags);
    return this.read(name, arn);
  }

  /**
   * Deletes a topic with its subscriptions, and takes back what let it send to their queues and functions.
   * @throws MessagingError 'not-found'
   */
  async delete(name: string): Promise<void> {
    const info = await this.get(name);
    const withdraw = await this.subscriptions.permissionsOf(name);
    await this.aws.attempt(`deleting topic "${name}"`, async () =>
      (await this.aws.sns()).deleteTopic({ TopicArn: info.arn }),
    );
    await withdraw();
    this.emit('resource.deleted', info);
  }

  /**
   * Publishes one message.
   * @throws MessagingError 'not-found', 'invalid', 'too-large' where large messages are not set up
   */
  async publish(name: string, message: TopicMessage): Promise<SentMessage> {
    this.aws.checkName('topic', name);
    refuse(messageErrors(name, message));
    const { publication, large } = await preparePublication(message, this.aws.large);
    const answer = await this.aws.attempt(`publishing to topic "${name}"`, async () =>
      (await this.aws.sns()).publish({ TopicArn: await this.aws.topicArn(name), ...publication }),
    );
    const { MessageId, SequenceNumber } = answer;
    return published(this.aws, name, {
      messageId: MessageId!,
      sequenceNumber: SequenceNumber ?? null,
      large,
    });
  }

  /**
   * Publishes any number of messages, ten a call and no more bytes than one takes. One that fails hinders no other.
   * @throws MessagingError 'not-found'
   */
  async publishAll(
    name: string,
    messages: Iterable<TopicMessage> | AsyncIterable<TopicMessage>,
  ): Promise<SentAll> {
    // A topic that is missing is the caller's mistake, not each message's.
    const { arn } = await this.get(name);
    return new BatchPublisher(this.aws, name, arn).publishAll(messages);
  }

  /** Lets other accounts do something with the topic. @throws MessagingError 'not-found', 'already-exists' for the label */
  async share(name: string, share: ShareTopic): Promise<void> {
    this.aws.checkName('topic', name);
    refuse(shareErrors(share));
    const { label, accountIds, actions } = share;
    try {
      await this.aws.attempt(`sharing topic "${name}"`, async () =>
        (await this.aws.sns()).addPermission({
          TopicArn: await this.aws.topicArn(name),
          Label: label,
          AWSAccountId: [...accountIds],
          ActionName: [...actions],
        }),
      );
    } catch (error) {
      throw asExisting(error);
    }
  }

  /** Takes back what `share` gave. @throws MessagingError 'not-found' for the topic or the label */
  async unshare(name: string, label: string): Promise<void> {
    const { policy, arn } = await this.get(name);
    const statements = (policy?.Statement ?? []) as { Sid?: string }[];
    if (!statements.some(({ Sid }) => Sid === label)) {
      throw new MessagingError('not-found', `The policy of topic "${name}" has no statement "${label}"`);
    }
    await this.aws.attempt(`ending the share "${label}" of topic "${name}"`, async () =>
      (await this.aws.sns()).removePermission({ TopicArn: arn, Label: label }),
    );
  }

  private async make(input: CreateTopic): Promise<string> {
    const { name, tags = {} } = input;
    try {
      return await this.aws.attempt(`creating topic "${name}"`, async () => {
        const { TopicArn } = await (
          await this.aws.sns()
        ).createTopic({ Name: name, Attributes: newAttributes(input), Tags: tagList(tags) });
        return TopicArn!;
      });
    } catch (error) {
      throw asExisting(error);
    }
  }

  private async find(name: string): Promise<TopicInfo | undefined> {
    try {
      return await this.get(name);
    } catch (error) {
      if (isMessagingError(error, 'not-found')) return undefined;
      throw error;
    }
  }

  private async read(name: string, arn: string): Promise<TopicInfo> {
    return this.aws.attempt(`looking at topic "${name}"`, async () => {
      const sns = await this.aws.sns();
      const [{ Attributes = {} }, { Tags = [] }] = await Promise.all([
        sns.getTopicAttributes({ TopicArn: arn }),
        sns.listTagsForResource({ ResourceArn: arn }),
      ]);
      return topicInfo(arn, Attributes, Tags);
    });
  }

  private async setTags(name: string, arn: string, tags: Readonly<Record<string, string>>): Promise<void> {
    await this.aws.attempt(`tagging topic "${name}"`, async () => {
      const sns = await this.aws.sns();
      const { Tags = [] } = await sns.listTagsForResource({ ResourceArn: arn });
      const gone = Tags.map(({ Key }) => Key!).filter((key) => !Object.hasOwn(tags, key));
      if (gone.length > 0) await sns.untagResource({ ResourceArn: arn, TagKeys: gone });
      if (Object.keys(tags).length > 0) await sns.tagResource({ ResourceArn: arn, Tags: tagList(tags) });
    });
  }

  private emit(event: 'resource.created' | 'resource.deleted', info: TopicInfo): void {
    const { name, arn, ...attributes } = info;
    this.aws.events.emit(event, { type: 'topic', name, arn, attributes: { ...attributes } });
  }
}

function sameTags(have: Readonly<Record<string, string>>, said: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(said);
  return keys.length === Object.keys(have).length && keys.every((key) => have[key] === said[key]);
}

/** SNS has no error of its own for what is there already. */
function asExisting(error: unknown): unknown {
  const isThere = isMessagingError(error, 'invalid') && /already exists/i.test(error.message);
  return isThere ? new MessagingError('already-exists', error.message, { cause: error.cause }) : error;
}
