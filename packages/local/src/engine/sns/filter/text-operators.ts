import type { Scalar, Test } from './scalar';
import { PatternError } from './scalar';

const ofText =
  (name: string, matcher: (pattern: string) => (value: string) => boolean) =>
  (operand: unknown): Test => {
    if (typeof operand !== 'string') throw new PatternError(`${name} match pattern must be a string`);
    const matches = matcher(operand);
    return (value: Scalar) => typeof value === 'string' && matches(value);
  };

/** `{"prefix": "order-"}` */
export const prefix = ofText('prefix', (pattern) => (value) => value.startsWith(pattern));

/** `{"suffix": ".png"}` */
export const suffix = ofText('suffix', (pattern) => (value) => value.endsWith(pattern));

/** As `prefix`, or `{"prefix": {"equals-ignore-case": "order-"}}` */
export const prefixOrIgnoringCase = orIgnoringCase(prefix, (value, pattern) => value.startsWith(pattern));

/** As `suffix`, or `{"suffix": {"equals-ignore-case": ".png"}}` */
export const suffixOrIgnoringCase = orIgnoringCase(suffix, (value, pattern) => value.endsWith(pattern));

function orIgnoringCase(
  plain: (operand: unknown) => Test,
  matches: (value: string, pattern: string) => boolean,
) {
  return (operand: unknown): Test => {
    if (typeof operand !== 'object' || operand === null || Array.isArray(operand)) return plain(operand);
    const [[name, pattern] = ['', undefined], ...others] = Object.entries(operand) as [string, unknown][];
    if (name !== 'equals-ignore-case')
      throw new PatternError(`Unsupported pattern inside prefix or suffix: ${name}`);
    if (others.length > 0) throw new PatternError('Only one key allowed in match expression');
    if (typeof pattern !== 'string') throw new PatternError(`${name} match pattern must be a string`);
    const lowered = pattern.toLowerCase();
    return (value: Scalar) => typeof value === 'string' && matches(value.toLowerCase(), lowered);
  };
}

/** `{"equals-ignore-case": "EU"}` */
export const equalsIgnoreCase = ofText('equals-ignore-case', (pattern) => {
  const lowered = pattern.toLowerCase();
  return (value) => value.toLowerCase() === lowered;
});

/** `{"wildcard": "order-*-eu"}`: a star stands for any text, `\*` for a star, `\\` for a backslash. */
export const wildcard = ofText('wildcard', (pattern) => {
  const parts = partsOf(pattern);
  return (value) => matchesParts(parts, value);
});

/** The texts between the stars. */
function partsOf(pattern: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (let i = 0; i < pattern.length; i += 1) {
    const next = pattern[i + 1];
    if (pattern[i] === '\\') {
      if (next !== '*' && next !== '\\') throw new PatternError(`Invalid escape character at pos ${i}`);
      part += next;
      i += 1;
    } else if (pattern[i] !== '*') {
      part += pattern[i];
    } else {
      if (next === '*') throw new PatternError(`Consecutive wildcard characters at pos ${i}`);
      parts.push(part);
      part = '';
    }
  }
  return [...parts, part];
}

/** In linear time, unlike a regular expression with many stars. */
function matchesParts(parts: readonly string[], value: string): boolean {
  const first = parts[0]!;
  if (parts.length === 1) return value === first;
  const last = parts.at(-1)!;
  if (value.length < first.length + last.length) return false;
  if (!value.startsWith(first) || !value.endsWith(last)) return false;
  const end = value.length - last.length;
  let position = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = value.indexOf(part, position);
    if (found < 0 || found + part.length > end) return false;
    position = found + part.length;
  }
  return true;
}
