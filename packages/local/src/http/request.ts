/** A request, read whole. */
export interface ApiRequest {
  readonly method: string;
  /** Below the stage, percent-encoded, without the query: `/messages/a%20b`. */
  readonly path: string;
  /** With the stage, percent-encoded. */
  readonly fullPath: string;
  /** Without `?`; empty where there is none. */
  readonly query: string;
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[];
  readonly sourceIp: string;
  readonly protocol: string;
  readonly body: Buffer;
  readonly requestId: string;
  /** X-Ray's header: the client's, or that of its `traceparent`, or a new one. */
  readonly traceId: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** That the client connected to. */
  readonly port: number;
}

/** A header's value, several joined with commas; undefined where it is missing. @param name in any case */
export function headerOf({ rawHeaders }: ApiRequest, name: string): string | undefined {
  const wanted = name.toLowerCase();
  let value: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]!.toLowerCase() === wanted) {
      value = value === undefined ? rawHeaders[index + 1]! : `${value},${rawHeaders[index + 1]!}`;
    }
  }
  return value;
}

/** A query parameter's value, several joined with commas. @throws URIError where the encoding is broken */
export function queryValueOf({ query }: ApiRequest, name: string): string | undefined {
  let found: string | undefined;
  eachParameter(query, (key, value) => {
    if (key === name) found = found === undefined ? value : `${found},${value}`;
  });
  return found;
}

/** Calls with each name and value, in the request's order. @throws URIError where the encoding is broken */
export function eachParameter(query: string, take: (name: string, value: string) => void): void {
  for (const pair of query.split('&')) {
    if (pair !== '') {
      const equals = pair.indexOf('=');
      const name = decodeQuery(equals === -1 ? pair : pair.slice(0, equals));
      take(name, equals === -1 ? '' : decodeQuery(pair.slice(equals + 1)));
    }
  }
}

function decodeQuery(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

/** The host that a request names, without its port. */
export function hostOf(request: ApiRequest): string {
  return (headerOf(request, 'host') ?? '').replace(/:\d+$/, '');
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `12/Mar/2026:19:03:58 +0000` @param time milliseconds since the epoch */
export function logTime(time: number): string {
  const iso = new Date(time).toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}
