import type { Messaging } from '../src';
import type { Cloud } from './support';
import { startCloud } from './support';

let cloud: Cloud;
let messaging: Messaging;

beforeAll(async () => {
  cloud = await startCloud();
  messaging = cloud.open();
});

afterAll(() => cloud.close());

/** A queue's name that no other test has. */
let made = 0;
const nameFor = (what: string) => `${what}-${++made}`;

async function queue(settings: { fifo?: boolean } & Record<string, unknown> = {}): Promise<string> {
  const name = settings.fifo ? `${nameFor('queue')}.fifo` : nameFor('queue');
  await messaging.queues.create({ name, ...settings });
  return name;
}

const refusal = (errors: object[]) => ({ code: 'invalid', errors });

describe('creating a queue', () => {
  it('makes one that is private and encrypted', async () => {
    const name = nameFor('orders');
    expect(await messaging.queues.create({ name })).toMatchObject({
      name,
      arn: `arn:aws:sqs:us-east-1:000000000000:${name}`,
      fifo: false,
      encryption: 'sqs',
      policy: null,
      deadLetter: null,
      tags: {},
      visible: 0,
      inFlight: 0,
      delayed: 0,
      visibilityTimeoutSeconds: 30,
      retentionSeconds: 345_600,
      createdAt: expect.any(Date) as unknown,
    });
  });

  it('takes every setting', async () => {
    const dead = await queue({ fifo: true });
    const settings = {
      fifo: true,
      visibilityTimeoutSeconds: 0,
      retentionSeconds: 60,
      delaySeconds: 900,
      maxMessageBytes: 1024,
      receiveWaitSeconds: 20,
      contentBasedDeduplication: true,
      highThroughput: true,
      tags: { team: 'shop' },
    };
    const name = await queue({ ...settings, deadLetter: { queue: dead, maxReceiveCount: 3 } });
    const arn = `arn:aws:sqs:us-east-1:000000000000:${dead}`;
    expect(await messaging.queues.get(name)).toMatchObject({
      ...settings,
      deadLetter: { queue: dead, arn, maxReceiveCount: 3 },
    });
  });

  it('encrypts as it is told', async () => {
    const keyId = 'alias/shop';
    const own = await queue({ encryption: { keyId } });
    const none = await queue({ encryption: 'none' });
    expect((await messaging.queues.get(own)).encryption).toEqual({ keyId });
    expect((await messaging.queues.get(none)).encryption).toBe('none');
  });

  it('again answers the queue that is there', async () => {
    const name = nameFor('orders');
    const settings = { name, delaySeconds: 5, deadLetter: { queue: await queue(), maxReceiveCount: 2 } };
    const first = await messaging.queues.create(settings);
    expect(await messaging.queues.create(settings)).toEqual(first);
  });

  it('with other attributes is refused', async () => {
    const name = await queue({ delaySeconds: 5 });
    await expect(messaging.queues.create({ name, delaySeconds: 6 })).rejects.toMatchObject({
      code: 'already-exists',
      message: `Queue "${name}" exists already, with other attributes`,
    });
  });

  it('with dead letters to a queue that is not there says which', async () => {
    const deadLetter = { queue: 'nowhere', maxReceiveCount: 2 };
    await expect(messaging.queues.create({ name: nameFor('orders'), deadLetter })).rejects.toMatchObject({
      code: 'invalid',
      errors: [
        { field: 'deadLetter.queue', detail: 'queue "nowhere" does not exist: it has to be there first' },
      ],
    });
  });

  it('right after one was deleted says when it can be made again', async () => {
    const name = await queue();
    await messaging.queues.delete(name);
    await expect(messaging.queues.create({ name })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('deleted less than 60 s ago') as unknown,
      retryAfterSeconds: 60,
    });
  });

  it.each([
    ['a name', { name: 'no spaces' }, 'name'],
    ['a long name', { name: 'n'.repeat(81) }, 'name'],
    ['fifo without its name', { name: 'orders', fifo: true }, 'fifo'],
    ['a FIFO name that is not meant', { name: 'orders.fifo', fifo: false }, 'fifo'],
    ['a range', { name: 'orders', delaySeconds: 901 }, 'delaySeconds'],
    ['a fraction', { name: 'orders', visibilityTimeoutSeconds: 1.5 }, 'visibilityTimeoutSeconds'],
    ['too little retention', { name: 'orders', retentionSeconds: 59 }, 'retentionSeconds'],
    ['too large messages', { name: 'orders', maxMessageBytes: 1_048_577 }, 'maxMessageBytes'],
    ['too long a wait', { name: 'orders', receiveWaitSeconds: 21 }, 'receiveWaitSeconds'],
    ['deduplication', { name: 'orders', contentBasedDeduplication: true }, 'contentBasedDeduplication'],
    ['throughput', { name: 'orders', highThroughput: true }, 'highThroughput'],
    [
      'receives',
      { name: 'orders', deadLetter: { queue: 'dead', maxReceiveCount: 0 } },
      'deadLetter.maxReceiveCount',
    ],
    [
      'another kind',
      { name: 'orders', deadLetter: { queue: 'dead.fifo', maxReceiveCount: 1 } },
      'deadLetter.queue',
    ],
    ['itself', { name: 'orders', deadLetter: { queue: 'orders', maxReceiveCount: 1 } }, 'deadLetter.queue'],
    [
      'the ARN of a topic',
      {
        name: 'orders',
        deadLetter: { queue: 'arn:aws:sns:us-east-1:000000000000:dead', maxReceiveCount: 1 },
      },
      'deadLetter.queue',
    ],
    ['an empty key', { name: 'orders', encryption: { keyId: '' } }, 'encryption.keyId'],
    ['tags of AWS', { name: 'orders', tags: { 'aws:x': '1' } }, 'tags.aws:x'],
    ['a long tag', { name: 'orders', tags: { x: 'v'.repeat(257) } }, 'tags.x'],
  ])('refuses %s before AWS is asked', async (_what, settings, field) => {
    await expect(messaging.queues.create(settings)).rejects.toMatchObject(
      refusal([{ field, detail: expect.any(String) as unknown }]),
    );
  });

  it('tells all that is wrong at once', async () => {
    const settings = { name: '', delaySeconds: -1, receiveWaitSeconds: NaN };
    const fields = ['name', 'delaySeconds', 'receiveWaitSeconds'].map(
      (field) => expect.objectContaining({ field }) as object,
    );
    await expect(messaging.queues.create(settings)).rejects.toMatchObject(refusal(fields));
  });

  it('refuses a dead-letter queue that is not there', async () => {
    const settings = { name: nameFor('orders'), deadLetter: { queue: 'nowhere', maxReceiveCount: 1 } };
    await expect(messaging.queues.create(settings)).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('a queue', () => {
  it('that is not there is not found, whatever is done with it', async () => {
    const { queues } = messaging;
    const missing = { code: 'not-found', message: expect.stringContaining('"nowhere"') as unknown };
    const attempts = [
      queues.get('nowhere'),
      queues.update('nowhere', { delaySeconds: 1 }),
      queues.delete('nowhere'),
      queues.purge('nowhere'),
      queues.send('nowhere', { body: 'x' }),
      queues.sendAll('nowhere', [{ body: 'x' }]),
      queues.receive('nowhere'),
      queues.deleteMessage('nowhere', 'handle'),
      queues.changeVisibility('nowhere', 'handle', 1),
      queues.deadLetterSources('nowhere'),
    ];
    for (const attempt of attempts) await expect(attempt).rejects.toMatchObject(missing);
  });

  it('changes only in what is given', async () => {
    const name = await queue({ delaySeconds: 5, tags: { team: 'shop', stage: 'dev' } });
    const before = await messaging.queues.get(name);
    const after = await messaging.queues.update(name, { visibilityTimeoutSeconds: 7 });
    expect(after).toEqual({ ...before, visibilityTimeoutSeconds: 7, modifiedAt: after.modifiedAt });
  });

  it('has exactly the tags that it is given', async () => {
    const name = await queue({ tags: { team: 'shop', stage: 'dev' } });
    expect((await messaging.queues.update(name, { tags: { stage: 'prod', cost: '1' } })).tags).toEqual({
      stage: 'prod',
      cost: '1',
    });
    expect((await messaging.queues.update(name, { tags: {} })).tags).toEqual({});
  });

  it('gets and loses dead letters and keys', async () => {
    const name = await queue();
    const dead = await queue();
    const { queues } = messaging;
    const { arn } = await queues.get(dead);
    expect(
      (await queues.update(name, { deadLetter: { queue: arn, maxReceiveCount: 9 } })).deadLetter,
    ).toEqual({
      queue: dead,
      arn,
      maxReceiveCount: 9,
    });
    expect(await queues.deadLetterSources(dead)).toEqual([name]);
    expect((await queues.update(name, { deadLetter: null })).deadLetter).toBeNull();
    expect(await queues.deadLetterSources(dead)).toEqual([]);
    expect((await queues.update(name, { encryption: { keyId: 'alias/a' } })).encryption).toEqual({
      keyId: 'alias/a',
    });
    expect((await queues.update(name, { encryption: 'sqs' })).encryption).toBe('sqs');
    expect((await queues.update(name, { encryption: 'none' })).encryption).toBe('none');
  });

  it('refuses changes that cannot be', async () => {
    const name = await queue();
    await expect(
      messaging.queues.update(name, { highThroughput: true, delaySeconds: 901 }),
    ).rejects.toMatchObject(
      refusal([
        { field: 'delaySeconds', detail: 'must be a whole number from 0 to 900' },
        { field: 'highThroughput', detail: 'is for FIFO queues only' },
      ]),
    );
  });

  it('is gone when it was deleted', async () => {
    const name = await queue();
    await messaging.queues.delete(name);
    await expect(messaging.queues.get(name)).rejects.toMatchObject({ code: 'not-found' });
    await expect(messaging.queues.delete(name)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is empty when it was purged, and is not purged twice in a minute', async () => {
    const name = await queue();
    await messaging.queues.send(name, { body: 'x' });
    await messaging.queues.purge(name);
    expect((await messaging.queues.get(name)).visible).toBe(0);
    await expect(messaging.queues.purge(name)).rejects.toMatchObject({
      code: 'throttled',
      retryAfterSeconds: 60,
    });
  });

  it('is shared by label, and again with others', async () => {
    const name = await queue();
    const { queues } = messaging;
    await queues.share(name, { label: 'shop', accountIds: ['111122223333'], actions: ['SendMessage'] });
    await queues.share(name, {
      label: 'shop',
      accountIds: ['444455556666'],
      actions: ['SendMessage', 'PurgeQueue'],
    });
    const policy = (await queues.get(name)).policy as { Statement: object[] };
    expect(policy.Statement).toEqual([
      expect.objectContaining({
        Sid: 'shop',
        Principal: { AWS: ['arn:aws:iam::444455556666:root'] },
        Action: [expect.stringMatching(/^sqs:SendMessage$/i), expect.stringMatching(/^sqs:PurgeQueue$/i)],
      }),
    ]);
    await queues.unshare(name, 'shop');
    expect((await queues.get(name)).policy).toBeNull();
    await expect(queues.unshare(name, 'shop')).rejects.toMatchObject({ code: 'not-found' });
  });

  it.each([
    ['label', { label: 'a b', accountIds: ['111122223333'], actions: ['SendMessage'] }],
    ['accountIds', { label: 'a', accountIds: ['*'], actions: ['SendMessage'] }],
    ['accountIds', { label: 'a', accountIds: [], actions: ['SendMessage'] }],
    ['actions', { label: 'a', accountIds: ['111122223333'], actions: ['*'] }],
    ['actions', { label: 'a', accountIds: ['111122223333'], actions: [] }],
  ])('is not shared with a wrong %s', async (field, share) => {
    const name = await queue();
    await expect(messaging.queues.share(name, share)).rejects.toMatchObject(
      refusal([{ field, detail: expect.any(String) as unknown }]),
    );
  });
});

describe('lists of queues', () => {
  it('come page by page, each queue once', async () => {
    const names = Array.from({ length: 7 }, (_, index) => `listed-${index}`);
    for (const name of names) await messaging.queues.create({ name });
    const first = await messaging.queues.list({ prefix: 'listed-', limit: 3 });
    const second = await messaging.queues.list({ prefix: 'listed-', limit: 3, cursor: first.nextCursor! });
    const third = await messaging.queues.list({ prefix: 'listed-', limit: 3, cursor: second.nextCursor! });
    expect([first, second, third].map(({ items }) => items.length)).toEqual([3, 3, 1]);
    expect(third.nextCursor).toBeNull();
    expect([first, second, third].flatMap(({ items }) => items.map(({ name }) => name)).sort()).toEqual(
      names,
    );
    expect(first.items[0]).toEqual({
      name: expect.any(String) as unknown,
      url: expect.stringContaining('/000000000000/listed-') as unknown,
      arn: expect.stringContaining('arn:aws:sqs:us-east-1:000000000000:listed-') as unknown,
      fifo: false,
    });
  });

  it('refuse limits, and cursors of other lists', async () => {
    await queue();
    await queue();
    const { nextCursor } = await messaging.queues.list({ prefix: 'queue-', limit: 1 });
    const wrong = refusal([{ field: 'cursor', detail: 'is not a cursor of this list' }]);
    await expect(messaging.queues.list({ prefix: 'q', cursor: nextCursor! })).rejects.toMatchObject(wrong);
    await expect(messaging.queues.list({ cursor: 'bm9uZQ' })).rejects.toMatchObject(wrong);
    for (const limit of [0, 1001, 1.5]) {
      await expect(messaging.queues.list({ limit })).rejects.toMatchObject(
        refusal([{ field: 'limit', detail: 'must be a whole number from 1 to 1000' }]),
      );
    }
  });
});

describe('a prefix', () => {
  it('is all that is seen, made and touched', async () => {
    await messaging.queues.create({ name: 'shop-orders' });
    await messaging.queues.create({ name: 'other-orders' });
    const shop = cloud.open({ prefix: 'shop-' });
    expect((await shop.queues.list()).items.map(({ name }) => name)).toEqual(['shop-orders']);
    expect((await shop.queues.list({ prefix: 's' })).items).toHaveLength(1);
    expect((await shop.queues.list({ prefix: 'other' })).items).toEqual([]);
    const denied = { code: 'denied', errors: [{ field: 'queue', detail: 'must begin with "shop-"' }] };
    await expect(shop.queues.get('other-orders')).rejects.toMatchObject(denied);
    await expect(shop.queues.send('other-orders', { body: 'x' })).rejects.toMatchObject(denied);
    await expect(shop.queues.create({ name: 'new' })).rejects.toMatchObject({ code: 'denied' });
    await expect(
      shop.queues.update('shop-orders', { deadLetter: { queue: 'other-orders', maxReceiveCount: 1 } }),
    ).rejects.toMatchObject({ code: 'denied', errors: [{ field: 'deadLetter.queue' }] });
    await expect(shop.queues.redrive('shop-orders', { to: 'other-orders' })).rejects.toMatchObject({
      code: 'denied',
    });
  });
});

describe('resources', () => {
  it('are everything there is', async () => {
    const shop = cloud.open({ prefix: 'all-' });
    await shop.queues.create({ name: 'all-orders' });
    await shop.topics.create({ name: 'all-news' });
    const subscription = await shop.subscriptions.create({
      topic: 'all-news',
      protocol: 'sqs',
      endpoint: 'all-orders',
    });
    const found = [];
    for await (const resource of shop.resources({ types: ['subscription', 'topic', 'queue'] }))
      found.push(resource);
    expect(found).toEqual([
      { type: 'queue', name: 'all-orders', arn: 'arn:aws:sqs:us-east-1:000000000000:all-orders' },
      { type: 'topic', name: 'all-news', arn: 'arn:aws:sns:us-east-1:000000000000:all-news' },
      { type: 'subscription', name: subscription.id, arn: subscription.arn },
    ]);
  });
});
