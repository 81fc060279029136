import { transformed, transformerProblem } from '../../src/deliveries/input-transformer';
import { parseEventPath, valueAt } from '../../src/deliveries/event-path';

const EVENT = {
  version: '0',
  id: '7bf73129',
  'detail-type': 'State Change',
  source: 'shop',
  resources: ['arn:a', 'arn:b'],
  detail: {
    id: 'i-1',
    count: 3,
    paid: true,
    note: null,
    text: 'say "hi"',
    items: [{ id: 1 }, { name: 'x' }, { id: 2 }],
    'a b': 'spaced',
  },
};

const render = (template: string, paths: Record<string, string> = {}) =>
  transformed(
    { paths, template },
    {
      event: JSON.stringify(EVENT),
      ruleArn: 'arn:rule/r',
      ruleName: 'r',
      ingestedAt: Date.UTC(2026, 0, 1, 12, 0, 0, 7),
    },
  );

describe('a path', () => {
  test.each<[string, unknown]>([
    ['$', EVENT],
    ['$.detail-type', 'State Change'],
    ['$.detail.id', 'i-1'],
    ['$.detail.note', null],
    ['$.resources[1]', 'arn:b'],
    ["$.detail['a b']", 'spaced'],
    ['$.detail["a b"]', 'spaced'],
    ['$.detail.items[*].id', [1, 2]],
    ['$.detail.items[2].id', 2],
    ['$.resources.*', ['arn:a', 'arn:b']],
    ['$.detail.no.deeper', undefined],
    ['$.detail.id.length', undefined],
    ['$.resources.length', undefined],
    ['$.resources[9]', undefined],
    ['$.constructor', undefined],
  ])('%s', (path, value) => {
    expect(valueAt(EVENT, path)).toEqual(value);
  });

  test.each(['detail', '', '$detail', '$..id', '$.a[', '$.a[x]', '$.', '$.a b'])('%j is none', (path) => {
    expect(() => parseEventPath(path)).toThrow(`"${path}" is no path`);
  });
});

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html#eb-transform-input-examples
describe('a template', () => {
  const paths = { id: '$.detail.id', count: '$.detail.count', items: '$.detail.items', none: '$.detail.no' };

  test.each([
    ['"instance <id> counts <count>"', '"instance i-1 counts 3"'],
    ['"<id>"\n"<count>"', '"i-1"\n"3"'],
    ['{"id": <id>, "count": <count>}', '{"id": "i-1", "count": 3}'],
    ['{"id": "<id>", "list": [9, <id>, true]}', '{"id": "i-1", "list": [9, "i-1", true]}'],
    ['{"said": "is \\"<id>\\" there"}', '{"said": "is \\"i-1\\" there"}'],
    ['{"items": <items>}', '{"items": [{"id":1},{"name":"x"},{"id":2}]}'],
    ['"items: <items>"', '"items: [{id:1},{name:x},{id:2}]"'],
    ['<id>', '"i-1"'],
    ['{"none": <none>, "text": "no <none>."}', '{"none": "", "text": "no ."}'],
    ['"1 < 2, <unknown> and <a b>"', '"1 < 2, <unknown> and <a b>"'],
  ])('%s', (template, expected) => {
    expect(render(template, paths)).toBe(expected);
  });

  test('keeps values of every kind', () => {
    const kinds = { paid: '$.detail.paid', note: '$.detail.note', text: '$.detail.text' };
    expect(render('[<paid>, <note>, <text>]', kinds)).toBe('[true, null, "say \\"hi\\""]');
    expect(render('"<paid> <note> <text>"', kinds)).toBe('"true null say "hi""');
  });

  test('knows the rule and the event', () => {
    expect(
      JSON.parse(
        render(
          '{"arn": <aws.events.rule-arn>, "at": <aws.events.event.ingestion-time>, "of": "<aws.events.rule-name>"}',
        ),
      ),
    ).toEqual({ arn: 'arn:rule/r', at: '2026-01-01T12:00:00.007Z', of: 'r' });
    expect(JSON.parse(render('<aws.events.event.json>'))).toEqual(EVENT);
    const { detail: _detail, ...envelope } = EVENT;
    expect(JSON.parse(render('<aws.events.event>'))).toEqual(envelope);
  });
});

test.each<[string, Record<string, string>, string]>([
  ['plain text <a>', { a: '$.a' }, 'Invalid InputTemplate'],
  ['{"a": <a>', { a: '$.a' }, 'Invalid InputTemplate'],
  ['"a"\n12', {}, 'Invalid InputTemplate'],
  ['', {}, 'InputTemplate must have 1 to 8192 characters'],
  [`"${'x'.repeat(8191)}"`, {}, 'InputTemplate must have 1 to 8192 characters'],
  ['"a"', { a: 'detail' }, '"detail" is no path'],
  ['"a"', { 'aws.events.event': '$.a' }, 'names with AWS are reserved'],
  ['"a"', Object.fromEntries([...Array(101).keys()].map((i) => [`a${i}`, '$.a'])), 'at most 100 variables'],
])('%.30j is refused', (template, paths, problem) => {
  expect(transformerProblem({ paths, template })).toContain(problem);
});

test.each(['"a <b>"', '"a"\n\n"b"', '{"a": <b>}', '<b>', '[<b>, "<b>"]', '{"a": <aws.events.event.json>}'])(
  '%j is taken',
  (template) => {
    expect(transformerProblem({ paths: { b: '$.b' }, template })).toBeUndefined();
  },
);
