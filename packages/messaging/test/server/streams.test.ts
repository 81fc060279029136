import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { ask, EventClient, startPlace, TOKENS } from './support';
import type { Frame, Place } from './support';

const BUFFER = 4000;
/** Of a resource's name, so that ten thousand events are more than sockets hold. */
const LONG = `orders-${'x'.repeat(1000)}`;

let place: Place;
beforeAll(async () => {
  place = await startPlace({
    events: { bufferEvents: BUFFER, heartbeatSeconds: 1, stallSeconds: 1, maxStreams: 4 },
  });
});
afterAll(() => place.close());

function send(count: number, resource = 'orders', from = 0): void {
  for (let index = from; index < from + count; index++) {
    place.server.messaging.events.emit('message.sent', { resource, messageId: `${index}`, large: false });
  }
}

type Sent = { readonly type: string; readonly data: { readonly messageId: string } };
const numberOf = ({ data }: Frame): number => Number((JSON.parse(data) as Sent).data.messageId);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

async function listen(query = '', token: string | undefined = TOKENS.reader): Promise<EventClient> {
  const client = new EventClient(`${place.server.url}/v1/events${query}`, token);
  await client.connect();
  await client.until(() => client.lastId !== undefined);
  return client;
}

/** Bytes that are in use when everything that can go has gone. */
function heap(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('10,000 events, the connection cut three times: none missing, none twice, memory flat beside a reader that stands still', async () => {
  const COUNT = 10_000;
  send(BUFFER, LONG);
  const numbers: number[] = [];
  const client = new EventClient(`${place.server.url}/v1/events`, TOKENS.reader, (frame) => {
    expect(frame.event).toBeUndefined();
    numbers.push(numberOf(frame));
  });
  await client.connect();
  await client.until(() => client.lastId !== undefined);
  const slow = await listen();
  slow.pause();
  const before = heap();
  let cuts = 0;
  for (let sent = 0; sent < COUNT; sent += 250) {
    send(250, LONG, sent);
    if (sent % 3000 === 1500) {
      // Some of it is on its way, more comes while nobody is there.
      await nextTurn();
      await client.cut();
      cuts += 1;
      send(250, LONG, (sent += 250));
      await client.connect();
    }
    await client.until(() => numbers.length > sent - 1000);
  }
  await client.until(() => numbers.length >= COUNT);
  expect(cuts).toBe(3);
  expect(numbers).toEqual(upTo(COUNT));
  expect(heap() - before).toBeLessThan(4_000_000);

  // Who takes nothing is dropped, and told how much is lost when it comes back.
  const dropped = (): number => place.log.filter(({ complete }) => complete === false).length;
  while (dropped() < cuts + 1) await sleep(20);
  slow.resume();
  await slow.until(() => slow.ended);
  await slow.connect();
  await slow.until(() => slow.frames.some(({ event }) => event === 'gap'));
  await slow.until(
    () => slow.frames.at(-1)?.event === undefined && numberOf(slow.frames.at(-1)!) === COUNT - 1,
  );
  const gaps = slow.frames.filter(({ event }) => event === 'gap');
  const seen = slow.frames.filter(({ event }) => event === undefined).map(numberOf);
  const { reason, missed } = JSON.parse(gaps[0]!.data) as { reason: string; missed: number };
  expect({ gaps: gaps.length, reason, total: seen.length + missed }).toEqual({
    gaps: 1,
    reason: 'expired',
    total: COUNT,
  });
  expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
  await Promise.all([client.cut(), slow.cut()]);
});

test('who is cut off before the first event misses nothing', async () => {
  const client = await listen();
  expect(client.retry).toBe('2000');
  await client.cut();
  send(3);
  await client.connect();
  await client.until(() => client.frames.length === 3);
  expect(client.frames.map(numberOf)).toEqual(upTo(3));
  await client.cut();
});

test('an id of another server is a gap, and then all there is', async () => {
  const client = new EventClient(`${place.server.url}/v1/events?lastEventId=before.7`, TOKENS.reader);
  await client.connect();
  await client.until(() => client.frames.length > 1);
  expect(client.frames[0]).toMatchObject({ event: 'gap', data: '{"reason":"restarted","missed":null}' });
  await client.cut();
});

test('quiet streams beat, and a filtered one comes back behind what it was not to see', async () => {
  const client = await listen('?type=alarm.*,resource.*&type=message.deleted&resource=pay*');
  const first = client.lastId;
  send(2, 'payments');
  const { events } = place.server.messaging;
  events.emit('message.deleted', { resource: 'orders', messageId: 'x' });
  events.emit('message.deleted', { resource: 'payments', messageId: '7' });
  await client.until(() => client.heartbeats >= 1);
  expect(client.frames.map(numberOf)).toEqual([7]);
  send(1);
  const beats = client.heartbeats;
  await client.until(() => client.heartbeats > beats);
  expect(client.lastId).not.toBe(first);
  expect(client.lastId).not.toBe(client.frames[0]!.id);
  await client.cut();
});

test('what the API does comes as CloudEvents', async () => {
  const { url } = place.server;
  const client = await listen('?resource=streamed');
  await ask(`${url}/v1/queues`, { method: 'POST', token: TOKENS.admin, body: { name: 'streamed' } });
  const sent = await ask(`${url}/v1/queues/streamed/messages`, {
    method: 'POST',
    token: TOKENS.writer,
    body: { body: 'hello' },
  });
  expect(sent.status).toBe(202);
  await client.until(() => client.frames.length > 1);
  const [created, message] = client.frames.map(({ data }) => JSON.parse(data) as object);
  expect(created).toMatchObject({ type: 'aws-micro.messaging.resource.created', subject: 'streamed' });
  expect(message).toMatchObject({
    specversion: '1.0',
    type: 'aws-micro.messaging.message.sent',
    subject: 'streamed',
    data: { messageId: sent.json['messageId'] },
  });
  await client.cut();
});

test('what the watcher finds comes as well', async () => {
  const watching = await startPlace({ watch: 1 }, place.cloud);
  const client = new EventClient(`${watching.server.url}/v1/events?type=resource.created`, TOKENS.reader);
  const somebody = place.cloud.open();
  await client.connect();
  // The first look tells nothing: what is made before it is no news.
  for (let count = 0; client.frames.length === 0 && count < 100; count++) {
    await somebody.queues.create({ name: `watched-${count}` });
    await Promise.race([sleep(100), client.until(() => client.frames.length > 0)]);
  }
  expect(JSON.parse(client.frames[0]!.data)).toMatchObject({
    type: 'aws-micro.messaging.resource.created',
    subject: expect.stringMatching(/^watched-/) as string,
    data: { type: 'queue', attributes: { visibilityTimeoutSeconds: 30 } },
  });
  await watching.close();
  await client.until(() => client.ended);
  expect(client.retry).toBe('5000');
});

test.each([
  ['', undefined, 401, 'unauthenticated'],
  ['', 'nobody-has-this-token', 401, 'unauthenticated'],
  ['?ticket=made-up', TOKENS.reader, 401, 'unauthenticated'],
  ['?type=mesage.sent', TOKENS.reader, 400, 'invalid-parameter'],
])('%s with the token %s is refused with %s', async (query, token, status, code) => {
  const answer = await ask(`${place.server.url}/v1/events${query}`, { token });
  expect(answer.status).toBe(status);
  expect(answer.json).toMatchObject({ type: `/problems/${code}`, status });
});

test('a ticket opens one stream without a header', async () => {
  const url = `${place.server.url}/v1/events`;
  expect((await ask(`${url}/tickets`, { method: 'POST' })).status).toBe(401);
  const { status, json } = await ask(`${url}/tickets`, { method: 'POST', token: TOKENS.reader });
  expect(status).toBe(201);
  const query = `?ticket=${String(json['ticket'])}`;
  const client = new EventClient(url + query, undefined);
  await client.connect();
  await expect(new EventClient(url + query, undefined).connect()).rejects.toThrow('status 401');
  await client.cut();
  const logged = place.log.filter(({ path }) => path === '/v1/events' || path === '/v1/events/tickets');
  expect(logged.some(({ client }) => client === 'reader')).toBe(true);
  expect(JSON.stringify(place.log)).not.toContain(String(json['ticket']));
});

test('so many streams and no more', async () => {
  const clients = await Promise.all([listen(), listen(), listen(), listen()]);
  const refused = await ask(`${place.server.url}/v1/events`, { token: TOKENS.reader });
  expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  expect((await ask(`${place.server.url}/metrics`)).text).toContain('aws_micro_event_streams 4\n');
  await Promise.all(clients.map((client) => client.cut()));
  const again = await listen();
  await again.cut();
});

describe('socket.io', () => {
  const sockets: Socket[] = [];
  afterEach(() => sockets.splice(0).forEach((socket) => socket.disconnect()));

  type Auth = Record<string, unknown> | ((done: (auth: object) => void) => void);

  function connect(auth: Auth, extraHeaders: Record<string, string> = {}): Socket {
    const socket = io(`${place.server.url}/v1/events`, {
      auth,
      extraHeaders,
      forceNew: true,
      reconnectionDelay: 10,
      transports: ['websocket'],
    });
    sockets.push(socket);
    return socket;
  }

  const next = <T>(socket: Socket, event: string): Promise<T> =>
    new Promise((resolve) => socket.once(event, resolve as (value: unknown) => void));

  test('carries the same events with the same ids', async () => {
    const stream = await listen();
    const socket = connect({ token: TOKENS.reader, type: ['message.*'], resource: 'orders' });
    await next(socket, 'position');
    const got = collect(socket);
    send(1, 'payments');
    send(2, 'orders');
    await stream.until(() => stream.frames.length === 3);
    await got.until(2);
    const frames = stream.frames.filter(({ data }) => data.includes('"orders"'));
    expect(got.events.map(({ id }) => id)).toEqual(frames.map(({ id }) => id));
    expect(got.events.map(({ event }) => event)).toEqual(frames.map(({ data }) => JSON.parse(data) as Sent));
    await stream.cut();
  });

  test('a connection that is lost comes back with the last id: none missing, none twice', async () => {
    let lastEventId: string | undefined;
    const socket = connect((done) => done({ token: TOKENS.reader, lastEventId }));
    socket.on('position', (id: string) => (lastEventId = id));
    socket.on('event', (_: Sent, id: string) => (lastEventId = id));
    await next(socket, 'position');
    const got = collect(socket);
    send(1000);
    await got.until(300);
    socket.io.engine.close();
    send(1000, 'orders', 1000);
    await got.until(2000);
    expect(got.events.map(({ event }) => Number(event.data.messageId))).toEqual(upTo(2000));
  });

  test('changes its filter', async () => {
    const socket = connect({ token: TOKENS.reader, type: 'alarm.*' });
    await next(socket, 'position');
    const got = collect(socket);
    send(1);
    expect(await socket.emitWithAck('subscribe', { type: 'message.*', resource: ['pay*'] })).toEqual({});
    send(1);
    send(1, 'payments');
    await got.until(1);
    expect(await socket.emitWithAck('subscribe', { type: 'mesage.sent' })).toEqual({
      error: 'no event is called "mesage.sent": did you mean message.sent?',
    });
    expect(got.events.map(({ event }) => event.data)).toMatchObject([{ resource: 'payments' }]);
  });

  test.each([
    ['no acknowledgement is asked for', []],
    ['the acknowledgement is no function', [5]],
  ])('changes its filter where %s', async (_what, more) => {
    const socket = connect({ token: TOKENS.reader, type: 'alarm.*' });
    await next(socket, 'position');
    const got = collect(socket);
    socket.emit('subscribe', { type: 'message.*' }, ...more);
    // Comes behind it, changes nothing, and is answered.
    await socket.emitWithAck('subscribe', { type: 'mesage.sent' });
    send(1);
    await got.until(1);
  });

  test('tells of a gap', async () => {
    const socket = connect({ token: TOKENS.reader, lastEventId: 'before.1' });
    expect(await next(socket, 'gap')).toEqual({ reason: 'restarted', missed: null });
  });

  test('nobody stays in another namespace', async () => {
    const options = { forceNew: true, reconnection: false, transports: ['websocket'] };
    const socket = io(place.server.url, options);
    sockets.push(socket);
    expect((await next<Error>(socket, 'connect_error')).message).toBe('unknown-namespace');
  });

  test.each([
    [{}, {}, 'unauthenticated'],
    [{ token: 'nobody-has-this-token' }, {}, 'unauthenticated'],
    [{ ticket: 'made-up' }, {}, 'unauthenticated'],
    [{ token: TOKENS.reader, type: 'mesage.sent' }, {}, 'invalid-parameter'],
    [{ token: TOKENS.reader, lastEventId: 7 }, {}, 'invalid-parameter'],
    [{ token: TOKENS.reader }, { Origin: 'https://evil.example' }, 'websocket error'],
    [{ token: TOKENS.reader }, { Host: 'evil.example' }, 'websocket error'],
  ])('refuses %j with headers %j: %s', async (auth, headers, message) => {
    const error = await next<Error>(connect(auth, headers), 'connect_error');
    expect(error.message).toBe(message);
  });
});

/** The events of a socket, as they come. */
function collect(socket: Socket) {
  const events: { readonly event: Sent; readonly id: string }[] = [];
  let told: (() => void) | undefined;
  socket.on('event', (event: Sent, id: string) => {
    events.push({ event, id });
    told?.();
  });
  return {
    events,
    async until(count: number): Promise<void> {
      while (events.length < count) await new Promise<void>((resolve) => (told = resolve));
    },
  };
}
