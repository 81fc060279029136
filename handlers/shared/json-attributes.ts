import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** A JSON value as DynamoDB stores it. What it does not store is refused before, by {@link unstorable}. */
export function toAttribute(value: Json): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'string') return { S: value };
  if (Array.isArray(value)) return { L: (value as readonly Json[]).map(toAttribute) };
  return { M: toAttributes(value as JsonObject) };
}

export function toAttributes(object: JsonObject): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, toAttribute(value)]));
}

/** The JSON value of an attribute that {@link toAttribute} made; sets and bytes have none and are null. */
export function fromAttribute({ S, N, BOOL, L, M }: AttributeValue): Json {
  if (S !== undefined) return S;
  if (N !== undefined) return Number(N);
  if (BOOL !== undefined) return BOOL;
  if (L !== undefined) return L.map(fromAttribute);
  return M === undefined ? null : fromAttributes(M);
}

export function fromAttributes(attributes: Readonly<Record<string, AttributeValue>>): JsonObject {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, fromAttribute(value)]));
}

/** DynamoDB nests 32 levels deep, and the value is in an item already. */
const MAX_DEPTH = 20;
const MIN_NUMBER = 1e-130;
const MAX_NUMBER = 9.9e125;
// The u flag reads pairs as one character, so that only halves are left to match.
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Why DynamoDB would refuse a value, or change it.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
export function unstorable(value: Json, depth = 0): string | undefined {
  if (depth > MAX_DEPTH) return `must not nest more than ${MAX_DEPTH} levels deep`;
  if (typeof value === 'number') {
    const size = Math.abs(value);
    const storable = size === 0 || (size >= MIN_NUMBER && size <= MAX_NUMBER);
    return storable ? undefined : 'must have numbers from 1E-130 to 9.9E+125';
  }
  if (typeof value === 'string')
    return LONE_SURROGATE.test(value) ? 'must not have half of a surrogate pair' : undefined;
  if (value === null || typeof value !== 'object') return undefined;
  for (const [name, inner] of Object.entries<Json>({ ...value })) {
    if (name === '') return 'must not have empty names';
    const reason = unstorable(name) ?? unstorable(inner, depth + 1);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
