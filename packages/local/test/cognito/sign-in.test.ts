import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { SignInServer, UserPool } from '../../src/cognito';
import type { UserPoolConfig } from '../../src/cognito';
import { ManualClock } from '../support/manual-clock';

const CALLBACK = 'http://127.0.0.1:3001/admin/signed-in';
const CONFIG: UserPoolConfig = {
  id: 'us-east-1_shop',
  name: 'shop',
  arn: 'arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_shop',
  region: 'us-east-1',
  accountId: '000000000000',
  groups: ['admin'],
  users: [{ username: 'ada', attributes: { email: 'ada@example.org' }, groups: ['admin'] }],
  emailIsUsername: false,
  caseSensitive: true,
  adminCreatesUsersOnly: true,
  passwords: {
    minimumLength: 8,
    uppercase: false,
    lowercase: false,
    numbers: false,
    symbols: false,
    temporaryDays: 7,
  },
  clients: [
    {
      id: 'web',
      name: 'the shop',
      callbackUrls: [CALLBACK],
      logoutUrls: ['http://127.0.0.1:3001/admin'],
      scopes: ['openid', 'email'],
      accessTokenSeconds: 3600,
      idTokenSeconds: 3600,
      refreshTokenSeconds: 86_400,
      authFlows: [],
      hidesUsers: true,
    },
  ],
};

