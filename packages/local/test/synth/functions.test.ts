import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolverOf } from './support';

const folder = mkdtempSync(join(tmpdir(), 'functions-'));
mkdirSync(join(folder, 'src', 'deep'), { recursive: true });
writeFileSync(join(folder, 'hello.txt'), 'hello');
writeFileSync(join(folder, 'src', 'a.js'), '');
writeFileSync(join(folder, 'src', 'deep', 'b.js'), '');
writeFileSync(join(folder, 'src', 'c.txt'), '');
writeFileSync(
  join(folder, 'list.tftpl'),
  'Hello ${name}:\n%{ for index, item in items ~}\n- ${index} ${item}%{ if item == "b" } (last)%{ else },%{ endif }\n%{ endfor ~}\nbye',
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const resolver = resolverOf(
  { aws_sqs_queue: { q: { name: 'q' }, many: { count: 2, name: 'many-${count.index}' } } },
  {
    folder,
    locals: {
      list: ['a', 'b'],
      map: { y: 2, x: 1 },
      people: [
        { n: 'ann', t: ['x'] },
        { n: 'bob', t: [] },
      ],
    },
  },
);

function value(source: string): unknown {
  return resolver.value(`\${${source}}`);
}

describe('for expressions', () => {
  test.each([
    ['[for each in local.list : upper(each)]', ['A', 'B']],
    ['[for index, each in local.list : "${index}-${each}"]', ['0-a', '1-b']],
    ['[for name, each in local.map : "${name}=${each}"]', ['x=1', 'y=2']],
    ['[for each in [1, 2, 3, 4] : each * 10 if each % 2 == 0]', [20, 40]],
    ['{ for each in local.list : each => upper(each) }', { a: 'A', b: 'B' }],
    ['{ for name, each in local.map : name => each if each > 1 }', { y: 2 }],
    ['{ for each in ["ab", "ac", "b"] : substr(each, 0, 1) => each... }', { a: ['ab', 'ac'], b: ['b'] }],
    [
      '[for outer in local.list : [for inner in local.list : "${outer}${inner}"]]',
      [
        ['aa', 'ab'],
        ['ba', 'bb'],
      ],
    ],
    [
      '{for q in aws_sqs_queue.many : q.name => q.arn}["many-1"]',
      'arn:aws:sqs:eu-west-1:000000000000:many-1',
    ],
    ['[for each in local.list: each]...', undefined],
  ])('%s', (source, expected) => {
    if (expected === undefined) expect(() => value(source)).toThrow('"}" is missing');
    else expect(value(source)).toEqual(expected);
  });

  test('two values for a key are refused', () => {
    expect(() => value('{ for each in ["ab", "ac"] : substr(each, 0, 1) => each }')).toThrow(
      'two values for the key "a"',
    );
  });
});

describe('splats', () => {
  test.each([
    ['local.people[*].n', ['ann', 'bob']],
    ['local.people.*.n', ['ann', 'bob']],
    ['local.people.*.n[1]', 'bob'],
    ['[[1, 2], [3]][*][0]', [1, 3]],
    ['aws_sqs_queue.many[*].name', ['many-0', 'many-1']],
    ['aws_sqs_queue.q[*].name', ['q']],
    ['null[*]', []],
  ])('%s', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });
});

describe('strings', () => {
  test.each([
    ['format("%-5s|%5.2f|%x|%+d|%q|%t", "ab", 3.14159, 255, 7, "x", true)', 'ab   | 3.14|ff|+7|"x"|true'],
    ['format("%[2]s-%[1]s", "a", "b")', 'b-a'],
    ['format("%v", { b = 1, a = [true] })', '{"a":[true],"b":1}'],
    ['formatlist("%s-%s", ["a", "b"], "x")', ['a-x', 'b-x']],
    ['regex("^([a-z]+)-(\\\\d+)$", "queue-12")', ['queue', '12']],
    ['regex("(?P<name>[a-z]+)", "queue-12")', { name: 'queue' }],
    ['regex("[0-9]+", "a12")', '12'],
    ['regexall("[a-z]", "a1b")', ['a', 'b']],
    ['can(regex("^x", "y"))', false],
    ['replace("2026-11", "/(\\\\d+)-(\\\\d+)/", "$2/$1")', '11/2026'],
    ['title("hello big world")', 'Hello Big World'],
    ['strrev("abc")', 'cba'],
    ['indent(2, "a\nb")', 'a\n  b'],
    ['substr("hello", -3, 2)', 'll'],
    ['trimsuffix("a.zip", ".zip")', 'a'],
    ['join(",", [1, true, "x"])', '1,true,x'],
  ])('%s', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });
});

