import { until } from '../waiting';
import { Api } from './support';

const api = new Api();
const TEXT: unknown = expect.stringMatching(/\S/);

beforeAll(() => api.start());
afterAll(() => api.stop());

describe('queues', () => {
  it('are created, told, listed, changed and deleted', async () => {
    const created = await api.call('POST /v1/queues', {
      body: { name: 'orders', visibilityTimeoutSeconds: 45, tags: { team: 'shop' } },
    });
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe('/v1/queues/orders');
    expect(created.body).toMatchObject({
      name: 'orders',
      visibilityTimeoutSeconds: 45,
      encryption: 'sqs',
      fifo: false,
    });
    expect(await api.ok('GET /v1/queues/orders')).toEqual(created.body);
    const changes = { visibilityTimeoutSeconds: 50, tags: { team: 'books' } };
    expect(await api.ok('PATCH /v1/queues/orders', changes)).toMatchObject(changes);
    expect((await api.call('DELETE /v1/queues/orders')).status).toBe(204);
    expect((await api.call('GET /v1/queues/orders')).status).toBe(404);
  });

  it('are the same when created again, and not when otherwise', async () => {
    const queue = { name: 'again', delaySeconds: 5 };
    await api.ok('POST /v1/queues', queue);
    expect((await api.call('POST /v1/queues', { body: queue })).status).toBe(201);
    const other = await api.call('POST /v1/queues', { body: { ...queue, delaySeconds: 6 } });
    expect([other.status, other.body.type]).toEqual([409, '/problems/already-exists']);
  });

  it('come in pages', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) await api.ok('POST /v1/queues', { name });
    const first = await api.ok('GET /v1/queues?prefix=page-&limit=2');
    const second = await api.ok(`GET /v1/queues?prefix=page-&limit=2&cursor=${first.nextCursor}`);
    const names = [...first.items, ...second.items].map(({ name }) => name);
    expect(names.sort()).toEqual(['page-a', 'page-b', 'page-c']);
    expect(second.nextCursor).toBeNull();
    const elsewhere = await api.call(`GET /v1/topics?cursor=${first.nextCursor}`);
    expect([elsewhere.status, elsewhere.body.errors]).toEqual([400, [{ parameter: 'cursor', detail: TEXT }]]);
  });

  it('are purged', async () => {
    await api.ok('POST /v1/queues', { name: 'purged' });
    await api.ok('POST /v1/queues/purged/messages', { body: 'x' });
    expect((await api.call('POST /v1/queues/purged/purge')).status).toBe(202);
    expect(await api.ok('GET /v1/queues/purged')).toMatchObject({ visible: 0 });
  });

  it('are shared with accounts, and no more', async () => {
    await api.ok('POST /v1/queues', { name: 'shared' });
    const share = { accountIds: ['111122223333'], actions: ['SendMessage'] };
    expect((await api.call('PUT /v1/queues/shared/shares/partner', { body: share })).status).toBe(204);
    expect(JSON.stringify((await api.ok('GET /v1/queues/shared')).policy)).toContain('111122223333');
    expect((await api.call('DELETE /v1/queues/shared/shares/partner')).status).toBe(204);
    expect((await api.ok('GET /v1/queues/shared')).policy).toBeNull();
    expect((await api.call('DELETE /v1/queues/shared/shares/partner')).status).toBe(404);
  });

  it.each([
    ['GET /v1/queues/none'],
    ['DELETE /v1/queues/none'],
    ['POST /v1/queues/none/purge'],
    ['GET /v1/queues/none/dead-letters'],
    ['GET /v1/queues/none/redrives'],
    ['POST /v1/queues/none/messages/receive'],
    ['DELETE /v1/queues/none/shares/partner'],
    ['DELETE /v1/queues/none/messages/handle'],
  ])('%s is not found', async (request) => {
    const { status, body, headers } = await api.call(request);
    expect([status, body.type]).toEqual([404, '/problems/not-found']);
    expect(headers.get('content-type')).toBe('application/problem+json');
  });

  it.each([
    [{ name: 'a b' }, '/name'],
    [{ name: 'a'.repeat(81) }, '/name'],
    [{ name: 'orders', retentionSeconds: 59 }, '/retentionSeconds'],
    [{ name: 'orders', deadLetter: { queue: 'dead', maxReceiveCount: 0 } }, '/deadLetter/maxReceiveCount'],
    [{ name: 'orders', deadLetter: { queue: 'dead', maxReceiveCount: 3, max: 1 } }, '/deadLetter/max'],
    [{ name: 'orders', colour: 'red' }, '/colour'],
    [{ name: 'orders', tags: { constructor: 'x' } }, '/tags/constructor'],
    [{ name: 'orders', tags: ['x'] }, '/tags'],
    [{ name: 'orders', deadLetter: [] }, '/deadLetter'],
    [{ name: 'orders', fifo: true }, '/fifo'],
    [{}, '/name'],
    [[], ''],
  ])('%j is refused at %s', async (body, pointer) => {
    const answer = await api.call('POST /v1/queues', { body });
    expect([answer.status, answer.body.type]).toEqual([422, '/problems/invalid']);
    expect(answer.body.errors).toContainEqual({ pointer, detail: TEXT });
  });
});

