import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../clock';
import { ofChange, ofNew } from './attribute-problem';
import { invalidParameter, ServiceError, subscriptionDoesNotExist, topicDoesNotExist } from '../errors';
import type { Letter } from './letter';
import { confirmationLetter } from './letter';
import type { Outbound } from './outbound';
import type { AttributeMap } from '../sqs/queue-attributes';
import type { Signer } from './signer';
import { SortedIndex } from './sorted-index';
import type { Operation, Store } from '../store';
import type { SubscriptionRecord } from './subscription';
import { Subscription } from './subscription';
import type { SubscriptionKind } from './subscription-attributes';
import { mergeSubscriptionAttributes } from './subscription-attributes';
import { checkEndpoint } from './subscription-endpoint';
import type { Topic } from './topic';
import type { TopicRegistry } from './topic-registry';

const SUBSCRIPTIONS = 's!';
/** Protocols whose endpoint has to agree. */
const CONFIRMED = new Set(['http', 'https', 'email', 'email-json']);
// https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html
const TOKEN_LIFETIME_MS = 172_800_000;
const TOKEN_BYTES = 64;
const TOKEN = /^[0-9a-f]{128}$/;
const DEFAULT_SCOPE = 'MessageAttributes';

export interface SubscriptionRequest {
  /** What a new subscription is called. @default drawn */
  readonly arn?: string;
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly attributes?: AttributeMap;
}

/** How a call came that confirms or ends a subscription. */
export interface Caller {
  /** Whether it had credentials; a link has none. */
  readonly authenticated: boolean;
}

export interface SubscriptionRegistryOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly topics: TopicRegistry;
  readonly outbound: Outbound;
  readonly signer: Signer;
  readonly endpointUrl: () => string;
}

/** All subscriptions and their records in the store. */
export class SubscriptionRegistry {
  private readonly byArn = new SortedIndex<Subscription>();
  private readonly byToken = new Map<string, string>();
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(private readonly options: SubscriptionRegistryOptions) {
    options.topics.setRemoval((topic) => this.removeAll(topic));
  }

  async restore(): Promise<void> {
    const { store, topics, outbound } = this.options;
    const orphans: Operation[] = [];
    for await (const [key, value] of store.entries(SUBSCRIPTIONS)) {
      const record = JSON.parse(value) as SubscriptionRecord;
      const topic = topics.find(record.topicArn);
      if (topic) this.link(topic, new Subscription(record));
      else orphans.push({ type: 'del', key });
    }
    if (orphans.length > 0) await store.commit(orphans);
    for (const { record } of this.byArn.values()) await outbound.open(record);
    await outbound.clear();
  }

  /** @throws ServiceError NotFound */
  get(arn: string): Subscription {
    const subscription = this.byArn.get(arn);
    if (!subscription) throw subscriptionDoesNotExist();
    return subscription;
  }

  find(arn: string): Subscription | undefined {
    return this.byArn.get(arn);
  }

  /** By ARN. */
  list(): SubscriptionRecord[] {
    return this.byArn.values().map(({ record }) => record);
  }

  /** Subscriptions after an ARN, and the ARN after which the next page begins. */
  page(after: string | undefined, size: number): { items: Subscription[]; next?: string } {
    return this.byArn.page(after, size);
  }

  /**
   * As SNS's Subscribe: an endpoint that is subscribed already, with these attributes or without any said, is no error. One whose
   * confirmation is pending is asked for it again.
   * @throws ServiceError NotFound, InvalidParameter
   */
  async subscribe(request: SubscriptionRequest): Promise<SubscriptionRecord> {
    const { topicArn, protocol, endpoint } = request;
    return this.oneByOne(`${topicArn} ${protocol} ${endpoint}`, () => this.subscribeEndpoint(request));
  }

  private async subscribeEndpoint(request: SubscriptionRequest): Promise<SubscriptionRecord> {
    const { topic, kind, existing } = this.match(request);
    if (existing && existing.record.suspended !== 'deactivated') return this.again(existing, kind, request);
    const attributes = ofNew(() => mergeSubscriptionAttributes(kind, {}, request.attributes ?? {}));
    const record = newRecord(topic, kind, attributes, existing?.record ?? request);
    if (!CONFIRMED.has(kind.protocol)) return this.save(topic, record);
    return this.ask(topic, { ...record, suspended: 'pending' }, 'SubscriptionConfirmation');
  }

