import { randomUUID } from 'node:crypto';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import type { PasswordChanged } from '../../../handlers/passwords/event';
import { sendMails } from '../../../handlers/passwords/send-mails';
import { SentMails } from '../../../handlers/passwords/sent-mails';
import { clientConfig } from '../../../handlers/shared/aws';
import { dynamoDbError, operationOf, TestDynamoDb, testEnvironment } from '../../support/dynamodb';
import { capturedLog, sqsEvent } from '../../support/events';
import { type Answer, type LoopbackServer, startLoopbackServer } from '../../support/loopback-server';
import { START } from './service';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

interface Mail {
  readonly FromEmailAddress: string;
  readonly Destination: { readonly ToAddresses: string[] };
  readonly Content: {
    readonly Simple: {
      readonly Subject: { readonly Data: string };
      readonly Body: { readonly Text: { readonly Data: string }; readonly Html: { readonly Data: string } };
    };
  };
}

let dynamodb: TestDynamoDb;
let server: LoopbackServer;
let ses: SESv2Client;
const captured = capturedLog();

beforeAll(async () => {
  dynamodb = await TestDynamoDb.start();
  server = await startLoopbackServer(() => sent);
  ses = new SESv2Client({ ...clientConfig('SESV2', testEnvironment(server.url)), maxAttempts: 1 });
});

beforeEach(() => {
  dynamodb.heal();
  server.respond = () => sent;
  server.requests.length = 0;
  captured.lines.length = 0;
});

afterAll(async () => {
  ses.destroy();
  await server.close();
  await dynamodb.close();
});

const sent: Answer = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: '{"MessageId":"0100018c-ses"}',
};

function sesError(status: number, code: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
    body: '{"message":"Email address is not verified: ada@example.com"}',
  };
}

function change(overrides: Partial<PasswordChanged> = {}): PasswordChanged {
  return {
    changeId: randomUUID(),
    userId: 'ada',
    email: 'ada@example.com',
    changedAt: '2026-01-02T03:04:05.006Z',
    sourceIp: '203.0.113.7',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
    ...overrides,
  };
}

function send(bodies: readonly string[], remainingMs = () => 60_000) {
  const sentMails = new SentMails(dynamodb.client, 'mails');
  const options = {
    ses,
    sentMails,
    from: 'no-reply@example.com',
    log: captured.log,
    remainingMs,
    now: () => START,
  };
  return sendMails(sqsEvent(bodies, [TRACEPARENT]), options);
}

const sendChanges = (...changes: PasswordChanged[]) => send(changes.map((c) => JSON.stringify(c)));

function mails(): Mail[] {
  return server.requests.map(({ body }) => JSON.parse(body) as Mail);
}

const receivers = () => mails().map((mail) => mail.Destination.ToAddresses[0]);
const done = { batchItemFailures: [] };
const failures = (...indices: number[]) => ({
  batchItemFailures: indices.map((i) => ({ itemIdentifier: `item-${i}` })),
});

describe('a change', () => {
  test('is a mail, and is remembered for 30 days', async () => {
    const event = change();
    expect(await sendChanges(event)).toEqual(done);
    expect(server.requests).toMatchObject([{ method: 'POST', path: '/v2/email/outbound-emails' }]);
    expect(mails()).toMatchObject([
      {
        FromEmailAddress: 'no-reply@example.com',
        Destination: { ToAddresses: ['ada@example.com'] },
        Content: { Simple: { Subject: { Data: 'Your password was changed', Charset: 'UTF-8' } } },
      },
    ]);
    expect(await dynamodb.item('mails', { changeId: { S: event.changeId } })).toEqual({
      changeId: { S: event.changeId },
      sentAt: { S: '2026-01-02T03:04:05.006Z' },
      expiresAt: { N: String(Date.UTC(2026, 1, 1, 3, 4, 5) / 1000) },
    });
    expect(captured.lines).toEqual([
      {
        level: 'info',
        event: 'mail sent',
        requestId: 'request-1',
        changeId: event.changeId,
        sesMessageId: '0100018c-ses',
        traceparent: TRACEPARENT,
      },
    ]);
  });

  test('delivered again, in the same batch or later, is no second mail', async () => {
    const event = change();
    expect(await sendChanges(event, event)).toEqual(done);
    expect(await sendChanges(event)).toEqual(done);
    expect(server.requests).toHaveLength(1);
  });

  test('that cannot be remembered is a mail nevertheless: sending it again is not certain then', async () => {
    dynamodb.network.respond = (request) =>
      operationOf(request) === 'PutItem' ? 'reset' : dynamodb.forward(request);
    expect(await sendChanges(change(), change())).toEqual(done);
    expect(server.requests).toHaveLength(2);
    expect(captured.problems().map(({ event }) => event)).toEqual([
      'sent mail not recorded',
      'sent mail not recorded',
    ]);
  });

  test('of a mail whose answer got lost is mailed again rather than not at all', async () => {
    const event = change();
    server.respond = () => 'reset';
    expect(await sendChanges(event)).toEqual(failures(0));
    server.respond = () => sent;
    expect(await sendChanges(event)).toEqual(done);
    expect(server.requests).toHaveLength(2);
  });
});

