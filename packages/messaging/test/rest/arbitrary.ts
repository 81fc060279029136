import fc from 'fast-check';
import type { Documented, JsonSchema } from './documented';

/** Values that break what was not thought of. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    2 ** 53 - 1,
    -(2 ** 53 - 1),
    '',
    ' ',
    '\u0000',
    '\uFFFE',
    '\u202Egnp.exe',
    'a/../b',
    '%2F',
    '%',
    "'; DROP TABLE queues; --",
    '${jndi:ldap://127.0.0.1/a}',
    '<script>alert(1)</script>',
    'arn:aws:sqs:us-east-1:000000000000:orders',
    'x'.repeat(5000),
    '📚'.repeat(100),
    [],
    {},
    [[[[[[[[]]]]]]]],
    { constructor: { prototype: {} }, toString: 1 },
    { type: 'string', value: null },
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.jsonValue({ maxDepth: 4 }),
);

/** What the local endpoint has, so that requests reach it. */
export type Known = Readonly<Record<string, readonly string[]>>;

/** Values from the document's own schemas: valid ones, and ones with something wrong in them. */
export class Arbitraries {
  private readonly made = new Map<string, fc.Arbitrary<unknown>>();

  constructor(
    private readonly documented: Documented,
    private readonly known: Known,
  ) {}

  /** As the schema says. */
  valid(schema: JsonSchema): fc.Arbitrary<unknown> {
    const text = JSON.stringify(schema);
    const known = this.made.get(text);
    if (known !== undefined) return known;
    const made = this.make(schema);
    this.made.set(text, made);
    return made;
  }

  /** As the schema says but for one place. */
  mutated(schema: JsonSchema): fc.Arbitrary<unknown> {
    return fc
      .tuple(this.valid(schema), hostile, fc.nat(), fc.constantFrom('replace', 'add', 'remove'))
      .map(([value, wrong, seed, how]) => mutate(structuredClone(value), wrong, seed, how));
  }

  private make(schema: JsonSchema): fc.Arbitrary<unknown> {
    if (typeof schema.$ref === 'string') return this.reference(schema);
    const options = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
    if (options) return fc.oneof(...options.map((option) => this.valid(option)));
    if ('const' in schema) return fc.constant(schema.const);
    if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
    const maker = this.makers[schema.type as string];
    return maker === undefined ? fc.jsonValue({ maxDepth: 3 }) : maker(schema);
  }

  /** Names of what there is, mostly. */
  private reference(schema: JsonSchema): fc.Arbitrary<unknown> {
    const names = this.known[(schema.$ref as string).split('/').at(-1)!];
    const any = this.valid(this.documented.resolve(schema));
    if (names === undefined) return any;
    return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: any });
  }

  private readonly makers: Readonly<Record<string, (schema: JsonSchema) => fc.Arbitrary<unknown>>> = {
    string: stringOf,
    integer: ({ minimum = -1000, maximum = 1000 }) =>
      fc.integer({ min: minimum as number, max: maximum as number }),
    number: () => fc.double({ noNaN: true, noDefaultInfinity: true }),
    boolean: () => fc.boolean(),
    null: () => fc.constant(null),
    array: ({ items, minItems = 0, maxItems = 3 }) =>
      fc.array(this.valid(items as JsonSchema), {
        minLength: minItems as number,
        maxLength: Math.min(maxItems as number, 3),
      }),
    object: (schema) => this.object(schema),
  };

  private object(schema: JsonSchema): fc.Arbitrary<unknown> {
    const { properties = {}, required = [], additionalProperties, propertyNames, minProperties = 0 } = schema;
    if (typeof additionalProperties === 'object') {
      const names = this.valid(propertyNames as JsonSchema) as fc.Arbitrary<string>;
      return fc.dictionary(names, this.valid(additionalProperties as JsonSchema), {
        minKeys: minProperties as number,
        maxKeys: 3,
        noNullPrototype: true,
      });
    }
    const entries = Object.entries(properties as Record<string, JsonSchema>);
    const arbitraries = Object.fromEntries(entries.map(([name, property]) => [name, this.valid(property)]));
    return fc.record(arbitraries, { requiredKeys: required as string[], noNullPrototype: true });
  }
}

function stringOf({ pattern, format, minLength = 0, maxLength = 40 }: JsonSchema): fc.Arbitrary<string> {
  const [min, max] = [minLength as number, Math.min(maxLength as number, 40)];
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  if (typeof pattern !== 'string') return fc.string({ minLength: min, maxLength: max });
  return matching(pattern).filter((text) => text.length >= min);
}

const matched = new Map<string, fc.Arbitrary<string>>();

/** Made once a pattern: for a negated class it goes through all characters. */
function matching(pattern: string): fc.Arbitrary<string> {
  const made = matched.get(pattern) ?? fc.stringMatching(new RegExp(pattern), { size: 'small' });
  matched.set(pattern, made);
  return made;
}

type Holder = Record<string | number, unknown>;

/** Every array and object in a value. */
function holders(value: unknown): Holder[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Holder, ...Object.values(value).flatMap(holders)];
}

function mutate(value: unknown, wrong: unknown, seed: number, how: string): unknown {
  const all = holders(value);
  if (all.length === 0) return wrong;
  const holder = all[seed % all.length]!;
  const keys = Object.keys(holder);
  const key = keys[seed % Math.max(1, keys.length)];
  if (how === 'add' || key === undefined) holder[`unknown${seed % 3}`] = wrong;
  else if (how === 'remove') delete holder[key];
  else holder[key] = wrong;
  return value;
}