  /**
   * Makes a subscription of the stack exist with exactly these attributes; it keeps its ARN from run to run. It is confirmed at
   * once, also by HTTP and mail, where AWS waits for the endpoint's word: at every start of a stack nobody wants to click a link.
   */
  async declare(request: SubscriptionRequest): Promise<SubscriptionRecord> {
    const { topic, kind, existing } = this.match(request);
    const attributes = ofNew(() => mergeSubscriptionAttributes(kind, {}, request.attributes ?? {}));
    const { suspended: _suspended, ...record } = newRecord(
      topic,
      kind,
      attributes,
      existing?.record ?? request,
    );
    return this.save(topic, { ...record, declared: true });
  }

  /** @throws ServiceError InvalidParameter */
  async setAttributes(subscription: Subscription, changes: AttributeMap): Promise<void> {
    const { record } = subscription;
    const topic = this.options.topics.get(record.topicArn);
    const kind = { ...record, fifo: topic.settings.fifo };
    const attributes = ofChange(() => mergeSubscriptionAttributes(kind, record.attributes, changes));
    await this.save(topic, { ...record, attributes });
  }

  /**
   * As SNS's ConfirmSubscription; again with the same token it is no error.
   * @throws ServiceError InvalidParameter
   */
  async confirm(
    topicArn: string,
    token: string,
    caller: Caller & { readonly authenticateOnUnsubscribe?: boolean },
  ): Promise<SubscriptionRecord> {
    if (!TOKEN.test(token)) throw invalidParameter('Invalid token', '');
    const topic = this.options.topics.find(topicArn);
    if (!topic) throw invalidParameter('Topic');
    const subscription = topic.members.get(this.byToken.get(token) ?? '');
    if (!subscription) throw invalidParameter('Token');
    const { suspended, ...record } = subscription.record;
    if (suspended === undefined) return subscription.record;
    return this.save(topic, {
      ...record,
      confirmedByOwner: caller.authenticated,
      authenticateOnUnsubscribe: caller.authenticateOnUnsubscribe ?? false,
    });
  }

  /**
   * As SNS's Unsubscribe. Unknown subscriptions are passed over; one that was confirmed by its endpoint and is ended without
   * credentials gets a message with which it can take that back.
   * @throws ServiceError AuthorizationError
   */
  async unsubscribe(arn: string, caller: Caller = { authenticated: true }): Promise<void> {
    const subscription = this.byArn.get(arn);
    if (!subscription) return;
    const { record } = subscription;
    if (record.authenticateOnUnsubscribe && !caller.authenticated) {
      throw new ServiceError(
        'AuthorizationError',
        'Unsubscribing from this subscription requires authentication',
        403,
      );
    }
    const topic = this.options.topics.get(record.topicArn);
    if (!caller.authenticated && CONFIRMED.has(record.protocol) && record.suspended === undefined) {
      await this.ask(topic, { ...record, suspended: 'deactivated' }, 'UnsubscribeConfirmation');
      return;
    }
    await this.remove(topic, subscription);
  }

