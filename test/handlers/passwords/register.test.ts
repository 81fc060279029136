import fc from 'fast-check';
import { emailAddress } from '../../../handlers/passwords/password-rules';
import * as v from 'valibot';
import { dynamoDbError, operationOf } from '../../support/dynamodb';
import { PasswordsService } from './service';

let service: PasswordsService;

beforeAll(async () => {
  service = await PasswordsService.start();
});

beforeEach(() => service.heal());

afterAll(() => service.close());

const ada = { email: 'ada@example.com', password: 'correct horse' };

describe('a new user', () => {
  test('is stored with a salted hash, and answered without it', async () => {
    expect(await service.register('ada', ada)).toMatchObject({
      status: 201,
      body: { userId: 'ada', email: 'ada@example.com', createdAt: '2026-01-02T03:04:05.006Z' },
    });
    const item = await service.item('ada');
    expect(item).toEqual({
      userId: { S: 'ada' },
      email: { S: 'ada@example.com' },
      createdAt: { S: '2026-01-02T03:04:05.006Z' },
      passwordHash: {
        S: expect.stringMatching(/^\$scrypt\$ln=10,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/) as string,
      },
      previousHashes: { L: [] },
      version: { N: '1' },
      failedAttempts: { N: '0' },
      retryAt: { N: '0' },
      pendingEvents: { M: {} },
    });
    await service.register('bob', ada);
    expect((await service.item('bob'))?.passwordHash).not.toEqual(item?.passwordHash);
    expect(service.captured.lines).toEqual([]);
  });

  test.each(['a', 'A.b_c-9', 'x'.repeat(64)])('may be called %s', async (userId) => {
    expect((await service.register(userId, ada)).status).toBe(201);
  });

  test.each(['', 'x'.repeat(65), 'a b', 'a/b', 'é', "a'--", '\n'])('cannot be called %j', async (userId) => {
    expect(await service.register(userId, ada)).toMatchObject({
      status: 400,
      body: { errors: [{ parameter: 'userId', detail: expect.stringContaining('1 to 64') as string }] },
    });
    expect(service.dynamodb.calls()).toEqual([]);
  });

  test('is written once, whoever else comes at the same moment', async () => {
    const answers = await Promise.all([
      service.register('crowd', { ...ada, email: 'first@example.com' }),
      service.register('crowd', { ...ada, email: 'second@example.com' }),
      service.register('crowd', { ...ada, email: 'third@example.com' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const winner = answers.find(({ status }) => status === 201);
    expect((await service.item('crowd'))?.email).toEqual({ S: winner?.body.email });
  });

  test('is new even if the answer of the table got lost and the SDK wrote again', async () => {
    let lost = 0;
    service.dynamodb.network.respond = async (request) => {
      const answer = await service.dynamodb.forward(request);
      return operationOf(request) === 'PutItem' && lost++ === 0 ? 'reset' : answer;
    };
    expect((await service.register('lost', ada, true)).status).toBe(201);
    expect(lost).toBe(2);
  });
});

describe('a user who exists', () => {
  beforeAll(() => service.register('eve', ada));

  test('with the same address and password is no error: 200', async () => {
    service.time += 60_000;
    expect(await service.register('eve', ada)).toMatchObject({
      status: 200,
      body: { userId: 'eve', email: 'ada@example.com', createdAt: '2026-01-02T03:04:05.006Z' },
    });
    expect(await service.item('eve')).toMatchObject({ failedAttempts: { N: '0' }, retryAt: { N: '0' } });
  });

  test.each([
    ['another password', { ...ada, password: 'another horse' }],
    ['another address', { ...ada, email: 'mallory@example.com' }],
  ])('with %s is a conflict: 409, and nothing changes', async (_what, body) => {
    const before = await service.item('eve');
    const answer = await service.register('eve', body);
    expect(answer).toMatchObject({ status: 409, body: { detail: 'There is another user eve.' } });
    const after = await service.item('eve');
    expect({ ...after, failedAttempts: 0 }).toEqual({ ...before, failedAttempts: 0 });
    expect(JSON.stringify(answer)).not.toContain('@');
  });

  test('is no way around the slow-down of guesses', async () => {
    await service.register('prey', ada);
    const guess = (n: number) => service.register('prey', { ...ada, password: `guess number ${n}` });
    const answers = [];
    for (let n = 0; n < 5; n++) answers.push(await guess(n));
    expect(answers.map(({ status }) => status)).toEqual([409, 409, 409, 429, 429]);
    expect((await service.register('prey', ada)).status).toBe(429);
    service.time += 1_000;
    expect((await service.register('prey', ada)).status).toBe(200);
  });
});

describe('a refused request', () => {
  test.each([
    [{}, '#/email', 'is missing'],
    [{ ...ada, email: 'ada' }, '#/email', 'must be an e-mail address like name@example.com, in ASCII'],
    [{ ...ada, email: 7 }, '#/email', 'must be a string, not a number'],
    [{ ...ada, password: 'seven77' }, '#/password', 'must have 8 bytes at least in UTF-8'],
    [{ ...ada, password: 'é'.repeat(513) }, '#/password', 'must have 1024 bytes at most in UTF-8'],
    [{ ...ada, password: null }, '#/password', 'must be a string, not null'],
    [{ ...ada, password: 'half \ud800 of a pair' }, '#/password', 'must not have half of a surrogate pair'],
    [{ ...ada, admin: true }, '#/admin', 'is not a known field'],
    [[], '#', 'must be an object like {"email": "...", "password": "..."}'],
  ])('%j: 422 that says where', async (body, pointer, detail) => {
    const answer = await service.register('nobody', body);
    expect(answer.status).toBe(422);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body.errors?.[0]).toEqual({ pointer, detail });
    expect(service.dynamodb.calls()).toEqual([]);
  });

  test('never echoes the password', async () => {
    const secret = 'hunter2 \ud800 is what it is';
    const answers = [
      await service.register('nobody', { ...ada, password: secret }),
      await service.register('nobody', { ...ada, password: [secret] }),
      await service.register('nobody', `{"password": "${secret}"`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 400]);
    expect(JSON.stringify(answers) + service.captured.text()).not.toContain('hunter2');
  });

  test('that is larger than any of ours: 413', async () => {
    const answer = await service.register('nobody', { ...ada, password: 'x'.repeat(17_000) });
    expect(answer).toMatchObject({ status: 413, body: { errors: [{ pointer: '#' }] } });
  });

  test('of the largest password is none', async () => {
    expect((await service.register('largest', { ...ada, password: '\u0001'.repeat(1024) })).status).toBe(201);
  });
});

describe('while the table is away', () => {
  test.each([
    'reset',
    dynamoDbError(500, 'InternalServerError'),
    dynamoDbError(400, 'ThrottlingException'),
  ] as const)('%j is answered with 503', async (failure) => {
    service.dynamodb.network.respond = () => failure;
    expect(await service.register('later', ada)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1', 'content-type': 'application/problem+json' },
    });
    expect(service.captured.lines).toEqual([
      expect.objectContaining({ level: 'error', event: 'account not reached', call: 'dynamodb:GetItem' }),
    ]);
  });

  test('a mistake of ours fails the invocation, and its error holds no secret', async () => {
    service.dynamodb.network.respond = (request) =>
      operationOf(request) === 'PutItem'
        ? dynamoDbError(400, 'ValidationException')
        : service.dynamodb.forward(request);
    const failure = await service.register('later', ada).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'AwsError', message: 'dynamodb:PutItem: ValidationException' });
    const thrown = JSON.stringify(failure, Object.getOwnPropertyNames(failure));
    expect(thrown + service.captured.text()).not.toMatch(/scrypt|correct horse|ada@/);
  });
});

