import { Api } from './support';

const api = new Api();

beforeAll(async () => {
  await api.start();
  await api.ok('POST /v1/queues', { name: 'received' });
});
afterAll(() => api.stop());

/** Bodies of what is in the queue. */
async function received(): Promise<unknown[]> {
  const { messages } = await api.ok('POST /v1/queues/received/messages/receive', { waitSeconds: 2 });
  for (const { receiptHandle } of messages) {
    await api.ok(`DELETE /v1/queues/received/messages/${encodeURIComponent(receiptHandle)}`);
  }
  return messages.map(({ body }) => body);
}

describe('topics', () => {
  it('are created, told, listed, changed and deleted', async () => {
    const created = await api.call('POST /v1/topics', { body: { name: 'events', displayName: 'Shop' } });
    expect([created.status, created.headers.get('location')]).toEqual([201, '/v1/topics/events']);
    expect(await api.ok('GET /v1/topics/events')).toEqual(created.body);
    expect(await api.ok('PATCH /v1/topics/events', { displayName: 'Books' })).toMatchObject({
      displayName: 'Books',
    });
    expect((await api.ok('GET /v1/topics?prefix=eve')).items).toMatchObject([{ name: 'events' }]);
    expect((await api.call('DELETE /v1/topics/events')).status).toBe(204);
    expect((await api.call('GET /v1/topics/events')).status).toBe(404);
  });

  it('are shared with accounts, and no more', async () => {
    await api.ok('POST /v1/topics', { name: 'shared' });
    const share = { accountIds: ['111122223333'], actions: ['Publish'] };
    expect((await api.call('PUT /v1/topics/shared/shares/partner', { body: share })).status).toBe(204);
    expect(JSON.stringify((await api.ok('GET /v1/topics/shared')).policy)).toContain('111122223333');
    expect((await api.call('DELETE /v1/topics/shared/shares/partner')).status).toBe(204);
    expect(JSON.stringify((await api.ok('GET /v1/topics/shared')).policy)).not.toContain('111122223333');
  });

  it('take messages, one and many, and bring them to the queue', async () => {
    await api.ok('POST /v1/topics', { name: 'published' });
    await api.ok('POST /v1/subscriptions', { topic: 'published', protocol: 'sqs', endpoint: 'received' });
    const one = await api.call('POST /v1/topics/published/messages', {
      body: { body: 'one', subject: 'First', attributes: { n: { type: 'number', value: '1' } } },
    });
    expect([one.status, one.body.large]).toEqual([202, false]);
    expect(await received()).toEqual(['one']);
    const own = await api.call('POST /v1/topics/published/messages', {
      body: { body: 'for all', perProtocol: { sqs: 'for queues' } },
    });
    expect([own.status, await received()]).toEqual([202, ['for queues']]);
    const many = await api.call('POST /v1/topics/published/messages/batch', {
      body: { messages: [{ body: 'two' }, { body: 'three' }] },
    });
    expect([many.status, many.body.sent.length, many.body.failed]).toEqual([202, 2, []]);
    expect((await received()).sort()).toEqual(['three', 'two']);
  });

  it.each([
    [{ body: 'x', subject: 'two\nlines' }, '/subject'],
    [{ body: 'x', perProtocol: { carrier: 'x' } }, '/perProtocol/carrier'],
    [{ body: 'x', perProtocol: {} }, '/perProtocol'],
    [{ subject: 'x' }, '/body'],
  ])('refuse %j at %s', async (body, pointer) => {
    const answer = await api.call('POST /v1/topics/published/messages', { body });
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });

  it('that there are not are not found', async () => {
    for (const request of [
      'GET /v1/topics/none',
      'DELETE /v1/topics/none',
      'DELETE /v1/topics/none/shares/x',
    ]) {
      expect([request, (await api.call(request)).status]).toEqual([request, 404]);
    }
    expect((await api.call('POST /v1/topics/none/messages', { body: { body: 'x' } })).status).toBe(404);
  });
});