  /** The first of two equal calls makes what the second finds. */
  private async oneByOne<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.underWay.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    const ended = mine.then(
      () => undefined,
      () => undefined,
    );
    this.underWay.set(key, ended);
    try {
      return await mine;
    } finally {
      if (this.underWay.get(key) === ended) this.underWay.delete(key);
    }
  }

  private match(request: SubscriptionRequest) {
    const topic = this.options.topics.get(request.topicArn);
    const { protocol, endpoint } = checkEndpoint(request.protocol, request.endpoint);
    const { fifo } = topic.settings;
    if (fifo && protocol !== 'sqs') {
      throw invalidParameter(
        `Protocol Reason: FIFO topics deliver to SQS queues only, and not by ${protocol}`,
      );
    }
    if (!fifo && endpoint.endsWith('.fifo') && protocol === 'sqs') {
      throw invalidParameter(
        'Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
      );
    }
    const kind: SubscriptionKind = { protocol, endpoint, fifo };
    return { topic, kind, existing: topic.find(protocol, endpoint) };
  }

  private async again(
    { record }: Subscription,
    kind: SubscriptionKind,
    { attributes = {} }: SubscriptionRequest,
  ): Promise<SubscriptionRecord> {
    const wanted = ofNew(() => mergeSubscriptionAttributes(kind, record.attributes, attributes));
    if (!sameAttributes(wanted, record.attributes)) {
      throw invalidParameter('Attributes Reason: Subscription already exists with different attributes');
    }
    if (record.suspended !== 'pending') return record;
    return this.ask(this.options.topics.get(record.topicArn), record, 'SubscriptionConfirmation');
  }

  /** Saves the record with a new token, and sends that to the endpoint. */
  private async ask(
    topic: Topic,
    record: SubscriptionRecord,
    type: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation',
  ): Promise<SubscriptionRecord> {
    const { clock, signer, endpointUrl } = this.options;
    const token = randomBytes(TOKEN_BYTES).toString('hex');
    const asked = { ...record, token, tokenAt: clock.now() };
    const letter = await confirmationLetter(asked, {
      type,
      signer,
      signatureVersion: topic.settings.signatureVersion,
      endpointUrl: endpointUrl(),
      timestamp: new Date(clock.now()).toISOString(),
    });
    return this.save(topic, asked, letter);
  }

  private async save(topic: Topic, record: SubscriptionRecord, letter?: Letter): Promise<SubscriptionRecord> {
    const { outbound, topics } = this.options;
    if (!outbound.isReady(record)) await outbound.open(record);
    // The topic may have been deleted meanwhile.
    if (topics.find(topic.record.arn) !== topic) {
      await outbound.close(record);
      throw topicDoesNotExist();
    }
    const existing = this.byArn.get(record.arn);
    if (JSON.stringify(existing?.record) === JSON.stringify(record)) return record;
    if (existing) this.unlink(topic, existing);
    this.link(topic, new Subscription(record));
    const staged = letter && outbound.stageLetter(record, letter);
    const value = JSON.stringify(record);
    await this.options.store.commit(
      [{ type: 'put', key: SUBSCRIPTIONS + record.arn, value }, ...(staged?.operations ?? [])],
      staged?.apply,
    );
    return record;
  }

  private async remove(topic: Topic, subscription: Subscription): Promise<void> {
    this.unlink(topic, subscription);
    topic.deleted += 1;
    await this.options.store.commit([{ type: 'del', key: SUBSCRIPTIONS + subscription.arn }]);
    await this.options.outbound.close(subscription.record);
  }

  private removeAll(topic: Topic): Operation[] {
    return topic.members.values().map((subscription): Operation => {
      this.unlink(topic, subscription);
      // A crash leaves the queue; the next start ends it.
      this.options.outbound.close(subscription.record).catch(() => undefined);
      return { type: 'del', key: SUBSCRIPTIONS + subscription.arn };
    });
  }

  private link(topic: Topic, subscription: Subscription): void {
    const { arn, record } = subscription;
    this.byArn.set(arn, subscription);
    topic.add(subscription);
    if (record.token !== undefined) this.byToken.set(record.token, arn);
    if (record.suspended !== undefined) this.expireLater(record);
  }

  private unlink(topic: Topic, subscription: Subscription): void {
    this.byArn.delete(subscription.arn);
    topic.remove(subscription);
    if (subscription.record.token !== undefined) this.byToken.delete(subscription.record.token);
  }

  /** What nobody confirms is forgotten with its token. */
  private expireLater({ arn, topicArn, token, tokenAt = 0 }: SubscriptionRecord): void {
    const { clock, topics } = this.options;
    clock.schedule(Math.max(0, tokenAt + TOKEN_LIFETIME_MS - clock.now()), () => {
      const topic = topics.find(topicArn);
      const subscription = this.byArn.get(arn);
      if (!topic || !subscription || subscription.isActive || subscription.record.token !== token) return;
      // A failed write has been reported by the store; the next start tries again.
      this.remove(topic, subscription).catch(() => undefined);
    });
  }
}

function newRecord(
  topic: Topic,
  { protocol, endpoint }: SubscriptionKind,
  attributes: AttributeMap,
  before: SubscriptionRecord | SubscriptionRequest,
): SubscriptionRecord {
  const topicArn = topic.record.arn;
  const arn = before.arn ?? `${topicArn}:${randomUUID()}`;
  return { ...before, arn, topicArn, protocol, endpoint, attributes, declared: false };
}

/** Whether the attributes mean the same: the scope that holds anyway may be said or not. */
function sameAttributes(one: AttributeMap, other: AttributeMap): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  const valueOf = (attributes: AttributeMap, name: string) =>
    attributes[name] ?? (name === 'FilterPolicyScope' ? DEFAULT_SCOPE : undefined);
  return [...names].every((name) => valueOf(one, name) === valueOf(other, name));
}
