import type { IncomingMessage } from 'node:http';
import { invoked, logged, published, received, requested, sent } from '../../src/trace/hops';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = `00-${TRACE}-00f067aa0ba902b7-01`;
const ROOT_ID = '5759e988bd862e3fe1be46a994272793';
const ROOT = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
const MESSAGE = 'b815c877-40a5-4eaf-ace0-65d7850e838e';
const attributes = { traceparent: { dataType: 'String', value: PARENT } };

test('a message belongs to the trace of its traceparent, then of X-Ray’s header; without either it begins one', () => {
  const all = { message: 'x', attributes, traceHeader: ROOT };
  expect(published(MESSAGE, all, 't', 0)).toMatchObject({
    traceId: TRACE,
    ids: [MESSAGE, ROOT_ID],
    text: 'x',
  });
  expect(sent(MESSAGE, { body: 'x', traceHeader: ROOT }, 'q', 0)).toMatchObject({
    traceId: ROOT_ID,
    ids: [MESSAGE],
    opens: MESSAGE,
  });
  expect(published(MESSAGE, { message: 'x' }, 't', 0).traceId).toBe(MESSAGE.replaceAll('-', ''));
  const broken = { traceparent: { dataType: 'String', value: `00-${TRACE}` } };
  expect(
    published(MESSAGE, { message: 'x', attributes: broken, traceHeader: 'Self=1' }, 't', 0).traceId,
  ).toBe(MESSAGE.replaceAll('-', ''));
});

test('a request is found by both ids that it may have', () => {
  const incoming = {
    method: 'POST',
    url: '/a?b=1',
    headers: { traceparent: PARENT },
  } as unknown as IncomingMessage;
  const request = { requestId: 'r-1', traceId: ROOT, receivedAt: 100, order: 3 };
  expect(requested(incoming, request, { status: 202, body: '{}' }, 112)).toEqual({
    traceId: TRACE,
    at: 100,
    durationMs: 12,
    order: 3,
    step: 'POST /a?b=1 202',
    ids: ['r-1', ROOT_ID],
    text: '{}',
    failed: false,
  });
  const bare = { method: 'GET', url: '/', headers: {} } as unknown as IncomingMessage;
  const failed = requested(bare, request, { status: 503, body: Buffer.from('x') }, 100);
  expect(failed).toMatchObject({ traceId: ROOT_ID, ids: ['r-1'], failed: true, text: undefined });
});

test('a receive counts from the second one on, and names who receives', () => {
  const message = { messageId: MESSAGE, receiveCount: 1 };
  expect(received(message, 'q', undefined, 0).step).toBe('received from q');
  expect(received({ ...message, receiveCount: 3 }, 'q', 'consumer', 0).step).toBe(
    'received from q by consumer (receive 3)',
  );
});

test('an invocation that failed says why', () => {
  const invocation = { functionName: 'consumer', traceId: ROOT, messageIds: ['m-1'], startedAt: 5, order: 3 };
  const result = {
    requestId: 'r-1',
    payload: '{"errorType":"TypeError","errorMessage":"no"}',
    logTail: '',
    durationMs: 1,
  };
  expect(invoked(invocation, { ...result, functionError: 'Unhandled' }, 9)).toEqual({
    traceId: ROOT_ID,
    at: 5,
    durationMs: 4,
    order: 3,
    step: 'invoked consumer: TypeError: no',
    ids: ['r-1'],
    links: ['m-1'],
    failed: true,
  });
  expect(invoked(invocation, result, 9)).toMatchObject({ step: 'invoked consumer', failed: false });
});

describe('a line of a function’s log', () => {
  it('is a step of the trace that it names', () => {
    const line = JSON.stringify({ level: 'info', event: 'mail sent', traceparent: PARENT, messageId: 'm-1' });
    expect(logged('mailer', line, 7)).toEqual({
      traceId: TRACE,
      at: 7,
      step: 'mailer says mail sent',
      ids: ['m-1'],
      links: undefined,
      failed: false,
    });
  });

  it('is a step of all traces of a batch', () => {
    const line = JSON.stringify({ event: 'stored', ids: ['a'], traceparents: [PARENT, '', 'broken'] });
    expect(logged('consumer', line, 7)).toMatchObject({ links: [TRACE], step: 'consumer says stored' });
  });

  it('may be in Lambda’s JSON format', () => {
    const line = JSON.stringify({ level: 'ERROR', message: { event: 'lost', messageId: 'm-1' } });
    expect(logged('consumer', line, 7)).toMatchObject({
      step: 'consumer says lost',
      ids: ['m-1'],
      failed: true,
    });
  });

  it.each(['stored m-1', '{"event":"other"}', '{"traceparent":', '{"messageId":'])('%s is none', (line) => {
    expect(logged('consumer', line, 7)).toBeUndefined();
  });
});
