import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock';
import type { Tracer } from '../../contracts';
import type { Accepted } from './accepted-ring';
import type { Activity } from '../activity';
import type { Locale } from '../arn';
import { queueArn } from '../arn';
import { Cooldown } from './cooldown';
import type { DeduplicationWindow } from './deduplication';
import { contentDeduplicationId, deduplicationScope, sequenceNumber } from './deduplication';
import { invalidParameterValue, queueDoesNotExist, ServiceError } from '../errors';
import { attributesSize } from '../message-attributes';
import type { Arrival, Content, ContentBudget, Draft } from './message';
import { sequenceKey } from './message';
import { MessageMoves } from './message-moves';
import { Queue } from './queue';
import type { AttributeMap } from './queue-attributes';
import {
  acceptsRedriveFrom,
  mergeQueueAttributes,
  newQueueAttributes,
  queueSettings,
} from './queue-attributes';
import type { QueueHost } from './queue-host';
import type { QueueRecord, StagedMessage } from './queue-record';
import { clearMessages, restoreMessages } from './restore-messages';
import type { Operation, Store } from '../store';

const RECORDS = 'q!';
const NAME = /^[A-Za-z0-9_-]+$/;
const FIFO_SUFFIX = '.fifo';
const MAX_NAME_LENGTH = 80;
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html and API_CreateQueue.html
const COOLDOWN_MS = 60_000;
// Room for the messages of one millisecond, so that a restart never hands out a number again.
const SEQUENCES_A_MS = 1024;

/** The Terraform provider's default where the API's is 1 MiB. */
const DECLARED_MAXIMUM_MESSAGE_SIZE = '262144';
/** Internal queues hold asynchronous invocations: 1 MB of payload, and SNS's wrapping around it. */
const INTERNAL_DEFAULTS = { MessageRetentionPeriod: '1209600', SqsManagedSseEnabled: 'false' };

const NOTHING: StagedMessage = { operations: [], apply: () => undefined };

/** A message that a queue has accepted; durable once what is staged is written. */
export interface NewMessage {
  readonly messageId: string;
  /** 20 digits; FIFO queues only. */
  readonly sequenceNumber?: string;
  readonly staged: StagedMessage;
}

export interface QueueRegistryOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly budget: ContentBudget;
  readonly activity: Activity;
  readonly locale: Locale;
  readonly deduplication: DeduplicationWindow;
  readonly tracer?: Tracer;
}

/** All queues, by ARN and by name, and their records in the store. */
export class QueueRegistry implements QueueHost {
  readonly store: Store;
  readonly clock: Clock;
  readonly budget: ContentBudget;
  readonly activity: Activity;
  readonly tracer: Tracer | undefined;
  private readonly locale: Locale;
  private readonly deduplication: DeduplicationWindow;
  /** Redrives. */
  readonly moves = new MessageMoves(this);
  private readonly deleted: Cooldown;
  private readonly purged: Cooldown;
  private readonly byArn = new Map<string, Queue>();
  private readonly withUnsavedReceives = new Set<Queue>();
  private readonly warned = new Set<string>();
  private sequence: number;

  constructor(options: QueueRegistryOptions) {
    this.store = options.store;
    this.clock = options.clock;
    this.budget = options.budget;
    this.activity = options.activity;
    this.tracer = options.tracer;
    this.locale = options.locale;
    this.deduplication = options.deduplication;
    this.deleted = new Cooldown(this.clock, COOLDOWN_MS);
    this.purged = new Cooldown(this.clock, COOLDOWN_MS);
    this.sequence = this.clock.now() * SEQUENCES_A_MS;
    this.store.setRiders(() => this.takeUnsavedReceives());
  }

