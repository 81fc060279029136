import type { DynamoDBRecord } from 'aws-lambda';
import { Changes } from '../../../handlers/items/changes';
import { recordChanges } from '../../../handlers/items/record-changes';
import { dynamoDbError } from '../../support/dynamodb';
import type { Item } from '../../support/dynamodb';
import { ItemsService } from './service';

let service: ItemsService;

beforeAll(async () => {
  service = await ItemsService.start();
});

afterEach(() => service.heal());
afterAll(() => service.close());

const SECONDS = Date.UTC(2026, 0, 2, 3, 4, 5) / 1000;
const TRACE = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };

/** What the stream tells of a write. */
function streamed(
  sequence: string,
  eventName: DynamoDBRecord['eventName'],
  OldImage: Item | undefined,
  NewImage: Item | undefined,
): DynamoDBRecord {
  const dynamodb = { SequenceNumber: sequence, ApproximateCreationDateTime: SECONDS, OldImage, NewImage };
  return { eventName, dynamodb: dynamodb as DynamoDBRecord['dynamodb'] };
}

const record = (records: readonly DynamoDBRecord[], remainingMs = 60_000) =>
  recordChanges(
    { Records: [...records] },
    {
      changes: new Changes(service.dynamodb.client, 'item-changes'),
      log: service.captured.log,
      remainingMs: () => remainingMs,
    },
  );

const image = (id: string) => service.dynamodb.item('items', { id: { S: id } });

/** An item's life as the stream tells it. */
async function lifeOf(first: string): Promise<{ id: string; records: DynamoDBRecord[] }> {
  const number = (offset: bigint) => String(BigInt(first) + offset);
  const { body } = await service.post({ name: 'thing', price: 9, tags: ['a'] }, TRACE);
  const id = body['id'] as string;
  const one = await image(id);
  await service.patch(id, { price: 9.5, tags: null, description: 'new' }, { ...TRACE, 'if-match': '"1"' });
  const two = await image(id);
  const records = [
    streamed(number(0n), 'INSERT', undefined, one),
    streamed(number(1n), 'MODIFY', one, two),
    streamed(number(2n), 'REMOVE', two, undefined),
  ];
  return { id, records };
}

test('tells who changed what when, newest first', async () => {
  const { id, records } = await lifeOf('99999999999999999999999');
  expect(await record(records)).toEqual({ batchItemFailures: [] });
  const at = '2026-01-02T03:04:05.000Z';
  const { body } = await service.changes(id);
  expect(body).toEqual({
    items: [
      {
        sequence: '100000000000000000000001'.padStart(40, '0'),
        kind: 'deleted',
        at,
        version: 2,
        changes: { name: { from: 'thing' }, price: { from: 9.5 }, description: { from: 'new' } },
      },
      {
        sequence: '100000000000000000000000'.padStart(40, '0'),
        kind: 'changed',
        at,
        version: 2,
        changes: { price: { from: 9, to: 9.5 }, tags: { from: ['a'] }, description: { to: 'new' } },
      },
      {
        sequence: '99999999999999999999999'.padStart(40, '0'),
        kind: 'created',
        at,
        version: 1,
        changes: { name: { to: 'thing' }, price: { to: 9 }, tags: { to: ['a'] } },
      },
    ],
    nextCursor: null,
  });
});

test('carries the trace of the write that made the change', async () => {
  const { id, records } = await lifeOf('200000000000000000000');
  await record(records);
  const stored = (await service.dynamodb.scan('item-changes')).filter((change) => change.id?.S === id);
  const traces = stored.map((change) => [change.kind?.S, change.traceparent?.S?.slice(3, 35)]);
  expect(Object.fromEntries(traces)).toEqual({
    created: TRACE.traceparent.slice(3, 35),
    changed: TRACE.traceparent.slice(3, 35),
    deleted: undefined,
  });
});

test('the same records again are the same rows', async () => {
  const { id, records } = await lifeOf('300000000000000000000');
  await record(records);
  const { body } = await service.changes(id);
  await record(records);
  expect((await service.changes(id)).body).toEqual(body);
});

test('comes by pages', async () => {
  const { id, records } = await lifeOf('400000000000000000000');
  await record(records);
  const { body: first } = await service.changes(id, { limit: '2' });
  expect(first['items']).toHaveLength(2);
  const { body: rest } = await service.changes(id, { limit: '2', cursor: first['nextCursor'] as string });
  expect(rest).toMatchObject({ items: [{ kind: 'created' }], nextCursor: null });
  expect((await service.changes(id, { cursor: 'x' })).status).toBe(400);
});

describe('what fails', () => {
  test('is told from the first on, with those before it stored', async () => {
    const { id, records } = await lifeOf('500000000000000000000');
    let calls = 0;
    service.dynamodb.network.respond = (request) =>
      ++calls === 2 ? dynamoDbError(400, 'ThrottlingException') : service.dynamodb.forward(request);
    expect(await record(records)).toEqual({
      batchItemFailures: [{ itemIdentifier: '500000000000000000001' }],
    });
    expect(calls).toBe(2);
    service.dynamodb.heal();
    expect((await service.changes(id)).body['items']).toHaveLength(1);
    expect(service.captured.problems()).toEqual([
      expect.objectContaining({
        event: 'change not recorded',
        error: 'ThrottlingException',
        permanent: false,
      }),
      expect.objectContaining({ event: 'changes put off', count: 2 }),
    ]);
  });

  test.each<[string, Partial<DynamoDBRecord>]>([
    ['no images', { dynamodb: { SequenceNumber: '1', ApproximateCreationDateTime: SECONDS } }],
    ['no item', { dynamodb: { SequenceNumber: '1', ApproximateCreationDateTime: SECONDS, NewImage: {} } }],
    ['nothing', { dynamodb: undefined }],
  ])('has records that are none reported alone: %s', async (_what, malformed) => {
    const { records } = await lifeOf('600000000000000000000');
    const sequence = malformed.dynamodb?.SequenceNumber ?? '';
    expect(await record([...records, { eventName: 'MODIFY', ...malformed }])).toEqual({
      batchItemFailures: [{ itemIdentifier: sequence }],
    });
    expect(service.captured.problems()[0]).toMatchObject({ event: 'malformed record' });
  });

  test('is not begun when the time does not suffice', async () => {
    const { records } = await lifeOf('700000000000000000000');
    expect(await record(records, 9_999)).toEqual({
      batchItemFailures: [{ itemIdentifier: '700000000000000000000' }],
    });
  });
});