describe('an e-mail address', () => {
  const valid = (text: string) => v.safeParse(emailAddress, text).success;

  test.each([
    'a@b.co',
    'first.last+tag@sub.example-site.org',
    "o'neil@example.com",
    `${'x'.repeat(64)}@example.com`,
  ])('%s is taken', (text) => expect(valid(text)).toBe(true));

  test.each([
    '',
    'a@b',
    '@example.com',
    'a@',
    'a@@example.com',
    'a b@example.com',
    'a@example.com\r\nBcc: victim@example.com',
    'a@example.com\n',
    'a@exam\tple.com',
    'a@example.com,b@example.com',
    'A <a@example.com>',
    '"a"@example.com',
    'a(comment)@example.com',
    '.a@example.com',
    'a..b@example.com',
    'a@-example.com',
    'a@example-.com',
    'a@example..com',
    'é@example.com',
    'a@éxample.com',
    `${'x'.repeat(65)}@example.com`,
    `a@${'x.'.repeat(130)}com`,
  ])('%j is not', (text) => expect(valid(text)).toBe(false));

  test('never has what ends a header line or begins another address', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const text = `a${a}@example${b}.com`;
        if (valid(text)) expect(text).toMatch(/^[!-~]{3,254}$/);
        if (valid(text)) expect(text).not.toMatch(/[,;:<>()"\\]/);
      }),
    );
  });

  test('of a hostile length is judged at once', () => {
    fc.assert(
      fc.property(fc.constantFrom('a', 'a.', '-', 'a-', '@'), (part) => {
        expect(valid(`${part.repeat(100_000)}!`)).toBe(false);
      }),
    );
  });
});
