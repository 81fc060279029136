import type { Alarms } from './alarms';
import type { ResourceType } from './events';
import { everyPage } from './page';
import type { Queues } from './queues';
import type { Subscriptions } from './subscriptions';
import type { Topics } from './topics';
import type { Resource, ResourcesOptions } from './watcher';

/** What has resources. */
interface Lists {
  readonly queues: Queues;
  readonly topics: Topics;
  readonly subscriptions: Subscriptions;
  readonly alarms: Alarms;
}

const ALL: readonly ResourceType[] = ['queue', 'topic', 'subscription', 'alarm'];

/** Every resource that the prefix lets be seen, kind by kind; pages are asked for as they are needed. */
export async function* listResources(
  lists: Lists,
  { types = ALL }: ResourcesOptions = {},
): AsyncGenerator<Resource> {
  for (const type of ALL) {
    if (types.includes(type)) yield* listOf(lists, type);
  }
}

async function* listOf(lists: Lists, type: ResourceType): AsyncGenerator<Resource> {
  switch (type) {
    case 'queue':
      for await (const { name, arn } of everyPage((options) => lists.queues.list(options)))
        yield { type, name, arn };
      return;
    case 'topic':
      for await (const { name, arn } of everyPage((options) => lists.topics.list(options)))
        yield { type, name, arn };
      return;
    case 'subscription':
      // One that is not confirmed has neither id nor ARN yet.
      for await (const { id, arn } of everyPage((options) => lists.subscriptions.list(options))) {
        if (id !== null && arn !== null) yield { type, name: id, arn };
      }
      return;
    case 'alarm':
      for await (const { name, arn } of everyPage((options) => lists.alarms.list(options)))
        yield { type, name, arn };
  }
}
