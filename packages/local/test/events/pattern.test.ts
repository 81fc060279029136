import fc from 'fast-check';
import { EventPattern } from '../../src/events';

const matches = (pattern: object, event: Record<string, unknown>) =>
  new EventPattern(JSON.stringify(pattern)).matches(event);
const detail = (value: unknown) => ({ detail: { value } });
const ABSENT = Symbol('absent');

/** Comparison -> values of the field that match, and that do not. */
const CASES: Record<string, [pattern: unknown[], accepted: unknown[], refused: unknown[]]> = {
  exact: [
    ['a', 1, true],
    ['a', 1, 1.0, true, ['x', 'a']],
    ['A', '1', false, null, '', [], {}, ABSENT],
  ],
  null: [[null], [null, [1, null]], ['', 'null', 0, ABSENT]],
  'an empty text': [[''], [''], [null, ' ', [], ABSENT]],
  prefix: [[{ prefix: 'us-' }], ['us-east-1', 'us-'], ['US-EAST', 'eu-us-', null, ABSENT]],
  'an empty prefix': [[{ prefix: '' }], ['', 'a'], [1, null, ABSENT]],
  'prefix in any case': [
    [{ prefix: { 'equals-ignore-case': 'eVent' } }],
    ['EVENTbus', 'event'],
    ['bus-event', 1],
  ],
  suffix: [[{ suffix: '.png' }], ['a.png', '.png'], ['a.PNG', 'a.png ']],
  'suffix in any case': [[{ suffix: { 'equals-ignore-case': '.Png' } }], ['a.pNG', '.png'], ['a.jpg', null]],
  'equals-ignore-case': [[{ 'equals-ignore-case': 'Alice' }], ['alice', 'ALICE'], ['alic', 'alice ', 1]],
  wildcard: [
    [{ wildcard: 'dir/*.png' }],
    ['dir/a.png', 'dir/.png', 'dir/a/b.png'],
    ['dir/a.jpg', 'a/dir/b.png'],
  ],
  'wildcards escaped': [[{ wildcard: 'a\\*b\\\\*' }], ['a*b\\', 'a*b\\c'], ['axb\\', 'a*b']],
  'numeric equals': [[{ numeric: ['=', 3.018e2] }], [301.8], ['301.8', 301.81]],
  'numeric range': [[{ numeric: ['>', 0, '<=', 5] }], [0.000001, 5], [0, 5.000001, '1', -5e9, 5e9 + 1]],
  'numeric far range': [[{ numeric: ['>=', -5e9] }], [-5e9, 5e9], [-5e9 - 1, 5e9 + 1]],
  cidr: [[{ cidr: '10.0.0.0/24' }], ['10.0.0.255'], ['10.0.1.0', '10.0.0.1/32', '::1', 'x']],
  'cidr of IPv6': [[{ cidr: '2001:db8::/32' }], ['2001:db8::1'], ['2001:db9::1', '10.0.0.1']],
  exists: [[{ exists: true }], ['', null, 0, [1]], [ABSENT, {}, []]],
  absent: [[{ exists: false }], [ABSENT], ['', null, 0]],
  'absent or a value': [[{ exists: false }, 'a'], [ABSENT, 'a'], ['b']],
  'anything-but text': [[{ 'anything-but': 'a' }], ['b', '', null, 1, ['a', 'b']], ['a', ['a'], ABSENT]],
  'anything-but number': [[{ 'anything-but': 123 }], [0, '123'], [123]],
  'anything-but list': [[{ 'anything-but': ['a', 'b'] }], ['c'], ['a', 'b']],
  'anything-but numbers': [[{ 'anything-but': [1, 2] }], [3], [1, 2]],
  'anything-but prefix': [[{ 'anything-but': { prefix: 'init' } }], ['x', 1, null], ['initial', ABSENT]],
  'anything-but prefixes': [[{ 'anything-but': { prefix: ['a', 'b'] } }], ['c'], ['ax', 'bx']],
  'anything-but suffix': [[{ 'anything-but': { suffix: ['.txt', '.rtf'] } }], ['a.png'], ['a.txt', 'a.rtf']],
  'anything-but in any case': [
    [{ 'anything-but': { 'equals-ignore-case': ['on', 'off'] } }],
    ['no'],
    ['ON', 'Off'],
  ],
  'anything-but wildcard': [
    [{ 'anything-but': { wildcard: ['*/lib/*', '*.tmp'] } }],
    ['a/b'],
    ['a/lib/b', 'x.tmp'],
  ],
  'several of them': [
    [{ prefix: 'a' }, { suffix: 'z' }, 7],
    ['ab', 'yz', 7],
    ['b', 8],
  ],
};

describe.each(Object.entries(CASES))('%s', (_, [pattern, accepted, refused]) => {
  const event = (value: unknown) => (value === ABSENT ? { detail: { other: 1 } } : detail(value));

  test.each(accepted.map((value) => [value]))('takes %p', (value) => {
    expect(matches(detail(pattern), event(value))).toBe(true);
  });

  test.each(refused.map((value) => [value]))('does not take %p', (value) => {
    expect(matches(detail(pattern), event(value))).toBe(false);
  });
});

