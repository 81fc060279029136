import type { Queue } from './queue';
import { MESSAGES, RECEIVES } from './queue-record';
import type { Store } from '../store';

/**
 * Reads all messages from the store into their queues, and clears what purged and deleted queues left in it.
 * @returns the highest sequence that it met.
 */
export async function restoreMessages(store: Store, queues: Iterable<Queue>): Promise<number> {
  const byPrefix = new Map<string, Queue>();
  for (const queue of queues) byPrefix.set(queue.prefixes()[0], queue);
  const receives = await receivesOf(store);
  const orphans = new Set<string>();
  let highest = 0;
  let prefix = '';
  let queue: Queue | undefined;
  for await (const page of store.pages(MESSAGES)) {
    for (const [key, value] of page) {
      const end = key.lastIndexOf('!') + 1;
      if (end !== prefix.length || !key.startsWith(prefix)) {
        prefix = key.slice(0, end);
        queue = byPrefix.get(prefix);
      }
      const sequence = parseInt(key.slice(end), 36);
      highest = Math.max(highest, sequence);
      if (queue) queue.restore(sequence, value, receives.get(key.slice(MESSAGES.length)));
      else orphans.add(prefix.slice(MESSAGES.length));
    }
  }
  for (const orphan of orphans) await clearMessages(store, [MESSAGES + orphan, RECEIVES + orphan]);
  return highest;
}

/** Messages last: by them the next start finds what was not cleared. */
export async function clearMessages(
  store: Store,
  [messages, receives]: readonly [messages: string, receives: string],
): Promise<void> {
  await store.clear(receives);
  await store.clear(messages);
}

async function receivesOf(store: Store): Promise<Map<string, string>> {
  const receives = new Map<string, string>();
  for await (const page of store.pages(RECEIVES)) {
    for (const [key, value] of page) receives.set(key.slice(RECEIVES.length), value);
  }
  return receives;
}
