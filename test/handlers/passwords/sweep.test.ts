import { randomUUID } from 'node:crypto';
import { dynamoDbError } from '../../support/dynamodb';
import { published, refused } from '../../support/loopback-server';
import { PasswordsService } from './service';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

let service: PasswordsService;

// The index of pending events is one for all accounts, so each test begins with none.
beforeEach(async () => {
  service = await PasswordsService.start();
  await register('ada');
});

afterEach(() => service.close());

/** Nobody logs in here: what stands for a hash costs nothing. */
async function register(userId: string): Promise<void> {
  const createdAt = new Date(service.time).toISOString();
  await service
    .accounts()
    .create({ userId, email: `${userId}@example.com`, createdAt, passwordHash: 'none' });
}

/** What a process leaves that ends between storing a change and publishing it. */
async function leaveOver(userId: string, sourceIp = '203.0.113.7'): Promise<string> {
  const accounts = service.accounts();
  const account = await accounts.get(userId);
  if (!account) throw new Error(`there is no ${userId}`);
  const event = {
    changeId: randomUUID(),
    userId,
    email: account.email,
    changedAt: new Date(service.time).toISOString(),
    sourceIp,
    userAgent: 'curl/8.5.0',
  };
  expect(await accounts.changePassword(account, 'none', { event, traceparent: TRACEPARENT })).toBe(true);
  return event.changeId;
}

function publishedIds(): string[] {
  return service.publications().map(({ event }) => event.changeId);
}

test('publishes what was left over, as it would have been published, and clears it', async () => {
  const changeId = await leaveOver('ada');
  service.time += 60_001;
  expect(await service.sweep()).toEqual({ published: 1, complete: true });
  expect(service.publications()).toEqual([
    {
      topicArn: 'arn:aws:sns:us-east-1:000000000000:password-changed',
      event: {
        changeId,
        userId: 'ada',
        email: 'ada@example.com',
        changedAt: '2026-01-02T03:04:05.006Z',
        sourceIp: '203.0.113.7',
        userAgent: 'curl/8.5.0',
      },
      attributes: {
        eventType: 'password-changed',
        traceparent: TRACEPARENT,
      },
    },
  ]);
  expect(await service.item('ada')).toMatchObject({ pendingEvents: { M: {} }, version: { N: '2' } });
  expect(await service.dynamodb.scan('accounts', 'pending')).toEqual([]);
  expect(await service.sweep()).toEqual({ published: 0, complete: true });
  expect(service.topic.requests).toHaveLength(1);
  expect(service.captured.lines).toEqual([
    { level: 'info', event: 'swept', requestId: 'request-1', published: 1, failed: 0, complete: true },
  ]);
});

test('leaves alone what the change function may still be publishing', async () => {
  await leaveOver('ada');
  service.time += 60_000;
  expect(await service.sweep()).toEqual({ published: 0, complete: true });
  expect(service.topic.requests).toEqual([]);
});

test('clears all events of an account', async () => {
  const first = await leaveOver('ada');
  service.time += 1_000;
  const second = await leaveOver('ada');
  service.time += 120_000;
  expect(await service.sweep()).toEqual({ published: 2, complete: true });
  expect(publishedIds().sort()).toEqual([first, second].sort());
  expect(await service.pending('ada')).toEqual([]);
  expect(await service.dynamodb.scan('accounts', 'pending')).toEqual([]);
});

test('leaves pending what the topic does not take, says so, and publishes it once the topic is back', async () => {
  const changeId = await leaveOver('ada');
  service.time += 120_000;
  service.topic.respond = () => refused(503, 'ServiceUnavailable');
  await expect(service.sweep()).rejects.toThrow('1 pending events could not be published');
  expect(await service.pending('ada')).toEqual([changeId]);
  expect(service.captured.problems()).toEqual([
    expect.objectContaining({
      event: 'pending event not published',
      changeId,
      call: 'sns:Publish',
      status: 503,
    }),
  ]);
  service.heal();
  service.time += 180_000;
  expect(await service.sweep()).toEqual({ published: 1, complete: true });
  expect(publishedIds()).toEqual([changeId]);
});

