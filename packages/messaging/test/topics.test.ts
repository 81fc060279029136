import type { Messaging } from '../src';
import { startCloud } from './support';
import type { Cloud } from './support';

let cloud: Cloud;
let messaging: Messaging;
let made = 0;

beforeAll(async () => {
  cloud = await startCloud();
  messaging = cloud.open();
});

afterAll(() => cloud.close());

const nameFor = (suffix = '') => `topic-${++made}${suffix}`;

async function topic(suffix = ''): Promise<string> {
  const { name } = await messaging.topics.create({ name: nameFor(suffix) });
  return name;
}

/** A topic with a queue that gets its messages. */
async function heard(suffix = ''): Promise<{ name: string; queue: string }> {
  const name = await topic(suffix);
  const queue = `heard-${made}${suffix}`;
  await messaging.queues.create({ name: queue });
  await messaging.subscriptions.create({ topic: name, protocol: 'sqs', endpoint: queue });
  return { name, queue };
}

const refusal = (...fields: string[]) => ({
  code: 'invalid',
  errors: fields.map((field) => expect.objectContaining({ field }) as object),
});

describe('a topic', () => {
  it('is made with its attributes and told of', async () => {
    const name = nameFor();
    const told: unknown[] = [];
    messaging.events.once('resource.created', (event) => told.push(event));
    const info = await messaging.topics.create({
      name,
      displayName: 'Orders',
      encryption: { keyId: 'alias/orders' },
      tags: { team: 'shop' },
    });
    expect(info).toMatchObject({
      name,
      arn: `arn:aws:sns:us-east-1:000000000000:${name}`,
      fifo: false,
      displayName: 'Orders',
      subscriptionsConfirmed: 0,
      subscriptionsPending: 0,
      encryption: { keyId: 'alias/orders' },
      contentBasedDeduplication: false,
      tags: { team: 'shop' },
    });
    expect(info.policy).toHaveProperty('Statement');
    expect(await messaging.topics.get(name)).toEqual(info);
    expect(told).toMatchObject([
      { type: 'topic', name, arn: info.arn, attributes: { displayName: 'Orders' } },
    ]);
  });

  it('made again is the same one, and with other settings one that is there', async () => {
    const name = nameFor();
    const input = { name, displayName: 'One', tags: { a: '1' } };
    const first = await messaging.topics.create(input);
    const told: unknown[] = [];
    const forget = messaging.events.onAny((event) => told.push(event));
    expect(await messaging.topics.create(input)).toEqual(first);
    expect(await messaging.topics.create({ name })).toEqual(first);
    forget();
    expect(told).toEqual([]);
    const others = [{ displayName: 'Two' }, { tags: { a: '2' } }];
    for (const other of others) {
      await expect(messaging.topics.create({ name, ...other })).rejects.toMatchObject({
        code: 'already-exists',
      });
    }
  });

  it.each([
    [{ name: 'a b' }, 'name'],
    [{ name: 'orders', fifo: true }, 'name'],
    [{ name: 'orders.fifo', fifo: false }, 'fifo'],
    [{ name: 'orders', contentBasedDeduplication: true }, 'contentBasedDeduplication'],
    [{ name: 'orders', displayName: 'x'.repeat(101) }, 'displayName'],
  ])('is refused: %j', async (input, field) => {
    await expect(messaging.topics.create(input)).rejects.toMatchObject(refusal(field));
  });

  it('is changed in what is said', async () => {
    const name = nameFor('.fifo');
    await messaging.topics.create({ name, displayName: 'One', tags: { a: '1', b: '2' } });
    const changes = { contentBasedDeduplication: true, tags: { b: '3', c: '4' } };
    expect(await messaging.topics.update(name, changes)).toMatchObject({
      fifo: true,
      displayName: 'One',
      contentBasedDeduplication: true,
      tags: { b: '3', c: '4' },
    });
    await messaging.topics.update(name, { encryption: { keyId: 'alias/a' }, tags: {} });
    expect(await messaging.topics.update(name, { encryption: 'none' })).toMatchObject({
      encryption: 'none',
      tags: {},
    });
  });

  it('is deleted once, with what let it send to its queues', async () => {
    const { name, queue } = await heard();
    expect((await messaging.queues.get(queue)).policy).toHaveProperty('Statement.0.Sid');
    await messaging.topics.delete(name);
    expect((await messaging.queues.get(queue)).policy).toBeNull();
    for (const call of [
      () => messaging.topics.get(name),
      () => messaging.topics.delete(name),
      () => messaging.topics.publish(name, { body: 'x' }),
      () => messaging.topics.publishAll(name, [{ body: 'x' }]),
      () => messaging.topics.update(name, { displayName: 'x' }),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'not-found' });
    }
  });

  it('is listed by pages, as far as the prefix allows', async () => {
    const shop = cloud.open({ prefix: 'shop-' });
    for (const name of ['shop-a', 'shop-b', 'shop-c', 'shop-b2']) await shop.topics.create({ name });
    const first = await shop.topics.list({ limit: 3 });
    const rest = await shop.topics.list({ limit: 3, cursor: first.nextCursor! });
    expect(first.items).toHaveLength(3);
    expect(rest.nextCursor).toBeNull();
    const names = [...first.items, ...rest.items].map(({ name }) => name);
    expect(names.sort()).toEqual(['shop-a', 'shop-b', 'shop-b2', 'shop-c']);
    const some = await shop.topics.list({ prefix: 'shop-b' });
    expect(some.items.map(({ name }) => name).sort()).toEqual(['shop-b', 'shop-b2']);
    await expect(shop.topics.list({ prefix: 'x', cursor: first.nextCursor! })).rejects.toMatchObject(
      refusal('cursor'),
    );
    await expect(shop.topics.create({ name: 'other' })).rejects.toMatchObject({ code: 'denied' });
    await expect(shop.topics.get('other')).rejects.toMatchObject({ code: 'denied' });
  });

  it('is shared with an account under a label, and unshared', async () => {
    const name = await topic();
    const share = { label: 'partner', accountIds: ['111122223333'], actions: ['Publish'] };
    await messaging.topics.share(name, share);
    const { policy } = await messaging.topics.get(name);
    expect(policy!.Statement).toContainEqual(
      expect.objectContaining({ Sid: 'partner', Action: ['SNS:Publish'] }),
    );
    await expect(messaging.topics.share(name, share)).rejects.toMatchObject({ code: 'already-exists' });
    await messaging.topics.unshare(name, 'partner');
    await expect(messaging.topics.unshare(name, 'partner')).rejects.toMatchObject({ code: 'not-found' });
    await expect(
      messaging.topics.share(name, { label: 'a b', accountIds: ['1'], actions: [] }),
    ).rejects.toMatchObject(refusal('label', 'accountIds', 'actions'));
  });
});

