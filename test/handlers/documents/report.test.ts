import fc from 'fast-check';
import { dayBefore, hourOf } from '../../../handlers/documents/day';
import { Documents, documentsTimeline } from '../../../handlers/documents/documents';
import { type Facts, reportOf, toCsv, toJson } from '../../../handlers/documents/report-format';
import { writeReport } from '../../../handlers/documents/write-report';
import type { Status } from '../../../handlers/order-status/change';
import { Orders, ordersTimeline } from '../../../handlers/order-status/orders';
import { Payments, paymentsTimeline } from '../../../handlers/payments/payments';
import { TestDynamoDb } from '../../support/dynamodb';
import { capturedLog } from '../../support/events';
import { s3Error, TestBucket } from '../../support/s3';

let dynamodb: TestDynamoDb;
let bucket: TestBucket;
const captured = capturedLog();

beforeAll(async () => {
  dynamodb = await TestDynamoDb.start();
  bucket = await TestBucket.start();
  await fill();
});

afterEach(() => {
  bucket.objects.clear();
  bucket.heal();
  captured.lines.length = 0;
});

afterAll(async () => {
  await bucket.close();
  await dynamodb.close();
});

const SCHEDULED = '2026-03-30T01:00:00Z';

/** The report at 03:00 in Berlin is of the day on which summer time began: from 23:00 UTC to 22:00 UTC. */
function run(scheduledTime: string = SCHEDULED) {
  const { client } = dynamodb;
  return writeReport(
    { scheduledTime },
    {
      s3: bucket.client,
      bucket: TestBucket.NAME,
      timeZone: 'Europe/Berlin',
      documents: documentsTimeline(client, 'documents', 'timeline'),
      payments: paymentsTimeline(client, 'payments', 'timeline'),
      orders: ordersTimeline(client, 'order-status', 'timeline'),
      log: captured.log,
    },
  );
}

async function fill(): Promise<void> {
  const documents = new Documents(dynamodb.client, 'documents');
  const times = [
    '2026-03-28T22:59:59.999Z',
    '2026-03-28T23:00:00.000Z',
    '2026-03-29T00:59:00.000Z',
    '2026-03-29T01:00:00.000Z',
    '2026-03-29T21:59:59.999Z',
    '2026-03-29T22:00:00.000Z',
  ];
  for (const [index, takenInAt] of times.entries()) {
    const contentType = index % 2 === 0 ? 'text/plain' : 'text/csv';
    const document = {
      key: `incoming/${index}`,
      status: 'taken-in' as const,
      contentType,
      bytes: 10 ** index,
    };
    await documents.record({ ...document, takenInAt }, 'A');
  }
  const payments = new Payments(dynamodb.client, 'payments');
  const event = { id: 'evt_1', type: 'payment_intent.succeeded', created: 1, createdAt: times[0]! };
  await payments.add(event, '2026-03-29T10:00:00.000Z', undefined);
  await payments.add({ ...event, id: 'evt_2' }, '2026-03-30T10:00:00.000Z', undefined);
  const orders = new Orders(dynamodb.client, 'order-status');
  const entry = (status: Status, version: number, changedAt: string) => ({ status, version, changedAt });
  const history = [
    entry('shipped', 3, '2026-03-30T00:30:00.000Z'),
    entry('paid', 2, '2026-03-29T12:00:00.000Z'),
    entry('placed', 1, '2026-03-28T12:00:00.000Z'),
  ];
  await orders.put({ orderId: 'o-1', history, revision: 0 }, '2026-03-30T00:30:01.000Z');
}

test('counts the day before, as it is in its time zone', async () => {
  expect(await run()).toEqual({ json: 'reports/2026/03/29.json', csv: 'reports/2026/03/29.csv' });
  expect(JSON.parse(bucket.text('reports/2026/03/29.json') ?? '')).toEqual({
    day: '2026-03-29',
    timeZone: 'Europe/Berlin',
    from: '2026-03-28T23:00:00.000Z',
    before: '2026-03-29T22:00:00.000Z',
    documents: {
      count: 4,
      bytes: 11_110,
      byHour: {
        '00:00': { count: 1, bytes: 10 },
        '01:00': { count: 1, bytes: 100 },
        '03:00': { count: 1, bytes: 1000 },
        '23:00': { count: 1, bytes: 10_000 },
      },
      byType: { 'text/csv': { count: 2, bytes: 1010 }, 'text/plain': { count: 2, bytes: 10_100 } },
    },
    payments: { count: 1, byType: { 'payment_intent.succeeded': 1 } },
    orderStatuses: { count: 1, byStatus: { paid: 1 } },
  });
  expect(bucket.text('reports/2026/03/29.csv')).toBe(
    [
      'section,name,count,bytes',
      'documents,,4,11110',
      'documents by hour,00:00,1,10',
      'documents by hour,01:00,1,100',
      'documents by hour,03:00,1,1000',
      'documents by hour,23:00,1,10000',
      'documents by type,text/csv,2,1010',
      'documents by type,text/plain,2,10100',
      'payments,,1,',
      'payments by type,payment_intent.succeeded,1,',
      'order statuses,,1,',
      'order statuses by status,paid,1,',
      '',
    ].join('\r\n'),
  );
  expect(bucket.objects.get('reports/2026/03/29.csv')?.contentType).toBe('text/csv; charset=utf-8');
});

