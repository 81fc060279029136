import { parseJsonFilter, regularExpression } from './json-filter';
import { FilterPatternError } from './pattern-error';

export { FilterPatternError };

/** Whether an event's message matches. */
export type MessageTest = (message: string) => boolean;

const MAX_CHARACTERS = 1024;
const TERM = /\s*([-?]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/y;

/**
 * A filter pattern: terms and `"phrases"` that must all occur, `-term` that must not, `?term ?other` of which one must occur,
 * `%regular expression%`, or `{ $.level = "ERROR" && $.n > 3 }` for messages in JSON. Case matters. Patterns for fields between
 * spaces (`[ip, user, ...]`) are not known here.
 *
 * @throws FilterPatternError
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function parseFilterPattern(pattern: string): MessageTest {
  if (pattern.length > MAX_CHARACTERS)
    throw new FilterPatternError(`it is longer than ${MAX_CHARACTERS} characters`);
  const trimmed = pattern.trim();
  if (trimmed === '') return () => true;
  if (trimmed.startsWith('{')) return jsonTest(trimmed);
  if (trimmed.startsWith('[')) {
    throw new FilterPatternError('patterns for fields between spaces ([a, b]) are not hosted here');
  }
  if (/^%.*%$/s.test(trimmed)) {
    const expression = regularExpression(trimmed.slice(1, -1));
    return (message) => expression.test(message);
  }
  return termTest(trimmed);
}

function jsonTest(pattern: string): MessageTest {
  if (!pattern.endsWith('}')) throw new FilterPatternError('its brace is not closed');
  const test = parseJsonFilter(pattern.slice(1, -1));
  return (message) => {
    const event = jsonOf(message);
    return event !== undefined && test(event);
  };
}

function jsonOf(message: string): unknown {
  if (!message.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

function termTest(pattern: string): MessageTest {
  const terms: Record<'' | '-' | '?', string[]> = { '': [], '-': [], '?': [] };
  TERM.lastIndex = 0;
  while (TERM.lastIndex < pattern.length) {
    const match = TERM.exec(pattern);
    if (match === null) throw new FilterPatternError('its quotation marks are not closed');
    const [, sign = '', phrase, word] = match;
    terms[sign as '' | '-' | '?'].push(phrase?.replace(/\\(.)/g, '$1') ?? word!);
  }
  const { '': wanted, '-': unwanted, '?': optional } = terms;
  // Beside other terms, optional ones are ignored; the documentation says so.
  const choice = wanted.length + unwanted.length === 0 ? optional : [];
  return (message) =>
    wanted.every((term) => message.includes(term)) &&
    !unwanted.some((term) => message.includes(term)) &&
    (choice.length === 0 || choice.some((term) => message.includes(term)));
}
