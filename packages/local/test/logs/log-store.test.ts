import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogStore } from '../../src/logs';
import type { LogEvent } from '../../src/logs';
import { Lines } from '../support/lines';
import { ManualClock } from '../support/manual-clock';

const DAY = 86_400_000;
const GROUP = '/aws/lambda/f';

let folder: string;
let clock: ManualClock;
let reporter: Lines;
let store: LogStore;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'aws-micro-logs-')), 'logs');
  clock = new ManualClock();
  reporter = new Lines();
  store = await open();
});

afterEach(async () => {
  await store.close();
  await rm(join(folder, '..'), { recursive: true });
});

function open(limits?: { groupBytes: number; segmentBytes: number }): Promise<LogStore> {
  return LogStore.open({ folder, clock, reporter, region: 'us-east-1', accountId: '000000000000', limits });
}

async function reopen(limits?: { groupBytes: number; segmentBytes: number }): Promise<void> {
  await store.close();
  store = await open(limits);
}

const request = { name: GROUP, tags: {}, logGroupClass: 'STANDARD' };
const all = async (since = 0): Promise<string[]> =>
  (await store.get(GROUP).events(since, () => true)).map(({ message }) => message);
const log = (message: string, stream = 's') => store.append(GROUP, stream, clock.now(), message);

async function diskFiles(): Promise<string[]> {
  const [group = ''] = await readdir(folder);
  return (await readdir(join(folder, group)))
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(folder, group, name));
}

test('what is logged to an unknown group makes it, and is there at once', async () => {
  log('first');
  clock.advance(5);
  log('second', 'other');
  expect(await all()).toEqual(['first', 'second']);
  expect(await all(clock.now())).toEqual(['second']);
  const streams = await store.get(GROUP).allStreams();
  expect(streams.map(({ name, firstEventAt }) => [name, firstEventAt])).toEqual([
    ['s', clock.now() - 5],
    ['other', clock.now()],
  ]);
});

test('events are ordered by their time, and those of the same time as they came', async () => {
  const at = clock.now();
  for (const [message, offset] of [
    ['c', 2],
    ['a', 0],
    ['b1', 1],
    ['b2', 1],
  ] as const) {
    store.append(GROUP, 's', at + offset, message);
  }
  expect(await all()).toEqual(['a', 'b1', 'b2', 'c']);
});

test('lines are gathered for a quarter of a second, and then written in one go', async () => {
  const written: string[][] = [];
  store.listen(GROUP, (_, events) => written.push(events.map(({ message }) => message)));
  await store.ensure(request);
  log('a');
  log('b');
  clock.advance(249);
  expect(written).toEqual([]);
  clock.advance(1);
  await store.get(GROUP).flush();
  expect(written).toEqual([['a', 'b']]);
});

test('everything is there again after a restart, with ids that stay', async () => {
  await store.ensure({ ...request, retentionDays: 3, tags: { a: 'b' } });
  await store.get(GROUP).makeStream('empty');
  log('a\nwith "two" lines');
  const [before] = await store.get(GROUP).events(0, () => true);
  await reopen();
  log('b');
  const after = await store.get(GROUP).events(0, () => true);
  expect(after[0]).toEqual(before);
  expect(after.map(({ message }) => message)).toEqual(['a\nwith "two" lines', 'b']);
  expect(new Set(after.map(({ id }: LogEvent) => id)).size).toBe(2);
  expect(store.get(GROUP).settings).toMatchObject({ retentionDays: 3, tags: { a: 'b' }, declared: true });
  expect(await store.get(GROUP).hasStream('empty')).toBe(true);
});