describe('many accounts', () => {
  const users = ['bob', 'eve', 'joe', 'kim', 'lea'];

  beforeEach(async () => {
    for (const userId of users) {
      await register(userId);
      await leaveOver(userId);
      service.time += 1_000;
    }
    service.time += 120_000;
  });

  test('are swept beginning with the oldest, as far as the time goes', async () => {
    let calls = 0;
    const result = await service.sweep(() => (calls++ < 2 ? 60_000 : 9_999));
    expect(result).toEqual({ published: 2, complete: false });
    expect(service.publications().map(({ event }) => event.userId)).toEqual(['bob', 'eve']);
    expect(await service.sweep()).toEqual({ published: 3, complete: true });
    expect(service.topic.requests).toHaveLength(5);
  });

  test('are left for later when the topic takes none in a row', async () => {
    service.topic.respond = () => 'reset';
    await expect(service.sweep()).rejects.toThrow('3 pending events could not be published');
    expect(service.topic.requests).toHaveLength(3);
  });

  test('do not wait for one event that fails', async () => {
    service.topic.respond = ({ body }) =>
      body.includes('eve%40') ? refused(400, 'InvalidParameter') : published;
    await expect(service.sweep()).rejects.toThrow('1 pending events could not be published');
    const left = await service.dynamodb.scan('accounts', 'pending');
    expect(left.map(({ userId }) => userId?.S)).toEqual(['eve']);
  });

  test('do not wait for any number of events that are refused themselves', async () => {
    service.topic.respond = ({ body }) =>
      /(bob|eve|joe|kim)%40/.test(body) ? refused(400, 'InvalidParameter') : published;
    await expect(service.sweep()).rejects.toThrow('4 pending events could not be published');
    expect(await service.pending('lea')).toEqual([]);
  });

  test('do not wait for any number of malformed events', async () => {
    // Older than all others, so that they come first.
    service.time -= 200_000;
    for (let count = 0; count < 3; count++) await leaveOver('ada', 'nowhere');
    service.time += 200_000;
    await expect(service.sweep()).rejects.toThrow('3 pending events could not be published');
    expect(await service.pending('ada')).toHaveLength(3);
    expect(await service.pending('lea')).toEqual([]);
    expect(service.captured.problems()).toHaveLength(3);
  });

  test('come in pages', async () => {
    const { dynamodb } = service;
    dynamodb.network.respond = async (request) =>
      request.body.includes('IndexName')
        ? dynamodb.forward({ ...request, body: request.body.replace('{', '{"Limit":2,') })
        : dynamodb.forward(request);
    expect(await service.sweep()).toEqual({ published: 5, complete: true });
    expect(dynamodb.calls().filter((call) => call === 'Query')).toHaveLength(3);
  });
});

test('a change and a sweep that clear at the same moment leave nothing behind', async () => {
  const ids = [await leaveOver('ada'), await leaveOver('ada'), await leaveOver('ada')];
  const accounts = service.accounts();
  await Promise.all([...ids, ...ids].map((changeId) => accounts.clearPending('ada', changeId)));
  // Two updates that meet each other in turns may give up on an event; the next sweep has it then.
  service.time += 120_000;
  await service.sweep();
  expect(await service.pending('ada')).toEqual([]);
  expect(await service.dynamodb.scan('accounts', 'pending')).toEqual([]);
});

test('clearing what is cleared already leaves other events in the index', async () => {
  const gone = await leaveOver('ada');
  const left = await leaveOver('ada');
  const accounts = service.accounts();
  await accounts.clearPending('ada', gone);
  await accounts.clearPending('ada', gone);
  expect(await service.pending('ada')).toEqual([left]);
  expect(await service.dynamodb.scan('accounts', 'pending')).toHaveLength(1);
});

test('a table that is away fails the sweep', async () => {
  service.dynamodb.network.respond = () => dynamoDbError(400, 'AccessDeniedException');
  await expect(service.sweep()).rejects.toThrow('dynamodb:Query: AccessDeniedException');
});
