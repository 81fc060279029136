import { validate } from '@readme/openapi-parser';
import { openApiDocument, PROBLEMS, ROUTES } from '../../src/rest';
import { Documented } from './documented';
import type { JsonSchema } from './documented';

const documented = new Documented();
const { document } = documented;

/** Every object in the document, with the keys that lead to it. */
function* nodes(value: unknown, path: readonly string[] = []): Generator<[JsonSchema, readonly string[]]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [value as JsonSchema, path];
  for (const [key, child] of Object.entries(value)) yield* nodes(child, [...path, key]);
}

it('is a document of OpenAPI 3.1', async () => {
  await expect(validate(structuredClone(document) as never)).resolves.toMatchObject({
    valid: true,
    warnings: [],
  });
});

it('is the same each time, and nobody can change it for others', () => {
  const text = JSON.stringify(openApiDocument());
  (openApiDocument().components.schemas as Record<string, JsonSchema>).Queue!.type = 'changed';
  expect(JSON.stringify(openApiDocument())).toBe(text);
  expect(
    JSON.stringify(openApiDocument({ title: 'Shop', version: '2', servers: [{ url: '/shop' }] })),
  ).toContain('"title":"Shop","version":"2"');
});

it('has schemas of JSON Schema 2020-12, whose examples are as they say', () => {
  for (const [name, schema] of Object.entries(document.components.schemas!)) {
    const check = documented.validator({ $ref: `#/components/schemas/${name}` });
    for (const example of ((schema as JsonSchema).examples as unknown[]) ?? []) {
      expect([name, check(example), check.errors]).toEqual([name, true, null]);
    }
  }
});

it('has examples in schemas within schemas that are as those say', () => {
  const found = [...nodes(document)].filter(
    ([node, path]) => Array.isArray(node.examples) && path.at(-1) !== 'properties',
  );
  expect(found.length).toBeGreaterThan(60);
  for (const [node, path] of found) {
    const check = documented.validator(node);
    const wrong = (node.examples as unknown[]).filter((example) => !check(example));
    expect([path.join('/'), wrong]).toEqual([path.join('/'), []]);
  }
});

it('gives each operation an id of its own, a summary, a tag, and a scope or none', () => {
  const { operations } = documented;
  expect(operations).toHaveLength(ROUTES.length);
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  for (const { path, operation } of operations) {
    const scope = operation['x-scope'];
    expect(path.startsWith('/v1') ? scope : 'none').toMatch(/^(read|write|admin|none)$/);
    expect(operation.summary).toMatch(/^\S.+\S$/);
    expect(operation.tags).toHaveLength(1);
  }
});

it('reads with GET, and with nothing else', () => {
  const scopes = documented.operations.map(({ method, path, operation }) => [
    method,
    path,
    operation['x-scope'],
  ]);
  const reads = scopes.filter(([, , scope]) => scope === 'read' || scope === undefined);
  expect(new Set(reads.map(([method]) => method))).toEqual(new Set(['GET']));
  expect(scopes.filter(([method, , scope]) => method === 'GET' && scope !== 'read')).toEqual([
    ['GET', '/problems/{code}', undefined],
  ]);
});

it('tells each parameter of a path, and the Idempotency-Key of what sends', () => {
  for (const { path, operation } of documented.operations) {
    const parameters = (operation.parameters ?? []).map((parameter) => documented.resolve(parameter));
    const names = parameters
      .filter((parameter) => parameter.in === 'path')
      .map(({ name }) => `{${String(name)}}`);
    expect(names).toEqual(path.match(/\{\w+\}/g) ?? []);
  }
  const keyed = documented.operations.filter(({ operation }) =>
    JSON.stringify(operation).includes('IdempotencyKey'),
  );
  expect(keyed.map(({ operation }) => operation.operationId).sort()).toEqual([
    'invokeFunction',
    'publishMessage',
    'publishMessages',
    'putRecords',
    'sendMail',
    'sendMessage',
    'sendMessages',
    'sendRequest',
  ]);
});

it('has no component that nothing refers to, and none that is missing', () => {
  const text = JSON.stringify(document);
  const refs = new Set([...text.matchAll(/"#\/components\/(\w+\/\w+)"/g)].map(([, name]) => name));
  const { securitySchemes: _, ...components } = document.components;
  const names = Object.entries(components).flatMap(([kind, all]) =>
    Object.keys(all).map((name) => `${kind}/${name}`),
  );
  expect(names.filter((name) => !refs.has(name))).toEqual([]);
  expect([...refs].filter((name) => !names.includes(name!))).toEqual([]);
});

it('shows every problem that a route may answer with', () => {
  const responses = Object.values(document.components.responses!) as JsonSchema[];
  const shown = responses.flatMap((response) => {
    const media = (response.content as Record<string, { examples: object }>)['application/problem+json']!;
    return Object.keys(media.examples);
  });
  const elsewhere = ['method-not-allowed', 'misdirected-request', 'client-closed'];
  expect(shown.sort()).toEqual(
    Object.keys(PROBLEMS)
      .filter((code) => !elsewhere.includes(code))
      .sort(),
  );
});
