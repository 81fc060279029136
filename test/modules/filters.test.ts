import { LambdaFunction, Queue, Topic } from '../../modules';
import type { Comparison, MessageFilter, SubscriptionFilter } from '../../modules';
import { synthesize } from '../support/template';

const subscribe = (filter: SubscriptionFilter) =>
  synthesize((stack) => {
    new Topic(stack, 'topic', { name: 'topic' }).subscribeQueue(
      new Queue(stack, 'queue', { name: 'queue' }),
      {
        filter,
      },
    );
  }).only('aws_sns_topic_subscription');
const consume = (filters: readonly MessageFilter[]) =>
  synthesize((stack) => {
    const fn = new LambdaFunction(stack, 'fn', { name: 'fn', entry: 'fn.ts' });
    new Queue(stack, 'queue', { name: 'queue' }).consumeWith(fn, { filters });
  }).only('aws_lambda_event_source_mapping');

describe('a subscription’s filter', () => {
  test('on attributes', () => {
    expect(subscribe({ attributes: { eventType: ['created', { prefix: 'change' }] } })).toMatchObject({
      filter_policy: { eventType: ['created', { prefix: 'change' }] },
      filter_policy_scope: 'MessageAttributes',
    });
  });

  test('on the body, which has levels', () => {
    expect(subscribe({ body: { order: { total: [{ numeric: ['>=', 100] }] } } })).toMatchObject({
      filter_policy: { order: { total: [{ numeric: ['>=', 100] }] } },
      filter_policy_scope: 'MessageBody',
    });
  });

  test('without one every message is delivered', () => {
    const plain = synthesize((stack) => {
      new Topic(stack, 'topic', { name: 'topic' }).subscribeQueue(
        new Queue(stack, 'queue', { name: 'queue' }),
      );
    });
    expect(plain.only('aws_sns_topic_subscription')).not.toHaveProperty('filter_policy');
  });

  test('for functions and mail addresses, too', () => {
    const filter = { attributes: { eventType: ['created'] } };
    const template = synthesize((stack) => {
      const topic = new Topic(stack, 'topic', { name: 'topic' });
      topic.subscribeFunction(new LambdaFunction(stack, 'fn', { name: 'fn', entry: 'fn.ts' }), { filter });
      topic.subscribeEmail('ops@example.com', { filter });
    });
    for (const { attributes } of template.resourcesOf('aws_sns_topic_subscription')) {
      expect(attributes).toMatchObject({ filter_policy: filter.attributes });
    }
  });

  test.each<Comparison>([
    'text',
    '',
    5,
    -1e9,
    true,
    null,
    { prefix: 'a' },
    { suffix: 'z' },
    { wildcard: 'a*b*c*' },
    { 'equals-ignore-case': 'Text' },
    { cidr: '10.0.0.0/24' },
    { cidr: '2001:db8::/32' },
    { exists: false },
    { numeric: ['=', 0] },
    { numeric: ['<', -5.5] },
    { numeric: ['>', 0, '<=', 100] },
    { 'anything-but': 'a' },
    { 'anything-but': [1, 2] },
    { 'anything-but': { prefix: 'internal-' } },
  ])('takes %j', (comparison) => {
    expect(subscribe({ attributes: { key: [comparison] } })['filter_policy']).toEqual({ key: [comparison] });
  });

  test.each<[unknown, RegExp]>([
    [{ like: 'a' }, /filter.key is \{"like":"a"\}: one comparison of prefix, suffix/],
    [{ prefix: 'a', suffix: 'b' }, /one comparison/],
    [{}, /one comparison/],
    [{ prefix: '' }, /prefix takes a text/],
    [{ exists: 'true' }, /exists takes true or false/],
    [{ cidr: '10.0.0.0' }, /cidr takes/],
    [{ cidr: '10.0.0.0/33' }, /cidr takes/],
    [{ wildcard: 'a**' }, /wildcard takes/],
    [{ wildcard: '*a*b*c*' }, /up to three \*/],
    [{ numeric: ['>', 5, '<', 5] }, /numeric takes/],
    [{ numeric: ['<', 5, '>', 1] }, /numeric takes/],
    [{ numeric: ['==', 5] }, /numeric takes/],
    [{ numeric: ['=', '5'] }, /numeric takes/],
    [{ numeric: ['=', 2e9] }, /from -1000000000 to 1000000000/],
    [2e9, /from -1000000000 to 1000000000/],
    [{ 'anything-but': [] }, /anything-but takes/],
    [{ 'anything-but': ['a', 1] }, /values of one kind/],
    [{ 'anything-but': { exists: true } }, /anything-but takes/],
  ])('refuses %j', (comparison, message) => {
    expect(() => subscribe({ attributes: { key: [comparison as Comparison] } })).toThrow(message);
  });

  const values = (count: number) => Array.from({ length: count }, (_, index) => `value-${index}`);
  const keys = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, ['a']]));

  test.each<[string, SubscriptionFilter]>([
    ['150 combinations', { attributes: { a: values(15), b: values(10) } }],
    ['150 combinations over levels', { body: { a: { b: { c: values(50) } } } }],
    ['five keys', { attributes: keys(5) }],
    ['a key in two branches', { attributes: { ...keys(4), $or: [{ x: ['a'] }, { x: [1] }] } }],
  ])('takes %s', (_name, filter) => expect(() => subscribe(filter)).not.toThrow());

  test.each<[string, SubscriptionFilter, RegExp]>([
    [
      'more combinations',
      { attributes: { a: values(16), b: values(10) } },
      /combinations in the filter is 160/,
    ],
    [
      // AWS's own example: 4 x 3 levels, 3 x 2 levels, 3 x 1 level.
      'more combinations over levels',
      { body: { a: { b: { c: values(4) } }, d: { e: values(3) }, f: values(3) } },
      /combinations in the filter is 216/,
    ],
    [
      'more combinations in branches',
      { attributes: { a: values(16), $or: [{ b: values(5) }, { c: values(5) }] } },
      /combinations in the filter is 160/,
    ],
    ['six keys', { attributes: keys(6) }, /number of keys in the filter is 6.*5 keys at most/],
    ['no key', { attributes: {} }, /filter is \{\}: one field or more/],
    ['an empty list', { attributes: { a: [] } }, /filter.a is \[\]: a list of one value or more/],
    ['one branch', { body: { $or: [{ a: ['b'] }] } }, /filter.\$or is .*two patterns or more/],
    [
      'levels of attributes',
      { attributes: { a: { b: ['c'] } } as never },
      /filter is "a.b": attributes have no levels/,
    ],
    [
      'more than 256 KB',
      { body: { a: ['x'.repeat(262_144)] } },
      /size of the filter is 2621\d\d.*262144 bytes/,
    ],
  ])('refuses %s', (_name, filter, message) => expect(() => subscribe(filter)).toThrow(message));
});

describe('a consumer’s filters', () => {
  test('are texts of patterns on the record', () => {
    const filters: readonly MessageFilter[] = [
      { body: { eventType: ['created'] } },
      { messageAttributes: { kind: { stringValue: [{ prefix: 'a' }] } } },
    ];
    const criteria = consume(filters)['filter_criteria'] as { filter: { pattern: unknown }[] };
    expect(criteria.filter.map(({ pattern }) => pattern)).toEqual(filters);
  });

  test.each<[string, readonly MessageFilter[], RegExp]>([
    ['six of them', Array.from({ length: 6 }, () => ({ body: ['a'] })), /number of filters is 6.*1 to 5/],
    ['none', [], /number of filters is 0/],
    ['fields that records do not have', [{ data: ['a'] }], /filter is "data": a record's fields are body/],
    ['comparisons that only SNS has', [{ body: [{ wildcard: 'a*' }] }], /one comparison of prefix, suffix/],
    ['a long one', [{ body: ['x'.repeat(4096)] }], /size of the filter is 41\d\d: 4096 bytes/],
  ])('refuses %s', (_name, filters, message) => expect(() => consume(filters)).toThrow(message));
});
