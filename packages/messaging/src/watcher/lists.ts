import { setMaxListeners } from 'node:events';
import { alarmInfo } from '../alarms/alarm-info';
import type { AlarmInfo } from '../alarms';
import type { Aws } from '../clients';
import type { ResourceType } from '../events';
import { nameOf } from '../names';
import { toInfo } from '../queues/queue-attributes';
import { subscriptionInfo, subscriptionSummary } from '../subscriptions/subscription-attributes';
import { topicInfo } from '../topics/topic-attributes';
import type { QueueInfo } from '../queues/types';
import type { TopicInfo } from '../topics';
import type { RateLimit } from './rate';

export type Attributes = Readonly<Record<string, unknown>>;

/** A resource in a list. */
export interface Listed {
  readonly type: ResourceType;
  /** What stays the same as long as it is the same resource. */
  readonly key: string;
  readonly name: string;
  readonly arn: string;
  /** All that there is to know, where the list tells it. */
  readonly attributes?: Attributes;
}

/** What changes by itself or with something else, and what another call would tell. */
const VOLATILE = new Set(['visible', 'inFlight', 'delayed', 'modifiedAt', 'tags']);

/** Pages are bounded in case a service answers with the same token for ever. */
const MOST_PAGES = 10_000;

/** What AWS lists and tells of resources, no faster than the rate. */
export class Lists {
  /** Calls that were made. */
  requests = 0;

  constructor(
    private readonly aws: Aws,
    private readonly rate: RateLimit,
    private readonly signal?: AbortSignal,
  ) {
    // Each call that waits for its turn listens to it; Node's warning at ten would be a false alarm.
    if (signal !== undefined) setMaxListeners(0, signal);
  }

  /** Everything of a type that the prefix lets be seen; throws unless the list is complete. */
  async list(type: ResourceType): Promise<Listed[]> {
    const found: Listed[] = [];
    let token: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const { items, next } = await this.page(type, token);
      for (const item of items) if (this.aws.isVisible(visibleName(item))) found.push(item);
      if (!next) return found;
      token = next;
    }
    throw new Error(`the list of ${type}s does not end`);
  }

  /** What there is to know of a resource, without what changes by itself. */
  async attributes(resource: Listed): Promise<Attributes> {
    switch (resource.type) {
      case 'queue':
        return without(await this.queueInfo(resource), VOLATILE);
      case 'topic':
        return without(await this.topicInfo(resource), VOLATILE);
      case 'subscription':
        return this.subscriptionAttributes(resource);
      case 'alarm':
        return resource.attributes ?? {};
    }
  }

  private page(type: ResourceType, token: string | undefined): Promise<ListPage> {
    return this.call(`listing ${type}s`, (abort) => this.pages[type](token, abort));
  }

  private readonly pages: Record<
    ResourceType,
    (token: string | undefined, abort: Abort) => Promise<ListPage>
  > = {
    queue: async (NextToken, abort) => {
      const { prefix } = this.aws.settings;
      const sqs = await this.aws.sqs();
      const input = { MaxResults: 1000, NextToken, ...(prefix !== '' && { QueueNamePrefix: prefix }) };
      const { QueueUrls = [], NextToken: next } = await sqs.listQueues(input, abort);
      return {
        items: QueueUrls.map((url) => ({ type: 'queue', key: url, name: nameOf(url), arn: '' })),
        next,
      };
    },
    topic: async (NextToken, abort) => {
      const { Topics = [], NextToken: next } = await (await this.aws.sns()).listTopics({ NextToken }, abort);
      const items = Topics.map(({ TopicArn: arn = '' }) => ({
        type: 'topic' as const,
        key: arn,
        name: nameOf(arn),
        arn,
      }));
      return { items, next };
    },
    subscription: async (NextToken, abort) => {
      const sns = await this.aws.sns();
      const { Subscriptions = [], NextToken: next } = await sns.listSubscriptions({ NextToken }, abort);
      return { items: Subscriptions.map(listedSubscription), next };
    },
    alarm: async (NextToken, abort) => {
      const { prefix } = this.aws.settings;
      const input = { MaxRecords: 100, NextToken, ...(prefix !== '' && { AlarmNamePrefix: prefix }) };
      const cloudWatch = await this.aws.cloudWatch();
      const { MetricAlarms = [], NextToken: next } = await cloudWatch.describeAlarms(input, abort);
      return { items: MetricAlarms.map((alarm) => listedAlarm(alarmInfo(alarm))), next };
    },
  };

  async queueInfo({ key, name }: Listed): Promise<QueueInfo> {
    return this.call(`reading queue "${name}"`, async (abort) => {
      const input = { QueueUrl: key, AttributeNames: ['All' as const] };
      const { Attributes = {} } = await (await this.aws.sqs()).getQueueAttributes(input, abort);
      return toInfo(key, Attributes, {});
    });
  }

  async topicInfo({ arn, name }: Listed): Promise<TopicInfo> {
    return this.call(`reading topic "${name}"`, async (abort) => {
      const { Attributes = {} } = await (await this.aws.sns()).getTopicAttributes({ TopicArn: arn }, abort);
      return topicInfo(arn, Attributes, []);
    });
  }

  private async subscriptionAttributes(resource: Listed): Promise<Attributes> {
    const { arn, name, attributes: listed } = resource;
    // One that is not confirmed has no ARN to ask with: the list tells all.
    if (listed?.['pending'] === true) return listed;
    return this.call(`reading subscription "${name}"`, async (abort) => {
      const sns = await this.aws.sns();
      const { Attributes = {} } = await sns.getSubscriptionAttributes({ SubscriptionArn: arn }, abort);
      return { ...subscriptionInfo(Attributes) };
    });
  }

  private async call<T>(doing: string, call: (abort: Abort) => Promise<T>): Promise<T> {
    await this.rate.take(this.signal);
    this.requests += 1;
    return this.aws.attempt(doing, () => call(this.signal === undefined ? {} : { abortSignal: this.signal }));
  }
}

interface Abort {
  readonly abortSignal?: AbortSignal;
}

interface ListPage {
  readonly items: readonly Listed[];
  readonly next: string | undefined;
}

/** The prefix is that of the topic, for what belongs to one. */
function visibleName({ type, name, attributes }: Listed): string {
  return type === 'subscription' ? String(attributes?.['topic']) : name;
}

function listedSubscription(listed: Parameters<typeof subscriptionSummary>[0]): Listed {
  const summary = subscriptionSummary(listed);
  const { topic, protocol, endpoint, id, arn } = summary;
  // SNS has one subscription of an endpoint to a topic: confirmed, it is still the same.
  const key = `${topic} ${protocol} ${endpoint}`;
  return { type: 'subscription', key, name: id ?? key, arn: arn ?? '', attributes: { ...summary } };
}

function listedAlarm(info: AlarmInfo): Listed {
  return { type: 'alarm', key: info.name, name: info.name, arn: info.arn, attributes: { ...info } };
}

function without(info: object, names: ReadonlySet<string>): Attributes {
  return Object.fromEntries(Object.entries(info).filter(([name]) => !names.has(name)));
}
