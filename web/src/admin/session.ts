import { signal } from '@preact/signals';
import { ApiProblem, call } from '../shared/api';

/** `/config.json`, which is deployed with the pages. */
interface SignInConfig {
  readonly clientId: string;
  /** Where people sign in: a page of the user pool. */
  readonly authorizeUrl: string;
  /** Where they sign out. */
  readonly logoutUrl: string;
}

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A sign-in that was begun: what comes back must belong to it. */
interface Begun {
  readonly state: string;
  readonly verifier: string;
  /** Where to go on. */
  readonly path: string;
}

const TOKENS = 'tokens';
const BEGUN = 'sign-in';
const CALLBACK = '/admin/signed-in';
const EARLY_MS = 30_000;

/** Whether somebody is signed in, as far as this tab knows. */
export const isSignedIn = signal(sessionStorage.getItem(TOKENS) !== null);

let config: Promise<SignInConfig> | undefined;
const signInConfig = () => (config ??= call<SignInConfig>('GET', '/config.json'));

/** Goes to the sign-in page (authorization code with PKCE), and comes back to where one was. */
export async function signIn(path = location.pathname): Promise<void> {
  const { clientId, authorizeUrl } = await signInConfig();
  const begun: Begun = { state: randomText(), verifier: randomText(), path };
  sessionStorage.setItem(BEGUN, JSON.stringify(begun));
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: location.origin + CALLBACK,
    scope: 'openid email',
    state: begun.state,
    code_challenge: await challengeOf(begun.verifier),
    code_challenge_method: 'S256',
  });
  location.assign(`${authorizeUrl}?${query}`);
}

/**
 * Ends a sign-in with what its page sent back in the address.
 * @returns the path to go on with
 * @throws Error where it does not belong to a sign-in that this tab began
 */
export async function finishSignIn(query: URLSearchParams): Promise<string> {
  const begun = JSON.parse(sessionStorage.getItem(BEGUN) ?? 'null') as Begun | null;
  sessionStorage.removeItem(BEGUN);
  const refused = query.get('error_description') ?? query.get('error');
  if (refused !== null) throw new Error(refused);
  const code = query.get('code');
  if (begun === null || code === null || query.get('state') !== begun.state) {
    throw new Error('This sign-in was not begun here. Please sign in again.');
  }
  await exchange({
    grant_type: 'authorization_code',
    code,
    redirect_uri: location.origin + CALLBACK,
    code_verifier: begun.verifier,
  });
  return begun.path;
}

export async function signOut(): Promise<void> {
  forget();
  const { clientId, logoutUrl } = await signInConfig();
  const query = new URLSearchParams({ client_id: clientId, logout_uri: `${location.origin}/admin` });
  location.assign(`${logoutUrl}?${query}`);
}

/** Calls the API as who is signed in. @throws ApiProblem; 401 ends the session */
export async function callSigned<T>(
  method: string,
  path: string,
  request: { readonly body?: unknown; readonly signal?: AbortSignal } = {},
): Promise<T> {
  try {
    const headers = { authorization: `Bearer ${await accessToken()}` };
    return await call<T>(method, path, { ...request, headers });
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) forget();
    throw error;
  }
}

async function accessToken(): Promise<string> {
  const tokens = JSON.parse(sessionStorage.getItem(TOKENS) ?? 'null') as Tokens | null;
  if (tokens === null) throw new ApiProblem(401, 'Please sign in.');
  if (Date.now() < tokens.expiresAt - EARLY_MS) return tokens.accessToken;
  if (tokens.refreshToken === undefined) throw new ApiProblem(401, 'The session has ended. Please sign in.');
  return exchange({ grant_type: 'refresh_token', refresh_token: tokens.refreshToken }, tokens.refreshToken);
}

/** The token endpoint answers under the page's own origin. */
async function exchange(fields: Readonly<Record<string, string>>, refreshToken?: string): Promise<string> {
  const { clientId } = await signInConfig();
  const answer = await fetch('/oauth2/token', {
    method: 'POST',
    body: new URLSearchParams({ client_id: clientId, ...fields }),
  });
  if (!answer.ok) {
    forget();
    throw new ApiProblem(401, 'The session has ended. Please sign in.');
  }
  const given = (await answer.json()) as {
    access_token: string;
    refresh_token?: string;
    expires_in: number;
  };
  const tokens: Tokens = {
    accessToken: given.access_token,
    refreshToken: given.refresh_token ?? refreshToken,
    expiresAt: Date.now() + given.expires_in * 1000,
  };
  sessionStorage.setItem(TOKENS, JSON.stringify(tokens));
  isSignedIn.value = true;
  return tokens.accessToken;
}

function forget(): void {
  sessionStorage.removeItem(TOKENS);
  isSignedIn.value = false;
}

function randomText(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(32)));
}

async function challengeOf(verifier: string): Promise<string> {
  return base64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
