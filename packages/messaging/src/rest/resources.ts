import { invalid } from '../errors';
import type { Messaging } from '../messaging';
import type { Page, PageOptions } from '../page';
import { RESOURCE_TYPES } from './schemas/account';

export type ResourceType = (typeof RESOURCE_TYPES)[number];

export interface ListedResource {
  readonly type: ResourceType;
  readonly name: string;
  readonly arn: string;
}

type List = (messaging: Messaging, options: PageOptions) => Promise<Page<ListedResource>>;

const LISTS: Readonly<Record<ResourceType, List>> = {
  queue: async (messaging, options) => typed('queue', await messaging.queues.list(options)),
  topic: async (messaging, options) => typed('topic', await messaging.topics.list(options)),
  alarm: async (messaging, options) => typed('alarm', await messaging.alarms.list(options)),
  async subscription(messaging, options) {
    const { items, nextCursor } = await messaging.subscriptions.list(options);
    // Until it is confirmed a subscription has neither.
    const confirmed = items.flatMap(({ id: name, arn }) =>
      name !== null && arn !== null ? [{ name, arn }] : [],
    );
    return typed('subscription', { items: confirmed, nextCursor });
  },
};

function typed(type: ResourceType, { items, nextCursor }: Page<{ name: string; arn: string }>) {
  return { items: items.map(({ name, arn }) => ({ type, name, arn })), nextCursor };
}

export interface ListResources extends PageOptions {
  /** @default all of them */
  readonly type?: ResourceType;
}

/** One page of one kind's list after the other's: queues, topics, subscriptions, alarms. A page may be short. */
export async function listResources(
  messaging: Messaging,
  options: ListResources,
): Promise<Page<ListedResource>> {
  const types = options.type === undefined ? RESOURCE_TYPES : [options.type];
  const { type, cursor } = positionOf(options.cursor, types);
  const { items, nextCursor } = await LISTS[type](messaging, { limit: options.limit, cursor });
  if (nextCursor !== null) return { items, nextCursor: write(type, nextCursor) };
  const next = types[types.indexOf(type) + 1];
  return { items, nextCursor: next === undefined ? null : write(next, '') };
}

/** `queue.<cursor of the list of queues>`, once more in base64url. */
function write(type: ResourceType, cursor: string): string {
  return Buffer.from(`${type}.${cursor}`).toString('base64url');
}

function positionOf(cursor: string | undefined, types: readonly ResourceType[]) {
  if (cursor === undefined) return { type: types[0]!, cursor: undefined };
  const [name, inner] = Buffer.from(cursor, 'base64url').toString().split('.');
  const type = types.find((known) => known === name);
  if (type === undefined) throw invalid([{ field: 'cursor', detail: 'is not a cursor of this list' }]);
  return { type, cursor: inner || undefined };
}
