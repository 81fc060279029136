import type { IncomingHttpHeaders } from 'node:http';

/** A response headers policy. Names are in lower case. */
export interface HeadersPolicy {
  readonly remove: readonly string[];
  readonly set: readonly PolicyHeader[];
  readonly cors?: CorsPolicy;
}

export interface PolicyHeader {
  readonly name: string;
  readonly value: string;
  /** Whether it replaces the origin's. */
  readonly override: boolean;
}

export interface CorsPolicy {
  /** `*`, `https://shop.example.com`, `https://*.example.com` */
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposed: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeSeconds?: number;
  /** Whether it replaces what the origin says. */
  readonly override: boolean;
}

type Headers = Record<string, string | readonly string[]>;

const CORS = 'access-control-';

/** The headers of an answer, after the policy. */
export function withPolicy(
  policy: HeadersPolicy,
  given: Readonly<Headers>,
  request: { readonly method: string; readonly headers: IncomingHttpHeaders },
): Headers {
  const headers: Headers = { ...given };
  for (const name of policy.remove) delete headers[name];
  for (const { name, value, override } of policy.set) {
    if (override || headers[name] === undefined) headers[name] = value;
  }
  return policy.cors === undefined ? headers : withCors(policy.cors, headers, request);
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html */
function withCors(
  cors: CorsPolicy,
  headers: Headers,
  { method, headers: asked }: Parameters<typeof withPolicy>[2],
): Headers {
  const { origin } = asked;
  const isAnswered = Object.keys(headers).some((name) => name.startsWith(CORS));
  if (origin === undefined || (isAnswered && !cors.override)) return headers;
  if (!cors.origins.some((pattern) => originMatches(pattern, origin))) return headers;
  const own = Object.entries(headers).filter(([name]) => !name.startsWith(CORS));
  const isPreflight = method === 'OPTIONS' && asked['access-control-request-method'] !== undefined;
  const isEverybody = cors.origins.includes('*');
  return {
    ...Object.fromEntries(own),
    [`${CORS}allow-origin`]: isEverybody ? '*' : origin,
    ...(!isEverybody && { vary: [headers['vary'] ?? [], 'Origin'].flat().join(', ') }),
    ...(cors.credentials && { [`${CORS}allow-credentials`]: 'true' }),
    ...(cors.exposed.length > 0 && { [`${CORS}expose-headers`]: cors.exposed.join(',') }),
    ...(isPreflight && preflight(cors)),
  };
}

function preflight({ methods, headers, maxAgeSeconds }: CorsPolicy): Headers {
  return {
    [`${CORS}allow-methods`]: methods.join(','),
    ...(headers.length > 0 && { [`${CORS}allow-headers`]: headers.join(',') }),
    ...(maxAgeSeconds !== undefined && { [`${CORS}max-age`]: String(maxAgeSeconds) }),
  };
}

function originMatches(pattern: string, origin: string): boolean {
  const source = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source}$`, 'i').test(origin);
}
