import { parseEvent } from '../../../handlers/passwords/event';
import { dynamoDbError, operationOf } from '../../support/dynamodb';
import { published, refused } from '../../support/loopback-server';
import { PasswordsService, TOPIC_ARN } from './service';

// Hashing is slow on purpose, and some tests hash forty times.
jest.setTimeout(120_000);

let service: PasswordsService;
let users = 0;
let userId: string;

beforeAll(async () => {
  service = await PasswordsService.start();
});

beforeEach(async () => {
  userId = `user-${users++}`;
  service.heal();
  await service.register(userId, { email: 'ada@example.com', password: 'password 0' });
  service.heal();
});

afterAll(() => service.close());

function change(from: number | string, to: number | string) {
  const [currentPassword, newPassword] = [from, to].map((p) => (typeof p === 'number' ? `password ${p}` : p));
  return service.change(userId, { currentPassword, newPassword });
}

/** Only updates that write a new password; others pass. */
function writesPassword(body: string): boolean {
  return body.includes('passwordHash = ');
}

describe('a change', () => {
  test('is stored, published and no longer pending', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const headers = { 'user-agent': 'curl/8.5.0', traceparent };
    const passwords = { currentPassword: 'password 0', newPassword: 'password 1' };
    const answer = await service.change(userId, passwords, { headers });
    const { changeId } = answer.body;
    expect(answer).toMatchObject({
      status: 200,
      body: { passwordChanged: true, changeId, changedAt: '2026-01-02T03:04:05.006Z' },
    });
    expect(service.publications()).toEqual([
      {
        topicArn: TOPIC_ARN,
        event: {
          changeId,
          userId,
          email: 'ada@example.com',
          changedAt: '2026-01-02T03:04:05.006Z',
          sourceIp: '203.0.113.7',
          userAgent: 'curl/8.5.0',
        },
        attributes: {
          eventType: 'password-changed',
          traceparent: expect.stringMatching(/^00-4bf92f3577b34da6a3ce929d0e0e4736-\w{16}-01$/) as string,
        },
      },
    ]);
    const item = await service.item(userId);
    expect(item).toMatchObject({ version: { N: '2' }, pendingEvents: { M: {} } });
    expect(item).not.toHaveProperty('pendingShard');
    expect(item).not.toHaveProperty('pendingSince');
    expect(await service.dynamodb.scan('accounts', 'pending')).toEqual([]);
    expect(service.captured.lines).toEqual([]);
  });

  test('makes the new password the right one, and the old one a wrong one', async () => {
    await change(0, 1);
    expect((await change(0, 2)).status).toBe(403);
    expect((await change(1, 2)).status).toBe(200);
  });

  test('publishes nothing that helps to log in', async () => {
    await change(0, 1);
    const { passwordHash, previousHashes } = (await service.item(userId)) ?? {};
    const secrets = [passwordHash?.S ?? '?', previousHashes?.L?.[0]?.S ?? '?', 'password 0', 'password 1'];
    const sent = decodeURIComponent(service.topic.requests[0]?.body ?? '') + service.captured.text();
    for (const secret of secrets) expect(sent).not.toContain(secret);
  });

  test('takes one character written in two ways for one', async () => {
    await change(0, 'passwörd with composed ö');
    const decomposed = 'passwörd with composed ö'.normalize('NFD');
    expect((await change(decomposed, 1)).status).toBe(200);
  });

  test.each([
    ['', ''],
    ['x'.repeat(300), 'x'.repeat(256)],
    ['😀'.repeat(257), '😀'.repeat(256)],
    ['a\r\nb\u0000c\ud800d\uffffe', 'a  b c d e'],
  ])('from the program %j has an event that every reader takes', async (userAgent, expected) => {
    const passwords = { currentPassword: 'password 0', newPassword: 'password 1' };
    await service.change(userId, passwords, { headers: { 'user-agent': userAgent } });
    const [publication] = service.publications();
    expect(publication?.event.userAgent).toBe(expected);
    expect(parseEvent(JSON.stringify(publication?.event))).toEqual(publication?.event);
  });
});