describe('fields', () => {
  const event = {
    source: 'shop',
    resources: ['arn:a', 'arn:b'],
    detail: {
      state: 'paid',
      items: [
        { id: 1, kind: 'book' },
        { id: 2, kind: ['pen', 'ink'] },
      ],
    },
  };

  test.each<[object, boolean]>([
    [{ source: ['shop'], detail: { state: ['paid', 'open'] } }, true],
    [{ source: ['shop'], detail: { state: ['open'] } }, false],
    [{ resources: ['arn:b'] }, true],
    [{ resources: [{ prefix: 'arn:c' }] }, false],
    [{ detail: { items: { id: [2], kind: ['ink'] } } }, true],
    [{ detail: { items: { id: [1], kind: ['ink'] } } }, false],
    [{ detail: { items: { id: [1] } } }, true],
    [{ 'detail.state': ['paid'] }, true],
    [{ $or: [{ source: ['bank'] }, { detail: { state: ['paid'] } }] }, true],
    [{ $or: [{ source: ['bank'] }, { detail: { state: ['open'] } }] }, false],
    [{ source: ['shop'], detail: { $or: [{ state: ['open'] }, { total: [{ exists: false }] }] } }, true],
    [{ detail: { $or: [{ state: ['paid'] }, { state: ['x'] }], items: { id: [3] } } }, false],
  ])('%j: %s', (pattern, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });
});

test.each<[string, string]>([
  ['this is no JSON', 'failed to parse JSON'],
  ['["not", "a", "dict"]', 'Filter is not an object'],
  ['{}', 'Empty objects are not allowed'],
  ['{"a": {}}', 'Empty objects are not allowed\n at a'],
  ['{"resources": []}', 'Empty arrays are not allowed\n at resources'],
  ['{"int": 42}', '"int" must be an object or an array\n at int'],
  ['{"detail": {"a": [{"NUMERIC": ["=", 5]}]}}', 'Unrecognized match type NUMERIC\n at detail.a[0]'],
  [
    '{"a": ["x", {"numeric": [">", 0, ">", 0]}]}',
    'Bad numeric range operator: >\n at a[1].numeric: [">",0,">",0]',
  ],
  ['{"a": [{"numeric": ["=", 5000000001]}]}', 'Value must be between -5000000000 and 5000000000'],
  ['{"a": [{"prefix": ["x"]}]}', 'prefix match pattern must be a string'],
  ['{"a": [{"prefix": {"wildcard": "x"}}]}', 'Unsupported pattern inside prefix or suffix: wildcard'],
  ['{"a": [{"suffix": {"equals-ignore-case": 1}}]}', 'equals-ignore-case match pattern must be a string'],
  ['{"a": [{"prefix": {"equals-ignore-case": "x", "suffix": "y"}}]}', 'Only one key allowed'],
  ['{"a": [{"anything-but": {"prefix": ""}}]}', 'Null prefix/suffix not allowed'],
  ['{"a": [{"anything-but": {"suffix": ["a", ""]}}]}', 'Null prefix/suffix not allowed'],
  [
    '{"a": [{"anything-but": {"prefix": {"equals-ignore-case": "f"}}}]}',
    'Value of anything-but must be an array or single string/number value.',
  ],
  ['{"a": [{"wildcard": "a**b"}]}', 'Consecutive wildcard characters at pos 1'],
  ['{"a": [{"cidr": "10.0.0.0"}]}', "Malformed CIDR, one '/' required"],
  ['{"a": [{"exists": "yes"}]}', 'exists match pattern must be either true or false.'],
])('%s is refused, and says where', (json, reason) => {
  const problem = {
    code: 'InvalidEventPatternException',
    message: expect.stringContaining(reason) as string,
  };
  expect(() => new EventPattern(json)).toThrow(expect.objectContaining(problem) as Error);
});

describe('whatever the text is', () => {
  const text = fc.string({ maxLength: 12 });
  const value = (one: unknown, event: string) => matches({ value: [one] }, { value: event });

  test('prefix, suffix and wildcard agree with what they mean', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const escaped = a.replace(/[\\*]/g, '\\$&');
        expect(value({ prefix: a }, b)).toBe(b.startsWith(a));
        expect(value({ suffix: a }, b)).toBe(b.endsWith(a));
        expect(value({ wildcard: `${escaped}*` }, b)).toBe(b.startsWith(a));
        expect(value({ wildcard: `*${escaped}` }, b)).toBe(b.endsWith(a));
        expect(value({ prefix: { 'equals-ignore-case': a } }, b)).toBe(
          b.toLowerCase().startsWith(a.toLowerCase()),
        );
      }),
    );
  });

  test('anything-but is the opposite', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(value({ 'anything-but': [a] }, b)).toBe(!value(a, b));
        expect(value({ 'anything-but': { wildcard: '*x*' } }, b)).toBe(!value({ wildcard: '*x*' }, b));
        if (a !== '') expect(value({ 'anything-but': { prefix: a } }, b)).toBe(!value({ prefix: a }, b));
      }),
    );
  });

  test('an event matches itself as a pattern', () => {
    const scalar = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), scalar, { minKeys: 1 }), (event) => {
        const pattern = Object.fromEntries(Object.entries(event).map(([name, one]) => [name, [one]]));
        expect(matches({ detail: pattern }, { detail: event })).toBe(true);
        expect(matches({ detail: pattern }, { detail: {} })).toBe(false);
      }),
    );
  });
});
