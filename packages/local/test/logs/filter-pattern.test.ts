import { FilterPatternError, parseFilterPattern } from '../../src/logs';

const json = (value: object) => JSON.stringify(value);

describe('terms', () => {
  test.each([
    ['', 'anything', true],
    ['ERROR', '[ERROR 400] BAD', true],
    ['ERROR', '[error 400] BAD', false],
    ['ERROR BAD', '[ERROR 400] BAD', true],
    ['ERROR GOOD', '[ERROR 400] BAD', false],
    ['"ERROR 400"', '[ERROR 400] BAD', true],
    ['"ERROR 401"', '[ERROR 400] BAD', false],
    ['"say \\"hi\\""', 'they say "hi"', true],
    ['ERROR -BAD', '[ERROR 400] BAD', false],
    ['ERROR -"BAD REQUEST"', '[ERROR 400] BAD', true],
    ['-ERROR', 'fine', true],
    ['?ERROR ?WARN', 'WARN: low', true],
    ['?ERROR ?WARN', 'fine', false],
    ['?"not found" ?WARN', 'it was not found', true],
    ['%E[0-9]+%', 'code E42', true],
    ['%E[0-9]+%', 'code E', false],
  ])('%s on %s: %s', (pattern, message, matches) => {
    expect(parseFilterPattern(pattern)(message)).toBe(matches);
  });

  test('that are optional are ignored beside others, as the documentation says', () => {
    expect(parseFilterPattern('?ERROR fine')('fine')).toBe(true);
  });
});

describe('conditions on JSON', () => {
  const event = {
    level: 'ERROR',
    n: 4,
    text: 'a.b',
    done: true,
    nothing: null,
    user: { 'full name': 'Jane Doe', tags: ['a', { id: 7 }] },
  };

  test.each([
    ['{ $.level = "ERROR" }', true],
    ['{ $.level = ERROR }', true],
    ['{ $.level = "INFO" }', false],
    ['{ $.level != "INFO" }', true],
    ['{ $.missing != "INFO" }', false],
    ['{ $.level = "ERR*" }', true],
    ['{ $.text = "a?b" }', false],
    ['{ $.level = %^ERR% }', true],
    ['{ $.n = 4 }', true],
    ['{ $.n != 4 }', false],
    ['{ $.n > 3 && $.n < 5 }', true],
    ['{ $.n >= 4 && $.n <= 4 }', true],
    ['{ $.n > 4 }', false],
    ['{ $.n > 3.5e0 }', true],
    ['{ $.level > 3 }', false],
    ['{ $.level = "INFO" || $.n > 3 }', true],
    // && binds tighter than ||.
    ['{ $.n = 4 || $.n = 5 && $.level = "INFO" }', true],
    ['{ ($.n = 4 || $.n = 5) && $.level = "INFO" }', false],
    ['{ $.done IS TRUE }', true],
    ['{ $.done IS FALSE }', false],
    ['{ $.nothing IS NULL }', true],
    ['{ $.missing IS NULL }', false],
    ['{ $.missing NOT EXISTS }', true],
    ['{ $.n NOT EXISTS }', false],
    ['{ $.user["full name"] = "Jane Doe" }', true],
    ['{ $.user.tags[0] = "a" }', true],
    ['{ $.user.tags[1].id = 7 }', true],
    ['{ $.user.tags[2].id = 7 }', false],
  ])('%s: %s', (pattern, matches) => {
    expect(parseFilterPattern(pattern)(`${json(event)}\n`)).toBe(matches);
  });

  test('never hold for what is no JSON object', () => {
    const test = parseFilterPattern('{ $.missing NOT EXISTS }');
    expect(test('plain text')).toBe(false);
    expect(test('{ broken')).toBe(false);
  });

  test('do not look into what objects inherit', () => {
    expect(parseFilterPattern('{ $.constructor NOT EXISTS }')('{}')).toBe(true);
  });
});

test.each([
  ['{ $.a = 1', 'its brace is not closed'],
  ['{ $.a }', 'an operator is missing at its end'],
  ['{ a = 1 }', '"a" is no selector ($.name)'],
  ['{ $.a > "x" }', '">" compares numbers, and "x" is none'],
  ['{ ($.a = 1 }', 'a parenthesis is not closed'],
  ['{ $.a = 1 $.b = 2 }', '"$.b" was not expected'],
  ['{ $.a IS BIG }', '"IS BIG" is no condition'],
  ['{ $.a = %[% }', '%[% is no regular expression'],
  ['"open', 'its quotation marks are not closed'],
  ['[ip, user]', 'patterns for fields between spaces ([a, b]) are not hosted here'],
  ['x'.repeat(1025), 'it is longer than 1024 characters'],
])('%s is refused', (pattern, problem) => {
  expect(() => parseFilterPattern(pattern)).toThrow(new FilterPatternError(problem));
});
