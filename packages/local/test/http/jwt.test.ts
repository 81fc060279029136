import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CryptoKey, JWK } from 'jose';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { JwtAuthorizerConfig } from '../../src/http/authorizers/config';
import { method, resource } from './rest-support';
import { startApi, startRestApi } from './support';

/** An issuer that tests change: its keys, and how often they were asked for. */
class Issuer {
  keys: JWK[] = [];
  asked = 0;
  status = 200;
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      const isDiscovery = request.url === '/pool/.well-known/openid-configuration';
      if (!isDiscovery) this.asked += 1;
      response.writeHead(this.status, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(
          isDiscovery ? { issuer: this.url, jwks_uri: `${this.url}/keys` } : { keys: this.keys },
        ),
      );
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/pool`;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}

interface Key {
  readonly id: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

async function newKey(id: string, algorithm = 'RS256'): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return { id, privateKey, jwk: { ...(await exportJWK(publicKey)), kid: id, alg: algorithm, use: 'sig' } };
}

let own: Key;
let stranger: Key;
beforeAll(async () => {
  own = await newKey('own');
  stranger = await newKey('own');
});

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5) / 1000;
let issuer: Issuer;
let api: Awaited<ReturnType<typeof startApi>>;

beforeEach(async () => {
  issuer = new Issuer();
  issuer.keys = [own.jwk];
  await issuer.start();
});
afterEach(() => Promise.all([issuer.stop(), api.stop()]));

async function start(change: Partial<JwtAuthorizerConfig> = {}, scopes: readonly string[] = []) {
  const authorizer: JwtAuthorizerConfig = {
    kind: 'jwt',
    id: 'j1',
    issuers: [issuer.url],
    audience: ['shop', 'admin'],
    identitySource: { from: 'header', name: 'Authorization' },
    style: 'http',
    ...change,
  };
  api = await startApi({
    handlers: {
      f: (event: { requestContext: { authorizer: unknown } }) => event.requestContext.authorizer,
    },
    routes: [{ routeKey: '$default', authorization: 'JWT', authorizer, scopes }],
  });
  return api;
}

function sign(claims: Record<string, unknown> = {}, key: Key = own, alg = 'RS256'): Promise<string> {
  const all = { iss: issuer.url, aud: 'shop', sub: 'user1', exp: NOW + 60, iat: NOW, ...claims };
  const known = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new SignJWT(known).setProtectedHeader({ alg, kid: key.id }).sign(key.privateKey);
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const refused = (description: string) => ({
  status: 401,
  body: '{"message":"Unauthorized"}',
  headers: expect.objectContaining({
    'www-authenticate': `Bearer scope="" error="invalid_token" error_description="${description}"`,
  }) as object,
});

test('a token that its issuer has signed passes, with its claims as texts', async () => {
  const { send } = await start();
  const reply = await send(
    'GET /',
    bearer(await sign({ groups: ['a', 'b'], admin: true, level: 3, address: { city: 'x', a: 1 } })),
  );
  expect(JSON.parse(reply.body)).toEqual({
    jwt: {
      claims: {
        iss: issuer.url,
        aud: 'shop',
        sub: 'user1',
        exp: String(NOW + 60),
        iat: String(NOW),
        groups: '[a b]',
        admin: 'true',
        level: '3',
        address: 'map[a:1 city:x]',
      },
      scopes: null,
    },
  });
});

test('the token may stand without "Bearer", and elsewhere', async () => {
  const { send } = await start({ identitySource: { from: 'querystring', name: 'token' } });
  expect((await send(`GET /?token=${await sign()}`)).status).toBe(200);
  expect(await send('GET /', bearer(await sign()))).toMatchObject({ status: 401 });
});

test('without a token', async () => {
  const { send } = await start();
  const reply = await send('GET /');
  expect(reply).toMatchObject({ status: 401, body: '{"message":"Unauthorized"}' });
  expect(reply.headers['www-authenticate']).toBe('Bearer');
  expect(issuer.asked).toBe(0);
});

test('what is no token, or signed with another key or in another way', async () => {
  const { send } = await start();
  expect(await send('GET /', bearer('nonsense'))).toMatchObject(refused('the token is malformed'));
  expect(await send('GET /', bearer(await sign({}, stranger)))).toMatchObject(
    refused('the token has an invalid signature'),
  );
  const [head, claims] = (await sign()).split('.') as [string, string];
  const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
  expect((await send('GET /', bearer(`${unsigned}.${claims}.`))).status).toBe(401);
  expect((await send('GET /', bearer(`${head}.${claims}.AAAA`))).status).toBe(401);
  const elliptic = await newKey('ec', 'ES256');
  issuer.keys.push(elliptic.jwk);
  expect((await send('GET /', bearer(await sign({}, elliptic, 'ES256')))).status).toBe(401);
});

test('claims decide: issuer, audience, times', async () => {
  const { send } = await start();
  const answer = async (claims: Record<string, unknown>) => send('GET /', bearer(await sign(claims)));
  expect(await answer({ iss: 'https://other.example' })).toMatchObject(
    refused('the token does not have a valid issuer'),
  );
  expect(await answer({ aud: 'other' })).toMatchObject(refused('the token does not have a valid audience'));
  expect(await answer({ aud: ['other', 'admin'] })).toMatchObject({ status: 200 });
  expect(await answer({ aud: undefined, client_id: 'admin' })).toMatchObject({ status: 200 });
  expect(await answer({ aud: 'other', client_id: 'admin' })).toMatchObject({ status: 401 });
  expect(await answer({ aud: undefined })).toMatchObject({ status: 401 });
  expect(await answer({ nbf: NOW + 1 })).toMatchObject(refused('the token is not valid yet'));
  expect(await answer({ iat: NOW + 1 })).toMatchObject(refused('the token is not valid yet'));
  expect(await answer({ exp: undefined })).toMatchObject(refused('the token has expired'));
});

test('a token ends with its second', async () => {
  const { send, clock } = await start();
  const token = bearer(await sign({ exp: NOW + 60 }));
  clock.advanceSeconds(59);
  expect((await send('GET /', token)).status).toBe(200);
  clock.advanceSeconds(1);
  expect(await send('GET /', token)).toMatchObject(refused('the token has expired'));
});

test('a route asks for one of its scopes', async () => {
  const { send } = await start({}, ['items/read', 'items/write']);
  const answer = async (claims: Record<string, unknown>) => send('GET /', bearer(await sign(claims)));
  const reply = await answer({ scope: 'email items/read' });
  expect(JSON.parse(reply.body)).toMatchObject({ jwt: { scopes: ['email', 'items/read'] } });
  expect((await answer({ scp: ['items/write'] })).status).toBe(200);
  const out = await answer({ scope: 'email' });
  expect(out).toMatchObject({ status: 403, body: '{"message":"Forbidden"}' });
  expect(out.headers['www-authenticate']).toMatch(
    /^Bearer scope="items\/read items\/write" error="insufficient_scope"/,
  );
  expect((await answer({})).status).toBe(403);
});

describe("an issuer's keys", () => {
  test('are fetched once in two hours, and anew for a key that is not among them', async () => {
    const { send, clock } = await start();
    const token = async (key: Key) => bearer(await sign({ exp: NOW + 10 * 3600 }, key));
    await send('GET /', await token(own));
    await send('GET /', await token(own));
    expect(issuer.asked).toBe(1);
    const next = await newKey('next');
    issuer.keys = [next.jwk];
    expect(await send('GET /', await token(next))).toMatchObject(
      refused('the token is signed with an unknown key'),
    );
    clock.advanceSeconds(30);
    expect((await send('GET /', await token(next))).status).toBe(200);
    expect(issuer.asked).toBe(2);
    clock.advanceSeconds(2 * 3600);
    await send('GET /', await token(next));
    expect(issuer.asked).toBe(3);
  });

  test('that cannot be had are a line, and are asked for again', async () => {
    const { send, lines } = await start();
    issuer.status = 503;
    expect((await send('GET /', bearer(await sign()))).status).toBe(401);
    expect(lines).toContain(
      `apigw the keys of the issuer ${issuer.url} cannot be had: ` +
        `${issuer.url}/.well-known/openid-configuration answers 503`,
    );
    issuer.status = 200;
    expect((await send('GET /', bearer(await sign()))).status).toBe(200);
  });

  test('come over https, but for issuers of this machine', async () => {
    const foreign = 'http://issuer.example';
    const { send, lines } = await start({ issuers: [foreign] });
    expect((await send('GET /', bearer(await sign({ iss: foreign })))).status).toBe(401);
    expect(lines.join('\n')).toContain('is not https');
  });
});

describe('user pools of REST APIs', () => {
  const startRest = async (scopes: readonly string[] = []) => {
    const authorizer: JwtAuthorizerConfig = {
      kind: 'jwt',
      id: 'pool',
      issuers: ['https://other.example', issuer.url],
      identitySource: { from: 'header', name: 'Authorization' },
      audiencePattern: '^sho',
      style: 'rest',
    };
    const guarded = method('GET', { authorization: 'JWT', authorizer, scopes });
    api = await startRestApi({
      handlers: {
        f: ({ requestContext }: { requestContext: { authorizer: unknown } }) => ({
          statusCode: 200,
          body: JSON.stringify(requestContext.authorizer),
        }),
      },
      config: { resources: [resource('/x', guarded)] },
    });
    return async (claims: Record<string, unknown> = {}) =>
      api.send('GET /prod/x', bearer(await sign(claims)));
  };

  test('write lists with commas, and times as dates', async () => {
    const ask = await startRest();
    const reply = await ask({ 'cognito:groups': ['a', 'b'], auth_time: NOW, exp: NOW + 60 });
    expect(JSON.parse(reply.body)).toEqual({
      claims: {
        iss: issuer.url,
        aud: 'shop',
        sub: 'user1',
        exp: 'Fri Jan 02 03:05:05 UTC 2026',
        iat: 'Fri Jan 02 03:04:05 UTC 2026',
        auth_time: String(NOW),
        'cognito:groups': 'a,b',
      },
    });
  });

  test('refuse what has ended, another audience, no scope and no token', async () => {
    const ask = await startRest(['read']);
    const unauthorized = { status: 401, body: '{"message":"Unauthorized"}' };
    expect((await ask({ scope: 'read' })).status).toBe(200);
    expect(await ask({ scope: 'read', exp: NOW })).toMatchObject({
      status: 401,
      body: '{"message":"The incoming token has expired"}',
    });
    expect(await ask({ scope: 'read', aud: 'other' })).toMatchObject(unauthorized);
    expect(await ask({ scope: 'write' })).toMatchObject(unauthorized);
    const without = await api.send('GET /prod/x');
    expect(without).toMatchObject(unauthorized);
    expect(without.headers).not.toHaveProperty('www-authenticate');
  });
});