  /** Reads queues, messages and redrives from the store; clears what purged and deleted queues left in it. */
  async restore(): Promise<void> {
    for await (const [, value] of this.store.entries(RECORDS)) {
      const queue = new Queue(JSON.parse(value) as QueueRecord, this);
      this.sequence = Math.max(this.sequence, parseInt(queue.record.id, 36));
      this.byArn.set(queue.arn, queue);
    }
    this.sequence = Math.max(this.sequence, await restoreMessages(this.store, this.byArn.values()));
    for (const queue of this.byArn.values()) queue.start();
    await this.moves.restore();
  }

  nextSequence(): number {
    this.sequence += 1;
    return this.sequence;
  }

  expectReceives(queue: Queue): void {
    this.withUnsavedReceives.add(queue);
    this.store.expectRiders();
  }

  deadLetterQueueOf(queue: Queue): Queue | undefined {
    const targetArn = queue.settings.redrive?.deadLetterTargetArn;
    if (targetArn === undefined) return undefined;
    const target = this.byArn.get(targetArn);
    const reason = refusalOf(target, queue.arn, queue.settings.fifo);
    if (reason === undefined) return target;
    this.warnOnce(`${queue.record.name} keeps messages beyond their maxReceiveCount: ${targetArn} ${reason}`);
    return undefined;
  }

  /** Any queue, internal ones included. */
  find(arn: string): Queue | undefined {
    return this.byArn.get(arn);
  }

  /** @throws ServiceError QueueDoesNotExist */
  get(arn: string): Queue {
    const queue = this.byArn.get(arn);
    if (!queue) throw queueDoesNotExist();
    return queue;
  }

  /** A queue of the AWS endpoint. */
  findByName(name: string): Queue | undefined {
    return this.byArn.get(queueArn(this.locale, name));
  }

  /** Every queue, internal ones included. */
  all(): Queue[] {
    return [...this.byArn.values()];
  }

  /** The queues of the AWS endpoint, by name. */
  list(): Queue[] {
    const queues = this.all().filter((queue) => !queue.record.internal);
    return queues.sort((a, b) => (a.record.name < b.record.name ? -1 : 1));
  }

  /** The queues whose dead letters go to this one. */
  sourcesOf(arn: string): Queue[] {
    return this.list().filter((queue) => queue.settings.redrive?.deadLetterTargetArn === arn);
  }

  /**
   * As SQS's CreateQueue: the same attributes again are no error.
   * @throws ServiceError QueueNameExists, QueueDeletedRecently, InvalidAttributeName, InvalidAttributeValue,
   * InvalidParameterValue
   */
  async create(
    name: string,
    attributes: AttributeMap,
    tags: Readonly<Record<string, string>> = {},
  ): Promise<Queue> {
    const existing = this.findByName(name);
    if (existing) {
      const wanted = mergeQueueAttributes(existing.record.attributes, attributes);
      const changed = Object.keys(wanted).find((key) => wanted[key] !== existing.record.attributes[key]);
      if (changed === undefined) return existing;
      throw new ServiceError(
        'QueueNameExists',
        `A queue already exists with the same name and a different value for attribute ${changed}`,
      );
    }
    checkName(name, attributes);
    const merged = newQueueAttributes(attributes);
    if (this.deleted.isRunning(queueArn(this.locale, name))) {
      throw new ServiceError(
        'QueueDeletedRecently',
        'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
      );
    }
    this.checkRedrive(queueArn(this.locale, name), merged);
    const queue = this.add({ name, arn: queueArn(this.locale, name), attributes: merged, tags });
    await this.save(queue);
    return queue;
  }

  /** Makes a queue of the stack exist with exactly these attributes; messages of an earlier run stay in it. */
  async declare(
    name: string,
    attributes: AttributeMap,
    tags: Readonly<Record<string, string>>,
  ): Promise<Queue> {
    checkName(name, attributes);
    const merged = newQueueAttributes(attributes, { MaximumMessageSize: DECLARED_MAXIMUM_MESSAGE_SIZE });
    return this.put({ name, arn: queueArn(this.locale, name), attributes: merged, tags, declared: true });
  }