describe('messages', () => {
  const attributes = {
    customer: { type: 'string', value: 'c-1' },
    total: { type: 'number', value: '42.5' },
    seal: { type: 'binary', value: 'AQID' },
  };

  beforeAll(async () => {
    await api.ok('POST /v1/queues', { name: 'sent' });
    await api.ok('POST /v1/queues', { name: 'sent.fifo' });
  });

  it('go through a queue as they are', async () => {
    const sent = await api.call('POST /v1/queues/sent/messages', { body: { body: 'Grüße 📚', attributes } });
    expect([sent.status, sent.body.large]).toEqual([202, false]);
    const { messages } = await api.ok('POST /v1/queues/sent/messages/receive', { max: 1, waitSeconds: 2 });
    const message = messages[0]!;
    expect(message).toMatchObject({
      body: 'Grüße 📚',
      attributes,
      messageId: sent.body.messageId,
      receiveCount: 1,
      topic: null,
    });
    const path = `/v1/queues/sent/messages/${encodeURIComponent(message.receiptHandle)}`;
    expect((await api.call(`PATCH ${path}`, { body: { visibilityTimeoutSeconds: 100 } })).status).toBe(204);
    expect((await api.call(`DELETE ${path}`)).status).toBe(204);
    expect(await api.ok('GET /v1/queues/sent')).toMatchObject({ visible: 0, inFlight: 0 });
  });

  it('are given back at once', async () => {
    await api.ok('POST /v1/queues/sent/messages', { body: 'back' });
    const first = (await api.ok('POST /v1/queues/sent/messages/receive')).messages[0]!;
    const path = `/v1/queues/sent/messages/${encodeURIComponent(first.receiptHandle)}`;
    await api.ok(`PATCH ${path}`, { visibilityTimeoutSeconds: 0 });
    const [second] = (await api.ok('POST /v1/queues/sent/messages/receive')).messages;
    expect(second).toMatchObject({ messageId: first.messageId, receiveCount: 2 });
  });

  it('are sent by the batch, and those that cannot be are named', async () => {
    const messages = [
      { body: 'one', groupId: 'g' },
      { body: 'two' },
      { body: 'three', groupId: 'g', deduplicationId: 'three' },
    ];
    const key = { 'idempotency-key': 'batch-of-three-00' };
    const answer = await api.call('POST /v1/queues/sent.fifo/messages/batch', {
      body: { messages },
      headers: key,
    });
    expect(answer.status).toBe(202);
    expect(answer.body.sent).toHaveLength(2);
    expect(answer.body.failed).toMatchObject([{ index: 1 }]);
  });

  it.each([
    [{ body: '' }, '/body'],
    [{ body: 'x\u0000' }, '/body'],
    [{ body: 'x', delaySeconds: 901 }, '/delaySeconds'],
    [{ body: 'x', delaySeconds: 1.5 }, '/delaySeconds'],
    [{ body: 'x', attributes: { a: { type: 'number', value: 'many' } } }, '/attributes/a/value'],
    [{ body: 'x', attributes: { a: { type: 'binary', value: '?' } } }, '/attributes/a/value'],
    [{ body: 'x', attributes: { a: { type: 'date', value: '1' } } }, '/attributes/a/type'],
    [{ body: 'x', attributes: { 'AWS.a': { type: 'string', value: '1' } } }, '/attributes/AWS.a'],
    [{ body: 'x', groupId: 'ä' }, '/groupId'],
    [{ body: 7 }, '/body'],
  ])('%j is refused at %s', async (body, pointer) => {
    const answer = await api.call('POST /v1/queues/sent/messages', { body });
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });

  it('of more than the queue carries are too large', async () => {
    await api.ok('POST /v1/queues', { name: 'small', maxMessageBytes: 1024 });
    const { status } = await api.call('POST /v1/queues/small/messages', { body: { body: 'x'.repeat(2000) } });
    expect(status).toBe(413);
  });

  it('of a queue without group are refused where that needs one', async () => {
    const { status, body } = await api.call('POST /v1/queues/sent.fifo/messages', { body: { body: 'x' } });
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, '/groupId']);
  });

  it('cannot be deleted with what is no receipt handle', async () => {
    expect((await api.call('DELETE /v1/queues/sent/messages/nothing')).status).toBe(400);
    expect((await api.call('DELETE /v1/queues/sent/messages/%C3%A4')).status).toBe(400);
    expect((await api.call(`DELETE /v1/queues/sent/messages/${'x'.repeat(5000)}`)).status).toBe(400);
  });
});

