import type { AlarmInfo } from '../alarms';
import type { Aws } from '../clients';
import type { ResourceType } from '../events';
import type { QueueInfo } from '../queues/types';
import type { SubscriptionSummary } from '../subscriptions';
import type { TopicInfo } from '../topics';
import { each } from '../watcher/each';
import type { Listed } from '../watcher/lists';
import { Lists } from '../watcher/lists';
import { RateLimit } from '../watcher/rate';
import type { Usage } from './usage';
import { readUsage } from './usage';

/** What a rule can need beside the resources themselves. */
export type Need = ResourceType | 'usage';

/** Everything that rules judge; described once. */
export interface Snapshot {
  readonly now: number;
  readonly unusedDays: number;
  /** By name, without tags. */
  readonly queues: ReadonlyMap<string, QueueInfo>;
  readonly topics: ReadonlyMap<string, TopicInfo>;
  readonly subscriptions: readonly SubscriptionSummary[];
  readonly alarms: readonly AlarmInfo[];
  /** By the queue's name. */
  readonly usage: ReadonlyMap<string, Usage>;
  /** ARNs of the queues that take others' dead letters. */
  readonly deadLetterArns: ReadonlySet<string>;
  /** Whether a name is one that is listed: others may exist and are not seen. */
  readonly isVisible: (name: string) => boolean;
}

export interface Taken {
  readonly snapshot: Snapshot;
  /** What could not be read, by what would need it, and why. */
  readonly missing: ReadonlyMap<Need, string>;
  /** Single resources that could not be read. */
  readonly notes: readonly string[];
}

export interface SnapshotOptions {
  readonly needs: ReadonlySet<Need>;
  readonly unusedDays: number;
  readonly requestsPerSecond: number;
  readonly signal?: AbortSignal | undefined;
}

/** Questions at a time; the rate is what limits. */
const WIDTH = 10;

/** Describes what the rules need: one call per page of a list, one per queue and topic, one per 250 queues for their use. */
export async function takeSnapshot(aws: Aws, options: SnapshotOptions): Promise<Taken> {
  const { needs, unusedDays, requestsPerSecond, signal } = options;
  const missing = new Map<Need, string>();
  const notes: string[] = [];
  const rate = new RateLimit(aws.clock, requestsPerSecond);
  const lists = new Lists(aws, rate, signal);
  const trying = async <T>(need: Need, otherwise: T, read: () => Promise<T>): Promise<T> => {
    if (!needs.has(need)) return otherwise;
    try {
      return await read();
    } catch (error) {
      signal?.throwIfAborted();
      missing.set(need, (error as Error).message);
      return otherwise;
    }
  };
  const list = (type: ResourceType) => trying(type, [], () => lists.list(type));
  const queues = await describe(await list('queue'), (queue) => lists.queueInfo(queue), notes, signal);
  const topics = await describe(await list('topic'), (topic) => lists.topicInfo(topic), notes, signal);
  const subscriptions = (await list('subscription')).map(
    ({ attributes }) => attributes as unknown as SubscriptionSummary,
  );
  const alarms = (await list('alarm')).map(({ attributes }) => attributes as unknown as AlarmInfo);
  const usage = await trying('usage', new Map<string, Usage>(), () =>
    readUsage(aws, [...queues.keys()], unusedDays, { rate, signal }),
  );
  const deadLetterArns = new Set([...queues.values()].flatMap(({ deadLetter }) => deadLetter?.arn ?? []));
  const isVisible = (name: string) => aws.isVisible(name);
  const now = aws.clock.now();
  const snapshot = {
    now,
    unusedDays,
    queues,
    topics,
    subscriptions,
    alarms,
    usage,
    deadLetterArns,
    isVisible,
  };
  return { snapshot, missing, notes };
}

async function describe<Info>(
  listed: readonly Listed[],
  read: (resource: Listed) => Promise<Info>,
  notes: string[],
  signal: AbortSignal | undefined,
): Promise<Map<string, Info>> {
  const found = new Map<string, Info>();
  await each(listed, WIDTH, async (resource) => {
    try {
      found.set(resource.name, await read(resource));
    } catch (error) {
      signal?.throwIfAborted();
      notes.push(`${resource.type} "${resource.name}" was not looked at: ${(error as Error).message}`);
    }
  });
  return found;
}
