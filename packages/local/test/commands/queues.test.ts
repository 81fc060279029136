import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Emulator } from './support';
import { Call, call, jsonLines, onEmulator, startEmulator, stopEmulator } from './support';

let emulator: Emulator;
let run: ReturnType<typeof onEmulator>;

beforeEach(async () => {
  emulator = await startEmulator();
  run = onEmulator(emulator);
});
afterEach(() => stopEmulator(emulator));

/** A queue whose messages are dead letters after one receive. */
async function ordersWithDeadLetters(): Promise<{ orders: string; dead: string }> {
  const { broker } = emulator;
  const { arn: dead } = await broker.ensureQueue('orders-dead');
  const redrive = JSON.stringify({ deadLetterTargetArn: dead, maxReceiveCount: 1 });
  const { arn: orders } = await broker.ensureQueue('orders', { RedrivePolicy: redrive });
  return { orders, dead };
}

async function fail(queueArn: string, count: number): Promise<void> {
  const { broker } = emulator;
  for (let sent = 0; sent < count; sent += 1) await broker.send(queueArn, { body: `bad ${sent}` });
  // Received, visible again at once, and too often received at the second attempt.
  const receive = () => broker.receive(queueArn, { maxMessages: 10, waitSeconds: 0, visibilitySeconds: 0 });
  await receive();
  while ((await receive()).length > 0);
  await broker.queues.store.commit([]);
}

function bodiesIn(queueArn: string): Promise<string[]> {
  const page = emulator.broker.queues.get(queueArn).browse({ limit: 100 });
  return page.then(({ messages }) => messages.map(({ body }) => body));
}

describe('queues', () => {
  it('lists each queue with its messages and its dead letters', async () => {
    expect((await run(['queues'])).output).toBe(`no queues on ${emulator.endpoint.url}\n`);
    const { orders } = await ordersWithDeadLetters();
    await fail(orders, 2);
    await emulator.broker.send(orders, { body: 'x', delaySeconds: 900 });
    await emulator.broker.send(orders, { body: 'y' });
    const { code, output } = await run(['queues']);
    expect(code).toBe(0);
    expect(output).toBe(
      [
        'queue        visible  in flight  delayed  dead letters  dead-letter queue',
        'orders             1          0        1             2  orders-dead',
        'orders-dead        2          0        0                (of orders)',
        '',
      ].join('\n'),
    );
  });

  it('as JSON, an object a line', async () => {
    const { orders, dead } = await ordersWithDeadLetters();
    const { output } = await run(['queues', '--json']);
    expect(jsonLines(output)).toEqual([
      {
        name: 'orders',
        arn: orders,
        url: `${emulator.endpoint.url}/000000000000/orders`,
        visible: 0,
        inFlight: 0,
        delayed: 0,
        deadLetterQueue: 'orders-dead',
        deadLetters: 0,
        sources: [],
      },
      expect.objectContaining({ name: 'orders-dead', arn: dead, sources: ['orders'] }),
    ]);
  });

  it('of the runtime with the data folder that is named, and of no other', async () => {
    const { folder, endpoint, broker } = emulator;
    await broker.ensureQueue('orders');
    const environment = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    const listed = () => call(['queues', '--data', folder], { environment });
    expect(await listed()).toMatchObject({
      code: 1,
      errors: `aws-micro: No runtime has its data in ${folder}: start it first (npx aws-micro up --data)\n`,
    });
    writeFileSync(join(folder, 'owner.json'), JSON.stringify({ pid: 1, awsEndpoint: endpoint.url }));
    expect((await listed()).output).toContain('orders');
  });

  it('again and again with --watch, until Ctrl-C', async () => {
    await emulator.broker.ensureQueue('orders');
    const environment = { AWS_ENDPOINT_URL: emulator.endpoint.url };
    const watching = new Call(['queues', '--watch', '--interval', '1'], { environment });
    await watching.prints(/orders +0/);
    await emulator.broker.send('arn:aws:sqs:us-east-1:000000000000:orders', { body: 'x' });
    await watching.prints(/orders +1/);
    watching.signal('SIGINT');
    expect(await watching.ended).toMatchObject({ code: 0, errors: '' });
  });
});

