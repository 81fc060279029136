import { ADMIN_PATH } from '../admin/model';
import type { Problem } from '../admin/model';
import { UserError } from '../errors';
import type { Target } from './target';

/** Calls the running runtime's own programming interface. */
export class AdminClient {
  private constructor(private readonly endpoint: string) {}

  /** @throws UserError where the target cannot be a local runtime */
  static on(target: Target): AdminClient {
    if (target.adminEndpoint !== undefined) return new AdminClient(target.adminEndpoint);
    throw new UserError(`This works on a local runtime only, and not on ${target.description}`);
  }

  /**
   * @param path below the interface's own: `queues/orders/messages?limit=10`
   * @returns undefined for what does not exist
   * @throws UserError where nothing answers, or something else than a runtime
   */
  async get<T>(path: string, signal?: AbortSignal): Promise<T | undefined> {
    const response = await fetch(`${this.endpoint}${ADMIN_PATH}/${path}`, { signal });
    const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
    const answer: unknown = isJson ? await response.json() : undefined;
    if (response.ok && isJson) return answer as T;
    const problem = answer as Partial<Problem> | undefined;
    if (response.status === 404 && problem?.type !== undefined) return undefined;
    const what = problem?.detail ?? `${response.status} ${response.statusText}`;
    throw new UserError(`What answers at ${this.endpoint} is no runtime of this version: ${what}`);
  }
}
