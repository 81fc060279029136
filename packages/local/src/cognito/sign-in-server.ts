import { createHash } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Clock } from '../clock';
import { isLoopbackHost } from '../http/server';
import { AuthorizationError, Codes, readAuthorization, RedirectedError } from './authorization';
import { problemPage, signInPage, STYLE } from './pages';
import { Tokens } from './tokens';
import type { ClientConfig, TokenSet } from './types';
import type { UserPool } from './user-pool';

const MAX_FORM_BYTES = 64 * 1024;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
/** No form-action: the answer to the form is a redirect to the client, which that would forbid. */
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An OAuth error of the token endpoint. */
class GrantError extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

/** The domain of a user pool: the sign-in page, the token endpoint, sign-out and the public keys. */
export class SignInServer {
  private readonly codes: Codes;

  constructor(
    private readonly pool: UserPool,
    clock: Clock,
    private readonly tokens = new Tokens(pool, clock),
  ) {
    this.codes = new Codes(clock);
  }

  /** It does not listen yet. */
  server(): Server {
    return createServer((request, response) => {
      void this.answer(request)
        .catch((error: unknown): Reply => ({ status: 500, body: String(error) }))
        .then((reply) => send(response, reply));
    });
  }

  private async answer(request: IncomingMessage): Promise<Reply> {
    if (!isLoopbackHost(request.headers.host)) return { status: 403 };
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const known = `/${this.pool.config.id}/.well-known/`;
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /oauth2/authorize':
        return this.authorize(url);
      case 'POST /oauth2/authorize':
        return this.signIn(url, request);
      case 'POST /oauth2/token':
        return this.token(request);
      case 'POST /oauth2/revoke':
        return this.revoke(request);
      case 'GET /logout':
        return this.logout(url);
      case `GET ${known}jwks.json`:
        return json(200, await this.pool.keySet());
      case `GET ${known}openid-configuration`:
        return json(200, this.discovery(request.headers.host ?? ''));
      default:
        return { status: 404, headers: PAGE_HEADERS, body: problemPage('Nothing here', url.pathname) };
    }
  }

  private authorize(url: URL): Reply {
    return answering(() => {
      const request = readAuthorization(url.searchParams, this.pool);
      const body = signInPage(this.pool, request, url.searchParams.toString());
      return { status: 200, headers: PAGE_HEADERS, body };
    });
  }

  private async signIn(url: URL, request: IncomingMessage): Promise<Reply> {
    // A page of elsewhere must not sign people in.
    if (!['same-origin', undefined].includes(request.headers['sec-fetch-site'])) {
      return { status: 403, headers: PAGE_HEADERS, body: problemPage('No', 'Sign in on the page itself.') };
    }
    const form = await formOf(request);
    return answering(() => {
      const authorization = readAuthorization(url.searchParams, this.pool);
      const given = form.get('username') ?? '';
      if (!/^[^\s<>]{1,128}$/.test(given)) throw new AuthorizationError('A name is needed.');
      const name = this.nameOf(given);
      if (form.get('new') === 'yes') this.welcome(name, form.getAll('group'));
      const user = this.pool.find(name);
      if (user?.enabled !== true) throw new AuthorizationError('There is no such user.');
      const target = new URL(authorization.redirectUri);
      target.searchParams.set('code', this.codes.give(authorization, user.username));
      if (authorization.state !== undefined) target.searchParams.set('state', authorization.state);
      return redirect(target);
    });
  }

  /** Where people sign in with their mail address, a name alone is one at example.com. */
  private nameOf(given: string): string {
    const isName = this.pool.config.emailIsUsername && !given.includes('@');
    return isName && !this.pool.find(given) ? `${given}@example.com` : given;
  }

  /** Somebody new, or somebody known with these groups from now on. */
  private welcome(username: string, groups: readonly string[]): void {
    const { pool } = this;
    if (!pool.find(username)) {
      const email = username.includes('@') ? username : `${username}@example.com`;
      pool.create(username, { email, email_verified: 'true' });
    }
    for (const group of pool.config.groups) {
      if (groups.includes(group)) pool.addToGroup(username, group);
      else pool.removeFromGroup(username, group);
    }
  }

  private async token(request: IncomingMessage): Promise<Reply> {
    const headers = this.crossOrigin(request);
    try {
      const tokens = await this.grant(await formOf(request), request.headers.authorization);
      const body = {
        access_token: tokens.accessToken,
        id_token: tokens.idToken,
        ...(tokens.refreshToken !== undefined && { refresh_token: tokens.refreshToken }),
        token_type: 'Bearer',
        expires_in: tokens.expiresInSeconds,
      };
      return json(200, body, { ...headers, 'cache-control': 'no-store' });
    } catch (error) {
      if (error instanceof GrantError) return json(400, { error: error.code }, headers);
      throw error;
    }
  }

  private async grant(form: URLSearchParams, authorization: string | undefined): Promise<TokenSet> {
    const field = (name: string) => form.get(name) ?? '';
    const client = clientOf(this.pool, form, authorization);
    if (client === undefined) throw new GrantError('invalid_client');
    if (field('grant_type') === 'refresh_token') {
      const tokens = await this.tokens.refresh(field('refresh_token'), client);
      if (tokens === undefined) throw new GrantError('invalid_grant');
      return tokens;
    }
    if (field('grant_type') !== 'authorization_code') throw new GrantError('unsupported_grant_type');
    const grant = this.codes.take(field('code'), client.id, field('redirect_uri'), field('code_verifier'));
    const user = grant && this.pool.find(grant.username);
    if (grant === undefined || user === undefined) throw new GrantError('invalid_grant');
    return this.tokens.begin(user, client, grant.request.scopes, grant.request.nonce);
  }

  private async revoke(request: IncomingMessage): Promise<Reply> {
    this.tokens.revoke((await formOf(request)).get('token') ?? '');
    return { status: 200, headers: this.crossOrigin(request) };
  }

  private logout(url: URL): Reply {
    return answering(() => {
      const client = this.pool.client(url.searchParams.get('client_id') ?? '');
      const target = url.searchParams.get('logout_uri') ?? '';
      if (client?.logoutUrls.includes(target) !== true) {
        throw new AuthorizationError('The address to go to is not one of the client’s sign-out URLs.');
      }
      return redirect(new URL(target));
    });
  }

  private discovery(host: string): Readonly<Record<string, unknown>> {
    const domain = `http://${host}`;
    return {
      issuer: this.pool.issuer,
      authorization_endpoint: `${domain}/oauth2/authorize`,
      token_endpoint: `${domain}/oauth2/token`,
      revocation_endpoint: `${domain}/oauth2/revoke`,
      end_session_endpoint: `${domain}/logout`,
      jwks_uri: `${domain}/${this.pool.config.id}/.well-known/jwks.json`,
      response_types_supported: ['code'],
      scopes_supported: ['openid', 'email', 'phone', 'profile'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    };
  }

  /** Pages of the clients may ask for tokens, others may not. */
  private crossOrigin({ headers: { origin } }: IncomingMessage): Readonly<Record<string, string>> {
    const urls = this.pool.config.clients.flatMap(({ callbackUrls }) => callbackUrls);
    const isClient = origin !== undefined && urls.some((url) => new URL(url).origin === origin);
    return isClient ? { 'access-control-allow-origin': origin, vary: 'origin' } : {};
  }
}

