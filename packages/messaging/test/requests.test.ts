import type { Messaging } from '../src';
import type { EventMap } from '../src/events';
import { ReplyQueue } from '../src/requests/reply-queue';
import { ReplyToList } from '../src/requests/reply-to';
import { ManualClock } from './manual-clock';
import type { Cloud } from './support';
import { startCloud } from './support';
import { gate, like, until } from './waiting';

const FAST = { waitSeconds: 1 } as const;

let cloud: Cloud;
let messaging: Messaging;
let queue: string;
let queues = 0;

beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());
beforeEach(async () => {
  messaging = cloud.open();
  queue = `work-${++queues}`;
  await messaging.queues.create({ name: queue });
});
afterEach(() => messaging.close());

async function names(prefix = ''): Promise<string[]> {
  return (await messaging.queues.list({ prefix })).items.map(({ name }) => name);
}

describe('a request', () => {
  it('gets the reply that answers it, among many', async () => {
    messaging.respond(queue, ({ body }) => `re: ${body}`, { ...FAST, replyTo: ['replies-*'] });
    const requester = messaging.requester({ queue });
    const bodies = Array.from({ length: 40 }, (_, index) => `question ${index}`);
    const replies = await Promise.all(bodies.map((body) => requester.request(body)));
    expect(replies.map(({ body }) => body)).toEqual(bodies.map((body) => `re: ${body}`));
    expect(requester.stats).toEqual({
      sent: 40,
      replied: 40,
      timedOut: 0,
      late: 0,
      foreign: 0,
      inFlight: 0,
    });
    await until(async () => {
      const { visible, inFlight } = await messaging.queues.get(queue);
      return visible + inFlight === 0;
    });
  });

  it('carries attributes both ways', async () => {
    const reply = { body: 'yes', attributes: { price: 12.5 } };
    messaging.respond(
      queue,
      ({ attributes }) => ({ ...reply, attributes: { ...reply.attributes, as: attributes['as']! } }),
      {
        ...FAST,
        replyTo: ['replies-*'],
      },
    );
    const answer = await messaging.requester({ queue }).request('how much?', { attributes: { as: 'asked' } });
    expect(answer).toMatchObject({ body: 'yes', attributes: { price: 12.5, as: 'asked' } });
  });

  it('to a queue that there is not leaves no queue of replies behind', async () => {
    const own = cloud.open({ prefix: 'nobody-' });
    const request = own.requester({ queue: 'nobody-home' }).request('hello?');
    await expect(request).rejects.toMatchObject({ code: 'not-found' });
    expect((await own.queues.list()).items).toEqual([]);
  });

  it('learns that the other side failed', async () => {
    const replyTo = ['replies-*'];
    messaging.respond(queue, () => Promise.reject(new Error('out of\u0001 stock')), { ...FAST, replyTo });
    const { attributes } = await messaging.requester({ queue }).request('one, please');
    expect(attributes['error']).toBe('out of  stock');
  });

  it('times out, and counts the reply that comes late', async () => {
    const hold = gate();
    const replyTo = ['replies-*'];
    messaging.respond(queue, async () => (await hold.opened, 'late'), { ...FAST, replyTo });
    const requester = messaging.requester({ queue, timeoutMs: 20 });
    await expect(requester.request('quick!')).rejects.toMatchObject({ code: 'timeout' });
    expect(requester.stats).toMatchObject({ timedOut: 1, inFlight: 0, late: 0 });
    hold.open();
    await until(() => requester.stats.late === 1);
    expect(requester.stats.foreign).toBe(0);
  });

  it('ignores what answers nothing', async () => {
    await messaging.queues.create({ name: `${queue}-replies` });
    messaging.respond(queue, () => 'yes', { ...FAST, replyTo: [`${queue}-replies`] });
    const requester = messaging.requester({ queue, replyQueue: `${queue}-replies` });
    await messaging.queues.send(`${queue}-replies`, {
      body: 'buy!',
      attributes: { correlationId: 'guessed' },
    });
    await messaging.queues.send(`${queue}-replies`, { body: 'buy!' });
    expect((await requester.request('well?')).body).toBe('yes');
    await until(() => requester.stats.foreign === 2);
    await requester.close();
    expect(await names(`${queue}-replies`)).toEqual([`${queue}-replies`]);
  });

  it('ends with its signal, and with the requester', async () => {
    const requester = messaging.requester({ queue });
    const stop = new AbortController();
    const stopped = requester.request('one', { signal: stop.signal });
    await until(() => requester.stats.inFlight === 1);
    stop.abort(new Error('not needed any more'));
    await expect(stopped).rejects.toThrow('not needed any more');
    const closed = requester.request('two');
    const outcome = expect(closed).rejects.toMatchObject({ code: 'closed' });
    await until(() => requester.stats.inFlight === 1);
    await requester.close();
    await outcome;
    await expect(requester.request('three')).rejects.toMatchObject({ code: 'closed' });
  });

  it('throws what sending throws', async () => {
    const requester = messaging.requester({ queue: 'never-was' });
    await expect(requester.request('anybody?')).rejects.toMatchObject({ code: 'not-found' });
    expect(requester.stats).toMatchObject({ sent: 0, inFlight: 0 });
    expect(() => messaging.requester({ queue, timeoutMs: 0 })).toThrow(like({ code: 'invalid' }));
    await expect(requester.request('x', { timeoutMs: 1.5 })).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('the temporary reply queue', () => {
  it('is made with the first request, tagged, and deleted in the end', async () => {
    const requester = messaging.requester({ queue });
    expect(await names('replies-')).toEqual([]);
    messaging.respond(queue, () => 'yes', { ...FAST, replyTo: ['replies-*'] });
    await requester.request('one');
    const [name] = await names('replies-');
    const { tags, encryption, policy } = await messaging.queues.get(name!);
    expect(Number(tags['aws-micro:replies-until'])).toBeGreaterThan(Date.now() / 1000);
    expect({ encryption, policy }).toEqual({ encryption: 'sqs', policy: null });
    await requester.close();
    expect(await names('replies-')).toEqual([]);
  });

  it('is kept by its owner, and swept when nobody does', async () => {
    const clock = new ManualClock();
    const owner = cloud.open({ clock });
    const kept = await ReplyQueue.create(owner.aws);
    const dead = cloud.open();
    const left = await ReplyQueue.create(dead.aws);
    await messaging.queues.create({ name: 'replies-of-somebody' });
    expect(await ReplyQueue.sweep(messaging.aws)).toEqual([]);
    await clock.advance(600_000);
    const leasedUntil = async () =>
      Number((await messaging.queues.get(kept.name)).tags['aws-micro:replies-until']);
    await until(async () => (await leasedUntil()) * 1000 > Date.now() + 1_100_000);
    const later = cloud.open({ clock: new ManualClock(Date.now() + 901_000) });
    expect(await ReplyQueue.sweep(later.aws)).toEqual([left.name]);
    expect(await names('replies-')).toEqual([kept.name, 'replies-of-somebody'].sort());
    await kept.close();
    await messaging.queues.delete('replies-of-somebody');
    await left.close().catch(() => undefined);
  });
});

describe('a responder', () => {
  it('never writes to a queue that is not allowed: the request goes to the dead letters', async () => {
    const [dead, victim] = [`${queue}-dead`, `${queue}-victim`];
    await messaging.queues.create({ name: dead });
    await messaging.queues.create({ name: victim });
    await messaging.queues.update(queue, { deadLetter: { queue: dead, maxReceiveCount: 1 } });
    const failed: EventMap['message.failed'][] = [];
    messaging.events.on('message.failed', (event) => failed.push(event));
    let asked = 0;
    messaging.respond(queue, () => `${asked++}`, { ...FAST, replyTo: ['replies-*'], retryAfterSeconds: 0 });
    const url = (await messaging.queues.get(victim)).url;
    for (const replyTo of [victim, url, `arn:aws:sqs:us-east-1:000000000000:${victim}`, 'replies-*']) {
      await messaging.queues.send(queue, { body: 'x', attributes: { correlationId: '1', replyTo } });
    }
    await messaging.queues.send(queue, { body: 'x', attributes: { correlationId: '1' } });
    await messaging.queues.send(queue, { body: 'x', attributes: { replyTo: 'replies-1' } });
    await until(async () => (await messaging.queues.get(dead)).visible === 6);
    expect(failed.map(({ reason }) => reason)).toEqual(Array(6).fill('reply-to'));
    expect(asked).toBe(0);
    expect((await messaging.queues.get(victim)).visible).toBe(0);
  });

  it('has done with a request whose asker is gone', async () => {
    const consumer = messaging.respond(queue, () => 'yes', { ...FAST, replyTo: ['replies-*'] });
    const attributes = { correlationId: '1', replyTo: 'replies-gone' };
    await messaging.queues.send(queue, { body: 'x', attributes });
    await until(() => consumer.stats.deleted === 1);
    expect(consumer.stats.failed).toBe(0);
  });

  it('answers to a queue by its ARN', async () => {
    await messaging.queues.create({ name: `${queue}-replies` });
    const { arn } = await messaging.queues.get(`${queue}-replies`);
    messaging.respond(queue, () => 'yes', { ...FAST, replyTo: [`${queue}-replies`] });
    await messaging.queues.send(queue, { body: 'x', attributes: { correlationId: '1', replyTo: arn } });
    const [reply] = await messaging.queues.receive(`${queue}-replies`, { waitSeconds: 5 });
    expect(reply).toMatchObject({ body: 'yes', attributes: { correlationId: '1' } });
  });
});

describe('the list of queues for replies', () => {
  const home = { region: 'eu-central-1', accountId: '111111111111' };
  const here = 'arn:aws:sqs:eu-central-1:111111111111:';
  const there = 'arn:aws:sqs:eu-central-1:222222222222:';
  const elsewhere = 'arn:aws:sqs:us-east-1:222222222222:';

  it.each([
    ['a name', ['answers'], 'answers', 'answers'],
    ['another name', ['answers'], 'answers-2', undefined],
    ['the begin of names', ['answers-*'], 'answers-2', 'answers-2'],
    ['the ARN of a queue that is here', ['answers'], `${here}answers`, 'answers'],
    ['a name whose ARN is allowed', [`${here}answers`], 'answers', 'answers'],
    ['a queue of another account', ['answers'], `${there}answers`, undefined],
    ['an allowed queue of another account', [`${there}answers`], `${there}answers`, `${there}answers`],
    ['the begin of ARNs', [`${there}answers-*`], `${there}answers-1`, `${there}answers-1`],
    ['a URL', ['answers*'], 'https://evil.example/1/answers', undefined],
    ['a path after a begin', ['answers*'], 'answers/../../x', undefined],
    [
      'a queue of another region',
      [`${elsewhere}answers`, `${elsewhere}a*`],
      `${elsewhere}answers`,
      undefined,
    ],
    ['a topic', ['answers'], 'arn:aws:sns:eu-central-1:111111111111:answers', undefined],
    ['no text', ['answers'], 7, undefined],
  ])('knows %s', (_what, entries, replyTo, expected) => {
    expect(new ReplyToList(entries).resolve(replyTo, home)).toBe(expected);
  });

  it.each([[[]], [['*']], [['a b']], [['https://evil.example/q']], [['answers-*-x']]])(
    'refuses %j',
    (entries) => {
      expect(() => new ReplyToList(entries)).toThrow(like({ code: 'invalid' }));
    },
  );
});
