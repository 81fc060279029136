import type { IncomingHttpHeaders } from 'node:http';

/** What of a kind is passed on, by its name. */
export type Chosen = (name: string) => boolean;

/** What the origin gets of the viewer's request. */
export interface Forwarding {
  readonly query: Chosen;
  /** Names in lower case. */
  readonly headers: Chosen;
  readonly cookies: Chosen;
}

export const all: Chosen = () => true;
export const none: Chosen = () => false;
export const only = (names: readonly string[]): Chosen => {
  const known = new Set(names);
  return (name) => known.has(name);
};
export const allExcept = (names: readonly string[]): Chosen => {
  const known = new Set(names);
  return (name) => !known.has(name);
};

/** What either of two policies passes on. */
export function either(a: Forwarding, b: Forwarding): Forwarding {
  return {
    query: (name) => a.query(name) || b.query(name),
    headers: (name) => a.headers(name) || b.headers(name),
    cookies: (name) => a.cookies(name) || b.cookies(name),
  };
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html */
const ALWAYS = new Set([
  'cache-control',
  'content-encoding',
  'content-length',
  'content-md5',
  'content-type',
  'date',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'origin',
  'pragma',
  'range',
]);
/** About one connection, or CloudFront's own. */
const NEVER = new Set([
  'connection',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The headers that go to an origin; its host is not among them. */
export function forwardedHeaders(
  method: string,
  headers: IncomingHttpHeaders,
  forwarding: Forwarding,
): Record<string, string | string[]> {
  const reads = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
  const chosen = (name: string) =>
    ALWAYS.has(name) || forwarding.headers(name) || (name === 'authorization' && !reads);
  const passed = Object.entries(headers).filter(
    (entry): entry is [string, string | string[]] =>
      entry[1] !== undefined && !NEVER.has(entry[0]) && chosen(entry[0]),
  );
  const cookies = chosenPairs(headers.cookie ?? '', /; */, '; ', forwarding.cookies);
  const forwardedFor = headers['x-forwarded-for'];
  return {
    'user-agent': 'Amazon CloudFront',
    ...Object.fromEntries(passed),
    ...(cookies !== '' && { cookie: cookies }),
    'x-forwarded-for': forwardedFor === undefined ? '127.0.0.1' : `${String(forwardedFor)}, 127.0.0.1`,
    via: '1.1 local (CloudFront)',
  };
}

/** The part of a query string that goes to an origin, unchanged. */
export function forwardedQuery(query: string, { query: chosen }: Forwarding): string {
  return chosenPairs(query, /&/, '&', chosen);
}

function chosenPairs(text: string, separator: RegExp, glue: string, chosen: Chosen): string {
  return text
    .split(separator)
    .filter((pair) => pair !== '' && chosen(pair.split('=', 1)[0]!))
    .join(glue);
}