describe('what goes wrong with one mail', () => {
  test.each(['not JSON', '{}', JSON.stringify(change({ email: 'a@example.com\r\nBcc: b@example.com' }))])(
    'a malformed message is reported alone: %s',
    async (body) => {
      expect(await send([JSON.stringify(change()), body, JSON.stringify(change())])).toEqual(failures(1));
      expect(server.requests).toHaveLength(2);
      expect(captured.problems()).toEqual([
        expect.objectContaining({ event: 'malformed message', itemId: 'item-1' }),
      ]);
    },
  );

  test.each(['MessageRejected', 'BadRequestException'])(
    '%s for one address: the others go out',
    async (code) => {
      server.respond = ({ body }) => (body.includes('bad@') ? sesError(400, code) : sent);
      const bad = change({ email: 'bad@example.com' });
      const good = [change({ email: 'a@example.com' }), change({ email: 'b@example.com' })] as const;
      expect(await sendChanges(good[0], bad, good[1])).toEqual(failures(1));
      expect(receivers()).toEqual(['a@example.com', 'bad@example.com', 'b@example.com']);
      expect(captured.problems()).toEqual([
        expect.objectContaining({
          level: 'error',
          event: 'mail not sent',
          changeId: bad.changeId,
          call: 'ses:SendEmail',
          error: code,
          status: 400,
        }),
      ]);
      expect(captured.text()).not.toContain('@example.com');
      server.respond = () => sent;
      expect(await sendChanges(good[0], bad, good[1])).toEqual(done);
      expect(receivers().slice(3)).toEqual(['bad@example.com']);
    },
  );
});

describe('what goes wrong with all mails', () => {
  test.each([
    sesError(429, 'TooManyRequestsException'),
    sesError(400, 'LimitExceededException'),
    sesError(400, 'SendingPausedException'),
    sesError(403, 'AccessDeniedException'),
    sesError(500, 'InternalFailure'),
    'reset',
  ] as const)('%j: the rest of the batch comes again, and what was sent does not', async (failure) => {
    server.respond = () => (server.requests.length > 1 ? failure : sent);
    const changes = [change(), change(), change()];
    expect(await sendChanges(...changes)).toEqual(failures(1, 2));
    expect(server.requests).toHaveLength(2);
    expect(captured.problems().at(-1)).toMatchObject({ event: 'messages put off', count: 2 });
    server.respond = () => sent;
    expect(await sendChanges(...changes)).toEqual(done);
    expect(server.requests).toHaveLength(4);
  });

  test('a table that is away: nothing is sent twice', async () => {
    dynamodb.network.respond = () => dynamoDbError(400, 'ProvisionedThroughputExceededException');
    expect(await sendChanges(change(), change())).toEqual(failures(0, 1));
    expect(server.requests).toEqual([]);
  });

  test('no time left: what is not begun comes again', async () => {
    const bodies = [change(), change(), change()].map((c) => JSON.stringify(c));
    let calls = 0;
    expect(await send(bodies, () => (calls++ < 1 ? 60_000 : 7_999))).toEqual(failures(1, 2));
    expect(server.requests).toHaveLength(1);
  });
});
