import { once } from 'node:events';
import { EVENT_NAMES, MessagingEvents, toCloudEvent } from '../src/events';
import type { MessagingEvent } from '../src/events';

const SENT = { resource: 'orders', messageId: 'm-1', large: false };

describe('events', () => {
  it('tell listeners what happened', async () => {
    const events = new MessagingEvents();
    const told = once(events, 'message.sent');
    expect(events.emit('message.sent', SENT)).toBe(true);
    expect(await told).toEqual([SENT]);
    expect(events.emit('message.sent', SENT)).toBe(false);
  });

  it('do not throw for an error that nobody listens for', () => {
    const events = new MessagingEvents();
    expect(events.emit('error', new Error('the queue is gone'))).toBe(false);
  });

  it('go on when a listener fails, which is an error event', () => {
    const events = new MessagingEvents();
    const failure = new Error('not my day');
    const errors: Error[] = [];
    const told: string[] = [];
    events.on('error', (error) => errors.push(error));
    events.on('message.sent', () => {
      throw failure;
    });
    events.onAny((event) => {
      if (event.name === 'message.sent') throw failure;
    });
    events.on('message.sent', ({ messageId }) => told.push(messageId));
    events.emit('message.sent', SENT);
    expect(told).toEqual(['m-1']);
    expect(errors).toEqual([failure, failure]);
  });

  it('do not tell a listener of errors of its own failure', () => {
    const events = new MessagingEvents();
    let calls = 0;
    events.on('error', () => {
      calls += 1;
      throw new Error('the log is full');
    });
    expect(events.emit('error', new Error('the queue is gone'))).toBe(true);
    expect(calls).toBe(1);
  });

  it('pass every event to those who want any, by the clock, until they want no more', () => {
    const events = new MessagingEvents(() => 1_000);
    const seen: MessagingEvent[] = [];
    const end = events.onAny((event) => seen.push(event));
    events.emit('message.sent', SENT);
    events.emit('error', new Error('one'));
    end();
    events.emit('message.sent', SENT);
    expect(seen.map(({ name, at, data }) => ({ name, at: at.getTime(), data }))).toEqual([
      { name: 'message.sent', at: 1_000, data: SENT },
      { name: 'error', at: 1_000, data: new Error('one') },
    ]);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(2);
  });

  it('call a listener of any as often as it was added', () => {
    const events = new MessagingEvents();
    let calls = 0;
    const count = (): void => void (calls += 1);
    const end = events.onAny(count);
    events.onAny(count);
    events.emit('message.sent', SENT);
    expect(calls).toBe(2);
    end();
    events.emit('message.sent', SENT);
    expect(calls).toBe(3);
  });

  it('name each one once', () => {
    expect(new Set(EVENT_NAMES).size).toBe(EVENT_NAMES.length);
  });
});

describe('a cloud event', () => {
  const at = new Date('2026-01-02T03:04:05.678Z');

  it('has the attributes of CloudEvents 1.0', () => {
    expect(toCloudEvent({ id: 'e-1', name: 'message.sent', at, data: SENT })).toEqual({
      specversion: '1.0',
      id: 'e-1',
      source: '/aws-micro/messaging',
      type: 'aws-micro.messaging.message.sent',
      subject: 'orders',
      time: '2026-01-02T03:04:05.678Z',
      datacontenttype: 'application/json',
      data: SENT,
    });
  });

  it('takes another source, and the name of what changed as its subject', () => {
    const attributes = { createdAt: at, key: new Uint8Array([1, 2]), tags: [null, undefined, 1] };
    const data = { type: 'queue', name: 'orders', arn: 'arn:aws:sqs:::orders', attributes } as const;
    const event = toCloudEvent({ id: 'e-2', name: 'resource.created', at, data }, { source: '/here' });
    expect(event).toMatchObject({ source: '/here', subject: 'orders' });
    expect(JSON.parse(JSON.stringify(event.data))).toEqual({
      ...data,
      attributes: { createdAt: '2026-01-02T03:04:05.678Z', key: 'AQI=', tags: [null, null, 1] },
    });
  });

  it('has errors as code and message', () => {
    const error = Object.assign(new Error('no such queue'), { code: 'not-found' });
    const alone = toCloudEvent({ id: 'e-3', name: 'error', at, data: error });
    expect(alone).not.toHaveProperty('subject');
    expect(alone.data).toEqual({ name: 'Error', code: 'not-found', message: 'no such queue' });
    const data = {
      resource: 'q',
      messageId: 'm',
      receiveCount: 3,
      reason: 'handler',
      error: new Error('no'),
    } as const;
    const failed = toCloudEvent({ id: 'e-4', name: 'message.failed', at, data });
    expect(failed.data).toMatchObject({ receiveCount: 3, error: { name: 'Error', message: 'no' } });
  });
});
