import { MessagingEvents } from '../../src/events';
import type { EventMap, EventName, MessagingEvent } from '../../src/events';
import { EventLog } from '../../src/server/stream/event-log';
import { EventFilter, matches } from '../../src/server/stream/filter';
import { EventReader } from '../../src/server/stream/reader';
import type { Item } from '../../src/server/stream/reader';
import { Tickets } from '../../src/server/stream/tickets';

const ALL = EventFilter.of([], []);

function logOf(maxEvents: number, maxBytes = 1e9) {
  const events = new MessagingEvents();
  const log = new EventLog({ maxEvents, maxBytes, epoch: 'now' });
  events.onAny((event) => log.append(event));
  return { events, log };
}

function send(events: MessagingEvents, count: number, resource = 'orders'): void {
  for (let index = 0; index < count; index++) {
    events.emit('message.sent', { resource, messageId: `${index}`, large: false });
  }
}

function all(reader: EventReader): Item[] {
  const items: Item[] = [];
  for (let item = reader.next(); item !== undefined; item = reader.next()) items.push(item);
  return items;
}

const brief = (item: Item) => (item.kind === 'gap' ? item.gap : item.id);

test('a reader gets what comes, as CloudEvents with ids that go on', () => {
  const { events, log } = logOf(10);
  send(events, 1);
  const reader = new EventReader(log, ALL, undefined);
  expect(reader.position).toBe('now.1');
  expect(reader.next()).toBeUndefined();
  send(events, 2);
  const items = all(reader);
  expect(items.map(brief)).toEqual(['now.2', 'now.3']);
  const [first] = items;
  expect(first?.kind === 'event' && JSON.parse(first.entry.json)).toMatchObject({
    specversion: '1.0',
    type: 'aws-micro.messaging.message.sent',
    subject: 'orders',
    data: { resource: 'orders', messageId: '0' },
  });
  expect(reader.position).toBe('now.3');
});

test('whoever comes back goes on behind what was seen', () => {
  const { events, log } = logOf(10);
  send(events, 5);
  expect(all(new EventReader(log, ALL, 'now.2')).map(brief)).toEqual(['now.3', 'now.4', 'now.5']);
  expect(all(new EventReader(log, ALL, 'now.5'))).toEqual([]);
});

test('what has left the buffer is told once, with how much', () => {
  const { events, log } = logOf(3);
  send(events, 10);
  expect(log.size.events).toBe(3);
  const expected = [{ reason: 'expired', missed: 5 }, 'now.8', 'now.9', 'now.10'];
  const reader = new EventReader(log, ALL, 'now.2');
  expect(all(reader).map(brief)).toEqual(expected);
  // Coming back with the gap's id goes on at the same place.
  expect(all(new EventReader(log, ALL, 'now.7')).map(brief)).toEqual(expected.slice(1));
  // A reader that stood still while the buffer went on.
  send(events, 5);
  expect(all(reader).map(brief)).toEqual([{ reason: 'expired', missed: 2 }, 'now.13', 'now.14', 'now.15']);
});

test.each(['before.7', 'now.99', 'nonsense', 'now.', 'now.1e3', '../now.1'])(
  'an id of another process (%s) is a gap of nobody knows how much, and then all there is',
  (id) => {
    const { events, log } = logOf(10);
    send(events, 2);
    expect(all(new EventReader(log, ALL, id)).map(brief)).toEqual([
      { reason: 'restarted', missed: null },
      'now.1',
      'now.2',
    ]);
  },
);

test('the buffer is bounded in bytes too, and keeps at least one', () => {
  const { events, log } = logOf(1000, 10_000);
  send(events, 500);
  expect(log.size.bytes).toBeLessThanOrEqual(10_000);
  expect(log.size.events).toBeGreaterThan(5);
  send(events, 1, 'x'.repeat(50_000));
  expect(log.size.events).toBe(1);
  send(events, 1);
  expect(log.size.events).toBe(1);
  expect(log.size.bytes).toBeLessThan(1000);
});

