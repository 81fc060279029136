import { SNSClient } from '@aws-sdk/client-sns';
import fc from 'fast-check';
import { parseEnvelope } from '../../handlers/messages/envelope';
import { postMessage, publishBytes } from '../../handlers/messages/post-message';
import { clientConfig } from '../../handlers/shared/aws';
import type { Environment } from '../../handlers/shared/environment';
import { apiEvent, capturedLog, parsed } from '../support/events';
import { largeMessages } from '../support/large-messages';
import { type LoopbackServer, published, refused, startLoopbackServer } from '../support/loopback-server';

const TOPIC_ARN = 'arn:aws:sns:us-east-1:000000000000:aws-micro-dev-messages';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const JSON_TYPE = { 'content-type': 'application/json' };

interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly Record<string, string>[];
}

let server: LoopbackServer;
let env: Environment;
let sns: SNSClient;
const captured = capturedLog();

beforeAll(async () => {
  server = await startLoopbackServer(() => published);
  env = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'session-token',
    AWS_ENDPOINT_URL: server.url,
  };
  sns = new SNSClient({ ...clientConfig('SNS', env), maxAttempts: 1 });
});

beforeEach(() => {
  server.respond = () => published;
  server.requests.length = 0;
  captured.lines.length = 0;
});

afterAll(async () => {
  sns.destroy();
  await server.close();
});

function post(body: string, headers: Record<string, string> = JSON_TYPE, isBase64Encoded = false) {
  const event = apiEvent({ body, headers, isBase64Encoded });
  const now = () => Date.UTC(2026, 0, 2, 3, 4, 5, 6);
  return postMessage(event, { sns, topicArn: TOPIC_ARN, log: captured.log, now, ...largeMessages() });
}

async function accepted(body: string, headers?: Record<string, string>): Promise<string> {
  const response = await post(body, headers);
  expect(response.statusCode).toBe(202);
  return parsed<{ messageId: string }>(response).body.messageId;
}

async function rejected(body: string, headers?: Record<string, string>, base64?: boolean): Promise<Problem> {
  const response = await post(body, headers, base64);
  expect(response.headers?.['content-type']).toBe('application/problem+json');
  expect(server.requests).toHaveLength(0);
  const problem = parsed<Problem>(response).body;
  expect(problem.status).toBe(response.statusCode);
  return problem;
}

function publication(index = 0): URLSearchParams {
  return new URLSearchParams(server.requests[index]?.body);
}