describe('subscriptions', () => {
  beforeAll(() => api.ok('POST /v1/topics', { name: 'subscribed' }));

  it('are created, told, listed, changed and deleted', async () => {
    const filter = { kind: ['order'] };
    const created = await api.call('POST /v1/subscriptions', {
      body: { topic: 'subscribed', protocol: 'sqs', endpoint: 'received', filter, filterScope: 'body' },
    });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ filter, filterScope: 'body', raw: true, pending: false });
    const path = created.headers.get('location')!;
    expect(path).toBe(`/v1/subscriptions/${encodeURIComponent(created.body.id)}`);
    expect(await api.ok(`GET ${path}`)).toMatchObject({ id: created.body.id, filter });
    expect((await api.ok('GET /v1/subscriptions?topic=subscribed')).items).toMatchObject([
      { id: created.body.id },
    ]);
    expect(await api.ok(`PATCH ${path}`, { filter: null, raw: false })).toMatchObject({
      filter: null,
      raw: false,
    });
    expect((await api.call(`DELETE ${path}`)).status).toBe(204);
    expect((await api.call(`GET ${path}`)).status).toBe(404);
  });

  it('of mail addresses are pending', async () => {
    const created = await api.call('POST /v1/subscriptions', {
      body: { topic: 'subscribed', protocol: 'email', endpoint: 'anna@example.com' },
    });
    expect([created.status, created.body.pending]).toEqual([201, true]);
    expect(await api.ok(`GET ${created.headers.get('location')}`)).toMatchObject({ pending: true });
    const token = await api.call('POST /v1/topics/subscribed/confirmations', { body: { token: 'abc' } });
    expect(token.status).toBe(422);
  });

  it.each([
    [{ topic: 'subscribed', protocol: 'pigeon', endpoint: 'x' }, '/protocol'],
    [{ topic: 'subscribed', protocol: 'sqs', endpoint: 'received', filter: [] }, '/filter'],
    [{ topic: 'subscribed', protocol: 'email', endpoint: 'nobody' }, '/endpoint'],
    [{ topic: 'subscribed', protocol: 'sms', endpoint: '123' }, '/endpoint'],
    [{ protocol: 'sqs', endpoint: 'received' }, '/topic'],
  ])('%j is refused at %s', async (body, pointer) => {
    const answer = await api.call('POST /v1/subscriptions', { body });
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });

  it('are asked for by their ids', async () => {
    expect((await api.call('GET /v1/subscriptions/nonsense')).status).toBe(400);
    const id = 'subscribed:6d4b8b1e-9a3c-4f63-9d6c-0f6a2c3a1b7e';
    expect((await api.call(`GET /v1/subscriptions/${id}`)).status).toBe(404);
  });
});

