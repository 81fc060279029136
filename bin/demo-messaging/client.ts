import createClient from 'openapi-fetch';
import type { Client } from 'openapi-fetch';
import type { paths } from '@aws-micro/messaging/openapi';

/** The REST API, typed by its own OpenAPI document. */
export type MessagingClient = Client<paths>;

/** An answer that says what was wrong. */
export class ProblemError extends Error {
  constructor(
    readonly status: number,
    readonly problem: { readonly type?: string; readonly title?: string; readonly detail?: string },
  ) {
    super(`${status}: ${problem.detail ?? problem.title ?? 'no reason given'}`);
  }
}

/** @param send makes requests, where they need a signature of their own. @default fetch */
export function messagingClient(
  baseUrl: string,
  token?: string,
  send: typeof fetch = fetch,
): MessagingClient {
  return createClient<paths>({
    baseUrl,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    fetch: (request: Request) => send(request),
  });
}

/** What a successful answer brought. @throws ProblemError for any other */
export async function answer<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<Exclude<T, undefined>> {
  const { data, error, response } = await call;
  if (!response.ok) throw new ProblemError(response.status, error ?? {});
  return data as Exclude<T, undefined>;
}