test('two processes have two epochs, the later one sorts behind', async () => {
  const first = new EventLog({ maxEvents: 1, maxBytes: 1 });
  const start = Date.now();
  while (Date.now() === start) await new Promise((resolve) => setImmediate(resolve));
  const second = new EventLog({ maxEvents: 1, maxBytes: 1 });
  expect(second.epoch > first.epoch).toBe(true);
  expect(first.idOf(3)).toMatch(/^\w+\.3$/);
});

test('listeners are told once for many events, and not when they have left', async () => {
  const { events, log } = logOf(100);
  let told = 0;
  const leave = log.onAppend(() => (told += 1));
  send(events, 50);
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toBe(1);
  leave();
  send(events, 1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toBe(1);
});

describe('filters', () => {
  function accepted<Name extends EventName>(filter: EventFilter, name: Name, data: EventMap[Name]): boolean {
    const log = new EventLog({ maxEvents: 1, maxBytes: 1 });
    log.append({ id: '1', name, at: new Date(), data } as MessagingEvent);
    return filter.accepts(log.entry(1)!);
  }
  const sent = { resource: 'orders', messageId: '1', large: false };
  const created = { type: 'queue', name: 'orders-dead', arn: 'arn', attributes: {} } as const;

  test.each([
    [[], [], true],
    [['message.sent'], [], true],
    [['message.*'], [], true],
    [['*.sent'], [], true],
    [['aws-micro.messaging.message.sent'], [], true],
    [['alarm.state,message.sent'], [], true],
    [['alarm.state', 'message.sent'], [], true],
    [['alarm.*'], [], false],
    [[], ['orders'], true],
    [[], ['ord*'], true],
    [[], ['order'], false],
    [['message.*'], ['payments', 'orders'], true],
    [['message.*'], ['payments'], false],
  ])('types %j, resources %j: %s', (types, resources, expected) => {
    expect(accepted(EventFilter.of(types, resources), 'message.sent', sent)).toBe(expected);
  });

  test('resources are those of every kind of event; errors have none', () => {
    const filter = EventFilter.of([], ['orders*']);
    expect(accepted(filter, 'resource.created', created)).toBe(true);
    expect(accepted(filter, 'error', new Error('x'))).toBe(false);
    expect(accepted(ALL, 'error', new Error('x'))).toBe(true);
  });

  test('what cannot be meant is refused', () => {
    expect(() => EventFilter.of(['mesage.sent'], [])).toThrow('did you mean message.sent?');
    expect(() => EventFilter.of(['nothing'], [])).toThrow('there are resource.created');
    expect(() => EventFilter.of([], ['x'.repeat(513)])).toThrow('at most 512 characters');
    expect(() => EventFilter.of([], ['x,'.repeat(51)])).toThrow('at most 50 patterns');
  });

  test.each([
    ['*', '', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['*aa*', 'aXa', false],
    ['ab*ba', 'aba', false],
    ['a**b', 'ab', true],
    ['a.c', 'abc', false],
  ])('%s matches %s: %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });
});

describe('tickets', () => {
  let now = 1000;
  const tickets = new Tickets<string>(() => now);

  test('are good once', () => {
    const { ticket, expiresAt } = tickets.issue('me');
    expect(expiresAt).toEqual(new Date(31_000));
    expect(tickets.redeem(ticket)).toBe('me');
    expect(tickets.redeem(ticket)).toBeUndefined();
    expect(tickets.redeem('unknown')).toBeUndefined();
  });

  test('and for 30 seconds', () => {
    const early = tickets.issue('early');
    const late = tickets.issue('late');
    now += 29_999;
    expect(tickets.redeem(early.ticket)).toBe('early');
    now += 1;
    expect(tickets.redeem(late.ticket)).toBeUndefined();
  });

  test('are bounded in number', () => {
    const { ticket } = tickets.issue('first');
    for (let count = 0; count < 10_000; count++) tickets.issue('other');
    expect(tickets.redeem(ticket)).toBeUndefined();
  });
});