  /** Makes an internal queue exist; a dead-letter queue or policy has no meaning for it. */
  async declareInternal(arn: string, attributes: AttributeMap): Promise<Queue> {
    const merged = newQueueAttributes(attributes, INTERNAL_DEFAULTS);
    return this.put({ name: arn, arn, attributes: merged, tags: {}, declared: true, internal: true });
  }

  /** @throws ServiceError InvalidAttributeName, InvalidAttributeValue, InvalidParameterValue */
  async setAttributes(queue: Queue, changes: AttributeMap): Promise<void> {
    const attributes = mergeQueueAttributes(queue.record.attributes, changes);
    if (changes.RedrivePolicy !== undefined) this.checkRedrive(queue.arn, attributes);
    queue.update({ attributes, modifiedAt: this.clock.now() });
    await this.save(queue);
  }

  async setTags(queue: Queue, tags: Readonly<Record<string, string>>): Promise<void> {
    queue.update({ tags });
    await this.save(queue);
  }

  async delete(queue: Queue): Promise<void> {
    this.byArn.delete(queue.arn);
    queue.dispose();
    this.deleted.start(queue.arn);
    await this.store.commit([{ type: 'del', key: RECORDS + queue.arn }, ...this.moves.forget(queue.arn)]);
    this.clearInBackground(queue.prefixes());
  }

  /** @throws ServiceError PurgeQueueInProgress: it was purged in the last 60 seconds. */
  async purge(queue: Queue): Promise<void> {
    const { id, name } = queue.record;
    if (this.purged.isRunning(id)) {
      const text = `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`;
      throw new ServiceError('PurgeQueueInProgress', text, 403);
    }
    this.purged.start(id);
    const prefixes = queue.purge();
    await this.save(queue);
    this.clearInBackground(prefixes);
  }

  /**
   * Prepares a new message's write; commit its operations at once. A FIFO queue's message has a sequence number; if it is a
   * duplicate, it has the number and the id of the first one, and there is nothing to write or to apply.
   */
  stage(queue: Queue, draft: Draft): NewMessage {
    if (queue.settings.fifo) return this.stageInOrder(queue, draft);
    countSent(queue, draft);
    const content = contentOf(draft, draft.deduplicationId);
    return { messageId: content.messageId, staged: queue.stage(content, this.arrivalAt(queue, draft)) };
  }

  private stageInOrder(queue: Queue, draft: Draft): NewMessage {
    const { contentBasedDeduplication, deduplicationScope: scope } = queue.settings;
    const id =
      draft.deduplicationId ?? (contentBasedDeduplication ? contentDeduplicationId(draft.body) : undefined);
    const ids = deduplicationScope(queue.record.id, scope === 'messageGroup' ? draft.groupId : undefined);
    const first = id === undefined ? undefined : this.deduplication.find(ids, id);
    if (first) return { ...newMessage(first), staged: NOTHING };
    countSent(queue, draft);
    const content = contentOf(draft, id);
    const staged = queue.stage(content, this.arrivalAt(queue, draft));
    const accepted = { messageId: content.messageId, sequence: staged.sequence };
    const operations = [...staged.operations];
    if (id !== undefined) operations.push(this.deduplication.remember(ids, id, accepted));
    return { ...newMessage(accepted), staged: { operations, apply: staged.apply } };
  }

  private arrivalAt(queue: Queue, draft: Draft): Arrival {
    const now = this.clock.now();
    // A FIFO queue has one delay for all: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
    const own = queue.settings.fifo ? undefined : draft.delaySeconds;
    const delaySeconds = own ?? queue.settings.delaySeconds;
    return { sentAt: now, availableAt: now + delaySeconds * 1000, receiveCount: 0, firstReceivedAt: 0 };
  }

  close(): void {
    this.moves.close();
    for (const queue of this.byArn.values()) queue.dispose();
  }

