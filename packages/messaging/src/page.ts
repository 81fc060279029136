import type { FieldError } from './errors';
import { invalid, MessagingError, refuse } from './errors';
import { isWhole } from './options';

/** A part of a list, and where the next part begins. */
export interface Page<T> {
  readonly items: T[];
  /** For the same call's `cursor`; null at the end. */
  readonly nextCursor: string | null;
}

export interface PageOptions {
  /** 1 to 1000. @default 100 */
  readonly limit?: number;
  /** `nextCursor` of the page before, of the same list. */
  readonly cursor?: string;
}

/** What a service answers for one page of its own size. */
export interface Chunk<T> {
  readonly items: readonly T[];
  readonly next?: string | undefined;
}

/** Asks the service for the page at `token`, of up to `size` items (services with pages of a fixed size ignore it). */
export type FetchChunk<T> = (token: string | undefined, size: number) => Promise<Chunk<T>>;

/** Where a page begins: the service's token, and how many of that chunk's items were given already. */
interface Position {
  readonly token?: string | undefined;
  readonly skip: number;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/**
 * A page of a service's list. `list` names the list with all that selects its items (`queues?prefix=a`): a
 * cursor of another one is 'invalid'. `keep` leaves items out; pages are filled up from the next chunks.
 */
export async function page<T>(
  list: string,
  options: PageOptions,
  fetch: FetchChunk<T>,
  keep: (item: T) => boolean = () => true,
): Promise<Page<T>> {
  const limit = limitOf(options);
  let position: Position = options.cursor === undefined ? { skip: 0 } : readCursor(list, options.cursor);
  const items: T[] = [];
  for (;;) {
    const chunk = await further(fetch, position.token, limit - items.length);
    let at = position.skip;
    for (; at < chunk.items.length && items.length < limit; at++) {
      const item = chunk.items[at]!;
      if (keep(item)) items.push(item);
    }
    const here = at < chunk.items.length ? { token: position.token, skip: at } : undefined;
    const next = here ?? (chunk.next ? { token: chunk.next, skip: 0 } : undefined);
    if (next === undefined) return { items, nextCursor: null };
    if (items.length === limit) return { items, nextCursor: writeCursor(list, next) };
    position = next;
  }
}

/** Every item of a service's list, chunk by chunk. */
export async function* everyItem<T>(fetch: FetchChunk<T>): AsyncGenerator<T> {
  let token: string | undefined;
  do {
    const chunk: Chunk<T> = await further(fetch, token, MAX_LIMIT);
    yield* chunk.items;
    token = chunk.next || undefined;
  } while (token !== undefined);
}

/** A list whose next page is the same one again has no end. */
async function further<T>(fetch: FetchChunk<T>, token: string | undefined, size: number): Promise<Chunk<T>> {
  const chunk = await fetch(token, size);
  if (token !== undefined && chunk.next === token) {
    throw new MessagingError('unavailable', 'The service answers with the same page again');
  }
  return chunk;
}

/** Every item of a paged list of this library: `everyPage((options) => queues.list(options))`. */
export async function* everyPage<T>(list: (options: PageOptions) => Promise<Page<T>>): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const { items, nextCursor }: Page<T> = await list({ limit: MAX_LIMIT, ...(cursor && { cursor }) });
    yield* items;
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);
}

function limitOf({ limit = DEFAULT_LIMIT }: PageOptions): number {
  const errors: FieldError[] = [];
  if (!isWhole(limit, 1, MAX_LIMIT)) {
    errors.push({ field: 'limit', detail: `must be a whole number from 1 to ${MAX_LIMIT}` });
  }
  refuse(errors);
  return limit;
}

function writeCursor(list: string, { token, skip }: Position): string {
  return Buffer.from(JSON.stringify([list, token ?? null, skip])).toString('base64url');
}

function readCursor(list: string, cursor: string): Position {
  const [of, token, skip] = decode(cursor);
  if (of !== list || !isWhole(skip, 0, 1_000_000) || (token !== null && typeof token !== 'string')) {
    throw invalid([{ field: 'cursor', detail: 'is not a cursor of this list' }]);
  }
  return { token: token ?? undefined, skip };
}

function decode(cursor: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
