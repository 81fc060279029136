import type { InvocationResult } from '../contracts';
import type { HttpAnswer, PayloadFormat } from './config';

/** Headers that the gateway sets itself. */
const OWN_HEADERS = new Set(['connection', 'content-length', 'transfer-encoding', 'keep-alive', 'date']);

type HeaderValue = string | number | boolean | null;

interface ProxyResponse {
  readonly statusCode: unknown;
  readonly headers?: Readonly<Record<string, HeaderValue>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly HeaderValue[] | null>> | null;
  readonly cookies?: readonly string[] | null;
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}

/** How an API reads a function's answer. */
export interface ResponseRules {
  readonly format: PayloadFormat;
  /** Of an answer that names none. */
  readonly contentType: string;
  /** Whether a body in base64 becomes bytes. @default it does */
  readonly decodes?: boolean;
}

/** HTTP APIs and function URLs. */
export const HTTP_RESPONSE: Readonly<Record<PayloadFormat, ResponseRules>> = {
  '1.0': { format: '1.0', contentType: 'text/plain;charset=UTF-8' },
  '2.0': { format: '2.0', contentType: 'text/plain;charset=UTF-8' },
};

/**
 * What the client gets for a function's answer: an object with a `statusCode` is taken apart; in format 2.0 anything else
 * is a JSON body (text: the body itself) with status 200. Undefined where the function failed or its answer is malformed.
 */
export function proxyAnswer(
  result: InvocationResult,
  rules: ResponseRules = HTTP_RESPONSE['2.0'],
): HttpAnswer | undefined {
  if (result.functionError !== undefined) {
    return undefined;
  }
  const answer = JSON.parse(result.payload === '' ? 'null' : result.payload) as unknown;
  if (typeof answer === 'object' && answer !== null && 'statusCode' in answer) {
    return structuredAnswer(answer, rules);
  }
  if (rules.format === '1.0') {
    return undefined;
  }
  const body = typeof answer === 'string' ? answer : result.payload;
  return { status: 200, headers: { 'content-type': 'application/json' }, body };
}

/** Undefined where the function's answer is malformed. */
function structuredAnswer(answer: ProxyResponse, rules: ResponseRules): HttpAnswer | undefined {
  const status = Number(answer.statusCode);
  const { body = '' } = answer;
  if (
    !Number.isInteger(status) ||
    status < 100 ||
    status > 599 ||
    !(typeof body === 'string' || body === null)
  ) {
    return undefined;
  }
  const headers: Record<string, string | readonly string[]> = { 'content-type': rules.contentType };
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    const key = name.toLowerCase();
    if (!OWN_HEADERS.has(key) && value !== null) {
      headers[key] = String(value);
    }
  }
  if (rules.format === '1.0') {
    addLists(headers, answer.multiValueHeaders);
  } else if (answer.cookies && answer.cookies.length > 0) {
    headers['set-cookie'] = answer.cookies;
  }
  const encoded = answer.isBase64Encoded === true || answer.isBase64Encoded === 'true';
  const decodes = encoded && rules.decodes !== false;
  return { status, headers, body: decodes ? Buffer.from(body ?? '', 'base64') : (body ?? '') };
}

/** A name that is in both maps counts as `multiValueHeaders` has it. */
function addLists(
  headers: Record<string, string | readonly string[]>,
  lists: ProxyResponse['multiValueHeaders'],
): void {
  for (const [name, values] of Object.entries(lists ?? {})) {
    const key = name.toLowerCase();
    if (!OWN_HEADERS.has(key) && Array.isArray(values)) {
      const texts = values.filter((value) => value !== null).map(String);
      headers[key] = texts.length === 1 ? texts[0]! : texts;
    }
  }
}
