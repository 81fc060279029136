/** Deepest nesting of arrays and objects in a body. */
export const MAX_DEPTH = 64;

/** What is wrong with a text that should be JSON, and where (a JSON Pointer, RFC 6901; '' is the whole). */
export class JsonError extends Error {
  override readonly name = 'JsonError';

  constructor(
    readonly pointer: string,
    readonly detail: string,
  ) {
    super(detail);
  }
}

/**
 * I-JSON: no name twice in an object, no half of a surrogate pair, no number that a double cannot hold. What JSON.parse
 * would quietly lose or change is refused, and so is `__proto__`, which copies of an object lose.
 * https://www.rfc-editor.org/rfc/rfc7493
 *
 * @throws JsonError
 */
export function parseJson(text: string): unknown {
  checkDepth(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JsonError('', 'The body is not JSON.');
  }
  new Checker(text).check();
  return value;
}

/** Before JSON.parse, for which depth is memory. */
function checkDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at);
    else if (char === '[' || char === '{') depth += 1;
    else if (char === ']' || char === '}') depth -= 1;
    if (depth > MAX_DEPTH) throw new JsonError('', `The body is nested deeper than ${MAX_DEPTH} levels.`);
  }
}

/** Index of the quote that ends the string that begins at `start`; the text's end, if none does. */
function endOfString(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (at !== -1 && isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at === -1 ? text.length : at;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

interface Level {
  /** The names so far; null in an array. */
  readonly names: Set<string> | null;
  /** Null before the first name. */
  segment: string | number | null;
  /** Whether the next string is a name. */
  expectsName: boolean;
}

const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;
/** With the flag u a whole pair is one character, so that this finds halves only. */
const HALF_PAIR = /\p{Surrogate}/u;

/** Walks through a text that JSON.parse took. */
class Checker {
  private readonly levels: Level[] = [];

  constructor(private readonly text: string) {}

  check(): void {
    for (let at = 0; at < this.text.length; at += 1) at = this.token(at);
  }

  /** @returns the index of the token's last character */
  private token(at: number): number {
    const char = this.text[at]!;
    if (char === '"') return this.string(at);
    if (char === '-' || (char >= '0' && char <= '9')) return this.number(at);
    if (char === '{') this.levels.push({ names: new Set(), segment: null, expectsName: true });
    else if (char === '[') this.levels.push({ names: null, segment: 0, expectsName: false });
    else if (char === '}' || char === ']') this.levels.pop();
    else if (char === ',') this.next();
    return at;
  }

  private next(): void {
    const level = this.levels.at(-1)!;
    if (level.names) level.expectsName = true;
    else level.segment = (level.segment as number) + 1;
  }

  private string(at: number): number {
    const end = endOfString(this.text, at);
    const value = JSON.parse(this.text.slice(at, end + 1)) as string;
    const level = this.levels.at(-1);
    if (level?.names && level.expectsName) this.name(level, level.names, value);
    if (HALF_PAIR.test(value)) throw this.error('A string has half of a surrogate pair.');
    return end;
  }

  private name(level: Level, names: Set<string>, name: string): void {
    level.segment = name;
    level.expectsName = false;
    if (names.has(name)) throw this.error('The object has this name twice.');
    if (name === '__proto__') throw this.error('This name is not taken.');
    names.add(name);
  }

  private number(at: number): number {
    NUMBER.lastIndex = at;
    const literal = NUMBER.exec(this.text)![0];
    const value = Number(literal);
    const isWhole = /^-?\d+$/.test(literal);
    if (!Number.isFinite(value) || (isWhole && !Number.isSafeInteger(value))) {
      throw this.error('The number is beyond 2^53 and would lose digits: send it as a string.');
    }
    return at + literal.length - 1;
  }

  private error(detail: string): JsonError {
    const segments = this.levels.map((level) => level.segment).filter((segment) => segment !== null);
    return new JsonError(pointerTo(segments), detail);
  }
}

/** Longest segment of a pointer that is shown: it may be an attacker's. */
const MAX_SEGMENT = 100;

/** RFC 6901, `/attributes/a~1b/0`. */
export function pointerTo(segments: readonly (string | number)[]): string {
  return segments
    .map((segment) => `/${readable(String(segment)).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/** Through UTF-8, which has no form for half a surrogate pair. */
function readable(segment: string): string {
  return Buffer.from(segment.slice(0, MAX_SEGMENT)).toString();
}