describe('an accepted message', () => {
  test('is published as an envelope and answered with its id', async () => {
    const response = parsed(await post('{"message":"hello"}'));
    const sent = publication();
    const envelope = parseEnvelope(sent.get('Message') ?? '');
    expect(sent.get('TopicArn')).toBe(TOPIC_ARN);
    expect(envelope).toEqual({
      messageId: expect.stringMatching(UUID) as string,
      message: 'hello',
      createdAt: '2026-01-02T03:04:05.006Z',
    });
    expect(response).toEqual({ status: 202, body: { messageSent: true, messageId: envelope?.messageId } });
    expect(captured.lines).toEqual([]);
  });

  test('is signed with the credentials of the environment, session token too', async () => {
    await accepted('{"message":"hello"}');
    expect(server.requests[0]?.headers['x-amz-security-token']).toBe('session-token');
    expect(server.requests[0]?.headers.authorization).toMatch(/Credential=AKIDEXAMPLE\/.*\/us-east-1\/sns\//);
  });

  test('arrives in base64 where API Gateway takes the body for binary', async () => {
    const response = await post(Buffer.from('{"message":"héllo"}').toString('base64'), JSON_TYPE, true);
    expect(response.statusCode).toBe(202);
    expect(parseEnvelope(publication().get('Message') ?? '')?.message).toBe('héllo');
  });

  test.each(['application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"', 'application/json ;'])(
    'may have the content type %s',
    async (contentType) => {
      await accepted('{"message":"hello"}', { 'content-type': contentType });
    },
  );

  test('gets another id each time without an Idempotency-Key', async () => {
    const ids = [await accepted('{"message":"hello"}'), await accepted('{"message":"hello"}')];
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(UUID.exec(id)?.[1]).toBe('4');
  });

  test('gets the same id again with the same Idempotency-Key', async () => {
    const withKey = (key: string) =>
      accepted('{"message":"hello"}', { ...JSON_TYPE, 'idempotency-key': key });
    const [first, again, other] = [
      await withKey('order-1'),
      await withKey('order-1'),
      await withKey('order-2'),
    ];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    // Never another one: clients repeat requests over deployments.
    expect(first).toBe('681d00cf-5ea9-5a8e-b150-58eefc859f9a');
  });

  test('reaches SNS byte by byte, in characters that SNS allows', async () => {
    const text = fc.string({ unit: 'binary', minLength: 1 }).filter((s) => !/\p{Surrogate}/u.test(s));
    await fc.assert(
      fc.asyncProperty(text, async (message) => {
        server.requests.length = 0;
        await accepted(JSON.stringify({ message }));
        const sent = publication().get('Message') ?? '';
        expect(sent).toMatch(/^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u);
        expect(parseEnvelope(sent)?.message).toBe(message);
      }),
      { numRuns: 100, examples: [['\0\uFFFE\uFFFF\u{1FFFF}"\\\u2028']] },
    );
  });
});

describe('the trace', () => {
  const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

  function publishedTrace(): Record<string, string | null> {
    const entry = 'MessageAttributes.entry.1';
    return {
      name: publication().get(`${entry}.Name`),
      type: publication().get(`${entry}.Value.DataType`),
      value: publication().get(`${entry}.Value.StringValue`),
    };
  }

  test('of the request goes on as a message attribute', async () => {
    const traceparent = `00-${TRACE_ID}-00f067aa0ba902b7-01`;
    await accepted('{"message":"hello"}', { ...JSON_TYPE, traceparent });
    expect(publishedTrace()).toEqual({
      name: 'traceparent',
      type: 'String',
      value: expect.stringMatching(
        new RegExp(`^00-${TRACE_ID}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`),
      ) as string,
    });
  });

  test('begins here where the request has none, or none that is valid', async () => {
    await accepted('{"message":"hello"}', { ...JSON_TYPE, traceparent: "00-'; DROP TABLE messages" });
    expect(publishedTrace().value).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });
});

describe('a refused message', () => {
  test.each([undefined, 'text/plain', 'application/json; charset=latin1', 'application/jsonp'])(
    'content type %s: 415',
    async (contentType) => {
      const headers: Record<string, string> =
        contentType === undefined ? {} : { 'content-type': contentType };
      const problem = await rejected('{"message":"hello"}', headers);
      expect(problem).toMatchObject({ status: 415, title: 'Unsupported Media Type' });
      expect(problem.errors[0]).toMatchObject({ header: 'content-type' });
    },
  );

  test('JSON with a mistake: 400 with its position', async () => {
    const problem = await rejected('{"message":\n  hello}');
    expect(problem).toMatchObject({
      status: 400,
      detail: 'The body is not JSON: unexpected character at line 2, column 3.',
      errors: [{ pointer: '#', detail: 'unexpected character at line 2, column 3' }],
    });
  });

  test('an empty body: 400', async () => {
    expect(await rejected('')).toMatchObject({
      status: 400,
      detail: 'The body is not JSON: the body is empty.',
    });
  });

  test('a body that is not UTF-8: 400', async () => {
    const body = Buffer.from([0x22, 0xff, 0x22]).toString('base64');
    expect(await rejected(body, JSON_TYPE, true)).toMatchObject({ status: 400 });
  });

  test.each([
    ['{}', '#/message', 'is missing'],
    ['{"message":""}', '#/message', 'must not be empty'],
    ['{"message":7}', '#/message', 'must be a string, not a number'],
    ['{"message":null}', '#/message', 'must be a string, not null'],
    ['{"message":["hello"]}', '#/message', 'must be a string, not an array'],
    ['{"message":{}}', '#/message', 'must be a string, not an object'],
    ['{"message":"\\ud800"}', '#/message', 'must not have half of a surrogate pair'],
    ['{"message":"a\\udc00b"}', '#/message', 'must not have half of a surrogate pair'],
    ['{"message":"hello","a/b~":1}', '#/a~1b~0', 'is not a known field'],
    ['{"message":"hello","__proto__":{}}', '#/__proto__', 'is not a known field'],
    ['{"message":"hello","\\ud800":1}', '#/%EF%BF%BD', 'is not a known field'],
    ['[]', '#', 'must be an object like {"message": "..."}'],
    ['"hello"', '#', 'must be an object like {"message": "..."}'],
    ['null', '#', 'must be an object like {"message": "..."}'],
  ])('%s: 422 that says where', async (body, pointer, detail) => {
    const problem = await rejected(body);
    expect(problem.status).toBe(422);
    expect(problem.errors).toEqual([{ pointer, detail }]);
    expect(problem.detail).toContain(`${pointer} ${detail}`);
  });

  test.each(['', 'k'.repeat(256), 'with space', 'schlüssel', 'tab\t'])(
    'Idempotency-Key %j: 400',
    async (key) => {
      const problem = await rejected('{"message":"hello"}', { ...JSON_TYPE, 'idempotency-key': key });
      expect(problem.status).toBe(400);
      expect(problem.errors[0]).toMatchObject({ header: 'idempotency-key' });
    },
  );

  test('counts attributes as SNS does', () => {
    const attributes = {
      text: { DataType: 'String', StringValue: 'é' },
      bytes: { DataType: 'Binary', BinaryValue: new Uint8Array(3) },
    };
    expect(publishBytes({ Message: 'abc', MessageAttributes: attributes })).toBe(
      3 + (4 + 6 + 2) + (5 + 6 + 3),
    );
  });
});

describe('when SNS does not take the message', () => {
  test.each([
    [403, 'AuthorizationError', 502],
    [404, 'NotFound', 502],
    [500, 'InternalError', 503],
    [429, 'Throttled', 503],
    [400, 'Throttling', 503],
  ])('%i %s is answered with %i', async (status, code, expected) => {
    server.respond = () => refused(status, code);
    const response = await post('{"message":"secret words"}');
    expect(response.statusCode).toBe(expected);
    expect(response.headers?.['retry-after']).toBe(expected === 503 ? '1' : undefined);
    expect(captured.lines).toEqual([
      expect.objectContaining({ level: 'error', event: 'publish failed', requestId: 'request-1', status }),
    ]);
    expect(captured.text()).not.toContain('secret words');
  });

  test('a broken connection is answered with 503', async () => {
    server.respond = () => 'reset';
    expect((await post('{"message":"hello"}')).statusCode).toBe(503);
    expect(captured.lines[0]).toMatchObject({ event: 'publish failed', level: 'error' });
  });

  test('the SDK tries again by itself', async () => {
    const patient = new SNSClient(clientConfig('SNS', env));
    server.respond = () => (server.requests.length === 1 ? refused(500, 'InternalError') : published);
    const event = apiEvent({ body: '{"message":"hello"}', headers: JSON_TYPE });
    const response = await postMessage(event, {
      sns: patient,
      topicArn: TOPIC_ARN,
      log: captured.log,
      ...largeMessages(),
    });
    patient.destroy();
    expect(response.statusCode).toBe(202);
    expect(server.requests).toHaveLength(2);
  });
});

describe('the client', () => {
  test('prefers the endpoint of its service', () => {
    const both = { ...env, AWS_ENDPOINT_URL: 'http://all', AWS_ENDPOINT_URL_SNS: 'http://sns' };
    expect(clientConfig('SNS', both).endpoint).toBe('http://sns');
    expect(clientConfig('LAMBDA', both).endpoint).toBe('http://all');
    expect(clientConfig('SNS', { ...env, AWS_ENDPOINT_URL: undefined }).endpoint).toBeUndefined();
  });

  test('says which variable is missing', () => {
    expect(() => clientConfig('SNS', { ...env, AWS_REGION: undefined })).toThrow(
      'environment variable AWS_REGION is not set',
    );
  });
});
