import { batchItems } from '../../handlers/shared/batch';
import { outgoingTraceparent, receivedTraceparent } from '../../handlers/shared/trace-context';
import { snsEvent, sqsEvent } from '../support/events';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT_ID = '00f067aa0ba902b7';
const VALID = `00-${TRACE_ID}-${PARENT_ID}-01`;
const XRAY = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';

/** https://www.w3.org/TR/trace-context/#traceparent-header-field-values */
const INVALID = [
  '',
  `00-${'0'.repeat(32)}-${PARENT_ID}-01`,
  `00-${TRACE_ID}-${'0'.repeat(16)}-01`,
  `ff-${TRACE_ID}-${PARENT_ID}-01`,
  VALID.toUpperCase(),
  `${VALID}-more`,
  `${VALID}\n`,
  `00-${TRACE_ID}-${PARENT_ID}-0`,
  `00-${TRACE_ID.slice(1)}-${PARENT_ID}-01`,
  ` ${VALID}`,
];

describe('what goes out', () => {
  test('has the trace and the flags of the request, and a parent id of its own', () => {
    const first = outgoingTraceparent(`00-${TRACE_ID}-${PARENT_ID}-00`, { _X_AMZN_TRACE_ID: XRAY });
    const second = outgoingTraceparent(VALID, {});
    expect(first).toMatch(new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-00$`));
    expect(second).toMatch(new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-01$`));
    expect(new Set([PARENT_ID, first.slice(36, 52), second.slice(36, 52)]).size).toBe(3);
  });

  test.each(INVALID)('takes the trace of the invocation for the header %j', (header) => {
    expect(outgoingTraceparent(header, { _X_AMZN_TRACE_ID: XRAY })).toMatch(
      /^00-5759e988bd862e3fe1be46a994272793-[0-9a-f]{16}-01$/,
    );
  });

  test('reads the header of a later version as far as it knows it', () => {
    const later = `cc-${TRACE_ID}-${PARENT_ID}-01`;
    for (const header of [later, `${later}-what-the-future-brings`]) {
      expect(outgoingTraceparent(header, {})).toMatch(new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-01$`));
    }
    expect(outgoingTraceparent(`${later}.x`, {})).not.toContain(TRACE_ID);
  });

  test.each([
    [undefined, '01'],
    ['Root=1-x;Sampled=1', '01'],
    ['Sampled=0', '00'],
  ])('begins a trace where the invocation has %j', (xray, flags) => {
    const made = [1, 2].map(() => outgoingTraceparent(undefined, { _X_AMZN_TRACE_ID: xray }));
    for (const traceparent of made)
      expect(traceparent).toMatch(new RegExp(`^00-[0-9a-f]{32}-[0-9a-f]{16}-${flags}$`));
    expect(made[0]?.slice(3, 35)).not.toBe(made[1]?.slice(3, 35));
  });

  test('says that X-Ray does not sample', () => {
    const xray = 'Sampled=0;Root=1-5759e988-bd862e3fe1be46a994272793';
    expect(outgoingTraceparent(undefined, { _X_AMZN_TRACE_ID: xray })).toMatch(
      /^00-5759e988\w{24}-\w{16}-00$/,
    );
  });
});

describe('what comes in', () => {
  test('is kept if it is valid', () => {
    expect(receivedTraceparent(VALID)).toBe(VALID);
  });

  test.each([undefined, ...INVALID, `cc-${TRACE_ID}-${PARENT_ID}-01`])('is nothing if it is %j', (text) => {
    expect(receivedTraceparent(text)).toBeUndefined();
  });

  const notification = {
    Type: 'Notification',
    MessageId: 'sns-0',
    Message: '{"some":"text"}',
    MessageAttributes: { traceparent: { Type: 'String', Value: VALID } },
  };

  test.each([
    ['a queue with raw delivery', sqsEvent(['{"some":"text"}'], [VALID]), 'item-0'],
    ['a queue with SNS envelopes', sqsEvent([JSON.stringify(notification, null, 2)]), 'item-0'],
    ['a topic', snsEvent('{"some":"text"}', VALID), 'sns-0'],
  ])('from %s is body and trace alike', (_source, event, id) => {
    expect(batchItems(event)).toEqual([{ id, body: '{"some":"text"}', traceparent: VALID }]);
  });

  test('without the attribute has no trace, from wherever it comes', () => {
    const { MessageAttributes: _attributes, ...plain } = notification;
    for (const event of [sqsEvent(['x']), sqsEvent([JSON.stringify(plain)]), snsEvent('x')]) {
      expect(batchItems(event)[0]?.traceparent).toBeUndefined();
    }
  });

  test.each([
    '{"Type":"Notification"',
    '{"Type":"Notification","Message":7}',
    '{"Type" : "Other","Message":"x"}',
  ])('%s is no envelope, but a body', (body) => {
    expect(batchItems(sqsEvent([body]))).toEqual([{ id: 'item-0', body, traceparent: undefined }]);
  });
});
