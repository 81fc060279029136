import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { DynamoDBClient, paginateScan, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { BOOKS } from '../../bin/seed/books';
import { HttpClient, pause, runConcurrently, until } from '../support/load';
import { Shop } from '../support/shop';
import { MessageQueues } from './queues';
import { Random } from './random';
import { World } from './world';

const SEED = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 31));
const ORDERS = 5_000;
const CONCURRENCY = 32;
const KILL_EVERY_MS = 1_000;
const NAME = 'aws-micro-dev-book-orders';
const INDEXES = ['by-status', 'timeline'];
/** What the table takes in a second while orders come in, after the five minutes of it that it has saved: far less than comes. */
const WRITES_PER_SECOND = 2;
const SHIPPING = 10;

jest.setTimeout(300_000);

describe(`orders in chaos, CHAOS_SEED=${SEED}`, () => {
  const random = new Random(SEED);
  const http = new HttpClient(CONCURRENCY);
  /** Ids of orders that were answered with 202, with the total that they were answered with. */
  const accepted = new Map<string, number>();
  let world: World;
  let queues: MessageQueues;
  let dynamodb: DynamoDBClient;

  beforeAll(async () => {
    world = await World.create();
    queues = new MessageQueues(world.system.awsUrl, NAME);
    dynamodb = new DynamoDBClient({
      endpoint: world.system.awsUrl,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    await new Shop(world.system).seed();
  });

  afterAll(async () => {
    http.close();
    queues?.close();
    dynamodb?.destroy();
    await world?.dispose();
  });

  /** Tries until it is accepted; a shopper whose answer was lost sends the same order with the same key again. */
  const order = async (index: number): Promise<void> => {
    const book = BOOKS[index % BOOKS.length]!;
    const body = JSON.stringify({ books: [{ id: book.id, name: book.title, qty: 1 }] });
    const headers = { 'idempotency-key': `chaos-${SEED}-order-${index}` };
    const id = await until(`order ${index} to be accepted`, 120_000, async () => {
      const answer = await http.post({ url: `${world.system.apiUrl}/books/order`, body, headers });
      if (answer.status === 202) return (JSON.parse(answer.body) as { orderId: string }).orderId;
      if (![0, 429, 500, 503].includes(answer.status)) throw new Error(`${answer.status}: ${answer.body}`);
      return undefined;
    });
    accepted.set(id, book.price + SHIPPING);
  };

  const throttleWrites = (writes: number) => {
    const ProvisionedThroughput = { ReadCapacityUnits: 1_000, WriteCapacityUnits: writes };
    const Update = { ProvisionedThroughput };
    return dynamodb.send(
      new UpdateTableCommand({
        TableName: NAME,
        BillingMode: 'PROVISIONED',
        ProvisionedThroughput,
        GlobalSecondaryIndexUpdates: INDEXES.map((IndexName) => ({ Update: { IndexName, ...Update } })),
      }),
    );
  };

  const stored = async (): Promise<Record<string, AttributeValue>[]> => {
    const items: Record<string, AttributeValue>[] = [];
    for await (const page of paginateScan({ client: dynamodb }, { TableName: NAME })) {
      items.push(...(page.Items ?? []));
    }
    return items;
  };

  it('records every accepted order once, while the table throttles and functions are killed', async () => {
    process.stderr.write(`orders in chaos: CHAOS_SEED=${SEED}\n`);
    // What a killed or throttled recorder held comes back in moments and not in minutes, however often.
    await queues.setPatience(3, 1_000);
    await throttleWrites(WRITES_PER_SECOND);
    const started = Date.now();
    let done = false;
    const monkey = killEvery(KILL_EVERY_MS, () => done);
    await runConcurrently(ORDERS, CONCURRENCY, order);
    const acceptedAfter = Date.now() - started;
    const backlog = await queues.backlog();
    // The operator sees the throttling, and gives the table what it needs; functions die on.
    await dynamodb.send(new UpdateTableCommand({ TableName: NAME, BillingMode: 'PAY_PER_REQUEST' }));
    await until(
      'the queue to be empty',
      120_000,
      async () => ((await queues.backlog()) === 0 ? true : undefined),
      250,
    );
    done = true;
    const kills = await monkey;
    // The SDK tries throttled writes again; this is how often a recorder gave up, and left the order to its queue.
    const gaveUp = world.system.output.split('ProvisionedThroughputExceededException').length - 1;
    const seconds = (ms: number) => Math.round(ms / 100) / 10;
    const numbers = { accepted: accepted.size, kills, gaveUp, backlog };
    process.stderr.write(
      `orders in chaos: ${JSON.stringify({ ...numbers, acceptedAfter: seconds(acceptedAfter), recordedAfter: seconds(Date.now() - started) })}\n`,
    );

    // A second delivery would come right behind the first.
    await pause(500);
    const items = await stored();
    const ids = items.map(({ id }) => id?.S ?? '');
    expect(accepted.size).toBe(ORDERS);
    expect(items).toHaveLength(ORDERS);
    expect(new Set(ids)).toEqual(new Set(accepted.keys()));
    expect(items.filter(({ id, total, status }) => !isGood(id, total, status))).toEqual([]);
    expect(await queues.takeDeadLetters()).toEqual([]);
    expect(kills).toBeGreaterThan(5);
    // Without throttling the recorders keep up.
    expect(backlog).toBeGreaterThan(ORDERS / 5);
  });

  const isGood = (id?: AttributeValue, total?: AttributeValue, status?: AttributeValue): boolean =>
    Number(total?.N) === accepted.get(id?.S ?? '') && status?.S === 'pending';

  const killEvery = async (milliseconds: number, isOver: () => boolean): Promise<number> => {
    let kills = 0;
    while (!isOver()) {
      await pause(milliseconds);
      if (world.killFunction((items) => random.pick(items))) kills += 1;
    }
    return kills;
  };
});