describe('alarms', () => {
  const alarm = {
    name: 'too-many',
    metric: { queue: 'received', measure: 'visible' },
    comparison: '>=',
    threshold: 100,
    notify: { alarm: [{ email: 'ops@example.com' }] },
  };

  it('are created, told, listed, set, and deleted with their topics', async () => {
    const created = await api.call('POST /v1/alarms', { body: alarm });
    expect([created.status, created.headers.get('location')]).toEqual([201, '/v1/alarms/too-many']);
    expect(created.body).toMatchObject({ name: 'too-many', metric: alarm.metric, threshold: 100 });
    expect(await api.ok('GET /v1/alarms/too-many')).toMatchObject({
      name: 'too-many',
      state: 'insufficient-data',
    });
    const set = { state: 'alarm', reason: 'To try it' };
    expect(await api.ok('PUT /v1/alarms/too-many/state', set)).toMatchObject({
      state: 'alarm',
      stateReason: 'To try it',
    });
    expect((await api.ok('GET /v1/alarms?state=alarm')).items).toMatchObject([{ name: 'too-many' }]);
    expect((await api.ok('GET /v1/alarms?state=ok')).items).toEqual([]);
    const { items } = await api.ok('GET /v1/alarms/too-many/history?limit=10');
    expect(items.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['state', 'configuration']));
    expect((await api.call('DELETE /v1/alarms/too-many')).status).toBe(204);
    expect((await api.call('GET /v1/alarms/too-many')).status).toBe(404);
    expect((await api.ok('GET /v1/topics?prefix=too')).items).toEqual([]);
  });

  it('have names with any character', async () => {
    const name = 'Zu viele / ganz & gar? 100% \u{1F4DA}';
    const created = await api.call('POST /v1/alarms', { body: { ...alarm, name, notify: {} } });
    expect([created.status, created.body.name]).toEqual([201, name]);
    expect(await api.ok(`GET ${created.headers.get('location')}`)).toMatchObject({ name });
  });

  it.each([
    [{ ...alarm, periodSeconds: 1 }, '/periodSeconds'],
    [{ ...alarm, comparison: '=' }, '/comparison'],
    [{ ...alarm, metric: { queue: 'received', measure: 'weight' } }, '/metric'],
    [{ ...alarm, threshold: 'high' }, '/threshold'],
    [{ ...alarm, notify: { alarm: [{ pigeon: 'x' }] } }, '/notify/alarm/0'],
    [{ ...alarm, statistic: 'p100000' }, '/statistic'],
  ])('%j is refused at %s', async (body, pointer) => {
    const answer = await api.call('POST /v1/alarms', { body });
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });

  it('that there are not are not found', async () => {
    expect((await api.call('DELETE /v1/alarms/none')).status).toBe(404);
    expect((await api.call('GET /v1/alarms/none/history')).status).toBe(404);
    const set = { state: 'ok', reason: 'x' };
    expect((await api.call('PUT /v1/alarms/none/state', { body: set })).status).toBe(404);
  });
});

describe('functions', () => {
  beforeAll(() => {
    api.cloud.runtime.invoker.functions.set('double', (payload) => ({
      payload: JSON.stringify((JSON.parse(payload) as { n: number }).n * 2),
    }));
    api.cloud.runtime.invoker.functions.set('broken', () => ({
      functionError: 'Unhandled',
      payload: JSON.stringify({ errorType: 'TypeError', errorMessage: 'no n' }),
    }));
  });

  it('are not listed where the endpoint only invokes', async () => {
    const { status, body } = await api.call('GET /v1/functions');
    expect([status, body.type]).toEqual([501, '/problems/unsupported']);
  });

  it('are invoked, and what they throw is an answer', async () => {
    const done = await api.ok('POST /v1/functions/double/invocations', { payload: { n: 21 } });
    expect(done).toMatchObject({ status: 200, payload: 42, error: null });
    const failed = await api.ok('POST /v1/functions/broken/invocations');
    expect(failed).toMatchObject({
      status: 200,
      payload: null,
      error: { type: 'TypeError', message: 'no n' },
    });
  });

  it('that there are not are not found', async () => {
    expect((await api.call('POST /v1/functions/none/invocations')).status).toBe(404);
  });
});

