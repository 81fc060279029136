import { ServiceError } from '../engine';
import type { Input, Protocol, WireRequest } from './protocol';
import { isInput } from './protocol';
import { formPairs } from './query-decoder';

/** An operation's place: `POST /v2/email/identities/{EmailIdentity}`; query parameters keep their names. */
export interface RestRoute {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
}

const HEADERS = { 'content-type': 'application/json' };

/** The REST protocol with JSON bodies: names in the path and the query, the rest in the body. */
export function restProtocol(routes: readonly RestRoute[]): Protocol {
  const compiled = routes.map((route) => ({ ...route, ...compile(route.path) }));
  return {
    decode(request) {
      for (const { operation, method, pattern, names } of compiled) {
        const match = method === request.method ? pattern.exec(request.path) : null;
        if (match === null) continue;
        const inPath = names.map((name, i) => [name, decoded(match[i + 1]!)] as const);
        return {
          operation,
          input: { ...parse(request), ...Object.fromEntries([...query(request), ...inPath]) },
        };
      }
      return { operation: `${request.method} ${request.path}`, input: {} };
    },
    result(_operation, output) {
      return { status: 200, headers: HEADERS, body: JSON.stringify(output) };
    },
    error(error) {
      const body = JSON.stringify({ message: error.message, Message: error.message });
      return { status: error.status, headers: { ...HEADERS, 'x-amzn-errortype': error.code }, body };
    },
  };
}

function compile(path: string): { pattern: RegExp; names: string[] } {
  const names: string[] = [];
  const source = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    names.push(name);
    return '([^/]+)';
  });
  return { pattern: new RegExp(`^${source}/?$`), names };
}

function query(request: WireRequest): [string, string][] {
  return request.query === '' ? [] : formPairs(request.query);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ServiceError('BadRequestException', `The path is not URL-encoded: ${part}`);
  }
}

function parse({ body }: WireRequest): Input {
  if (body.length === 0) return {};
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    if (isInput(parsed)) return parsed;
  } catch {
    // Reported below, like JSON that is no object.
  }
  throw new ServiceError('SerializationException', 'The body of the request is not a JSON object.');
}
