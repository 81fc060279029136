import { STATUS_CODES } from 'node:http';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

export type HttpResponse = APIGatewayProxyStructuredResultV2;
type Headers = Readonly<Record<string, string>>;

/** One thing that is wrong, and where: in the body (a JSON Pointer as URI fragment), a header or a parameter. */
export type ProblemPart =
  | { readonly pointer: string; readonly detail: string }
  | { readonly header: string; readonly detail: string }
  | { readonly parameter: string; readonly detail: string };

/** An answer of 4xx or 5xx, thrown from anywhere below a handler. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';

  constructor(
    readonly status: number,
    readonly detail: string,
    readonly parts: readonly ProblemPart[] = [],
    readonly headers: Headers = {},
    /** Members of its own that the problem has beside those of the RFC. */
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
  }

  /** RFC 9457: `{type, title, status, detail, errors}`. */
  toResponse(): HttpResponse {
    const body = {
      type: 'about:blank',
      title: STATUS_CODES[this.status],
      status: this.status,
      detail: this.detail,
      errors: this.parts,
      ...this.more,
    };
    return {
      statusCode: this.status,
      headers: { 'content-type': 'application/problem+json', ...this.headers },
      body: JSON.stringify(body),
    };
  }
}

export function jsonResponse(statusCode: number, body: unknown): HttpResponse {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** Answers with the problem that `respond` throws; any other error goes on to Lambda, whose error alarm counts it. */
export async function answerProblems(respond: () => Promise<HttpResponse>): Promise<HttpResponse> {
  try {
    return await respond();
  } catch (error) {
    if (error instanceof HttpProblem) return error.toResponse();
    throw error;
  }
}