describe('a password that was used', () => {
  test.each(['the same', 'the same in another form'])('as the current one, %s: 409', async (form) => {
    await change(0, 'Zoë was here');
    const again = form === 'the same' ? 'Zoë was here' : 'Zoë was here'.normalize('NFD');
    expect(await change('Zoë was here', again)).toMatchObject({
      status: 409,
      body: { errors: [{ pointer: '#/newPassword', detail: 'must differ from the last five passwords' }] },
    });
  });

  test('as one of the last five: 409; before them it is free again', async () => {
    for (let n = 0; n < 4; n++) expect((await change(n, n + 1)).status).toBe(200);
    service.topic.requests.length = 0;
    const before = await service.item(userId);
    for (let n = 0; n <= 4; n++) expect((await change(4, n)).status).toBe(409);
    expect(await service.item(userId)).toEqual(before);
    expect(service.topic.requests).toEqual([]);
    expect((await change(4, 5)).status).toBe(200);
    expect((await change(5, 0)).status).toBe(200);
    expect((await service.item(userId))?.previousHashes?.L).toHaveLength(4);
  });

  test('slows nobody down who knows the current one', async () => {
    for (let n = 0; n < 5; n++) expect((await change(0, 0)).status).toBe(409);
    expect((await change(0, 1)).status).toBe(200);
  });
});

describe('a wrong password', () => {
  test('is 403 like a user who does not exist, with the same calls of the table', async () => {
    const wrong = await change('wrong password', 1);
    const calls = service.dynamodb.calls();
    service.heal();
    const body = { currentPassword: 'wrong password', newPassword: 'password 1' };
    const missing = await service.change('nobody', body);
    expect(wrong).toMatchObject({ status: 403 });
    expect(missing).toEqual(wrong);
    expect(service.dynamodb.calls()).toEqual(calls);
    expect(await service.item('nobody')).toBeUndefined();
    expect(service.topic.requests).toEqual([]);
  });

  test('may be as short as it likes', async () => {
    expect((await change('', 1)).status).toBe(403);
  });

  test('makes the fourth attempt wait, the right one too: a second, then twice as long, up to 15 minutes', async () => {
    for (let n = 0; n < 3; n++) expect((await change('wrong', 1)).status).toBe(403);
    const waits: number[] = [];
    for (let n = 0; n < 13; n++) {
      const answer = await change(0, 1);
      expect(answer.status).toBe(429);
      const seconds = Number(answer.headers['retry-after']);
      waits.push(seconds);
      service.time += seconds * 1000 - 1;
      expect(await change(0, 1)).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
      service.time += 1;
      expect((await change('wrong', 1)).status).toBe(403);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    service.time += 900_000;
    expect((await change(0, 1)).status).toBe(200);
    for (let n = 0; n < 3; n++) expect((await change('wrong', 2)).status).toBe(403);
  });

  test('is not looked at while an attempt has to wait', async () => {
    for (let n = 0; n < 3; n++) await change('wrong', 1);
    service.heal();
    expect((await change(0, 1)).status).toBe(429);
    expect(service.dynamodb.calls()).toEqual(['GetItem']);
  });

  test('in a hundred requests at once is looked at three times', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => change(`guess ${n}`, 1)));
    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    expect([count(403), count(429)]).toEqual([3, 97]);
    expect(await service.item(userId)).toMatchObject({ failedAttempts: { N: '3' }, version: { N: '1' } });
  });
});

describe('a request that is refused', () => {
  test.each([
    [{ currentPassword: 'password 0' }, '#/newPassword', 'is missing'],
    [
      { currentPassword: 'password 0', newPassword: 'short' },
      '#/newPassword',
      'must have 8 bytes at least in UTF-8',
    ],
    [
      { currentPassword: 'x'.repeat(1025), newPassword: 'password 1' },
      '#/currentPassword',
      'must have 1024 bytes at most in UTF-8',
    ],
    [{ currentPassword: 'password 0', newPassword: 'password 1', x: 1 }, '#/x', 'is not a known field'],
  ])('%#: 422 that says where, and is no guess', async (body, pointer, detail) => {
    expect(await service.change(userId, body)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer, detail }] },
    });
    expect(service.dynamodb.calls()).toEqual([]);
  });

  test('for its user id or type', async () => {
    expect((await service.change('a b', {})).status).toBe(400);
    const text = await service.change(userId, {}, { headers: { 'content-type': 'text/plain' } });
    expect(text.status).toBe(415);
  });
});

