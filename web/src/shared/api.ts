/** What the API answers with an error: a problem document of RFC 9457, or what is known without one. */
export class ApiProblem extends Error {
  constructor(
    /** HTTP status; 0 where no answer came. */
    readonly status: number,
    message: string,
    readonly body: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'ApiProblem';
  }
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface Request {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the request. */
  readonly signal?: AbortSignal;
}

/**
 * Calls the API, which answers under the page's own origin.
 * @throws ApiProblem for every status but 2xx, and where no answer came
 */
export async function call<T>(
  method: string,
  path: string,
  { body, headers, signal }: Request = {},
): Promise<T> {
  const answer = await send(path, {
    method,
    signal,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const content = await parsed(answer);
  if (answer.ok) return content as T;
  throw problemOf(answer.status, content);
}

async function send(path: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(path, request);
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw new ApiProblem(0, 'The shop does not answer. Are you online?');
  }
}

async function parsed(answer: Response): Promise<unknown> {
  const text = await answer.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiProblem(answer.status, `The shop answered with ${answer.status} and nothing readable.`);
  }
}

function problemOf(status: number, content: unknown): ApiProblem {
  const body = (content ?? {}) as Record<string, unknown>;
  const words = [body['detail'], body['title'], body['message']].find((text) => typeof text === 'string');
  return new ApiProblem(status, words ?? `The shop answered with ${status}.`, body);
}

/** What to tell people of an error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
