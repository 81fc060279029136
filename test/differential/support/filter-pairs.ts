import type { Difference } from './difference';
import type { Json, JsonObject } from './step';
import { textOf } from './step';

/** What a policy's condition was held against. */
export interface Pair {
  readonly condition: Json;
  /** All conditions of that key. */
  readonly conditions: readonly Json[];
  /** Undefined where the message has no such key. Bytes for a Binary attribute. */
  readonly value: Json | Uint8Array | undefined;
  /** The value is in a list, or in an object of a list. */
  readonly inList: boolean;
  /** The condition is in one of the alternatives of `$or`. */
  readonly inOr: boolean;
}

type Source = { readonly [key: string]: unknown } | undefined;
type Surroundings = Pick<Pair, 'inList' | 'inOr'>;

/**
 * The policy's conditions with the values of the message that only one of the two delivered; empty where the sequence has
 * no filter.
 */
export function pairsOf({ path, ours, theirs, history }: Difference): Pair[] {
  const subscribed = history.find(({ operation }) => operation === 'Subscribe');
  const { FilterPolicy, FilterPolicyScope } = (subscribed?.input['Attributes'] ?? {}) as Record<
    string,
    string
  >;
  if (path !== 'Messages' || FilterPolicyScope === undefined) return [];
  const message = [...(ours as JsonObject[]), ...(theirs as JsonObject[])][0]!;
  const source = FilterPolicyScope === 'MessageBody' ? bodyOf(message) : attributesOf(message);
  return pairs(JSON.parse(FilterPolicy!) as JsonObject, source, { inList: false, inOr: false });
}

export function isInBody({ history }: Difference): boolean {
  return JSON.stringify(history).includes('"FilterPolicyScope":"MessageBody"');
}

function pairs(policy: JsonObject, source: Source, around: Surroundings): Pair[] {
  return Object.entries(policy).flatMap(([key, inner]): Pair[] => {
    if (key === '$or') {
      return (inner as JsonObject[]).flatMap((each) => pairs(each, source, { ...around, inOr: true }));
    }
    const value = source?.[key];
    if (!Array.isArray(inner)) {
      const inList = around.inList || Array.isArray(value);
      const values = Array.isArray(value) && value.length > 0 ? (value as Source[]) : [value as Source];
      return values.flatMap((each) => pairs(inner as JsonObject, each ?? undefined, { ...around, inList }));
    }
    const conditions = inner as Json[];
    const inList = around.inList || Array.isArray(value);
    return conditions.map((condition) => ({
      ...around,
      condition,
      conditions,
      value: value as Json | undefined,
      inList,
    }));
  });
}

function bodyOf({ Body }: JsonObject): Source {
  return JSON.parse(textOf(Body)) as Source;
}

function attributesOf({ MessageAttributes }: JsonObject): Source {
  const entries = Object.entries((MessageAttributes ?? {}) as Record<string, JsonObject>);
  return Object.fromEntries(entries.map(([name, attribute]) => [name, valueOf(attribute)]));
}

function valueOf({ DataType, StringValue }: JsonObject): unknown {
  if (DataType === 'Binary') return new Uint8Array();
  if (DataType === 'Number') return Number(StringValue);
  return DataType === 'String.Array' ? JSON.parse(textOf(StringValue)) : StringValue;
}

/** `prefix`, `numeric`, ...; `anything-but wildcard` for one in the other; `=` for a plain value. */
export function operatorOf(condition: Json): string {
  if (condition === null || typeof condition !== 'object') return '=';
  const [[name, operand] = ['', null]] = Object.entries(condition as JsonObject);
  const isNested = name === 'anything-but' && typeof operand === 'object' && !Array.isArray(operand);
  return isNested ? `${name} ${Object.keys(operand as JsonObject)[0]}` : name;
}

/** The condition is about texts and the value is none, or about numbers. */
export function isOfOtherType({ condition, value }: Pair): boolean {
  const isPlain = operatorOf(condition) === '=';
  const operands = isPlain ? [condition] : Object.values(condition as JsonObject).flat();
  const compared = operands.filter((operand) => isPlain || !/^[<>]?=?$/.test(textOf(operand)));
  return value !== undefined && compared.some((operand) => typeof operand !== typeof value);
}
