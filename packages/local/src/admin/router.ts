import type { WireReply, WireRequest } from '../wire/protocol';
import { ADMIN_PATH } from './model';
import type { Problem } from './model';

/** What a handler answers: a JSON value, or a {@link ProblemError} that it throws. */
export type Handler = (parameters: Readonly<Record<string, string>>, query: URLSearchParams) => unknown;

/** `queues/{name}/messages` -> its handler. All are read by GET. */
export type Routes = Readonly<Record<string, Handler>>;

const TITLES = {
  400: 'Bad request',
  404: 'Not found',
  405: 'Method not allowed',
  500: 'Internal error',
} as const;

/** An answer other than 200. */
export class ProblemError extends Error {
  constructor(
    readonly status: keyof typeof TITLES,
    detail: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }

  /** `type` is stable: a path below the interface's own. */
  toJSON(): Problem {
    const title = TITLES[this.status];
    const type = `${ADMIN_PATH}/problems/${title.toLowerCase().replaceAll(' ', '-')}`;
    return { type, title, status: this.status, detail: this.message };
  }
}

/** Finds the handler of a request and renders what it answers. */
export class Router {
  private readonly routes: readonly { readonly parts: readonly string[]; readonly handler: Handler }[];

  constructor(routes: Routes) {
    this.routes = Object.entries(routes).map(([path, handler]) => ({ parts: path.split('/'), handler }));
  }

  /** Never rejects. */
  async answer(request: WireRequest): Promise<WireReply> {
    try {
      return json(200, 'application/json', await this.handle(request));
    } catch (error) {
      const problem = error instanceof ProblemError ? error : new ProblemError(500, String(error));
      return json(problem.status, 'application/problem+json', problem, problem.headers);
    }
  }

  private async handle({ method, path, query }: WireRequest): Promise<unknown> {
    const parts = path
      .slice(ADMIN_PATH.length + 1)
      .split('/')
      .map(decode);
    for (const { parts: pattern, handler } of this.routes) {
      const parameters = match(pattern, parts);
      if (parameters === undefined) continue;
      if (method !== 'GET')
        throw new ProblemError(405, `${method} is not supported: it is read-only`, { allow: 'GET' });
      return await handler(parameters, new URLSearchParams(query));
    }
    const known = this.routes.map((route) => `${ADMIN_PATH}/${route.parts.join('/')}`).join(', ');
    throw new ProblemError(404, `There is nothing at ${path}; there is ${known}`);
  }
}

/**
 * A whole number from the query.
 * @throws ProblemError 400
 */
export function wholeNumber(query: URLSearchParams, name: string, missing: number, max: number): number {
  const text = query.get(name);
  if (text === null) return missing;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= 1 && value <= max) return value;
  throw new ProblemError(400, `${name} is "${text}": a whole number from 1 to ${max} is needed`);
}

function match(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const given = parts[index]!;
    if (part.startsWith('{')) parameters[part.slice(1, -1)] = given;
    else if (part !== given) return undefined;
  }
  return parameters;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function json(
  status: number,
  type: string,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): WireReply {
  return {
    status,
    headers: { ...headers, 'content-type': type, 'cache-control': 'no-store' },
    body: JSON.stringify(value),
  };
}
