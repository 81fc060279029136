import { computed, signal } from '@preact/signals';
import { ApiProblem, messageOf } from '../shared/api';
import type { Page } from '../shared/api';
import type { Order, OrderStatus } from '../shared/order';
import { callSigned } from './session';

export type Filter = OrderStatus | 'all';

const PAGE = 50;

export const filter = signal<Filter>('pending');
export const search = signal('');
/** Newest first. */
const known = signal<readonly Order[]>([]);
export const nextCursor = signal<string | null>(null);
export const isLoaded = signal(false);
const loadProblem = signal('');
/** Of what was done last: it stays until the next thing is done. */
const actionProblem = signal('');
export const problem = computed(() => actionProblem.value || loadProblem.value);
/** What has just happened, for who does not see it. */
export const news = signal('');
/** Ids that came while the page was open. */
export const arrived = signal<ReadonlySet<string>>(new Set());

export const shown = computed(() => {
  const words = search.value.trim().toLowerCase();
  return known.value.filter(
    ({ id, lines }) =>
      words === '' ||
      id.toLowerCase().includes(words) ||
      lines.some(({ name }) => name.toLowerCase().includes(words)),
  );
});

/** Begins anew, with another filter. */
export function show(wanted: Filter): void {
  filter.value = wanted;
  known.value = [];
  arrived.value = new Set();
  nextCursor.value = null;
  isLoaded.value = false;
  actionProblem.value = '';
}

/** Loads the newest orders, and keeps the older ones that are shown. */
export async function refresh(abort?: AbortSignal): Promise<void> {
  await trying(async () => {
    const asked = filter.value;
    const page = await list(asked, undefined, abort);
    if (asked !== filter.value) return;
    announce(page.items);
    const newest = new Set(page.items.map(({ id }) => id));
    // What is older than this page stays as it was loaded; what belongs into it and is missing has gone.
    const oldest = page.items.at(-1)?.createdAt ?? '';
    const older =
      page.nextCursor === null
        ? []
        : known.value.filter(({ id, createdAt }) => !newest.has(id) && createdAt < oldest);
    known.value = [...page.items, ...older];
    if (older.length === 0) nextCursor.value = page.nextCursor;
    isLoaded.value = true;
  }, abort);
}

export async function loadMore(): Promise<void> {
  await trying(async () => {
    const page = await list(filter.value, nextCursor.value);
    known.value = [...known.value, ...page.items];
    nextCursor.value = page.nextCursor;
  });
}

export async function handle(order: Order): Promise<void> {
  await settle(
    order,
    () => callSigned('POST', '/books/order/handle', { body: { id: order.id } }),
    'processed',
  );
}

export async function remove(order: Order): Promise<void> {
  await settle(order, () => callSigned('DELETE', '/books/order', { body: { id: order.id } }), 'deleted');
}

/** Somebody else may have been quicker: that is told, and the list is loaded again. */
async function settle(order: Order, action: () => Promise<unknown>, done: string): Promise<void> {
  actionProblem.value = '';
  try {
    await action();
    news.value = `Order ${order.id.slice(0, 8)} ${done}.`;
  } catch (error) {
    const isLate = error instanceof ApiProblem && (error.status === 409 || error.status === 404);
    actionProblem.value = isLate
      ? `Somebody else was quicker with order ${order.id.slice(0, 8)}: ${error.message}`
      : messageOf(error);
    if (!isLate) return;
  }
  await refresh();
}

function list(wanted: Filter, cursor: string | null | undefined, abort?: AbortSignal): Promise<Page<Order>> {
  const query = new URLSearchParams({ limit: String(PAGE) });
  if (wanted !== 'all') query.set('status', wanted);
  if (cursor) query.set('cursor', cursor);
  return callSigned<Page<Order>>('GET', `/books/order?${query}`, { signal: abort });
}

function announce(items: readonly Order[]): void {
  if (!isLoaded.value) return;
  const before = new Set(known.value.map(({ id }) => id));
  const fresh = items.filter(({ id }) => !before.has(id)).map(({ id }) => id);
  if (fresh.length === 0) return;
  arrived.value = new Set([...arrived.value, ...fresh]);
  news.value = fresh.length === 1 ? 'A new order has arrived.' : `${fresh.length} new orders have arrived.`;
}

async function trying(work: () => Promise<void>, abort?: AbortSignal): Promise<void> {
  try {
    await work();
    loadProblem.value = '';
  } catch (error) {
    if (abort?.aborted !== true) loadProblem.value = messageOf(error);
  }
}