/** The client that asks, by its id, and by its secret if it has one: in the form or as a user with a password (RFC 6749, 2.3.1). */
function clientOf(
  pool: UserPool,
  form: URLSearchParams,
  authorization: string | undefined,
): ClientConfig | undefined {
  const [, encoded] = /^Basic +(\S+)$/i.exec(authorization ?? '') ?? [];
  const [user, password] = encoded === undefined ? [] : Buffer.from(encoded, 'base64').toString().split(':');
  const client = pool.client(user ?? form.get('client_id') ?? '');
  const isRight = client?.secret === undefined || client.secret === (password ?? form.get('client_secret'));
  return isRight ? client : undefined;
}

function answering(work: () => Reply): Reply {
  try {
    return work();
  } catch (error) {
    if (error instanceof RedirectedError) {
      const target = new URL(error.redirectUri);
      target.searchParams.set('error', error.code);
      target.searchParams.set('error_description', error.message);
      if (error.state !== undefined) target.searchParams.set('state', error.state);
      return redirect(target);
    }
    if (!(error instanceof AuthorizationError)) throw error;
    return { status: 400, headers: PAGE_HEADERS, body: problemPage('This does not work', error.message) };
  }
}

function redirect(target: URL): Reply {
  return { status: 302, headers: { location: target.href, 'cache-control': 'no-store' } };
}

function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_FORM_BYTES) throw new Error('The form is too large.');
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

function send(response: ServerResponse, { status, headers = {}, body = '' }: Reply): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