describe('collections', () => {
  test.each([
    ['keys(local.map)', ['x', 'y']],
    ['values(local.map)', [1, 2]],
    ['length(aws_sqs_queue.many)', 2],
    ['length("häh")', 3],
    ['contains(["a"], "a")', true],
    ['index(["a", "b"], "b")', 1],
    ['range(3)', [0, 1, 2]],
    ['range(1, 10, 4)', [1, 5, 9]],
    ['range(2, 0)', [2, 1]],
    ['chunklist([1, 2, 3], 2)', [[1, 2], [3]]],
    [
      'setproduct(["a", "b"], [1, 2])',
      [
        ['a', 1],
        ['a', 2],
        ['b', 1],
        ['b', 2],
      ],
    ],
    ['setsubtract(["a", "b"], ["a"])', ['b']],
    ['setunion(["a"], ["b", "a"])', ['a', 'b']],
    ['setintersection(["a", "b"], ["b"])', ['b']],
    ['zipmap(["a", "b"], [1, 2])', { a: 1, b: 2 }],
    ['transpose({ a = ["x", "y"], b = ["x"] })', { x: ['a', 'b'], y: ['a'] }],
    ['one([])', null],
    ['sum([1, 2, 3])', 6],
    ['coalescelist([], ["a"])', ['a']],
    ['matchkeys(["a", "b"], [1, 2], [2])', ['b']],
    ['alltrue([true, "true"]) && !anytrue([false])', true],
    ['merge(local.map, { z = 3 })', { x: 1, y: 2, z: 3 }],
    ['slice(["a", "b", "c"], 1, 3)', ['b', 'c']],
    ['{ b = 1, a = 2 } == { a = 2, b = 1 }', true],
  ])('%s', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });
});

describe('numbers and encodings', () => {
  test.each([
    ['parseint("ff", 16) + pow(2, 3) + signum(-5)', 262],
    ['floor(log(100, 10))', 2],
    ['base64decode(base64encode("ü"))', 'ü'],
    ['base64sha256("x")', 'LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE='],
    ['md5("x")', '9dd4e461268c8034f5c8564e155c67a6'],
    ['urlencode("a b&c")', 'a+b%26c'],
    [
      'csvdecode("a,b\n1,\\"x, y\\"\n2,z")',
      [
        { a: '1', b: 'x, y' },
        { a: '2', b: 'z' },
      ],
    ],
    ['cidrsubnet("10.0.0.0/16", 8, 2)', '10.0.2.0/24'],
    ['cidrsubnets("10.1.0.0/16", 4, 8, 4)', ['10.1.0.0/20', '10.1.16.0/24', '10.1.32.0/20']],
    ['cidrhost("10.0.0.0/24", 5)', '10.0.0.5'],
    ['cidrhost("10.0.0.0/24", -1)', '10.0.0.255'],
    ['cidrnetmask("172.16.0.0/12")', '255.240.0.0'],
  ])('%s', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });

  test.each([
    ['jsondecode("{")', 'jsondecode(): '],
    ['cidrsubnet("10.0.0.0/16", 20, 0)', 'has no subnet 0 of 20 more bits'],
    ['cidrhost("host", 1)', '"host" is no IPv4 prefix'],
    ['one(["a", "b"])', 'one() of a list of several'],
    ['format("%s")', 'format() has no argument for %s'],
    ['range(5000)', 'range() of more than 1024 elements'],
    ['coalesce("", null)', 'no argument of coalesce() has a value'],
    ['regex("^x", "y")', '"y" does not match the pattern "^x"'],
  ])('%s is refused', (source, message) => {
    expect(() => value(source)).toThrow(message);
  });
});

describe('files', () => {
  test.each([
    ['file("hello.txt")', 'hello'],
    ['file("${path.module}/hello.txt")', 'hello'],
    ['filebase64("hello.txt")', 'aGVsbG8='],
    ['filebase64sha256("hello.txt")', 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ='],
    ['fileexists("none.txt")', false],
    ['fileset("src", "**/*.js")', ['a.js', 'deep/b.js']],
    ['fileset("src", "*.{js,txt}")', ['a.js', 'c.txt']],
    ['basename("a/b.zip")', 'b.zip'],
    ['dirname("a/b.zip")', 'a'],
    [
      'templatefile("list.tftpl", { name = "you", items = local.list })',
      'Hello you:\n- 0 a,\n- 1 b (last)\nbye',
    ],
  ])('%s', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });

  test('abspath starts at the folder of the stack', () => {
    expect(value('abspath("x")')).toBe(join(folder, 'x'));
  });

  test('a template sees only what it is given', () => {
    expect(() => value('templatefile("list.tftpl", { name = "you" })')).toThrow(
      'the template is not given "items"',
    );
  });
});

test('directives stand in texts as well', () => {
  expect(resolver.value('a%{ for each in local.list }-${each}%{ endfor }')).toBe('a-a-b');
  expect(resolver.value('%{ if length(local.list) > 1 }many%{ else }few%{ endif }!')).toBe('many!');
});
