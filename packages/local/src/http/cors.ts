import type { IncomingMessage } from 'node:http';
import type { CorsConfig, HttpAnswer } from './config';

/** The answer to a preflight request of an API with a CORS configuration; undefined for every other request. */
export function preflightOf(incoming: IncomingMessage, cors: CorsConfig | undefined): HttpAnswer | undefined {
  const { origin } = incoming.headers;
  const asks = incoming.method === 'OPTIONS' && incoming.headers['access-control-request-method'];
  return cors !== undefined && origin !== undefined && asks ? preflightAnswer(cors, origin) : undefined;
}

/** Without CORS headers where the API's configuration does not let the origin in. */
function preflightAnswer(cors: CorsConfig, origin: string): HttpAnswer {
  if (allowedOrigin(cors, origin) === undefined) {
    return { status: 204, headers: {}, body: '' };
  }
  return {
    status: 204,
    headers: {
      ...corsHeaders(cors, origin),
      ...listed('access-control-allow-methods', cors.allowMethods),
      ...listed('access-control-allow-headers', cors.allowHeaders),
      ...(cors.maxAgeSeconds === undefined ? {} : { 'access-control-max-age': String(cors.maxAgeSeconds) }),
    },
    body: '',
  };
}

/** Where an API has a CORS configuration, it replaces what the function says about CORS. */
export function withCors(answer: HttpAnswer, cors: CorsConfig, origin: string | undefined): HttpAnswer {
  const own = Object.entries(answer.headers).filter(([name]) => !name.startsWith('access-control-'));
  const { vary, ...added } = origin === undefined ? {} : corsHeaders(cors, origin);
  const headers: Record<string, string | readonly string[]> = { ...Object.fromEntries(own), ...added };
  if (vary !== undefined)
    headers.vary = headers.vary === undefined ? vary : `${String(headers.vary)}, ${vary}`;
  return { ...answer, headers };
}

function corsHeaders(cors: CorsConfig, origin: string): Record<string, string> {
  const allowed = allowedOrigin(cors, origin);
  if (allowed === undefined) {
    return {};
  }
  return {
    'access-control-allow-origin': allowed,
    ...(cors.allowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
    ...listed('access-control-expose-headers', cors.exposeHeaders),
    ...(allowed === '*' ? {} : { vary: 'Origin' }),
  };
}

function allowedOrigin(cors: CorsConfig, origin: string): string | undefined {
  if (cors.allowOrigins.includes('*')) {
    return '*';
  }
  const scheme = `${origin.split('://')[0]}://*`;
  return cors.allowOrigins.some((allowed) => allowed === origin || allowed === scheme) ? origin : undefined;
}

function listed(name: string, values: readonly string[]): Record<string, string> {
  return values.length === 0 ? {} : { [name]: values.join(',') };
}
