/** Anything with a key like a route's. */
interface Keyed {
  /** `POST /messages`, `ANY /{proxy+}`, `$default` */
  readonly routeKey: string;
}

export interface RouteMatch<R extends Keyed> {
  readonly route: R;
  /** Undefined for a route without parameters. */
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
}

interface Pattern<R> {
  readonly method: string;
  readonly segments: readonly Segment[];
  readonly route: R;
}

interface Segment {
  readonly kind: 'static' | 'parameter' | 'greedy';
  /** The text, or the parameter's name. */
  readonly text: string;
}

const RANK = { static: 0, parameter: 1, greedy: 2 } as const;

/**
 * Selects the route of a request the way HTTP APIs do: a full match before one with `{proxy+}` before `$default`; text
 * before a parameter; the method before ANY.
 */
export class RouteTable<R extends Keyed> {
  private readonly exact = new Map<string, R>();
  private readonly patterns: readonly Pattern<R>[];
  private readonly fallback: R | undefined;

  constructor(routes: readonly R[]) {
    const patterns: Pattern<R>[] = [];
    for (const route of routes) {
      const [method = '', path] = route.routeKey.split(' ');
      if (path === undefined) {
        continue;
      }
      if (path.includes('{')) {
        patterns.push({ method, segments: path.split('/').slice(1).map(parseSegment), route });
      } else {
        this.exact.set(route.routeKey, route);
      }
    }
    this.patterns = patterns.sort(compare);
    this.fallback = routes.find(({ routeKey }) => routeKey === '$default');
  }

  /**
   * @param path still percent-encoded
   * @throws URIError where a parameter's encoding is broken
   */
  match(method: string, path: string): RouteMatch<R> | undefined {
    const exact = this.exact.get(`${method} ${path}`) ?? this.exact.get(`ANY ${path}`);
    if (exact !== undefined) {
      return { route: exact, pathParameters: undefined };
    }
    const parts = path.split('/').slice(1);
    for (const pattern of this.patterns) {
      const pathParameters =
        pattern.method === method || pattern.method === 'ANY'
          ? matchSegments(pattern.segments, parts)
          : undefined;
      if (pathParameters !== undefined) {
        return { route: pattern.route, pathParameters };
      }
    }
    return this.fallback && { route: this.fallback, pathParameters: undefined };
  }
}

function parseSegment(text: string): Segment {
  const parameter = /^\{([^}+]+)(\+?)\}$/.exec(text);
  return parameter === null
    ? { kind: 'static', text }
    : { kind: parameter[2] === '+' ? 'greedy' : 'parameter', text: parameter[1]! };
}

function compare(a: Pattern<unknown>, b: Pattern<unknown>): number {
  for (let index = 0; index < Math.min(a.segments.length, b.segments.length); index += 1) {
    const difference = RANK[a.segments[index]!.kind] - RANK[b.segments[index]!.kind];
    if (difference !== 0) {
      return difference;
    }
  }
  return Number(a.method === 'ANY') - Number(b.method === 'ANY');
}

function matchSegments(
  segments: readonly Segment[],
  parts: readonly string[],
): Record<string, string> | undefined {
  const greedy = segments.at(-1)?.kind === 'greedy';
  if (greedy ? parts.length < segments.length : parts.length !== segments.length) {
    return undefined;
  }
  const parameters: Record<string, string> = {};
  for (const [index, { kind, text }] of segments.entries()) {
    const part = kind === 'greedy' ? parts.slice(index).join('/') : parts[index]!;
    if (kind === 'static' ? part !== text : part === '') {
      return undefined;
    }
    if (kind !== 'static') {
      parameters[text] = decodeURIComponent(part);
    }
  }
  return parameters;
}