describe('peek', () => {
  it('shows messages and leaves them as they are', async () => {
    const { arn } = await emulator.broker.ensureQueue('orders');
    await emulator.broker.send(arn, { body: 'a message\nof two lines' });
    await emulator.broker.send(arn, { body: 'x'.repeat(100) });
    const { code, output } = await run(['peek', 'orders']);
    expect(code).toBe(0);
    expect(output).toMatch(
      /^[0-9a-f-]{36} +visible +0 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +a message of two lines$/m,
    );
    expect(output).toMatch(/ x{59}…$/m);
    const again = jsonLines<{ receiveCount: number }>((await run(['peek', 'orders', '--json'])).output);
    expect(again.map(({ receiveCount }) => receiveCount)).toEqual([0, 0]);
    expect((await run(['peek', 'orders', '--body', '--limit', '1'])).output).toBe(
      'a message\nof two lines\n',
    );
  });

  it('goes on to further pages, up to the limit', async () => {
    const { arn } = await emulator.broker.ensureQueue('orders');
    const queue = emulator.broker.queues.get(arn);
    await emulator.broker.sendAll(
      queue,
      Array.from({ length: 1500 }, (_, n) => ({ body: `${n}`, senderId: 'test' })),
    );
    const { output } = await run(['peek', 'orders', '--body', '--limit', '1200']);
    expect(output.trim().split('\n')).toEqual(Array.from({ length: 1200 }, (_, n) => `${n}`));
  });

  it('says what is missing', async () => {
    await emulator.broker.ensureQueue('orders');
    expect((await run(['peek', 'orders'])).output).toBe('no messages in orders\n');
    const missing = await run(['peek', 'nothing']);
    expect(missing.code).toBe(1);
    expect(missing.errors).toMatch(/There is no queue nothing on http\S+ \(aws-micro queues lists them\)$/m);
  });

  it.each([
    ['peek', 'orders', 'shop-dev-orders'],
    ['purge', 'orders', 'shop-dev-orders'],
    ['redrive', 'shop-dev-order', 'shop-dev-orders'],
    ['peek', 'mail', 'shop-dev-mail or shop-dev-urgent-mail'],
  ])('%s %s: says that %s was probably meant', async (command, given, meant) => {
    for (const name of ['orders', 'mail', 'urgent-mail'])
      await emulator.broker.ensureQueue(`shop-dev-${name}`);
    const { code, errors } = await run([command, given]);
    expect(code).toBe(1);
    expect(errors).toMatch(new RegExp(`There is no queue ${given} on \\S+: did you mean ${meant}\\?$`, 'm'));
  });
});

describe('redrive', () => {
  it.each(['orders', 'orders-dead'])('of %s moves the dead letters back', async (name) => {
    const { orders, dead } = await ordersWithDeadLetters();
    await fail(orders, 3);
    const { code, output } = await run(['redrive', name, '--yes']);
    expect({ code, last: output.trim().split('\n').at(-1) }).toEqual({
      code: 0,
      last: 'moved 3 messages of orders-dead back to orders',
    });
    expect(await bodiesIn(orders)).toEqual(['bad 0', 'bad 1', 'bad 2']);
    expect(await bodiesIn(dead)).toEqual([]);
    expect((await run(['redrive', name, '--yes'])).output).toBe(
      'nothing to move: no message is visible in orders-dead\n',
    );
  });

  it('moves them elsewhere, at a rate, and tells how far it is', async () => {
    const { orders } = await ordersWithDeadLetters();
    const { arn: other } = await emulator.broker.ensureQueue('other');
    await fail(orders, 2);
    const { output } = await run(['redrive', 'orders', '--to', 'other', '--rate', '1', '--yes']);
    expect(output).toContain('moved 1 of 2\n');
    expect(output).toMatch(/moved 2 messages of orders-dead to other\n$/);
    expect(await bodiesIn(other)).toEqual(['bad 0', 'bad 1']);
  });

  it('is cancelled by Ctrl-C, and what is moved stays moved', async () => {
    const { orders, dead } = await ordersWithDeadLetters();
    await fail(orders, 9);
    const environment = { AWS_ENDPOINT_URL: emulator.endpoint.url };
    const moving = new Call(['redrive', 'orders', '--rate', '1', '--yes'], { environment });
    await moving.prints(/moved [1-9] of 9/);
    moving.signal('SIGINT');
    expect((await moving.ended).code).toBe(130);
    const [back, left] = [await bodiesIn(orders), await bodiesIn(dead)];
    expect(back.length + left.length).toBe(9);
    expect(left.length).toBeGreaterThan(0);
  });

  it('asks, and moves nothing where nobody can be asked', async () => {
    const { orders, dead } = await ordersWithDeadLetters();
    await fail(orders, 1);
    const { code, errors } = await run(['redrive', 'orders']);
    expect(code).toBe(2);
    expect(errors).toBe(
      `aws-micro: Move 1 message of orders-dead back to orders on ${emulator.endpoint.url}? Nobody can be asked here: add --yes\n`,
    );
    expect(await bodiesIn(dead)).toEqual(['bad 0']);
  });

  it('needs dead letters', async () => {
    await emulator.broker.ensureQueue('plain');
    expect((await run(['redrive', 'plain'])).errors).toContain(
      'plain neither has a dead-letter queue nor is one',
    );
    expect((await run(['redrive', 'plain', '--rate', '501'])).code).toBe(2);
  });
});

test('purge deletes the messages, not without being told to', async () => {
  const { arn } = await emulator.broker.ensureQueue('orders');
  await emulator.broker.send(arn, { body: 'x' });
  const refused = await run(['purge', 'orders']);
  expect(refused.code).toBe(2);
  expect(refused.errors).toContain(`Delete 1 message of orders on ${emulator.endpoint.url}?`);
  expect(await bodiesIn(arn)).toEqual(['x']);
  const done = await run(['purge', 'orders', '--yes']);
  expect(done).toMatchObject({
    code: 0,
    output: `deleted 1 message of orders on ${emulator.endpoint.url}\n`,
  });
  expect(await bodiesIn(arn)).toEqual([]);
});
