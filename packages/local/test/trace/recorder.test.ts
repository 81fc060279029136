import type { Hop } from '../../src/contracts';
import { TraceRecorder, traceView } from '../../src/trace';
import { nextOrder } from '../../src/trace/order';
import { TraceIndex } from '../../src/trace/trace-index';
import { ManualClock } from '../support/manual-clock';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const OTHER = '0af7651916cd43dd8448eb211c80319c';
const UUID = 'b815c877-40a5-4eaf-ace0-65d7850e838e';

let recorder: TraceRecorder;
beforeEach(() => (recorder = new TraceRecorder()));

function hop(step: string, more: Partial<Hop> = {}): Hop {
  return { at: 0, step, ids: [], ...more };
}

async function steps(id: string): Promise<string[][]> {
  const found = await recorder.find(id);
  return found.map(({ hops }) => hops.map((each) => each.step));
}

test('hops of a trace come together, by its id or by any id of an earlier hop', async () => {
  recorder.record(hop('request', { traceId: TRACE, ids: ['request-1'] }));
  recorder.record(hop('published', { traceId: TRACE, ids: ['sns-1'] }));
  recorder.record(hop('queued', { ids: ['sqs-1'], links: ['sns-1'] }));
  recorder.record(hop('deleted', { ids: ['sqs-1'] }));
  const all = [['request', 'published', 'queued', 'deleted']];
  for (const id of [TRACE, 'request-1', 'sns-1', 'sqs-1']) expect(await steps(id)).toEqual(all);
});

test.each([
  ['traceparent', `00-${TRACE}-00f067aa0ba902b7-01`],
  ['X-Ray’s root', `1-${TRACE.slice(0, 8)}-${TRACE.slice(8)}`],
  ['X-Ray’s header', `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=00f067aa0ba902b7;Sampled=1`],
  ['the bare id', TRACE.toUpperCase()],
  ['spaces around it', ` ${TRACE} `],
])('a trace is found by %s', async (_, id) => {
  recorder.record(hop('request', { traceId: TRACE }));
  expect(await steps(id)).toEqual([['request']]);
});

test('a step of a batch belongs to the trace of each of its messages', async () => {
  recorder.record(hop('one', { traceId: TRACE, ids: ['m-1'] }));
  recorder.record(hop('two', { traceId: OTHER, ids: ['m-2'] }));
  recorder.record(hop('invoked', { traceId: TRACE, ids: ['request-9'], links: ['m-1', 'm-2', 'm-unknown'] }));
  expect(await steps(TRACE)).toEqual([['one', 'invoked']]);
  expect(await steps(OTHER)).toEqual([['two', 'invoked']]);
  expect(await steps('request-9')).toEqual([
    ['two', 'invoked'],
    ['one', 'invoked'],
  ]);
});

test('a hop that nothing is known of begins no trace, unless it names one', async () => {
  recorder.record(hop('deleted', { ids: ['m-0'] }));
  expect(await recorder.recent(10)).toEqual([]);
});

test('a UUID is found in bodies, whatever its case, also in ones that are long', async () => {
  recorder.record(hop('request', { traceId: TRACE, text: `{"messageId":"${UUID.toUpperCase()}"}` }));
  recorder.record(
    hop('published', { traceId: OTHER, text: `${'x'.repeat(4000)} ${UUID} ${'y'.repeat(9000)}` }),
  );
  expect(await steps(UUID)).toEqual([['published'], ['request']]);
  expect((await recorder.find(OTHER))[0]!.hops[0]!.text).toHaveLength(4096);
  recorder.record(
    hop('far', { traceId: TRACE, text: `${'x'.repeat(4096)}c0c0c0c0-40a5-4eaf-ace0-65d7850e838e` }),
  );
  expect(await steps('c0c0c0c0-40a5-4eaf-ace0-65d7850e838e')).toEqual([]);
  expect(await steps('messageId')).toEqual([]);
});

test('the oldest traces are forgotten, with all their ids', () => {
  const index = new TraceIndex(3);
  for (const n of [1, 2, 3, 4]) index.add(hop(`step ${n}`, { traceId: `trace-${n}`, ids: [`m-${n}`] }), n);
  expect(index.recent(10).map(({ traceId }) => traceId)).toEqual(['trace-4', 'trace-3', 'trace-2']);
  expect(index.find('m-1')).toEqual([]);
  // Its id begins another one.
  index.add(hop('again', { traceId: 'trace-5', ids: ['m-1'] }), 5);
  expect(index.find('m-1')).toMatchObject([{ traceId: 'trace-5', hops: [{ step: 'again' }] }]);
});

test('sixteen mebibytes of hops are remembered', async () => {
  const text = 'x'.repeat(4000);
  for (let n = 0; n < 5000; n += 1) recorder.record(hop('x', { traceId: `trace-${n}`, text }));
  const traces = await recorder.recent(10_000);
  expect(traces[0]!.traceId).toBe('trace-4999');
  expect(traces.length).toBeGreaterThan(3800);
  expect(traces.length).toBeLessThan(4200);
  expect(await recorder.find('trace-0')).toEqual([]);
});

test('who asks again sees what came since, also much later', async () => {
  const clock = new ManualClock();
  recorder = new TraceRecorder(clock);
  recorder.record(hop('one', { traceId: TRACE }));
  expect(await steps(TRACE)).toEqual([['one']]);
  recorder.record(hop('two', { traceId: TRACE }));
  expect(await Promise.all([steps(TRACE), steps(TRACE)])).toEqual([[['one', 'two']], [['one', 'two']]]);
  clock.advance(60_000);
  recorder.record(hop('three', { traceId: TRACE }));
  expect(await steps(TRACE)).toEqual([['one', 'two', 'three']]);
});

test('a message that fails for ever has its first steps and its last ones', async () => {
  for (let n = 0; n < 1000; n += 1) recorder.record(hop(`step ${n}`, { traceId: TRACE, at: n }));
  const { hops, omitted } = traceView((await recorder.find(TRACE))[0]!);
  expect(hops).toHaveLength(200);
  expect(omitted).toBe(800);
  expect([hops[0]!.step, hops[99]!.step, hops[100]!.step, hops[199]!.step]).toEqual([
    'step 0',
    'step 99',
    'step 900',
    'step 999',
  ]);
});

test('a view is in the order of time, with what takes time before what happens meanwhile', async () => {
  const [first, second] = [nextOrder(), nextOrder()];
  recorder.record(hop('received', { traceId: TRACE, at: 1002 }));
  recorder.record(hop('published', { traceId: TRACE, at: 1005, ids: ['m-1'], opens: 'm-1' }));
  recorder.record(hop('invoked', { traceId: TRACE, at: 1000, durationMs: 20, order: second }));
  recorder.record(hop('request', { traceId: TRACE, at: 1000, durationMs: 20, order: first }));
  recorder.record(hop('failed', { traceId: TRACE, at: 1500, failed: true }));
  const view = traceView((await recorder.find(TRACE))[0]!);
  expect(view).toMatchObject({
    traceId: TRACE,
    startedAt: '1970-01-01T00:00:01.000Z',
    durationMs: 500,
    failures: 1,
    pending: 1,
    omitted: 0,
  });
  expect(view.hops.map(({ step, afterMs }) => [step, afterMs])).toEqual([
    ['request', 0],
    ['invoked', 0],
    ['received', 2],
    ['published', 5],
    ['failed', 500],
  ]);
  recorder.record(hop('deleted', { ids: ['m-1'], at: 1600, closes: 'm-1' }));
  expect(traceView((await recorder.find(TRACE))[0]!).pending).toBe(0);
});
