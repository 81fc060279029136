import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { DistributionConfig } from './config';
import type { OriginAnswer } from './objects';

export interface EdgeValue {
  value: string;
  /** Of a name that is there several times: all of them, `value` being the first. */
  multiValue?: EdgeValue[];
  /** Of a response's cookie: `Path=/; Secure`. */
  attributes?: string;
}
export type EdgeValues = Record<string, EdgeValue>;

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html */
export interface EdgeRequest {
  method: string;
  uri: string;
  querystring: EdgeValues;
  headers: EdgeValues;
  cookies: EdgeValues;
}

export interface EdgeResponse {
  statusCode: number;
  statusDescription?: string;
  headers?: EdgeValues;
  cookies?: EdgeValues;
  body?: string | { encoding: 'text' | 'base64'; data: string };
}

export interface EdgeEvent {
  readonly version: '1.0';
  readonly context: Readonly<Record<string, string>>;
  readonly viewer: { readonly ip: string };
  readonly request: EdgeRequest;
  readonly response?: EdgeResponse;
}

/** What CloudFront functions are asked with. */
export function edgeEvent(
  { id, domainName }: DistributionConfig,
  eventType: 'viewer-request' | 'viewer-response',
  request: EdgeRequest,
  response?: EdgeResponse,
): EdgeEvent {
  return {
    version: '1.0',
    context: { distributionDomainName: domainName, distributionId: id, eventType, requestId: randomUUID() },
    viewer: { ip: '127.0.0.1' },
    request,
    ...(response !== undefined && { response }),
  };
}

/** A request as functions see it: values are as encoded as they came, cookies are apart from the headers. */
export function edgeRequest(request: IncomingMessage, path: string, query: string): EdgeRequest {
  const { cookie, ...headers } = request.headersDistinct;
  return {
    method: request.method ?? 'GET',
    uri: path,
    querystring: values(pairsOf(query, '&')),
    headers: values(
      Object.entries(headers).flatMap(([name, list]) =>
        (list ?? []).map((value): [string, string] => [name, value]),
      ),
    ),
    cookies: values((cookie ?? []).flatMap((line) => pairsOf(line, ';'))),
  };
}

/** The query string of a request that a function has changed. */
export function queryOf({ querystring }: EdgeRequest): string {
  return flat(querystring)
    .map(([name, { value }]) => (value === '' ? name : `${name}=${value}`))
    .join('&');
}

/** Its headers, cookies among them. */
export function headersOf({ headers, cookies }: EdgeRequest): Record<string, string> {
  const joined = flat(headers).reduce<Record<string, string>>((all, [name, { value }]) => {
    const known = all[name.toLowerCase()];
    return { ...all, [name.toLowerCase()]: known === undefined ? value : `${known}, ${value}` };
  }, {});
  const cookie = flat(cookies)
    .map(([name, { value }]) => `${name}=${value}`)
    .join('; ');
  return cookie === '' ? joined : { ...joined, cookie };
}

/** An answer as functions see it: without its body. */
export function edgeResponse({ status, headers }: OriginAnswer): EdgeResponse {
  const { 'set-cookie': cookies = [], ...others } = headers;
  const grouped: EdgeValues = {};
  for (const line of [cookies].flat()) {
    const [pair = '', ...attributes] = line.split(';');
    const [[name, value] = ['', '']] = pairsOf(pair, ';');
    add(grouped, name, {
      value,
      ...(attributes.length > 0 && { attributes: attributes.join(';').trim() }),
    });
  }
  return {
    statusCode: status,
    statusDescription: STATUS_CODES[status] ?? '',
    headers: values(
      Object.entries(others).flatMap(([name, list]) =>
        [list].flat().map((value): [string, string] => [name, value]),
      ),
    ),
    cookies: grouped,
  };
}

/** A function's answer; where it names no body, the given one stays. */
export function answerOf(
  { statusCode, headers = {}, cookies = {}, body }: EdgeResponse,
  given: OriginAnswer['body'] = Buffer.alloc(0),
): OriginAnswer {
  const lines = flat(cookies).map(([name, { value, attributes }]) =>
    [`${name}=${value}`, attributes].filter((part) => part !== undefined && part !== '').join('; '),
  );
  const listed = flat(headers).reduce<Record<string, string[]>>(
    (all, [name, { value }]) => ({
      ...all,
      [name.toLowerCase()]: [...(all[name.toLowerCase()] ?? []), value],
    }),
    {},
  );
  const texts = Object.fromEntries(Object.entries(listed).map(([name, list]) => [name, list.join(', ')]));
  const text = typeof body === 'string' ? { encoding: 'text' as const, data: body } : body;
  const made = text && Buffer.from(text.data, text.encoding === 'base64' ? 'base64' : 'utf8');
  return {
    status: statusCode,
    headers: {
      ...texts,
      ...(lines.length > 0 && { 'set-cookie': lines }),
      ...(made && { 'content-length': String(made.length) }),
    },
    body: made ?? given,
  };
}

export function isEdgeResponse(result: EdgeRequest | EdgeResponse): result is EdgeResponse {
  return 'statusCode' in result;
}

function pairsOf(text: string, separator: string): [string, string][] {
  return text
    .split(separator)
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map((pair) => {
      const sign = pair.indexOf('=');
      return sign < 0 ? [pair, ''] : [pair.slice(0, sign), pair.slice(sign + 1)];
    });
}

function values(pairs: readonly (readonly [string, string])[]): EdgeValues {
  const grouped: EdgeValues = {};
  for (const [name, value] of pairs) add(grouped, name, { value });
  return grouped;
}

function add(grouped: EdgeValues, name: string, value: EdgeValue): void {
  const known = Object.hasOwn(grouped, name) ? grouped[name] : undefined;
  if (known === undefined) {
    // Unlike an assignment, this makes __proto__ a name like any other.
    Object.defineProperty(grouped, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    known.multiValue = [...(known.multiValue ?? [{ ...known }]), value];
  }
}

function flat(grouped: EdgeValues): [string, EdgeValue][] {
  return Object.entries(grouped).flatMap(([name, value]) =>
    (value.multiValue ?? [value]).map((each): [string, EdgeValue] => [name, each]),
  );
}
