import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KinesisClient, SplitShardCommand } from '@aws-sdk/client-kinesis';
import { localLocale } from '../../local/src/engine';
import { LazyKinesis } from '../../local/src/kinesis';
import { Lines } from '../../local/test/support/lines';
import { ManualClock } from '../../local/test/support/manual-clock';
import { clientConfig } from '../../local/test/wire/support';
import type { Messaging, StreamPage } from '../src';
import { recordText } from '../src';
import { ManualClock as LibraryClock } from './manual-clock';
import { startCloud } from './support';
import type { Cloud } from './support';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1, 12);

const folder = mkdtempSync(join(tmpdir(), 'aws-micro-streams-'));
/** Kinesis's clock; the library has another that goes with it. */
const clock = new ManualClock(START);
const libraryClock = new LibraryClock(START);
const room = new LazyKinesis({ folder, clock, reporter: new Lines(), locale: localLocale });
let cloud: Cloud;
let messaging: Messaging;
let made = 0;

beforeAll(async () => {
  cloud = await startCloud({ clock }, { kinesis: room });
  messaging = cloud.open({ clock: libraryClock });
});

afterAll(async () => {
  await cloud.close();
  await room.close();
  rmSync(folder, { recursive: true, force: true });
});

async function stream(shards = 1): Promise<string> {
  const name = `stream-${++made}`;
  await messaging.streams.create({ name, shards });
  return name;
}

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await libraryClock.advance(ms);
}

const texts = ({ records }: StreamPage) => records.map(recordText);
const put = (name: string, data: string, partitionKey = 'k') =>
  messaging.streams.put(name, { data, partitionKey });
const refusal = (...fields: string[]) => ({
  code: 'invalid',
  errors: fields.map((field) => expect.objectContaining({ field }) as object),
});

describe('a stream', () => {
  it('is made, looked at, and deleted once', async () => {
    const name = `stream-${++made}`;
    const info = await messaging.streams.create({ name, shards: 2, tags: { team: 'shop' } });
    expect(info).toMatchObject({
      name,
      arn: `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`,
      status: 'active',
      mode: 'provisioned',
      shards: 2,
      retentionHours: 24,
      encryption: 'none',
    });
    expect(info.createdAt).toBeInstanceOf(Date);
    expect(await messaging.streams.get(name)).toEqual(info);
    await expect(messaging.streams.create({ name })).rejects.toMatchObject({ code: 'already-exists' });
    await messaging.streams.delete(name);
    for (const call of [
      () => messaging.streams.get(name),
      () => messaging.streams.delete(name),
      () => messaging.streams.read(name),
      () => put(name, 'x'),
      () => messaging.streams.putAll(name, []),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'not-found' });
    }
  });

  it('scales by itself when no shards are said', async () => {
    const name = `stream-${++made}`;
    expect(await messaging.streams.create({ name, wait: false })).toMatchObject({ mode: 'on-demand' });
  });

  it('is listed by pages', async () => {
    const shop = cloud.open({ prefix: 'shop-' });
    for (const name of ['shop-a', 'shop-b', 'shop-c']) await shop.streams.create({ name, shards: 1 });
    const first = await shop.streams.list({ limit: 2 });
    const rest = await shop.streams.list({ limit: 2, cursor: first.nextCursor! });
    expect([...first.items, ...rest.items].map(({ name }) => name)).toEqual(['shop-a', 'shop-b', 'shop-c']);
    expect((await shop.streams.list({ prefix: 'shop-b' })).items).toMatchObject([
      { name: 'shop-b', status: 'active', mode: 'provisioned' },
    ]);
    await expect(shop.streams.get('other')).rejects.toMatchObject({ code: 'denied' });
  });

  it.each([
    [{ name: 'a b' }, 'name'],
    [{ name: 'a', shards: 0 }, 'shards'],
    [{ name: 'a', shards: 1.5 }, 'shards'],
  ])('is refused: %j', async (input, field) => {
    await expect(messaging.streams.create(input)).rejects.toMatchObject(refusal(field));
  });
});

