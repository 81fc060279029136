import type { QueueAttributeName } from '@aws-sdk/client-sqs';
import type { Aws } from '../clients';
import { isMessagingError, MessagingError, refuse } from '../errors';
import { isArn, isFifo, nameOf } from '../names';
import type { Chunk, Page } from '../page';
import { everyItem, page } from '../page';
import { BatchSender } from './batch-sender';
import {
  changeErrors,
  createErrors,
  handleErrors,
  receiveErrors,
  redriveErrors,
  shareErrors,
  visibilityErrors,
} from './checks';
import { Handles } from './handles';
import { createQueueError, isTakenLabel, unshareError } from './known-errors';
import { changedEncryption, newEncryption, redrivePolicy, toAttributes, toInfo } from './queue-attributes';
import { receive } from './receiver';
import { Redrives } from './redrives';
import { send } from './sender';
import type {
  CreateQueue,
  DeadLetter,
  Handle,
  HandleFailure,
  ListQueues,
  OutgoingMessage,
  QueueChanges,
  QueueInfo,
  QueueSummary,
  ReceivedMessage,
  ReceiveOptions,
  Redrive,
  RedriveOptions,
  SentAll,
  SentMessage,
  ShareQueue,
} from './types';

type Attributes = Partial<Record<QueueAttributeName, string>>;

/**
 * Queues and the messages in them, by name. Every operation throws MessagingError: 'invalid' with `errors` before AWS is
 * asked, 'denied' for names outside of the prefix, 'not-found', and what AWS answers.
 */
export class Queues {
  private readonly handles: Handles;
  private readonly redriving: Redrives;

  constructor(private readonly aws: Aws) {
    this.handles = new Handles(aws);
    this.redriving = new Redrives(aws);
  }

  /**
   * Makes a queue that is private to the account and encrypted with keys that SQS manages. Where it exists already with
   * the same attributes, it is that one.
   *
   * @throws 'already-exists' when a queue of this name has other attributes, 'conflict' when one was deleted less than 60 seconds ago
   */
  async create(queue: CreateQueue): Promise<QueueInfo> {
    refuse(createErrors(queue));
    const { name, deadLetter, tags } = queue;
    this.aws.checkName('queue', name, 'name');
    const isNew = !(await this.exists(name));
    try {
      const url = await this.aws.attempt(`creating queue "${name}"`, async () => {
        const attributes: Attributes = {
          ...(isFifo(name) && { FifoQueue: 'true' }),
          ...toAttributes(queue),
          ...newEncryption(queue.encryption),
          ...(deadLetter && { RedrivePolicy: await this.redrivePolicy(deadLetter) }),
        };
        const { QueueUrl } = await (
          await this.aws.sqs()
        ).createQueue({
          QueueName: name,
          Attributes: attributes,
          ...(tags !== undefined && { tags: { ...tags } }),
        });
        return QueueUrl!;
      });
      this.aws.rememberQueueUrl(name, url);
    } catch (error) {
      throw createQueueError(queue, error);
    }
    const info = await this.get(name);
    if (isNew) this.emit('resource.created', info);
    return info;
  }

  /** Queues by name, as SQS orders them. */
  list({ prefix = '', limit, cursor }: ListQueues = {}): Promise<Page<QueueSummary>> {
    return this.aws.attempt('listing queues', async () => {
      const begin = this.beginOf(prefix);
      if (begin === undefined) return { items: [], nextCursor: null };
      return page(`queues/${begin}`, { limit, cursor }, async (token, size) => {
        const { QueueUrls = [], NextToken } = await (
          await this.aws.sqs()
        ).listQueues({
          MaxResults: size,
          ...(begin !== '' && { QueueNamePrefix: begin }),
          ...(token !== undefined && { NextToken: token }),
        });
        return { items: await Promise.all(QueueUrls.map((url) => this.summary(url))), next: NextToken };
      });
    });
  }

  async get(name: string): Promise<QueueInfo> {
    this.aws.checkName('queue', name);
    return this.touch(name, `reading queue "${name}"`, async (url) => {
      const sqs = await this.aws.sqs();
      const [{ Attributes = {} }, { Tags = {} }] = await Promise.all([
        sqs.getQueueAttributes({ QueueUrl: url, AttributeNames: ['All'] }),
        sqs.listQueueTags({ QueueUrl: url }),
      ]);
      return toInfo(url, Attributes, Tags);
    });
  }

  /** Changes what is given, and nothing else. */
  async update(name: string, changes: QueueChanges): Promise<QueueInfo> {
    this.aws.checkName('queue', name);
    refuse(changeErrors(name, changes));
    await this.touch(name, `changing queue "${name}"`, async (url) => {
      const attributes = await this.changedAttributes(changes);
      if (Object.keys(attributes).length > 0) {
        await (await this.aws.sqs()).setQueueAttributes({ QueueUrl: url, Attributes: attributes });
      }
      if (changes.tags !== undefined) await this.setTags(url, changes.tags);
    });
    return this.get(name);
  }

