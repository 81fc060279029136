import type { StackView } from '../admin/model';
import { UserError } from '../errors';
import { AdminClient } from './admin-client';
import { nearest } from './nearest';
import type { Target } from './target';

/** What the commands need to know of a function. */
export interface FunctionView {
  readonly FunctionName: string;
  readonly FunctionArn: string;
  readonly LoggingConfig: { readonly LogGroup: string };
}

export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** The AWS endpoint of a local runtime, for commands that need no SDK: it takes the developer's calls unsigned. */
export class RuntimeApi {
  private constructor(
    private readonly endpoint: string,
    private readonly admin: AdminClient,
  ) {}

  /** @throws UserError where the target cannot be a local runtime */
  static on(target: Target): RuntimeApi {
    const admin = AdminClient.on(target);
    return new RuntimeApi(target.adminEndpoint!, admin);
  }

  async stack(): Promise<StackView> {
    return (await this.admin.get<StackView>('stack'))!;
  }

  /** Every function. */
  async functions(): Promise<FunctionView[]> {
    const found: FunctionView[] = [];
    let marker = '';
    do {
      const page = await this.read<{ Functions: FunctionView[]; NextMarker?: string }>(
        `/2015-03-31/functions?MaxItems=1000${marker === '' ? '' : `&Marker=${encodeURIComponent(marker)}`}`,
      );
      found.push(...(page?.Functions ?? []));
      marker = page?.NextMarker ?? '';
    } while (marker !== '');
    return found;
  }

  /** @returns undefined for what does not exist @throws UserError with the service's own words */
  async read<T>(path: string): Promise<T | undefined> {
    const answer = await this.rest('GET', path);
    if (answer.status === 404) return undefined;
    if (answer.status >= 300) throw problem(answer);
    return JSON.parse(answer.body) as T;
  }

  async rest(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string,
  ): Promise<RestAnswer> {
    const response = await fetch(this.endpoint + path, { method, headers, body });
    return { status: response.status, headers: response.headers, body: await response.text() };
  }

  /** An operation of a JSON protocol: `Logs_20140328.FilterLogEvents`. @throws UserError with the service's own words */
  async call<T>(operation: string, input: object): Promise<T> {
    const headers = { 'x-amz-target': operation, 'content-type': 'application/x-amz-json-1.1' };
    const answer = await this.rest('POST', '/', headers, JSON.stringify(input));
    if (answer.status >= 300) throw problem(answer);
    return JSON.parse(answer.body) as T;
  }
}

/** An answer that is an error, in the service's own words. */
export function problem({ status, body }: RestAnswer): UserError {
  return new UserError(messageIn(body) ?? `The runtime answers ${status}: ${body.slice(0, 200)}`);
}

function messageIn(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { message?: string }).message;
  } catch {
    return undefined;
  }
}

/**
 * The function of a name, or of the end of one where that is unambiguous; `name:alias` names its alias as well.
 * @throws UserError with the one that was probably meant
 */
export function functionNamed(given: string, functions: readonly FunctionView[]): FunctionView {
  const [wanted = ''] = given.split(':');
  const exact = functions.find(({ FunctionName }) => FunctionName === wanted);
  if (exact) return exact;
  const found = functions.filter(({ FunctionName }) => FunctionName.endsWith(`-${wanted}`));
  if (found.length === 1) return found[0]!;
  const names = functions.map(({ FunctionName }) => FunctionName);
  if (found.length > 1) {
    const those = found.map(({ FunctionName }) => FunctionName).join(' or ');
    throw new UserError(`Which function is "${wanted}"? That may be ${those}`);
  }
  throw new UserError(`There is no function ${wanted}${hint(wanted, names)}`);
}

function hint(wanted: string, names: readonly string[]): string {
  if (names.length === 0) return ': the stack has none';
  const endings = names.flatMap((name) => {
    const words = name.split('-');
    return words.map((_, index) => words.slice(index).join('-'));
  });
  const meant = nearest(wanted, endings);
  return meant === undefined ? `: the stack has ${names.join(', ')}` : `: did you mean ${meant}?`;
}