describe('streams', () => {
  it('are created, filled, read and deleted', async () => {
    const created = await api.call('POST /v1/streams', { body: { name: 'clicks', shards: 1 } });
    expect([created.status, created.headers.get('location')]).toEqual([201, '/v1/streams/clicks']);
    api.clock.advance(60_000);
    expect(await api.ok('GET /v1/streams/clicks')).toMatchObject({
      name: 'clicks',
      status: 'active',
      shards: 1,
    });
    const records = [
      { data: 'text', partitionKey: 'a' },
      { data: '/wA=', encoding: 'base64', partitionKey: 'a' },
    ];
    const put = await api.call('POST /v1/streams/clicks/records', { body: { records } });
    expect([put.status, put.body]).toEqual([202, { put: 2, failed: [] }]);
    const read = await api.ok('GET /v1/streams/clicks/records?from=oldest&limit=10');
    expect(read.records).toMatchObject([
      { data: 'text', encoding: 'text', partitionKey: 'a' },
      { data: '/wA=', encoding: 'base64' },
    ]);
    const on = await api.ok(`GET /v1/streams/clicks/records?cursor=${read.nextCursor}`);
    expect(on.records).toEqual([]);
    expect((await api.ok('GET /v1/streams')).items).toMatchObject([{ name: 'clicks' }]);
    expect((await api.call('DELETE /v1/streams/clicks')).status).toBe(204);
  });

  it.each([
    ['from=never', 'from'],
    ['from=2026-13-01T00:00:00Z', 'from'],
    ['limit=0', 'limit'],
    ['limit=10001', 'limit'],
    ['cursor=x', 'cursor'],
  ])('are not read with %s', async (query, parameter) => {
    const { status, body } = await api.call(`GET /v1/streams/clicks/records?${query}`);
    expect([status, body.errors?.[0]?.parameter]).toEqual([400, parameter]);
  });

  it('that there are not are not found', async () => {
    expect((await api.call('GET /v1/streams/none')).status).toBe(404);
    expect((await api.call('GET /v1/streams/none/records')).status).toBe(404);
  });
});

describe('mails', () => {
  const mail = {
    from: 'shop@example.com',
    to: 'anna@example.com',
    subject: 'Your order',
    text: 'On its way',
  };

  it('are sent', async () => {
    const sent = await api.call('POST /v1/emails', { body: mail });
    expect([sent.status, sent.body.messageId]).toEqual([202, expect.any(String)]);
    expect(api.mail.read()).toContain('On its way');
  });

  it.each([
    [{ ...mail, to: [] }, '/to'],
    [{ ...mail, subject: 'a\r\nBcc: b@example.com' }, '/subject'],
    [{ ...mail, attachment: 'x' }, '/attachment'],
  ])('%j is refused at %s', async (body, pointer) => {
    const answer = await api.call('POST /v1/emails', { body });
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });
});

describe('the account', () => {
  it('has an index', async () => {
    const { account, allowWrites, links } = await api.ok('GET /v1');
    expect(account.accountId).toMatch(/^\d{12}$/);
    expect(allowWrites).toBe(true);
    for (const [name, link] of Object.entries(links)) {
      expect([name, api.documented.document.paths[link]]).toEqual([name, expect.any(Object)]);
    }
  });

  it('lists resources of all kinds, page by page', async () => {
    const types = new Set<string>();
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null && pages < 50; pages += 1) {
      const page = await api.ok(`GET /v1/resources?limit=2${cursor && `&cursor=${cursor}`}`);
      for (const { type } of page.items) types.add(type);
      cursor = page.nextCursor;
    }
    expect([cursor, [...types].sort()]).toEqual([null, ['alarm', 'queue', 'subscription', 'topic']]);
    const topics = await api.ok('GET /v1/resources?type=topic');
    expect(new Set(topics.items.map(({ type }) => type))).toEqual(new Set(['topic']));
    expect((await api.call('GET /v1/resources?type=cloud')).status).toBe(400);
    expect((await api.call('GET /v1/resources?cursor=bm9uZQ')).status).toBe(400);
  });

  it('is audited', async () => {
    const { findings, checked } = await api.ok('GET /v1/audit?unusedDays=7');
    expect(checked.queues).toBeGreaterThan(0);
    expect(findings.map(({ rule }) => rule)).toContain('topic-without-subscribers');
    expect((await api.call('GET /v1/audit?unusedDays=64')).status).toBe(400);
  });

  it('explains its problems', async () => {
    const missing = await api.call('GET /v1/queues/none');
    expect(await api.ok(`GET ${missing.body.type}`)).toMatchObject({
      type: missing.body.type,
      title: missing.body.title,
      status: 404,
    });
    for (const code of ['nothing', 'constructor']) {
      expect((await api.call(`GET /problems/${code}`)).status).toBe(404);
    }
  });
});
