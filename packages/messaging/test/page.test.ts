import { everyItem, everyPage, page } from '../src/page';
import type { Chunk, PageOptions } from '../src/page';

const ALL = Array.from({ length: 25 }, (_, index) => index);

/** A service whose pages have ten items, whatever is asked for. */
let asked = 0;
function tens(token: string | undefined): Promise<Chunk<number>> {
  asked++;
  const from = Number(token ?? 0);
  const next = from + 10 < ALL.length ? String(from + 10) : undefined;
  return Promise.resolve({ items: ALL.slice(from, from + 10), next });
}

beforeEach(() => {
  asked = 0;
});

const collect = async <T>(items: AsyncIterable<T>) => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

describe('a page', () => {
  it.each([1, 4, 10, 15, 25, 1000])(
    'of up to %d leaves nothing out, and gives nothing twice',
    async (limit) => {
      const pages: number[][] = [];
      let cursor: string | undefined;
      do {
        const { items, nextCursor } = await page('list', { limit, cursor }, tens);
        pages.push(items);
        cursor = nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(pages.flat()).toEqual(ALL);
      expect(pages.slice(0, -1).every((items) => items.length === limit)).toBe(true);
    },
  );

  it('is filled up where items are left out', async () => {
    const even = (item: number) => item % 2 === 0;
    const first = await page('list', { limit: 7 }, tens, even);
    expect(first.items).toEqual([0, 2, 4, 6, 8, 10, 12]);
    const second = await page('list', { limit: 7, cursor: first.nextCursor! }, tens, even);
    expect(second).toEqual({ items: [14, 16, 18, 20, 22, 24], nextCursor: null });
  });

  it('asks for no more than it needs', async () => {
    await page('list', { limit: 10 }, tens);
    expect(asked).toBe(1);
  });

  it('does not end in a circle', async () => {
    const circle = () => Promise.resolve({ items: [], next: 'again' });
    await expect(page('list', {}, circle)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(collect(everyItem(circle))).rejects.toMatchObject({ code: 'unavailable' });
  });

  it.each([
    ['another list', ['other', null, 3]],
    ['a place that is none', ['list', null, -1]],
    ['a token that is none', ['list', 7, 0]],
    ['no list', { list: 1 }],
  ])('does not begin at a cursor of %s', async (_what, content) => {
    const cursor = Buffer.from(JSON.stringify(content)).toString('base64url');
    await expect(page('list', { cursor }, tens)).rejects.toMatchObject({ code: 'invalid' });
    expect(asked).toBe(0);
  });
});

describe('all of a list', () => {
  it('comes chunk by chunk, and page by page', async () => {
    expect(await collect(everyItem(tens))).toEqual(ALL);
    expect(await collect(everyPage((options: PageOptions) => page('list', options, tens)))).toEqual(ALL);
  });
});
