import { acceptsAttributes } from './support';

type Case = [policy: unknown, accepted: unknown[], refused: unknown[]];

/** Every pattern is that of the attribute `key`; `undefined` is a message without it. */
const CASES: Record<string, Case> = {
  'exact texts': [
    ['a', 'b'],
    ['a', 'b', ['x', 'a']],
    ['A', 'c', '', undefined, ['x'], []],
  ],
  'exact numbers': [
    [1, 2.5],
    [1, 2.5, 2.500001, [9, 1]],
    [1.1, '1', 2.50001, undefined],
  ],
  keywords: [
    [true, null],
    [[true], [null], ['x', null]],
    ['true', 'null', [false], undefined],
  ],
  prefix: [[{ prefix: 'bas' }], ['bas', 'baseball', ['x', 'bass']], ['ba', 'Baseball', 1, undefined]],
  suffix: [[{ suffix: 'ball' }], ['ball', 'baseball'], ['balls', 1, undefined]],
  wildcard: [
    [{ wildcard: 'a*b*c' }],
    ['abc', 'a1b2c', 'abbcc', 'a*b*c'],
    ['ab', 'abcd', 'acb', 'xabc', 'ac', undefined],
  ],
  'a wildcard that overlaps itself': [[{ wildcard: 'ab*ba' }], ['abba', 'abxba'], ['aba', 'ab']],
  'escaped stars': [[{ wildcard: 'a\\*\\\\*' }], ['a*\\', 'a*\\x'], ['ab\\', 'a*']],
  'no star at all': [[{ wildcard: 'abc' }], ['abc'], ['abcd', 'xabc']],
  'equals-ignore-case': [[{ 'equals-ignore-case': 'Rugby' }], ['rugby', 'RUGBY'], ['rug', 1]],
  'anything-but a text': [[{ 'anything-but': 'a' }], ['b', 1, ['a', 'b']], ['a', ['a'], undefined]],
  'anything-but texts': [[{ 'anything-but': ['a', 'b'] }], ['c', ['a', 'c']], ['a', 'b', ['a', 'b']]],
  'anything-but numbers': [[{ 'anything-but': [1, 2] }], [3, '1'], [1, 2, undefined]],
  'anything-but a prefix': [[{ 'anything-but': { prefix: 'a' } }], ['b', 1], ['a', 'ab', undefined]],
  'anything-but a suffix': [[{ 'anything-but': { suffix: 'a' } }], ['ab'], ['ba']],
  'anything-but suffixes': [[{ 'anything-but': { suffix: ['a', 'b'] } }], ['c'], ['xa', 'xb']],
  'anything-but a wildcard': [[{ 'anything-but': { wildcard: 'a*c' } }], ['ab'], ['abc']],
  'anything-but in any case': [[{ 'anything-but': { 'equals-ignore-case': 'a' } }], ['b'], ['A']],
  'a number that equals': [[{ numeric: ['=', 301.5] }], [301.5, 301.500001], ['301.5', 301.51]],
  'five digits after the point': [[{ numeric: ['<', 1] }], [0.99999], [0.999999, 1]],
  'a range': [[{ numeric: ['>', 0, '<=', 150] }], [0.00001, 150], [0, 150.00001, undefined]],
  'at least': [[{ numeric: ['>=', -5] }], [-5, 0], [-5.1]],
  'beyond a billion': [[{ numeric: ['>', 0] }], [1e9], [1e9 + 1]],
  cidr: [[{ cidr: '10.0.0.0/24' }], ['10.0.0.255'], ['10.0.1.0', '10.0.0.256', 'x', '::1', 1]],
  'cidr of IPv6': [
    [{ cidr: '2001:db8:1234:1a00::/64' }],
    ['2001:0db8:1234:1a00:0000:0000:0000:0000'],
    ['2001:db8:123f:1a01::', '10.0.0.1'],
  ],
  exists: [[{ exists: true }], ['', 'a', 0, ['x']], [undefined, Buffer.from('binary')]],
  'does not exist': [[{ exists: false }], [undefined, Buffer.from('binary')], ['a', 0, ['x']]],
  'absent or else': [[{ exists: false }, 'a'], [undefined, 'a'], ['b']],
  'absent or anything else': [[{ exists: false }, { 'anything-but': 'a' }], [undefined, 'b'], ['a']],
  'one of several': [
    ['a', { prefix: 'b' }, { numeric: ['<', 3] }],
    ['a', 'bc', 2],
    ['c', 3, undefined],
  ],
};

describe.each(Object.entries(CASES))('%s', (_name, [pattern, accepted, refused]) => {
  it.each(accepted.map((value) => [value]))('accepts %j', (value) => {
    expect(acceptsAttributes({ key: pattern }, value === undefined ? {} : { key: value })).toBe(true);
  });

  it.each(refused.map((value) => [value]))('refuses %j', (value) => {
    expect(acceptsAttributes({ key: pattern }, value === undefined ? {} : { key: value })).toBe(false);
  });
});

it('wants every property, and ignores what it does not name', () => {
  const policy = { kind: ['order'], price: [{ numeric: ['>', 100] }] };
  expect(acceptsAttributes(policy, { kind: 'order', price: 101, other: 'x' })).toBe(true);
  expect(acceptsAttributes(policy, { kind: 'order', price: 100 })).toBe(false);
  expect(acceptsAttributes(policy, { kind: 'order' })).toBe(false);
});

it('accepts everything without properties', () => {
  expect(acceptsAttributes({}, {})).toBe(true);
});

describe('$or', () => {
  const policy = {
    source: ['aws.cloudwatch'],
    $or: [
      { metricName: ['CPU'] },
      { type: ['Metric'], $or: [{ metricId: [1234] }, { spaceId: [{ exists: true }] }] },
    ],
  };

  it.each([
    [{ source: 'aws.cloudwatch', metricName: 'CPU' }, true],
    [{ source: 'aws.cloudwatch', type: 'Metric', metricId: 1234 }, true],
    [{ source: 'aws.cloudwatch', type: 'Metric', spaceId: 'x' }, true],
    [{ source: 'aws.cloudwatch', type: 'Metric' }, false],
    [{ source: 'aws.cloudwatch', metricId: 1234 }, false],
    [{ metricName: 'CPU' }, false],
  ])('of %j is %s', (values, accepted) => {
    expect(acceptsAttributes(policy, values)).toBe(accepted);
  });

  it('is a property like others with fewer than two objects, or with reserved words in them', () => {
    expect(acceptsAttributes({ $or: ['a', 'b'] }, { $or: 'b' })).toBe(true);
    expect(acceptsAttributes({ $or: [{ prefix: 'a' }] }, { $or: 'ab' })).toBe(true);
    expect(acceptsAttributes({ $or: [{ prefix: 'a' }, { suffix: 'z' }] }, { $or: 'xz' })).toBe(true);
  });
});

it('takes any attribute name', () => {
  const policy = JSON.parse('{"__proto__":["x"],"a.b":["y"]}') as object;
  const values = JSON.parse('{"__proto__":"x","a.b":"y"}') as Record<string, unknown>;
  expect(acceptsAttributes(policy, values)).toBe(true);
  expect(acceptsAttributes(policy, { 'a.b': 'y' })).toBe(false);
});

it('compares a wildcard with many stars in no time', () => {
  const pattern = `${'*a'.repeat(40)}*b`;
  expect(acceptsAttributes({ key: [{ wildcard: pattern }] }, { key: 'a'.repeat(100_000) })).toBe(false);
});
