import { oneOf } from './exact';
import type { Test } from './scalar';
import { isScalar, PatternError } from './scalar';
import { equalsIgnoreCase, prefix, suffix, wildcard } from './text-operators';

const NESTED: Readonly<Record<string, (operand: unknown) => Test>> = {
  prefix,
  suffix,
  wildcard,
  'equals-ignore-case': equalsIgnoreCase,
};

/**
 * `{"anything-but": "a"}`, `{"anything-but": ["a", "b"]}`, `{"anything-but": {"prefix": "a"}}`: any value that is there but these.
 * Of a list of values one that is none of these is enough.
 */
export function anythingBut(operand: unknown): Test {
  const unwanted = isScalar(operand) || Array.isArray(operand) ? listed(operand) : nested(operand as object);
  return (value) => !unwanted(value);
}

/** As `anythingBut`; EventBridge has no empty prefix or suffix in it, and none that ignores case. */
export function eventBridgeAnythingBut(operand: unknown): Test {
  if (!isScalar(operand) && !Array.isArray(operand)) {
    const [[name, pattern] = ['', undefined]] = Object.entries(operand as object) as [string, unknown][];
    const patterns: readonly unknown[] = Array.isArray(pattern) ? pattern : [pattern];
    if ((name === 'prefix' || name === 'suffix') && patterns.includes('')) {
      throw new PatternError('Null prefix/suffix not allowed');
    }
    if (patterns.some((each) => !isScalar(each))) {
      throw new PatternError('Value of anything-but must be an array or single string/number value.');
    }
  }
  return anythingBut(operand);
}

function listed(operand: unknown): Test {
  const values: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  if (values.length === 0) throw new PatternError('Empty arrays are not allowed');
  const kind = typeof values[0];
  if (kind !== 'string' && kind !== 'number') {
    throw new PatternError('Inside anything but list, start|null|boolean is not supported.');
  }
  if (values.some((value) => typeof value !== kind)) {
    throw new PatternError(
      'Inside anything but list, either all values are number or string, mixed type is not supported',
    );
  }
  return oneOf(values as (string | number)[]);
}

function nested(operand: object): Test {
  const [[name, pattern] = ['', undefined], ...rest] = Object.entries(operand) as [string, unknown][];
  if (!Object.hasOwn(NESTED, name)) throw new PatternError(`Unsupported anything-but pattern: ${name}`);
  if (rest.length > 0) throw new PatternError('Only one key allowed in match expression');
  const patterns: readonly unknown[] = Array.isArray(pattern) && pattern.length > 0 ? pattern : [pattern];
  const tests = patterns.map((each) => NESTED[name]!(each));
  return (value) => tests.some((test) => test(value));
}
