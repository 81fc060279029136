import { acceptsBody } from './support';

describe('properties inside others', () => {
  const policy = { store: { name: ['shop'], address: { city: [{ prefix: 'B' }] } }, kind: ['order'] };

  it.each([
    [{ kind: 'order', store: { name: 'shop', address: { city: 'Basel' } } }, true],
    [{ kind: 'order', store: { name: 'shop', address: { city: 'Zug' } } }, false],
    [{ kind: 'order', store: { name: 'shop', address: 'Basel' } }, false],
    [{ kind: 'order', store: { name: 'shop' } }, false],
    [{ kind: 'order', name: 'shop', city: 'Basel' }, false],
  ])('of %j: %s', (body, accepted) => {
    expect(acceptsBody(policy, body)).toBe(accepted);
  });

  it.each([
    { object: { nested: { test: 'x' } } },
    { 'object.nested.test': 'x' },
    { 'object.nested': { test: 'x' } },
    { object: { 'nested.test': 'x' } },
    { object: { nested: 'x' }, 'object.nested': { test: 'x' } },
  ])('are meant by names with dots too: %j', (body) => {
    expect(acceptsBody({ 'object.nested.test': ['x'] }, body)).toBe(true);
    expect(acceptsBody({ object: { nested: { test: ['x'] } } }, body)).toBe(true);
    expect(acceptsBody({ 'object.nested.test': ['y'] }, body)).toBe(false);
  });
});

describe('lists', () => {
  it('of values need one that matches', () => {
    const policy = { route: { to: ['a'] } };
    expect(acceptsBody(policy, { route: { to: ['b', 'a'] } })).toBe(true);
    expect(acceptsBody(policy, { route: { to: [['a']] } })).toBe(true);
    expect(acceptsBody(policy, { route: { to: ['b'] } })).toBe(false);
    expect(acceptsBody(policy, { route: { to: [] } })).toBe(false);
  });

  it('of objects need one object that matches wholly', () => {
    const policy = {
      Records: { s3: { object: { key: [{ prefix: 'auto-' }] } }, eventName: [{ prefix: 'Created' }] },
    };
    const record = (key: string, eventName: string) => ({ eventName, s3: { object: { key } } });
    expect(acceptsBody(policy, { Records: [record('x', 'Removed'), record('auto-1', 'Created:Put')] })).toBe(
      true,
    );
    expect(acceptsBody(policy, { Records: [record('auto-1', 'Removed'), record('x', 'Created:Put')] })).toBe(
      false,
    );
    const lists = { eventName: 'Created', s3: { object: [[{ key: 'auto-1' }]] } };
    expect(acceptsBody(policy, { Records: [lists] })).toBe(true);
  });
});

describe('exists', () => {
  it('asks for a value, which an object or an empty list is not', () => {
    const policy = { a: { b: [{ exists: true }] } };
    expect(acceptsBody(policy, { a: { b: null } })).toBe(true);
    expect(acceptsBody(policy, { a: { b: { c: 1 } } })).toBe(false);
    expect(acceptsBody(policy, { a: { b: [] } })).toBe(false);
  });

  it('false is true of what is nowhere in the list', () => {
    const policy = { a: { b: [{ exists: false }], c: ['x'] } };
    expect(acceptsBody(policy, { a: { c: 'x' } })).toBe(true);
    expect(acceptsBody(policy, { a: [{ c: 'x' }, { b: 1 }] })).toBe(false);
    expect(acceptsBody({ a: { b: [{ exists: false }, 1] } }, { a: { b: 1 } })).toBe(true);
  });
});

it('tells numbers, texts and keywords apart', () => {
  const policy = { a: [1, 'true', null, false] };
  for (const value of [1, 1.000001, 'true', null, false])
    expect(acceptsBody(policy, { a: value })).toBe(true);
  for (const value of ['1', true, 'null', 0]) expect(acceptsBody(policy, { a: value })).toBe(false);
});

it('$or works at every level', () => {
  const policy = {
    $or: [{ metricName: ['CPU'] }, { namespace: ['EC2'] }],
    detail: { scope: ['Service'], $or: [{ source: ['a'] }, { type: ['b'] }] },
  };
  expect(acceptsBody(policy, { metricName: 'CPU', detail: { scope: 'Service', type: 'b' } })).toBe(true);
  expect(acceptsBody(policy, { namespace: 'EC2', detail: { scope: 'Service', source: 'a' } })).toBe(true);
  expect(acceptsBody(policy, { metricName: 'CPU', detail: { scope: 'Service', type: 'c' } })).toBe(false);
  expect(acceptsBody(policy, { metricName: 'CPU', detail: { source: 'a' } })).toBe(false);
});

it.each(['', 'text', '[]', '"text"', '12', 'null', '{"a":', '[{"a":"x"}]'])(
  'refuses a body that is no JSON object: %j',
  (body) => {
    expect(acceptsBody({ a: ['x'] }, body)).toBe(false);
    expect(acceptsBody({ a: [{ exists: false }] }, body)).toBe(false);
  },
);

it('does not read what an object inherits', () => {
  expect(acceptsBody({ constructor: { name: [{ exists: true }] } }, {})).toBe(false);
  expect(acceptsBody({ toString: [{ exists: false }] }, {})).toBe(true);
});

it('ends for bodies that are made to have no end', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  expect(acceptsBody({ a: { b: ['x'] } }, `{"a":${deep}}`)).toBe(false);
  const names = Array<string>(13).fill('a');
  const tangled = names.reduce<unknown>((inner) => ({ a: inner, 'a.a': inner }), { b: 1 });
  const fields = ['b', 'c', 'd', 'e'].map((name) => [`${names.join('.')}.${name}`, [1]]);
  expect(acceptsBody(Object.fromEntries(fields), tangled)).toBe(false);
});