describe('requests', () => {
  beforeAll(() => api.ok('POST /v1/queues', { name: 'asked' }));

  it('get the reply of whoever answers the queue', async () => {
    const responder = api.messaging.respond(
      'asked',
      ({ body }) => ({ body: `${body}!`, attributes: { n: 1 } }),
      {
        replyTo: ['replies-*'],
        waitSeconds: 1,
      },
    );
    const reply = await api.ok('POST /v1/queues/asked/requests', { body: 'hello', timeoutSeconds: 10 });
    await responder.stop();
    expect(reply).toMatchObject({ body: 'hello!', attributes: { n: { type: 'number', value: '1' } } });
  });

  it('end when nobody answers', async () => {
    const answer = await api.call('POST /v1/queues/asked/requests', {
      body: { body: 'hello', timeoutSeconds: 1 },
    });
    expect([answer.status, answer.body.type]).toEqual([504, '/problems/timeout']);
  });

  it('to a queue that there is not are not found', async () => {
    expect((await api.call('POST /v1/queues/none/requests', { body: { body: 'hello' } })).status).toBe(404);
  });
});

describe('dead letters', () => {
  beforeAll(async () => {
    await api.ok('POST /v1/queues', { name: 'dead' });
    const deadLetter = { queue: 'dead', maxReceiveCount: 1 };
    await api.ok('POST /v1/queues', { name: 'alive', deadLetter, visibilityTimeoutSeconds: 0 });
  });

  it('are told, and moved back', async () => {
    await api.ok('POST /v1/queues/alive/messages', { body: 'x' });
    await api.ok('POST /v1/queues/alive/messages/receive', { visibilityTimeoutSeconds: 0 });
    const isDead = async () => Number((await api.ok('GET /v1/queues/alive/dead-letters')).messages) === 1;
    // With visibility 0 it is seen again a moment later, and found to have been received too often by the next who asks.
    await until(async () => {
      await api.ok('POST /v1/queues/alive/messages/receive');
      return isDead();
    });
    expect(await api.ok('GET /v1/queues/alive/dead-letters')).toEqual({
      queue: 'dead',
      messages: 1,
      sources: [],
    });
    expect(await api.ok('GET /v1/queues/dead/dead-letters')).toEqual({
      queue: null,
      messages: null,
      sources: ['alive'],
    });
    const redrive = await api.call('POST /v1/queues/dead/redrives');
    expect([redrive.status, redrive.body.source]).toEqual([202, 'dead']);
    const { items } = await api.ok('GET /v1/queues/dead/redrives');
    expect(items).toMatchObject([{ id: redrive.body.id, source: 'dead' }]);
  });

  it('are not moved from a queue that takes none', async () => {
    expect([400, 409, 422]).toContain((await api.call('POST /v1/queues/alive/redrives')).status);
  });

  it('cannot be kept from moving when they do not', async () => {
    const answer = await api.call('DELETE /v1/queues/dead/redrives/0');
    expect(answer.status).toBe(404);
  });
});
