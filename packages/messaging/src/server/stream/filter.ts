import { EVENT_NAMES } from '../../events';
import { nearest } from '../nearest';
import type { LogEntry } from './event-log';

const MAX_PATTERNS = 50;
const MAX_LENGTH = 512;
const TYPE_PREFIX = 'aws-micro.messaging.';

/** A filter that cannot be meant. */
export class FilterError extends Error {
  constructor(
    /** `type` or `resource`. */
    readonly parameter: string,
    detail: string,
  ) {
    super(detail);
  }
}

/** Which events a reader wants; nothing given: all of them. */
export class EventFilter {
  private constructor(
    private readonly types: readonly string[],
    private readonly resources: readonly string[],
  ) {}

  /**
   * @param types event names, or patterns with `*` such as `message.*`; several, or divided by commas
   * @param resources names of resources, or patterns
   * @throws FilterError
   */
  static of(types: readonly string[], resources: readonly string[]): EventFilter {
    const names = split('type', types).map((type) =>
      type.startsWith(TYPE_PREFIX) ? type.slice(TYPE_PREFIX.length) : type,
    );
    for (const pattern of names) {
      if (EVENT_NAMES.some((name) => matches(pattern, name))) continue;
      const meant = nearest(pattern, EVENT_NAMES);
      const hint = meant === undefined ? `there are ${EVENT_NAMES.join(', ')}` : `did you mean ${meant}?`;
      throw new FilterError('type', `no event is called "${pattern}": ${hint}`);
    }
    return new EventFilter(names, split('resource', resources));
  }

  accepts({ name, resource }: LogEntry): boolean {
    const isType = this.types.length === 0 || this.types.some((pattern) => matches(pattern, name));
    if (!isType || this.resources.length === 0) return isType;
    return resource !== undefined && this.resources.some((pattern) => matches(pattern, resource));
  }
}

function split(parameter: string, texts: readonly string[]): string[] {
  const patterns = texts
    .flatMap((text) => text.split(','))
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');
  if (patterns.length > MAX_PATTERNS) {
    throw new FilterError(parameter, `at most ${MAX_PATTERNS} patterns`);
  }
  if (patterns.some((pattern) => pattern.length > MAX_LENGTH)) {
    throw new FilterError(parameter, `a pattern has at most ${MAX_LENGTH} characters`);
  }
  return patterns;
}

/** Whether a text fits a pattern in which `*` is any text. No regular expression: strangers write patterns. */
export function matches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return text === pattern;
  const last = rest.pop()!;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) {
    return false;
  }
  const end = text.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