  /** Deletes a queue with all messages in it. AWS takes up to a minute, in which calls may still find it. */
  async delete(name: string): Promise<void> {
    const info = await this.get(name);
    await this.touch(name, `deleting queue "${name}"`, async (url) =>
      (await this.aws.sqs()).deleteQueue({ QueueUrl: url }),
    );
    this.aws.rememberQueueUrl(name);
    this.emit('resource.deleted', info);
  }

  /**
   * Deletes all messages of a queue.
   *
   * @throws 'throttled' when it was purged less than 60 seconds ago
   */
  async purge(name: string): Promise<void> {
    this.aws.checkName('queue', name);
    await this.touch(name, `purging queue "${name}"`, async (url) =>
      (await this.aws.sqs()).purgeQueue({ QueueUrl: url }),
    );
  }

  /**
   * Sends one message; its body goes through S3 where it is large.
   *
   * @throws 'too-large' when the queue takes less, and large messages are not configured
   */
  async send(name: string, message: OutgoingMessage): Promise<SentMessage> {
    this.aws.checkName('queue', name);
    return this.known(name, () => send(this.aws, name, message));
  }

  /**
   * Sends any number of messages, ten at a time and as many bytes as a call takes. What the service fails is tried again,
   * `maxAttempts` times in all; what fails for good is told by its place and hinders no other. In a FIFO queue that means
   * that later messages of its group overtake it.
   */
  async sendAll(
    name: string,
    messages: Iterable<OutgoingMessage> | AsyncIterable<OutgoingMessage>,
  ): Promise<SentAll> {
    this.aws.checkName('queue', name);
    return this.known(name, () => new BatchSender(this.aws, name).sendAll(messages));
  }

  /** Up to ten messages; none when none came in time. They come again unless they are deleted. */
  async receive(name: string, options: ReceiveOptions = {}): Promise<ReceivedMessage[]> {
    this.aws.checkName('queue', name);
    refuse(receiveErrors(options));
    return this.known(name, () => receive(this.aws, name, options));
  }

  /** Deletes a message that was received, with its object in S3 where `deleteWhenDone` says so. */
  async deleteMessage(name: string, message: Handle): Promise<void> {
    this.aws.checkName('queue', name);
    refuse(handleErrors([message]));
    await this.known(name, () => this.handles.delete(name, message));
  }

  /** Deletes any number of messages, ten at a time. */
  async deleteMessages(name: string, messages: readonly Handle[]): Promise<HandleFailure[]> {
    this.aws.checkName('queue', name);
    refuse(handleErrors(messages));
    return this.known(name, () => this.handles.deleteAll(name, messages));
  }

  /** Keeps a message from others for `seconds` from now, 0 to 43,200; with 0 it can be received again at once. */
  async changeVisibility(name: string, message: Handle, seconds: number): Promise<void> {
    this.aws.checkName('queue', name);
    refuse([...handleErrors([message]), ...visibilityErrors(seconds)]);
    await this.known(name, () => this.handles.changeVisibility(name, message, seconds));
  }

  /** The same for any number of messages, ten at a time. */
  async changeVisibilities(
    name: string,
    messages: readonly Handle[],
    seconds: number,
  ): Promise<HandleFailure[]> {
    this.aws.checkName('queue', name);
    refuse([...handleErrors(messages), ...visibilityErrors(seconds)]);
    return this.known(name, () => this.handles.changeVisibilities(name, messages, seconds));
  }

  /** Lets other accounts do something with a queue; a share of the same label is replaced. */
  async share(name: string, share: ShareQueue): Promise<void> {
    this.aws.checkName('queue', name);
    refuse(shareErrors(share));
    const add = () => this.addPermission(name, share);
    try {
      await add();
    } catch (error) {
      if (!isTakenLabel(error)) throw error;
      await this.unshare(name, share.label);
      await add();
    }
  }

  /** @throws 'not-found' when there is no share of this label */
  async unshare(name: string, label: string): Promise<void> {
    this.aws.checkName('queue', name);
    refuse(shareErrors({ label }));
    try {
      await this.touch(name, `ending share "${label}" of queue "${name}"`, async (url) =>
        (await this.aws.sqs()).removePermission({ QueueUrl: url, Label: label }),
      );
    } catch (error) {
      throw unshareError(name, label, error);
    }
  }

  /** Names of the queues whose dead letters come to this one. */
  async deadLetterSources(name: string): Promise<string[]> {
    this.aws.checkName('queue', name);
    const names = await this.allSources(name);
    return names.filter((source) => this.aws.isVisible(source)).sort();
  }

  /**
   * Sends dead letters back to where they came from, or to another queue; AWS goes on with it by itself.
   *
   * @throws 'denied' without `to` where one of the queues that they came from is outside of the prefix
   */
  async redrive(name: string, options: RedriveOptions = {}): Promise<Redrive> {
    this.aws.checkName('queue', name);
    refuse(redriveErrors(name, options));
    if (options.to !== undefined) this.aws.checkName('queue', options.to, 'to');
    else await this.checkSources(name);
    return this.known(name, () => this.redriving.start(name, options));
  }