test('a second run writes the same bytes, though more is known by then', async () => {
  await run();
  const first = [...bucket.objects].map(([key, { contents }]) => [key, contents.toString()]);
  const late = { id: 'evt_3', type: 'refund', created: 1, createdAt: SCHEDULED };
  await new Payments(dynamodb.client, 'payments').add(late, '2026-03-29T11:00:00.000Z', undefined);
  bucket.objects.delete('reports/2026/03/29.csv');
  await run();
  expect([...bucket.objects].map(([key, { contents }]) => [key, contents.toString()])).toEqual(first);
});

test('the day is that of the time for which the run was scheduled, whenever it comes', async () => {
  const { json } = await run('2020-01-01T02:00:00Z');
  expect(json).toBe('reports/2019/12/31.json');
  expect(JSON.parse(bucket.text(json) ?? '')).toMatchObject({
    documents: { count: 0, bytes: 0, byHour: {} },
  });
  await expect(run('<aws.scheduler.scheduled-time>')).rejects.toThrow('the event has no scheduledTime');
});

test('a bucket that does not answer has the run come again', async () => {
  bucket.network.respond = () => s3Error(503, 'SlowDown');
  await expect(run()).rejects.toThrow('s3:PutObject: SlowDown');
  expect(captured.problems()[0]).toMatchObject({ event: 'report not written', call: 's3:PutObject' });
});

test('days have the hours that they have', () => {
  const hours = (time: string, timeZone: string) => {
    const { date, from, before } = dayBefore(Date.parse(time), timeZone);
    return [date, (Date.parse(before) - Date.parse(from)) / 3_600_000];
  };
  expect(hours('2026-10-26T02:00:00Z', 'Europe/Berlin')).toEqual(['2026-10-25', 25]);
  expect(hours('2026-03-30T01:00:00Z', 'Europe/Berlin')).toEqual(['2026-03-29', 23]);
  expect(hours('2026-01-01T00:30:00Z', 'UTC')).toEqual(['2025-12-31', 24]);
  expect(hours('2026-01-01T12:00:00Z', 'Pacific/Kiritimati')).toEqual(['2026-01-01', 24]);
  expect(hours('2026-01-01T11:00:00Z', 'Pacific/Niue')).toEqual(['2025-12-31', 24]);
  // Summer time began at midnight.
  expect(hours('2018-11-05T12:00:00Z', 'America/Sao_Paulo')).toEqual(['2018-11-04', 23]);
  expect(hourOf('2026-01-01T18:15:00.000Z', 'Asia/Kathmandu')).toBe('00:00');
});

test('days follow each other without a gap, in every time zone', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'),
      fc.integer({ min: Date.UTC(2015, 0), max: Date.UTC(2035, 0) }),
      (timeZone, time) => {
        const day = dayBefore(time, timeZone);
        const earlier = dayBefore(Date.parse(day.from), timeZone);
        expect(earlier.before).toBe(day.from);
        expect(earlier.date < day.date).toBe(true);
        expect(Date.parse(day.before)).toBeLessThanOrEqual(time);
        expect(Date.parse(day.before)).toBeGreaterThan(time - 25 * 3_600_000);
      },
    ),
    { numRuns: 40 },
  );
});

const facts: fc.Arbitrary<Facts> = fc.record({
  documents: fc.array(
    fc.record({ hour: fc.constantFrom('00:00', '07:00', '23:00'), type: fc.string(), bytes: fc.nat() }),
  ),
  payments: fc.array(fc.constantFrom('paid', 'refund')),
  orderStatuses: fc.array(fc.constantFrom('placed', 'paid')),
});

test('the same facts in another order are the same bytes, from the JSON that was stored, too', () => {
  const day = dayBefore(Date.parse(SCHEDULED), 'UTC');
  fc.assert(
    fc.property(facts, (given) => {
      const report = reportOf(day, given);
      const turned = reportOf(day, {
        documents: [...given.documents].reverse(),
        payments: [...given.payments].reverse(),
        orderStatuses: [...given.orderStatuses].reverse(),
      });
      expect(toJson(turned)).toBe(toJson(report));
      expect(toCsv(JSON.parse(toJson(turned)) as typeof report)).toBe(toCsv(report));
      expect(report.documents.count).toBe(given.documents.length);
    }),
  );
});

test('a content type that a spreadsheet would run is a text', () => {
  const day = dayBefore(Date.parse(SCHEDULED), 'UTC');
  const documents = ['=1+1', 'a"b,c'].map((type) => ({ hour: '00:00', type, bytes: 1 }));
  const csv = toCsv(reportOf(day, { documents, payments: [], orderStatuses: [] }));
  expect(csv).toContain("documents by type,'=1+1,1,1\r\n");
  expect(csv).toContain('documents by type,"a""b,c",1,1\r\n');
});
