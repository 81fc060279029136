import type { InvocationResult } from '../contracts';
import type { HttpAnswer } from './config';
import { gatewayAnswer } from './config';

/** Headers that the gateway sets itself. */
const OWN_HEADERS = new Set(['connection', 'content-length', 'transfer-encoding', 'keep-alive', 'date']);

interface ProxyResponse {
  readonly statusCode: unknown;
  readonly headers?: Readonly<Record<string, string | number | boolean | null>> | null;
  readonly cookies?: readonly string[] | null;
  readonly body?: unknown;
  readonly isBase64Encoded?: boolean;
}

/**
 * What the client gets for a function's answer in format 2.0: an object with a `statusCode` is taken apart, anything
 * else is a JSON body (text: the body itself) with status 200.
 */
export function proxyAnswer(result: InvocationResult): HttpAnswer {
  if (result.functionError !== undefined) {
    return gatewayAnswer(500, 'Internal Server Error');
  }
  const answer = JSON.parse(result.payload === '' ? 'null' : result.payload) as unknown;
  if (typeof answer !== 'object' || answer === null || !('statusCode' in answer)) {
    const body = typeof answer === 'string' ? answer : result.payload;
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  return structuredAnswer(answer) ?? gatewayAnswer(500, 'Internal Server Error');
}

/** Undefined where the function's answer is malformed. */
function structuredAnswer(answer: ProxyResponse): HttpAnswer | undefined {
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
  const headers: Record<string, string | readonly string[]> = { 'content-type': 'text/plain;charset=UTF-8' };
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    const key = name.toLowerCase();
    if (!OWN_HEADERS.has(key) && value !== null) {
      headers[key] = String(value);
    }
  }
  if (answer.cookies && answer.cookies.length > 0) {
    headers['set-cookie'] = answer.cookies;
  }
  return { status, headers, body: answer.isBase64Encoded ? Buffer.from(body ?? '', 'base64') : (body ?? '') };
}