  /** The last ten redrives of a dead-letter queue, the newest first. */
  async redrives(name: string): Promise<Redrive[]> {
    this.aws.checkName('queue', name);
    return this.known(name, () => this.redriving.list(name));
  }

  /** Ends a redrive; what was moved stays moved. @throws 'not-found'; 'conflict' when it is over */
  async cancelRedrive(name: string, id: string): Promise<void> {
    this.aws.checkName('queue', name);
    await this.known(name, () => this.redriving.cancel(name, id));
  }

  private addPermission(name: string, { label, accountIds, actions }: ShareQueue): Promise<unknown> {
    return this.touch(name, `sharing queue "${name}"`, async (url) =>
      (await this.aws.sqs()).addPermission({
        QueueUrl: url,
        Label: label,
        AWSAccountIds: [...accountIds],
        Actions: [...actions],
      }),
    );
  }

  private async checkSources(name: string): Promise<void> {
    if (this.aws.settings.prefix === '') return;
    const names = await this.allSources(name);
    if (names.every((source) => this.aws.isVisible(source))) return;
    throw new MessagingError(
      'denied',
      `Queue "${name}" has dead letters of queues outside of the prefix: say which queue to send them to`,
    );
  }

  private allSources(name: string): Promise<string[]> {
    return this.touch(name, `listing the sources of queue "${name}"`, async (url) => {
      const names: string[] = [];
      for await (const source of everyItem((token, size) => this.sources(url, token, size))) {
        names.push(nameOf(source));
      }
      return names;
    });
  }

  private async sources(url: string, token: string | undefined, size: number): Promise<Chunk<string>> {
    const { queueUrls = [], NextToken } = await (
      await this.aws.sqs()
    ).listDeadLetterSourceQueues({
      QueueUrl: url,
      MaxResults: size,
      ...(token !== undefined && { NextToken: token }),
    });
    return { items: queueUrls, next: NextToken };
  }

  private async setTags(url: string, tags: Readonly<Record<string, string>>): Promise<void> {
    const sqs = await this.aws.sqs();
    const { Tags = {} } = await sqs.listQueueTags({ QueueUrl: url });
    const gone = Object.keys(Tags).filter((key) => !Object.hasOwn(tags, key));
    if (gone.length > 0) await sqs.untagQueue({ QueueUrl: url, TagKeys: gone });
    if (Object.keys(tags).length > 0) await sqs.tagQueue({ QueueUrl: url, Tags: { ...tags } });
  }

  private async changedAttributes(changes: QueueChanges): Promise<Attributes> {
    const { deadLetter, encryption } = changes;
    return {
      ...toAttributes(changes),
      ...(encryption !== undefined && changedEncryption(encryption)),
      ...(deadLetter === null && { RedrivePolicy: '' }),
      ...(deadLetter && { RedrivePolicy: await this.redrivePolicy(deadLetter) }),
    };
  }

  private async redrivePolicy({ queue, maxReceiveCount }: DeadLetter): Promise<string> {
    // SQS takes dead-letter queues of the same account alone, so that the prefix is for their ARNs too.
    this.aws.checkName('queue', isArn(queue) ? nameOf(queue) : queue, 'deadLetter.queue');
    return redrivePolicy(isArn(queue) ? queue : await this.aws.queueArn(queue), maxReceiveCount);
  }

  private async summary(url: string): Promise<QueueSummary> {
    const name = nameOf(url);
    return { name, url, arn: await this.aws.queueArn(name), fifo: isFifo(name) };
  }

  /** The begin of names that both the library's prefix and the caller's allow; undefined when none can. */
  private beginOf(prefix: string): string | undefined {
    const own = this.aws.settings.prefix;
    if (prefix.startsWith(own)) return prefix;
    return own.startsWith(prefix) ? own : undefined;
  }

  private touch<T>(name: string, doing: string, call: (url: string) => Promise<T>): Promise<T> {
    return this.known(name, () => this.aws.attempt(doing, async () => call(await this.aws.queueUrl(name))));
  }

  private async exists(name: string): Promise<boolean> {
    try {
      await this.aws.attempt(`looking for queue "${name}"`, () => this.aws.queueUrl(name));
      return true;
    } catch (error) {
      if (isMessagingError(error, 'not-found')) return false;
      throw error;
    }
  }

  private emit(event: 'resource.created' | 'resource.deleted', info: QueueInfo): void {
    const { name, arn, ...attributes } = info;
    this.aws.events.emit(event, { type: 'queue', name, arn, attributes: { ...attributes } });
  }

  /** A queue that is gone is looked for anew the next time. */
  private async known<T>(name: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (isMessagingError(error, 'not-found')) this.aws.rememberQueueUrl(name);
      throw error;
    }
  }
}
