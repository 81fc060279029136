import type { FilterPolicyScope } from '../../../src/engine/sns/filter';
import { PatternError } from '../../../src/engine/sns/filter';
import { policyOf } from './support';

function complaint(policy: unknown, scope?: FilterPolicyScope): PatternError {
  try {
    policyOf(policy, scope);
  } catch (error) {
    if (error instanceof PatternError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(policy)} was accepted`);
}

const numeric = (operand: unknown) => ({ key: [{ numeric: operand }] });
const texts = (count: number) => [...Array(count).keys()].map((i) => `value${i}`);

it.each<[unknown, string]>([
  ['{"key":', 'failed to parse JSON'],
  ['[]', 'Filter is not an object'],
  ['null', 'Filter is not an object'],
  [{ key: 'value' }, '"key" must be an object or an array'],
  [{ key: null }, '"key" must be an object or an array'],
  [{ key: { suffix: 'value' } }, '"suffix" must be an object or an array'],
  [{ key: {} }, 'Empty objects are not allowed'],
  [{ key: [] }, 'Empty arrays are not allowed'],
  [{ key: [{}] }, 'Empty objects are not allowed'],
  [{ key: [['value']] }, 'Match value must be String, number, true, false, or null'],
  [{ key: [{ 'wrong-operator': true }] }, 'Unrecognized match type wrong-operator'],
  [{ key: [{ suffix: 'a', prefix: 'b' }] }, 'Only one key allowed in match expression'],
  [{ key: [{ exists: false, prefix: 'b' }] }, 'Only one key allowed in match expression'],
  [{ key: [{ suffix: 100 }] }, 'suffix match pattern must be a string'],
  [{ key: [{ prefix: ['a', 'b'] }] }, 'prefix match pattern must be a string'],
  [{ key: [{ wildcard: null }] }, 'wildcard match pattern must be a string'],
  [{ key: [{ wildcard: 'a**b' }] }, 'Consecutive wildcard characters at pos 1'],
  [{ key: [{ wildcard: 'a\\b' }] }, 'Invalid escape character at pos 1'],
  [{ key: [{ 'equals-ignore-case': [] }] }, 'equals-ignore-case match pattern must be a string'],
  [{ key: [{ exists: 'no' }] }, 'exists match pattern must be either true or false.'],
  [{ key: [{ exists: null }] }, 'exists match pattern must be either true or false.'],
  [{ key: [{ cidr: ['x'] }] }, 'prefix match pattern must be a string'],
  [{ key: [{ cidr: '10.0.0.0' }] }, "Malformed CIDR, one '/' required"],
  [{ key: [{ cidr: '10.0.0.0/x' }] }, 'Malformed CIDR, mask bits must be an integer'],
  [{ key: [{ cidr: '10.0.0.0/33' }] }, 'Malformed CIDR, mask bits must not exceed 32, and are 33'],
  [{ key: [{ cidr: 'xx.11.xx/8' }] }, 'Nonstandard IP address: xx.11.xx'],
  [{ key: [{ cidr: 'xxxx:db8::/64' }] }, 'Nonstandard IP address: xxxx:db8::'],
  [{ key: [{ 'anything-but': [] }] }, 'Empty arrays are not allowed'],
  [{ key: [{ 'anything-but': ['a', 1] }] }, 'Inside anything but list, either all values'],
  [{ key: [{ 'anything-but': null }] }, 'Inside anything but list, start|null|boolean'],
  [{ key: [{ 'anything-but': { exists: false } }] }, 'Unsupported anything-but pattern: exists'],
  [{ key: [{ 'anything-but': {} }] }, 'Unsupported anything-but pattern: '],
  [{ key: [{ 'anything-but': { prefix: false } }] }, 'prefix match pattern must be a string'],
  [{ key: [{ 'anything-but': { prefix: 'a', suffix: 'b' } }] }, 'Only one key allowed'],
  [numeric(5), 'Value of numeric must be an array'],
  [numeric([]), 'Invalid member in numeric match: ]'],
  [numeric([1, '<=']), 'Invalid member in numeric match: 1'],
  [numeric(['operator']), 'Unrecognized numeric range operator: operator'],
  [numeric(['toString', 1]), 'Unrecognized numeric range operator: toString'],
  [numeric(['=', '000']), 'Value of equals must be numeric'],
  [numeric(['>=']), 'Value of >= must be numeric'],
  [numeric(['=', 1e9 + 1]), 'Value must be between -1000000000 and 1000000000'],
  [numeric(['<', 100, '>', 10]), 'Too many elements in numeric expression'],
  [numeric(['>=', 1, '>', 2]), 'Bad numeric range operator: >'],
  [numeric(['>', 20, 30]), 'Bad value in numeric range: 30'],
  [numeric(['>', 20, '<=']), 'Value of <= must be numeric'],
  [numeric(['>', 3, '<', 1]), 'Bottom must be less than top'],
  [numeric(['>', 20, '<', 30, '<', 50]), 'Too many terms in numeric range expression'],
])('refuses %j', (policy, reason) => {
  expect(complaint(policy).reason).toContain(reason);
});

it('says where the fault is', () => {
  const { message } = complaint({ a: { b: ['x', { numeric: ['=', 'y'] }] } });
  expect(message).toBe('Value of equals must be numeric\n at a.b[1].numeric: ["=","y"]');
});

describe('the limits', () => {
  it('are five keys of the top', () => {
    const keys = (count: number) => Object.fromEntries(texts(count).map((name) => [name, ['x']]));
    expect(policyOf(keys(5))).toBeDefined();
    expect(complaint(keys(6)).reason).toBe('Filter policy can not have more than 5 keys');
    const inner = { a: keys(6) };
    expect(policyOf(inner, 'MessageBody')).toBeDefined();
  });

  it('are 150 combinations', () => {
    const tooComplex = 'Filter policy is too complex';
    expect(policyOf({ key: texts(150) })).toBeDefined();
    expect(complaint({ key: texts(151) }).reason).toBe(tooComplex);
    expect(policyOf({ a: texts(10), b: texts(15) })).toBeDefined();
    expect(complaint({ a: texts(100), b: texts(51) }).reason).toBe(tooComplex);
    // 3 x 4 x 2 x 3 x 3 = 216
    const nested = { a: { b: { c: texts(4) } }, d: { e: texts(3) }, f: texts(3) };
    expect(complaint(nested, 'MessageBody').reason).toBe(tooComplex);
  });

  it('add up the alternatives of $or', () => {
    const or = (spaces: number) => ({
      source: texts(3),
      $or: [
        { name: texts(6) },
        { type: texts(4), $or: [{ id: [1, 2, 3, 4] }, { space: [...Array(spaces).keys()] }] },
      ],
    });
    // 3 x 6 + 3 x 4 x 4 + 3 x 4 x 7 = 150
    expect(policyOf(or(7))).toBeDefined();
    expect(complaint(or(8)).reason).toBe('Filter policy is too complex');
  });

  it('are 256 KB', () => {
    const policy = (bytes: number) => ({
      key: [{ prefix: 'x'.repeat(bytes - '{"key":[{"prefix":""}]}'.length) }],
    });
    expect(policyOf(policy(262_144))).toBeDefined();
    expect(complaint(policy(262_145)).reason).toContain('larger than 262144 bytes');
  });

  it('end for patterns that are made to have no end', () => {
    const deep = `${'{"a":'.repeat(20_000)}["x"]${'}'.repeat(20_000)}`;
    expect(complaint(deep, 'MessageBody').reason).toBe('Filter policy is too complex');
    const or = [{ a: ['x'] }, { b: ['x'] }];
    const wide = [...Array(12).keys()].reduce<object>((inner) => ({ a: inner, $or: or }), { $or: or });
    expect(complaint(wide, 'MessageBody').reason).toBe('Filter policy is too complex');
  });
});

it('knows what is inside other properties', () => {
  expect(policyOf({ a: { b: ['x'] } }).isNested).toBe(true);
  expect(policyOf({ 'a.b': ['x'], $or: [{ c: ['x'] }, { d: ['x'] }] }).isNested).toBe(false);
});