test('a group of the stack is written again only where something changed', async () => {
  await store.ensure({ ...request, retentionDays: 3 });
  const [name = ''] = await readdir(folder);
  const writtenAt = async () => (await stat(join(folder, name, 'group.json'), { bigint: true })).mtimeNs;
  const first = await writtenAt();
  await reopen();
  await store.ensure({ ...request, retentionDays: 3, kmsKeyId: undefined });
  expect(await writtenAt()).toBe(first);
  await store.ensure({ ...request, retentionDays: 5 });
  expect(await writtenAt()).not.toBe(first);
  expect(store.get(GROUP).settings.retentionDays).toBe(5);
});

test('a line that a kill has cut off costs neither the one before nor the one after', async () => {
  log('before');
  await store.flush();
  await store.close();
  const [file = ''] = await diskFiles();
  await appendFile(file, '[1,2,"s","cut of');
  store = await open();
  log('after');
  expect(await all()).toEqual(['before', 'after']);
});

describe('retention', () => {
  test('hides an event to the millisecond, and deletes files a day later at most', async () => {
    await store.ensure({ ...request, retentionDays: 1 });
    log('old');
    await store.flush();
    clock.advance(DAY);
    log('new');
    expect(await all()).toEqual(['old', 'new']);
    clock.advance(1);
    expect(await all()).toEqual(['new']);
    expect(await diskFiles()).toHaveLength(2);
    clock.advance(DAY);
    await store.get(GROUP).size();
    expect(await diskFiles()).toHaveLength(1);
  });

  test('that is shortened applies to what is there', async () => {
    await store.ensure(request);
    log('old');
    clock.advance(2 * DAY);
    expect(await all()).toEqual(['old']);
    const group = store.get(GROUP);
    await group.change({ ...group.settings, retentionDays: 1 });
    expect(await all()).toEqual([]);
  });
});

test('a group has a bounded size on disk: the oldest events make room', async () => {
  await reopen({ groupBytes: 4000, segmentBytes: 1000 });
  for (let n = 0; n < 100; n += 1) {
    log(`${n} ${'x'.repeat(80)}`);
    await store.flush();
  }
  const sizes = await Promise.all((await diskFiles()).map(async (file) => (await stat(file)).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(4000 + 1000);
  const kept = await all();
  expect(kept.at(-1)).toMatch(/^99 /);
  expect(kept.length).toBeGreaterThan(20);
  expect(kept).not.toContainEqual(expect.stringMatching(/^0 /));
  expect(await store.get(GROUP).size()).toBeLessThanOrEqual(5000);
});

test('a group remembers only so much that waits for the disk: more is lost, and nobody waits', async () => {
  log('x'.repeat(8 * 1024 * 1024));
  log('too much');
  expect(store.get(GROUP).lostLines).toBe(1);
  expect(await all()).toHaveLength(1);
  log('again');
  expect((await all()).at(-1)).toBe('again');
});

test('a stream that is deleted takes its events along, and no others', async () => {
  log('a', 'gone');
  log('b', 'kept');
  await store.get(GROUP).deleteStream('gone');
  expect(await all()).toEqual(['b']);
  expect(await store.get(GROUP).hasStream('gone')).toBe(false);
  await reopen();
  expect(await all()).toEqual(['b']);
});

test('groups of an earlier stack go, those of calls and of functions stay', async () => {
  await store.ensure(request);
  await store.create({ ...request, name: 'made' });
  store.append('emerged', 's', clock.now(), 'a');
  await store.removeUndeclared(new Set(['other']));
  expect(store.list().map(({ name }) => name)).toEqual(['emerged', 'made']);
  await reopen();
  expect(store.list().map(({ name }) => name)).toEqual(['emerged', 'made']);
});

test('a disk that cannot be written is told once, and nothing throws', async () => {
  await store.close();
  const file = join(folder, '..', 'file');
  await appendFile(file, '');
  store = await LogStore.open({ folder: file, clock, reporter, region: 'r', accountId: 'a' });
  log('a');
  await store.flush();
  log('b');
  await store.flush();
  await reporter.see(/cannot write/);
  expect(reporter.lines).toEqual([expect.stringMatching(/^logs ! cannot write to .*file: /)]);
});