describe('publishing', () => {
  it('reaches the queue with its attributes and is told of', async () => {
    const { name, queue } = await heard();
    const told: unknown[] = [];
    messaging.events.once('message.published', (event) => told.push(event));
    const attributes = { kind: 'new', n: 7, bytes: new Uint8Array([1, 2]) };
    const { messageId, sequenceNumber, large } = await messaging.topics.publish(name, {
      body: 'hello',
      subject: 'Greeting',
      attributes,
    });
    expect({ sequenceNumber, large }).toEqual({ sequenceNumber: null, large: false });
    expect(told).toEqual([{ resource: name, messageId, large: false }]);
    const [received] = await messaging.queues.receive(queue, { waitSeconds: 5 });
    expect(received!.body).toBe('hello');
    expect(received!.attributes).toMatchObject({ kind: 'new', n: 7 });
    expect(Array.from(received!.attributes.bytes as Uint8Array)).toEqual([1, 2]);
  });

  it('has other bodies for single protocols', async () => {
    const { name, queue } = await heard();
    await messaging.topics.publish(name, { body: 'for all', perProtocol: { sqs: 'for queues' } });
    const [received] = await messaging.queues.receive(queue, { waitSeconds: 5 });
    expect(received!.body).toBe('for queues');
  });

  it('keeps the order of a FIFO topic, which needs groups', async () => {
    const { name, queue } = await heard('.fifo');
    await expect(messaging.topics.publish(name, { body: 'x' })).rejects.toMatchObject(refusal('groupId'));
    const messages = ['a', 'b', 'c'].map((body) => ({ body, groupId: 'g', deduplicationId: body }));
    const { sent, failed } = await messaging.topics.publishAll(name, messages);
    expect(failed).toEqual([]);
    expect(sent.every(({ sequenceNumber }) => sequenceNumber !== null)).toBe(true);
    const received = await messaging.queues.receive(queue, { waitSeconds: 5 });
    expect(received.map(({ body }) => body)).toEqual(['a', 'b', 'c']);
  });

  it.each([
    [{ body: '' }, 'body'],
    [{ body: 'a\u0000' }, 'body'],
    [{ body: 'a', subject: 'x\ny' }, 'subject'],
    [{ body: 'a', subject: 'x'.repeat(100) }, 'subject'],
    [{ body: 'a', attributes: { 'a b': 'c' } }, 'attributes.a b'],
    [{ body: 'a', deduplicationId: 'd' }, 'deduplicationId'],
    [{ body: 'a', perProtocol: { sms: '' } }, 'perProtocol.sms'],
    [{ body: 'a', groupId: '' }, 'groupId'],
  ])('is refused: %j', async (message, field) => {
    const name = await topic();
    await expect(messaging.topics.publish(name, message)).rejects.toMatchObject(refusal(field));
  });

  it('takes 262,144 bytes with the attributes, and says how many are more', async () => {
    const name = await topic();
    const attributes = { a: 'b' };
    // Name, type and value of the attribute.
    const fits = 'x'.repeat(262_144 - 1 - 'String'.length - 1);
    await messaging.topics.publish(name, { body: fits, attributes });
    await expect(messaging.topics.publish(name, { body: `${fits}y`, attributes })).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('262145 bytes') as string,
    });
  });
});

describe('publishing many', () => {
  it('goes by tens and by bytes, and the failure of one hinders no other', async () => {
    const { name, queue } = await heard();
    // Three of these are more than one call takes.
    const big = 'x'.repeat(100_000);
    const bodies = [...Array.from({ length: 21 }, (_, i) => `n${i}`), big, big, big];
    const messages = bodies.map((body) => ({ body }));
    messages.splice(5, 0, { body: '' });
    messages.splice(12, 0, { body: 'x'.repeat(262_145) });
    const { sent, failed } = await messaging.topics.publishAll(name, messages);
    expect(sent).toHaveLength(24);
    expect(failed).toMatchObject([
      { index: 5, code: 'invalid' },
      { index: 12, code: 'too-large' },
    ]);
    const received = new Set<string>();
    for (let look = 0; look < 50 && received.size < 24; look++) {
      const messages = await messaging.queues.receive(queue, { waitSeconds: 1 });
      for (const { messageId } of messages) received.add(messageId);
    }
    expect(received.size).toBe(24);
  });

  it('takes what comes over time', async () => {
    const name = await topic();
    async function* messages() {
      for (let i = 0; i < 12; i++) yield await Promise.resolve({ body: String(i) });
    }
    const { sent } = await messaging.topics.publishAll(name, messages());
    expect(sent).toHaveLength(12);
  });
});