describe('two changes at once', () => {
  test('one is stored; to the other the password is a wrong one by then', async () => {
    const answers = await Promise.all([change(0, 1), change(0, 2)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
    expect(service.publications()).toHaveLength(1);
    expect((await service.item(userId))?.version).toEqual({ N: '2' });
  });

  test('a change that meets another one each time gives up: 409', async () => {
    let conflicts = 0;
    service.dynamodb.network.respond = (request) => {
      if (operationOf(request) !== 'UpdateItem' || !writesPassword(request.body)) {
        return service.dynamodb.forward(request);
      }
      conflicts++;
      return dynamoDbError(400, 'ConditionalCheckFailedException');
    };
    expect((await change(0, 1)).status).toBe(409);
    expect(conflicts).toBe(2);
    expect(service.topic.requests).toEqual([]);
  });

  test('a conflict that is over at the second look is none', async () => {
    let conflicts = 0;
    service.dynamodb.network.respond = (request) =>
      writesPassword(request.body) && conflicts++ === 0
        ? dynamoDbError(400, 'ConditionalCheckFailedException')
        : service.dynamodb.forward(request);
    expect((await change(0, 1)).status).toBe(200);
    expect(service.publications()).toHaveLength(1);
  });

  test('a change whose answer got lost meets itself, and is done', async () => {
    let lost = 0;
    service.dynamodb.network.respond = async (request) => {
      const answer = await service.dynamodb.forward(request);
      return writesPassword(request.body) && lost++ === 0 ? 'reset' : answer;
    };
    const body = { currentPassword: 'password 0', newPassword: 'password 1' };
    const answer = await service.change(userId, body, { patient: true });
    expect(answer.status).toBe(200);
    expect(lost).toBe(2);
    expect(service.publications().map(({ event }) => event.changeId)).toEqual([answer.body.changeId]);
    expect((await service.item(userId))?.version).toEqual({ N: '2' });
  });
});

describe('what cannot be published', () => {
  test.each([refused(500, 'InternalError'), refused(403, 'AuthorizationError'), 'reset'] as const)(
    'because of %j stays pending, and the change is done',
    async (failure) => {
      service.topic.respond = () => failure;
      const answer = await change(0, 1);
      expect(answer.status).toBe(200);
      expect(await service.pending(userId)).toEqual([answer.body.changeId]);
      expect(await service.dynamodb.scan('accounts', 'pending')).toEqual([
        {
          userId: { S: userId },
          pendingShard: { S: 'pending' },
          pendingSince: { S: '2026-01-02T03:04:05.006Z' },
          pendingEvents: { M: { [answer.body.changeId ?? '']: { S: expect.any(String) as string } } },
        },
      ]);
      expect(service.captured.lines).toEqual([
        expect.objectContaining({
          level: 'warn',
          event: 'publishing left to the sweep',
          call: 'sns:Publish',
        }),
      ]);
      service.topic.respond = () => published;
      service.time += 120_000;
      await service.sweep();
    },
  );

  test('does not hold up later changes, nor does a later one clear it', async () => {
    service.topic.respond = () => refused(500, 'InternalError');
    const first = await change(0, 1);
    service.heal();
    service.time += 1_000;
    expect((await change(1, 2)).status).toBe(200);
    expect(await service.pending(userId)).toEqual([first.body.changeId]);
    expect(await service.item(userId)).toMatchObject({ pendingSince: { S: '2026-01-02T03:04:05.006Z' } });
  });

  test('is pending too if only the clearing fails', async () => {
    service.dynamodb.network.respond = (request) =>
      request.body.includes('REMOVE') ? 'reset' : service.dynamodb.forward(request);
    expect((await change(0, 1)).status).toBe(200);
    expect(service.publications()).toHaveLength(1);
    expect(await service.pending(userId)).toHaveLength(1);
  });
});

test('a table that is away is answered with 503, without the passwords in the log', async () => {
  service.dynamodb.network.respond = () => 'reset';
  expect((await change(0, 1)).status).toBe(503);
  expect(service.captured.lines).toHaveLength(1);
  expect(service.captured.text()).not.toContain('password 0');
});