describe('records', () => {
  it('come back as they were written, text or bytes, in order', async () => {
    const name = await stream();
    const { shard, sequenceNumber } = await put(name, 'Grüße');
    const data = new Uint8Array([0, 255, 128]);
    await messaging.streams.put(name, { data, partitionKey: 'other' });
    const page = await messaging.streams.read(name);
    expect(page.records[0]).toMatchObject({
      partitionKey: 'k',
      sequenceNumber,
      shard,
      at: new Date(clock.now()),
    });
    expect(recordText(page.records[0]!)).toBe('Grüße');
    expect(Array.from(page.records[1]!.data)).toEqual([0, 255, 128]);
    expect(() => recordText(page.records[1]!)).toThrow('not valid');
    expect(page.millisBehindLatest).toBe(0);
  });

  it('are read on from a cursor that is older than the iterators of Kinesis', async () => {
    const name = await stream();
    for (const data of ['a', 'b', 'c']) await put(name, data);
    const first = await messaging.streams.read(name, { limit: 2 });
    expect(texts(first)).toEqual(['a', 'b']);
    await pass(10 * MINUTE);
    const second = await messaging.streams.read(name, { cursor: first.nextCursor! });
    expect(texts(second)).toEqual(['c']);
    const empty = await messaging.streams.read(name, { cursor: second.nextCursor! });
    expect(texts(empty)).toEqual([]);
    await pass(10 * MINUTE);
    await put(name, 'd');
    expect(texts(await messaging.streams.read(name, { cursor: empty.nextCursor! }))).toEqual(['d']);
    // The same cursor gives the same again.
    expect(texts(await messaging.streams.read(name, { cursor: first.nextCursor! }))).toEqual(['c', 'd']);
  });

  it('go on though Kinesis finds the iterator of a cursor too old before the library does', async () => {
    const name = await stream();
    await put(name, 'a');
    await pass(1000);
    const { nextCursor } = await messaging.streams.read(name, { from: 'latest' });
    clock.advance(6 * MINUTE);
    await put(name, 'b');
    expect(texts(await messaging.streams.read(name, { cursor: nextCursor! }))).toEqual(['b']);
    await libraryClock.advance(6 * MINUTE);
  });

  it('begin where it is said: the newest, or a time', async () => {
    const name = await stream();
    await put(name, 'a');
    const latest = await messaging.streams.read(name, { from: 'latest' });
    expect(texts(latest)).toEqual([]);
    await pass(1000);
    const since = new Date(clock.now());
    await put(name, 'b');
    expect(texts(await messaging.streams.read(name, { cursor: latest.nextCursor! }))).toEqual(['b']);
    expect(texts(await messaging.streams.read(name, { from: since }))).toEqual(['b']);
    expect(texts(await messaging.streams.read(name, { from: 'oldest' }))).toEqual(['a', 'b']);
  });

  it('of all shards are read, or of one', async () => {
    const name = await stream(3);
    const all = Array.from({ length: 30 }, (_, i) => `r${i}`);
    expect(
      await messaging.streams.putAll(
        name,
        all.map((data) => ({ data, partitionKey: data })),
      ),
    ).toEqual({
      put: 30,
      failed: [],
    });
    const found: string[] = [];
    let cursor: string | undefined;
    for (let reads = 0; reads < 20 && found.length < 30; reads++) {
      const page = await messaging.streams.read(name, { limit: 4, cursor });
      expect(page.records.length).toBeLessThanOrEqual(4);
      found.push(...texts(page));
      cursor = page.nextCursor!;
    }
    expect(found.sort()).toEqual(all.sort());
    const shard = 'shardId-000000000001';
    const one = await messaging.streams.read(name, { shard });
    expect(new Set(one.records.map((record) => record.shard))).toEqual(new Set([shard]));
  });

  it('go on in the shards that take over, and end with a closed one', async () => {
    const name = await stream();
    await put(name, 'a');
    const { nextCursor } = await messaging.streams.read(name);
    const client = new KinesisClient(clientConfig(cloud.runtime.endpoint.url));
    await client.send(
      new SplitShardCommand({
        StreamName: name,
        ShardToSplit: 'shardId-000000000000',
        NewStartingHashKey: '170141183460469231731687303715884105728',
      }),
    );
    client.destroy();
    for (const key of ['b', 'c', 'd', 'e']) await put(name, key, key);
    const found = texts(await messaging.streams.read(name, { cursor: nextCursor! }));
    expect(found.sort()).toEqual(['b', 'c', 'd', 'e']);
    expect(texts(await messaging.streams.read(name)).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    const closed = await messaging.streams.read(name, { shard: 'shardId-000000000000' });
    expect([texts(closed), closed.nextCursor]).toEqual([['a'], null]);
    const open = await messaging.streams.read(name, { from: 'latest' });
    expect(texts(open)).toEqual([]);
    await put(name, 'f');
    expect(texts(await messaging.streams.read(name, { cursor: open.nextCursor! }))).toEqual(['f']);
  });

  it('are refused when a part of them is wrong', async () => {
    const name = await stream();
    await expect(put(name, 'x', '')).rejects.toMatchObject(refusal('partitionKey'));
    await expect(put(name, 'x', 'k'.repeat(257))).rejects.toMatchObject(refusal('partitionKey'));
    await expect(put(name, 1 as unknown as string)).rejects.toMatchObject(refusal('data'));
    await expect(put(name, 'x'.repeat(1024 * 1024 + 1))).rejects.toMatchObject({ code: 'invalid' });
    const record = { data: 'x', partitionKey: 'k' };
    expect(
      await messaging.streams.putAll(name, [record, { ...record, partitionKey: '' }, record]),
    ).toMatchObject({
      put: 2,
      failed: [{ index: 1, code: 'invalid' }],
    });
  });

  it('are not read from what is no place', async () => {
    const name = await stream();
    const { nextCursor } = await messaging.streams.read(name);
    const read = (options: object) => messaging.streams.read(name, options);
    await expect(read({ limit: 0 })).rejects.toMatchObject(refusal('limit'));
    await expect(read({ shard: 'a b' })).rejects.toMatchObject(refusal('shard'));
    await expect(read({ from: new Date(NaN) })).rejects.toMatchObject(refusal('from'));
    await expect(read({ shard: 'shardId-000000000009' })).rejects.toMatchObject({ code: 'not-found' });
    const other = await stream();
    const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const cursor of [
      '',
      '%',
      forged(null),
      forged({ stream: name, isWhole: true, shards: [] }),
      forged({ stream: name, isWhole: true, shards: [{ shard: 'a' }] }),
    ]) {
      await expect(read({ cursor })).rejects.toMatchObject(refusal('cursor'));
    }
    await expect(messaging.streams.read(other, { cursor: nextCursor! })).rejects.toMatchObject(
      refusal('cursor'),
    );
  });
});

