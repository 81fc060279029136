import { FilterPatternError } from './pattern-error';

/** Whether an event's JSON meets a condition. */
export type JsonTest = (event: unknown) => boolean;

const TOKEN =
  /\s*(?:(\$(?:\.(?:[\w-]+|\["[^"]*"\])|\[(?:\d+|"[^"]*"|'[^']*')\])*)|("(?:[^"\\]|\\.)*")|(%[^%]*%)|(&&|\|\||!=|<=|>=|[()=<>])|([^\s()=<>&|!"]+))/y;

interface Token {
  readonly kind: 'selector' | 'text' | 'regex' | 'operator' | 'word';
  readonly text: string;
}

/**
 * The inside of `{ ... }`: comparisons of selectors (`$.level = "ERROR"`) joined by `&&` and `||`, of which `&&` binds tighter.
 *
 * @throws FilterPatternError
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function parseJsonFilter(source: string): JsonTest {
  const parser = new Parser(tokensOf(source));
  const test = parser.either();
  parser.expectEnd();
  return test;
}

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (source.slice(TOKEN.lastIndex).trim() !== '') {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (match === null)
      throw new FilterPatternError(`it cannot be read from "${source.slice(start).trim()}" on`);
    const [, selector, text, regex, operator, word] = match;
    if (selector !== undefined) tokens.push({ kind: 'selector', text: selector });
    else if (text !== undefined) tokens.push({ kind: 'text', text: unquoted(text) });
    else if (regex !== undefined) tokens.push({ kind: 'regex', text: regex.slice(1, -1) });
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator });
    else tokens.push({ kind: 'word', text: word! });
  }
  return tokens;
}

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, '$1');
}

class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  either(): JsonTest {
    const tests = [this.both()];
    while (this.takes('||')) tests.push(this.both());
    return tests.length === 1 ? tests[0]! : (event) => tests.some((test) => test(event));
  }

  expectEnd(): void {
    const rest = this.tokens[this.at];
    if (rest) throw new FilterPatternError(`"${rest.text}" was not expected`);
  }

  private both(): JsonTest {
    const tests = [this.one()];
    while (this.takes('&&')) tests.push(this.one());
    return tests.length === 1 ? tests[0]! : (event) => tests.every((test) => test(event));
  }

  private one(): JsonTest {
    if (this.takes('(')) {
      const inner = this.either();
      if (!this.takes(')')) throw new FilterPatternError('a parenthesis is not closed');
      return inner;
    }
    const selector = this.next('a selector ($.name)');
    if (selector.kind !== 'selector')
      throw new FilterPatternError(`"${selector.text}" is no selector ($.name)`);
    const valueOf = selected(selector.text);
    const operator = this.next('an operator');
    if (operator.kind === 'word') return this.state(operator.text, valueOf);
    const test = comparison(operator, this.next('a value'));
    return (event) => test(valueOf(event));
  }

  /** `IS TRUE`, `IS FALSE`, `IS NULL`, `NOT EXISTS`, `EXISTS` */
  private state(word: string, valueOf: (event: unknown) => unknown): JsonTest {
    const upper = word.toUpperCase();
    if (upper === 'EXISTS') return (event) => valueOf(event) !== undefined;
    const what = `${upper} ${this.next('TRUE, FALSE, NULL or EXISTS').text.toUpperCase()}`;
    const values: Readonly<Record<string, unknown>> = {
      'IS TRUE': true,
      'IS FALSE': false,
      'IS NULL': null,
      'NOT EXISTS': undefined,
    };
    if (!Object.hasOwn(values, what)) throw new FilterPatternError(`"${what}" is no condition`);
    return (event) => valueOf(event) === values[what];
  }

  private takes(operator: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== 'operator' || token.text !== operator) return false;
    this.at += 1;
    return true;
  }

  private next(what: string): Token {
    const token = this.tokens[this.at];
    if (!token) throw new FilterPatternError(`${what} is missing at its end`);
    this.at += 1;
    return token;
  }
}

/** `$.users[0]["full name"]` */
function selected(selector: string): (event: unknown) => unknown {
  const steps = [...selector.matchAll(/\.([\w-]+)|\[(\d+)\]|\[["']([^"']*)["']\]/g)].map(
    ([, name, index, quoted]) => name ?? quoted ?? Number(index),
  );
  return (event) => {
    let value: unknown = event;
    for (const step of steps) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
      value = (value as Record<string | number, unknown>)[step];
    }
    return value;
  };
}

function comparison(operator: Token, value: Token): (found: unknown) => boolean {
  const { text } = operator;
  if (operator.kind !== 'operator' || !/^(=|!=|<|>|<=|>=)$/.test(text)) {
    throw new FilterPatternError(`"${text}" is no operator`);
  }
  const number = value.kind === 'word' && value.text.trim() !== '' ? Number(value.text) : NaN;
  if (text === '=' || text === '!=') {
    const equals = Number.isNaN(number) ? textTest(value) : (found: unknown) => found === number;
    // A property that is not there differs from nothing.
    return text === '=' ? equals : (found) => found !== undefined && !equals(found);
  }
  if (Number.isNaN(number))
    throw new FilterPatternError(`"${text}" compares numbers, and "${value.text}" is none`);
  const holds: Readonly<Record<string, (found: number) => boolean>> = {
    '<': (found) => found < number,
    '>': (found) => found > number,
    '<=': (found) => found <= number,
    '>=': (found) => found >= number,
  };
  return (found) => typeof found === 'number' && holds[text]!(found);
}

/** Texts may have `*` for any characters. */
function textTest({ kind, text }: Token): (found: unknown) => boolean {
  if (kind === 'operator' || kind === 'selector') throw new FilterPatternError(`"${text}" is no value`);
  const source =
    kind === 'regex' ? text : `^${text.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`;
  const pattern = regularExpression(source);
  return (found) => (typeof found === 'string' || typeof found === 'number') && pattern.test(String(found));
}

/** @throws FilterPatternError */
export function regularExpression(source: string): RegExp {
  try {
    return new RegExp(source, 's');
  } catch {
    throw new FilterPatternError(`%${source}% is no regular expression`);
  }
}