  private async put(
    wanted: Pick<QueueRecord, 'name' | 'arn' | 'attributes' | 'tags'> & Partial<QueueRecord>,
  ): Promise<Queue> {
    const existing = this.byArn.get(wanted.arn);
    if (!existing) {
      const queue = this.add(wanted);
      await this.save(queue);
      return queue;
    }
    const { attributes, tags, declared } = existing.record;
    const same =
      JSON.stringify([attributes, tags, declared]) === JSON.stringify([wanted.attributes, wanted.tags, true]);
    if (same) return existing;
    existing.update({ ...wanted, modifiedAt: this.clock.now() });
    await this.save(existing);
    return existing;
  }

  private add(
    wanted: Pick<QueueRecord, 'name' | 'arn' | 'attributes' | 'tags'> & Partial<QueueRecord>,
  ): Queue {
    const now = this.clock.now();
    const id = sequenceKey(this.nextSequence());
    const fresh = { id, generation: 0, internal: false, declared: false, createdAt: now, modifiedAt: now };
    const queue = new Queue({ ...fresh, ...wanted }, this);
    this.byArn.set(queue.arn, queue);
    return queue;
  }

  private save(queue: Queue): Promise<void> {
    const value = JSON.stringify(queue.record);
    return this.store.commit([{ type: 'put', key: RECORDS + queue.arn, value }]);
  }

  private checkRedrive(sourceArn: string, attributes: AttributeMap): void {
    const { redrive } = queueSettings(attributes);
    if (!redrive) return;
    const target = this.byArn.get(redrive.deadLetterTargetArn);
    const reason = refusalOf(target, sourceArn, attributes.FifoQueue === 'true');
    if (reason === undefined) return;
    throw invalidParameterValue(
      `Value ${attributes.RedrivePolicy} for parameter RedrivePolicy is invalid. Reason: Dead letter target ${reason}.`,
    );
  }

  private takeUnsavedReceives(): Operation[] {
    const operations = [...this.withUnsavedReceives].flatMap((queue) => queue.takeUnsavedReceives());
    this.withUnsavedReceives.clear();
    return operations;
  }

  private clearInBackground(prefixes: readonly [messages: string, receives: string]): void {
    // What a crash or a closing store leaves behind is cleared as orphaned by the next start.
    clearMessages(this.store, prefixes).catch(() => undefined);
  }

  private warnOnce(text: string): void {
    if (this.warned.has(text)) return;
    this.warned.add(text);
    this.activity.warn('sqs', text);
  }
}

/** Why a queue cannot have the dead letters of the source; undefined if it can. */
function refusalOf(target: Queue | undefined, sourceArn: string, fifo: boolean): string | undefined {
  if (!target) return 'does not exist';
  if (target.settings.fifo !== fifo)
    return `is ${fifo ? 'no' : 'a'} FIFO queue, and the source is ${fifo ? 'one' : 'none'}`;
  return acceptsRedriveFrom(target.settings, sourceArn) ? undefined : 'does not accept messages from it';
}

function countSent({ record, traffic }: Queue, { body, attributes }: Draft): void {
  if (!record.internal) traffic.send(Buffer.byteLength(body) + attributesSize(attributes));
}

function newMessage({ messageId, sequence }: Accepted) {
  return { messageId, sequenceNumber: sequenceNumber(sequence) };
}

function contentOf(draft: Draft, deduplicationId: string | undefined): Content {
  return {
    messageId: randomUUID(),
    body: draft.body,
    attributes: draft.attributes ?? {},
    traceHeader: draft.traceHeader,
    senderId: draft.senderId,
    groupId: draft.groupId,
    deduplicationId,
  };
}

function checkName(name: string, attributes: AttributeMap): void {
  const fifo = attributes.FifoQueue === 'true';
  const base = fifo && name.endsWith(FIFO_SUFFIX) ? name.slice(0, -FIFO_SUFFIX.length) : name;
  if (NAME.test(base) && name.length <= MAX_NAME_LENGTH && fifo === name.endsWith(FIFO_SUFFIX)) return;
  throw invalidParameterValue(
    fifo
      ? 'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo ' +
          'suffix and be 1 to 80 in length.'
      : 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
  );
}
