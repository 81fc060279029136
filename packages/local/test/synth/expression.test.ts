import { UserError } from '../../src/errors';
import { resolverOf } from './support';

const resolver = resolverOf(
  {
    aws_sns_topic: { t: { name: 'news' } },
    aws_sqs_queue: { 'with-dash': { name: 'q', tags: { a: 'x' } } },
    aws_lambda_function: { f: { function_name: 'f', vpc_config: { subnet_ids: ['s-1', 's-2'] } } },
  },
  { locals: { port: 3306, list: ['a', 'b'], map: { k: { deep: [1, { z: true }] } } } },
);
const topic = 'arn:aws:sns:eu-west-1:000000000000:news';

describe('templates', () => {
  test.each([
    ['plain text', 'plain text'],
    ['${aws_sns_topic.t.arn}', topic],
    ['a ${aws_sns_topic.t.name} b ${local.port}', 'a news b 3306'],
    ['$${not} %%{this}', '${not} %{this}'],
    ['{"arn":"${aws_sns_topic.t.arn}","n":5}', `{"arn":"${topic}","n":5}`],
    ['${aws_sqs_queue.with-dash.name}', 'q'],
    ['${"inner ${upper("x")} \\"quoted\\" \\u00e9"}', 'inner X "quoted" é'],
    ['${~ local.port ~}', 3306],
  ])('%s', (source, expected) => {
    expect(resolver.value(source)).toEqual(expected);
  });
});

describe('expressions', () => {
  test.each([
    ['local.list[1]', 'b'],
    ['local.list.0', 'a'],
    ['local.map["k"].deep[1].z', true],
    ['local.list[*]', ['a', 'b']],
    ['[local.map.k][*].deep', [[1, { z: true }]]],
    ['aws_lambda_function.f.vpc_config[0].subnet_ids[1]', 's-2'],
    ['local.port == 3306 ? "mysql" : nothing.at.all', 'mysql'],
    ['1 + 2 * 3 - -4 % 3', 8],
    ['!false && (1 < 2 || nothing.x)', true],
    ['null', null],
    ['{ a = 1, "b": [2,], (local.list[0]) = 3 }', { a: 3, b: [2] }],
    ['local.list != ["a"]', true],
  ])('%s', (source, expected) => {
    expect(resolver.value(`\${${source}}`)).toEqual(expected);
  });
});

describe('functions', () => {
  test.each([
    ['jsonencode({"b" = aws_sns_topic.t.name, "a" = [1, "<x>"]})', '{"a":[1,"\\u003cx\\u003e"],"b":"news"}'],
    ['jsondecode("{\\"a\\":[1]}").a[0]', 1],
    ['join("-", local.list, ["c"])', 'a-b-c'],
    ['format("%s:%03d:%%:%5s", "x", 7, "y")', 'x:007:%:    y'],
    ['toset(["b", "b", "a"])', ['a', 'b']],
    ['concat(local.list, ["c"])', ['a', 'b', 'c']],
    ['merge({a = 1}, {a = 2, b = 3})', { a: 2, b: 3 }],
    ['lookup({a = 1}, "z", "none")', 'none'],
    ['element(split(":", aws_sns_topic.t.arn), 5)', 'news'],
    ['replace("a.b.c", ".", "-")', 'a-b-c'],
    ['replace("a1b22", "/[0-9]+/", "#")', 'a#b#'],
    ['tostring(local.port)', '3306'],
    ['try(nothing.x.y, "fallback")', 'fallback'],
    ['can(nothing.x.y)', false],
    ['max([1, 5, 3]...)', 5],
    ['coalesce("", null, "c")', 'c'],
    ['substr("hello", 1, -1)', 'ello'],
    ['trimprefix("arn:x", "arn:")', 'x'],
    ['flatten([["a"], [["b"]]])', ['a', 'b']],
    ['sha256("x")', '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'],
  ])('%s', (source, expected) => {
    expect(resolver.value(`\${${source}}`)).toEqual(expected);
  });
});

describe('what has no value is refused, quoting the expression', () => {
  test.each([
    [
      '${aws_sns_topic.none.arn}',
      'aws_sns_topic.none does not exist in the stack, in "${aws_sns_topic.none.arn}"',
    ],
    ['${aws_sns_topic.t.shoe_size}', 'aws_sns_topic.t has no attribute "shoe_size"'],
    ['${local.nope}', 'local.nope does not exist in the stack'],
    ['${local.list[7]}', 'a list of 2 has no element 7'],
    ['${local.map.toString}', 'has no member "toString"'],
    ['${aws_sns_topic.t}', 'aws_sns_topic.t is used as a whole'],
    ['${constructor()}', 'the function constructor() is not supported'],
    ['${file("x")}', 'the file /stack/x cannot be read'],
    ['%{ if true }x', '%{ endif } is missing'],
    ['x%{ endif }', '%{ endif } is not expected'],
    ['x ${local.list}', 'cannot be used as text'],
    ['${1 +}', 'an expression is missing, at character 6'],
    ['${"open}', 'a string is not closed'],
    ['${local.port ? 1 : 2}', 'neither true nor false'],
  ])('%s', (source, message) => {
    expect(() => resolver.value(source)).toThrow(UserError);
    expect(() => resolver.value(source)).toThrow(message);
  });
});