/** Stands before Kinesis: of so many calls of PutRecords, it keeps back what belongs to the key `full`. */
class FullShard {
  calls: number[] = [];

  private constructor(
    private readonly server: Server,
    private readonly behind: string,
    private refusals: number,
  ) {
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const headers = request.headers as Record<string, string>;
        void this.answer(headers, Buffer.concat(chunks)).then(({ status, type, body }) =>
          response.writeHead(status, { 'content-type': type }).end(body),
        );
      });
    });
  }

  static async before(behind: string, refusals: number): Promise<FullShard> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FullShard(server, behind, refusals);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(headers: Record<string, string>, body: Buffer) {
    if (!headers['x-amz-target']?.endsWith('.PutRecords')) return this.forward(headers, body.toString());
    const input = JSON.parse(body.toString()) as { Records: { PartitionKey: string }[] };
    this.calls.push(input.Records.length);
    const isFull = ({ PartitionKey }: { PartitionKey: string }) =>
      PartitionKey === 'full' && this.refusals > 0;
    const taken = input.Records.filter((record) => !isFull(record));
    const passed =
      taken.length > 0
        ? await this.forward(headers, JSON.stringify({ ...input, Records: taken }))
        : { status: 200, type: headers['content-type']!, body: '{"Records":[]}' };
    const { Records } = JSON.parse(passed.body) as { Records: object[] };
    const refused = { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'Rate exceeded' };
    const answers = input.Records.map((record) => (isFull(record) ? refused : Records.shift()));
    this.refusals--;
    const FailedRecordCount = input.Records.length - taken.length;
    return { ...passed, body: JSON.stringify({ FailedRecordCount, Records: answers }) };
  }

  private async forward(headers: Record<string, string>, body: string) {
    const { authorization, 'x-amz-target': target, 'x-amz-date': date, 'content-type': type } = headers;
    const sent = { authorization, 'x-amz-target': target, 'x-amz-date': date, 'content-type': type };
    const response = await fetch(this.behind, {
      method: 'POST',
      headers: sent as Record<string, string>,
      body,
    });
    return {
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      body: await response.text(),
    };
  }
}

describe('a full shard', () => {
  const records = Array.from({ length: 503 }, (_, i) => ({
    data: String(i),
    partitionKey: i % 100 === 7 ? 'full' : `k${i}`,
  }));

  async function putAll(refusals: number) {
    const name = await stream(2);
    const proxy = await FullShard.before(cloud.runtime.endpoint.url, refusals);
    try {
      const clock = { now: () => Date.now(), wait: () => Promise.resolve() };
      const through = cloud.open({ endpoint: proxy.url, clock });
      return { name, calls: proxy.calls, ...(await through.streams.putAll(name, records)) };
    } finally {
      await proxy.stop();
    }
  }

  it('gets the rest again before the next batch, so that the order of a key stays', async () => {
    const { name, calls, put, failed } = await putAll(2);
    expect(calls).toEqual([500, 5, 5, 3]);
    expect({ put, failed }).toEqual({ put: 503, failed: [] });
    const page = await messaging.streams.read(name, { limit: 1000 });
    const ofKey = page.records.filter(({ partitionKey }) => partitionKey === 'full');
    expect(ofKey.map(recordText)).toEqual(['7', '107', '207', '307', '407']);
    expect(page.records).toHaveLength(503);
  });

  it('that stays full is told of, record by record', async () => {
    const { calls, put, failed } = await putAll(100);
    expect(calls).toEqual([500, 5, 5, 5, 5, 5, 3]);
    expect(put).toBe(498);
    expect(failed.map(({ index, code }) => [index, code])).toEqual(
      [7, 107, 207, 307, 407].map((index) => [index, 'throttled']),
    );
  });
});