describe('the sign-in server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aws-micro-cognito-'));
  const clock = new ManualClock(Date.now());
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  let pool: UserPool;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    pool = new UserPool(CONFIG, join(folder, 'pool.json'), clock);
    server = new SignInServer(pool, clock).server();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    rmSync(folder, { recursive: true, force: true });
  });

  const query = (changes: Readonly<Record<string, string>> = {}) =>
    new URLSearchParams({
      response_type: 'code',
      client_id: 'web',
      redirect_uri: CALLBACK,
      scope: 'openid email',
      state: 'the state',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...changes,
    }).toString();
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(url + path, { redirect: 'manual', headers });
  const post = (
    path: string,
    form: Record<string, string> | [string, string][],
    headers: Record<string, string> = {},
  ) => fetch(url + path, { method: 'POST', redirect: 'manual', body: new URLSearchParams(form), headers });
  const signIn = async (form: Record<string, string> | [string, string][] = { username: 'ada' }) => {
    const answer = await post(`/oauth2/authorize?${query()}`, form);
    return new URL(answer.headers.get('location') ?? '').searchParams;
  };
  const exchange = (form: Record<string, string>) =>
    post('/oauth2/token', {
      client_id: 'web',
      grant_type: 'authorization_code',
      redirect_uri: CALLBACK,
      code_verifier: verifier,
      ...form,
    });
  const claimsOf = async (token: string) => {
    const keys = (await (await get('/us-east-1_shop/.well-known/jwks.json')).json()) as JSONWebKeySet;
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      currentDate: new Date(clock.now()),
    });
    return payload;
  };

  it('shows who may sign in, and lets no script of anybody run', async () => {
    const answer = await get(`/oauth2/authorize?${query()}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'/);
    const page = await answer.text();
    expect(page).toContain('ada@example.org');
    expect(page).not.toContain('<script');
  });

  it('gives the tokens of Cognito for a code and its verifier, once', async () => {
    const back = await signIn();
    expect(back.get('state')).toBe('the state');
    const code = back.get('code') ?? '';
    const answer = await exchange({ code });
    expect(answer.status).toBe(200);
    const tokens = (await answer.json()) as Record<string, string>;
    expect(await claimsOf(tokens['access_token']!)).toMatchObject({
      iss: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_shop',
      client_id: 'web',
      token_use: 'access',
      username: 'ada',
      scope: 'openid email',
      'cognito:groups': ['admin'],
    });
    expect(await claimsOf(tokens['id_token']!)).toMatchObject({
      aud: 'web',
      token_use: 'id',
      email: 'ada@example.org',
      'cognito:username': 'ada',
    });
    const again = await exchange({ code });
    expect(again.status).toBe(400);
    expect(await again.json()).toEqual({ error: 'invalid_grant' });
  });

  it.each([
    ['another verifier', { code_verifier: randomBytes(32).toString('base64url') }],
    ['another redirect address', { redirect_uri: 'http://127.0.0.1:3001/elsewhere' }],
  ])('gives nothing for a code and %s', async (_what, changes) => {
    const code = (await signIn()).get('code') ?? '';
    expect((await exchange({ code, ...changes })).status).toBe(400);
    expect((await exchange({ code })).status).toBe(400);
  });

  it('gives nothing for a code of over five minutes', async () => {
    const code = (await signIn()).get('code') ?? '';
    clock.advanceSeconds(301);
    expect((await exchange({ code })).status).toBe(400);
  });

  it('takes somebody new, with the groups that were chosen', async () => {
    const form: [string, string][] = [
      ['username', 'grace'],
      ['new', 'yes'],
    ];
    const code = (await signIn(form)).get('code') ?? '';
    const tokens = (await (await exchange({ code })).json()) as Record<string, string>;
    const claims = await claimsOf(tokens['access_token']!);
    expect(claims['username']).toBe('grace');
    expect(claims).not.toHaveProperty('cognito:groups');
    await signIn([...form, ['group', 'admin']]);
    expect(pool.get('grace').groups).toEqual(['admin']);
  });

  it('refreshes until the session ends, and not for a user that was disabled', async () => {
    const code = (await signIn()).get('code') ?? '';
    const { refresh_token: token = '' } = (await (await exchange({ code })).json()) as Record<string, string>;
    const refresh = () =>
      post('/oauth2/token', { client_id: 'web', grant_type: 'refresh_token', refresh_token: token });
    clock.advanceSeconds(3601);
    const answer = await refresh();
    expect(answer.status).toBe(200);
    expect(await answer.json()).not.toHaveProperty('refresh_token');
    pool.setEnabled('ada', false);
    expect((await refresh()).status).toBe(400);
    pool.setEnabled('ada', true);
    clock.advanceSeconds(86_400);
    expect((await refresh()).status).toBe(400);
  });

  it.each([
    ['an unknown client', { client_id: 'other' }],
    ['a redirect address that is not registered', { redirect_uri: 'https://evil.example/' }],
  ])('never redirects for %s', async (_what, changes) => {
    const answer = await get(`/oauth2/authorize?${query(changes)}`);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
  });

  it.each([
    ['no PKCE', { code_challenge: '' }, 'invalid_request'],
    ['an implicit grant', { response_type: 'token' }, 'unsupported_response_type'],
    ['a scope of others', { scope: 'openid admin' }, 'invalid_scope'],
  ])('tells the client of %s', async (_what, changes, code) => {
    const answer = await get(`/oauth2/authorize?${query(changes)}`);
    const back = new URL(answer.headers.get('location') ?? '');
    expect(back.origin + back.pathname).toBe(CALLBACK);
    expect(back.searchParams.get('error')).toBe(code);
    expect(back.searchParams.get('state')).toBe('the state');
  });

  it('signs nobody in for a page of elsewhere', async () => {
    const foreign = { 'sec-fetch-site': 'cross-site' };
    expect((await post(`/oauth2/authorize?${query()}`, { username: 'ada' }, foreign)).status).toBe(403);
  });

  it('signs out to registered addresses only', async () => {
    const out = (target: string) => get(`/logout?client_id=web&logout_uri=${encodeURIComponent(target)}`);
    expect((await out('http://127.0.0.1:3001/admin')).status).toBe(302);
    expect((await out('https://evil.example/')).status).toBe(400);
  });

  it('shows names that are markup as what they are', async () => {
    pool.create('x&y', { email: '"><b>@example.org' });
    const page = await (await get(`/oauth2/authorize?${query()}`)).text();
    expect(page).toContain('x&amp;y');
    expect(page).not.toContain('<b>');
  });

  it('keeps key and users', async () => {
    const before = await pool.keySet();
    const reopened = new UserPool(CONFIG, join(folder, 'pool.json'), clock);
    expect(await reopened.keySet()).toEqual(before);
    expect(reopened.get('grace').groups).toEqual(['admin']);
    expect(JSON.stringify(before)).not.toContain('"d"');
  });
});
