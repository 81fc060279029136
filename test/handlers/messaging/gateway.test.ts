import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { callerOf } from '../../../handlers/messaging/caller';
import { requestOf, responseOf } from '../../../handlers/messaging/gateway';

function event(
  overrides: Partial<APIGatewayProxyEventV2> & { readonly method?: string },
): APIGatewayProxyEventV2 {
  const { method = 'GET', ...rest } = overrides;
  return {
    rawPath: '/v1',
    rawQueryString: '',
    headers: {},
    isBase64Encoded: false,
    requestContext: { domainName: 'api.example.com', http: { method } },
    ...rest,
  } as unknown as APIGatewayProxyEventV2;
}

describe('a request', () => {
  test('has what the event has', async () => {
    const request = requestOf(
      event({
        method: 'POST',
        rawPath: '/v1/queues',
        rawQueryString: 'limit=5&cursor=a%2Bb',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'k'.repeat(16) },
        body: '{"name":"größe"}',
      }),
    );
    expect(request.method).toBe('POST');
    expect(request.url).toBe('https://api.example.com/v1/queues?limit=5&cursor=a%2Bb');
    expect(request.headers.get('idempotency-key')).toBe('k'.repeat(16));
    expect(await request.text()).toBe('{"name":"größe"}');
  });

  test('may come in base64', async () => {
    const body = Buffer.from([0, 255, 128]);
    const request = requestOf(
      event({ method: 'POST', body: body.toString('base64'), isBase64Encoded: true }),
    );
    expect(Buffer.from(await request.arrayBuffer())).toEqual(body);
  });

  test('survives headers that are no bytes', () => {
    expect(
      requestOf(event({ headers: { 'user-agent': 'a\u{1F600}b\u0000' } })).headers.get('user-agent'),
    ).toMatch(/^a.*b/);
  });

  test('has its path encoded again, which API Gateway decodes', () => {
    const segment = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((s) => !/^\.{1,2}$|\//.test(s) && !/\p{Surrogate}/u.test(s));
    fc.assert(
      fc.property(segment, segment, (queue, handle) => {
        const { pathname } = new URL(
          requestOf(event({ rawPath: `/v1/queues/${queue}/messages/${handle}` })).url,
        );
        expect(pathname.split('/').map(decodeURIComponent)).toEqual([
          '',
          'v1',
          'queues',
          queue,
          'messages',
          handle,
        ]);
      }),
      {
        examples: [
          ['q', 'a+b==?#%2F'],
          ['a b', 'x'],
        ],
      },
    );
  });

  test('keeps a receipt handle with slashes in one piece', () => {
    const rawPath = '/v1/queues/orders/messages/AQEB/x+y/z==';
    expect(new URL(requestOf(event({ rawPath })).url).pathname).toBe(
      '/v1/queues/orders/messages/AQEB%2Fx%2By%2Fz%3D%3D',
    );
  });
});

describe('an answer', () => {
  test('is handed over with status, headers and body', async () => {
    const response = new Response('{"a":1}', { status: 201, headers: { location: '/v1/queues/a' } });
    expect(await responseOf(response)).toEqual({
      statusCode: 201,
      headers: expect.objectContaining({ location: '/v1/queues/a' }) as object,
      body: '{"a":1}',
    });
  });

  test('without a body is one', async () => {
    expect(await responseOf(new Response(null, { status: 204 }))).toMatchObject({
      statusCode: 204,
      body: '',
    });
  });

  test('that Lambda would not give back is a problem', async () => {
    // Quotes, which count twice in what Lambda gives back.
    const fits = '"'.repeat(3 * 1024 * 1024 - 100);
    expect((await responseOf(new Response(fits))).statusCode).toBe(200);
    const tooLarge = await responseOf(new Response(`${fits}${'"'.repeat(100)}`));
    expect(tooLarge.statusCode).toBe(413);
    expect(JSON.parse(tooLarge.body ?? '')).toMatchObject({ type: '/problems/too-large', status: 413 });
  });
});

describe('who calls', () => {
  const token = (claims: Record<string, unknown>) => callerOf({ jwt: { claims } });

  test('with a signature may do what IAM let through', () => {
    const userArn = 'arn:aws:iam::123456789012:user/ada';
    expect(callerOf({ iam: { userArn } })).toEqual({ name: userArn, scope: 'admin' });
  });

  test.each([
    [{ scope: 'openid messaging/read' }, 'read'],
    [{ scope: 'messaging/read messaging/write' }, 'write'],
    [{ scope: 'messaging/admin' }, 'admin'],
    [{ 'cognito:groups': '[shop-staff messaging-write]' }, 'write'],
    [{ scope: 'messaging/read', 'cognito:groups': '[messaging-admin]' }, 'admin'],
  ])('with a token of %j has the scope %s', (claims, scope) => {
    expect(token({ sub: 'ada', ...claims })).toEqual({ name: 'ada', scope });
  });

  test.each([
    {},
    { scope: 'read write admin' },
    { scope: 'othermessaging/admin' },
    { scope: 'messaging/administrator' },
    { 'cognito:groups': '[shop-admin admin]' },
    { scope: 7 },
  ])('with a token of %j has none', (claims) => {
    expect(token(claims)).toMatchObject({ code: 'insufficient-scope', status: 403 });
  });

  test.each([undefined, {}])('without either (%j) is nobody', (authorizer) => {
    expect(callerOf(authorizer)).toMatchObject({ code: 'unauthenticated', status: 401 });
  });

  test('is called by the subject of the token, or its client', () => {
    const scope = 'messaging/read';
    expect(token({ scope, client_id: 'job' })).toMatchObject({ name: 'job' });
    expect(token({ scope })).toMatchObject({ name: 'token' });
  });
});
