import { MemoryIdempotency } from '../../src/rest';
import type { StoredAnswer } from '../../src/rest';

const answer = (body: string): StoredAnswer => ({ status: 202, headers: {}, body });

it('gives the first answer to the same body, and nothing to another', () => {
  const store = new MemoryIdempotency();
  expect(store.begin('key', 'a')).toEqual({ kind: 'new' });
  expect(store.begin('key', 'a')).toEqual({ kind: 'running' });
  store.finish('key', answer('done'));
  expect(store.begin('key', 'a')).toEqual({ kind: 'done', answer: answer('done') });
  expect(store.begin('key', 'b')).toEqual({ kind: 'other-body' });
});

it('forgets a request that failed', () => {
  const store = new MemoryIdempotency();
  store.begin('key', 'a');
  store.abandon('key');
  expect(store.begin('key', 'b')).toEqual({ kind: 'new' });
});

it('forgets after a time', () => {
  let now = 0;
  const store = new MemoryIdempotency({ keepSeconds: 10, now: () => now });
  store.begin('key', 'a');
  store.finish('key', answer('done'));
  now = 9_999;
  expect(store.begin('key', 'a').kind).toBe('done');
  now = 10_000;
  expect(store.begin('key', 'b').kind).toBe('new');
});

it('keeps so many keys, the newest', () => {
  const store = new MemoryIdempotency({ maxKeys: 3 });
  for (const key of ['a', 'b', 'c', 'd']) {
    store.begin(key, '');
    store.finish(key, answer(''));
  }
  expect(store.size).toBe(3);
  expect([store.begin('d', '').kind, store.begin('a', '').kind]).toEqual(['done', 'new']);
});

it('keeps so many bytes, and all that are running', () => {
  const store = new MemoryIdempotency({ maxBytes: 10 });
  store.begin('running', '');
  for (const key of ['a', 'b', 'c']) {
    store.begin(key, '');
    store.finish(key, answer('12345'));
  }
  expect(['running', 'a', 'b', 'c'].map((key) => store.begin(key, '').kind)).toEqual([
    'running',
    'new',
    'done',
    'done',
  ]);
});

it('is flat under many keys', () => {
  const store = new MemoryIdempotency({ maxKeys: 100 });
  for (let index = 0; index < 10_000; index += 1) {
    store.begin(`key-${index}`, '');
    store.finish(`key-${index}`, answer('x'));
  }
  expect(store.size).toBe(100);
});
