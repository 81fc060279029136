/** A JSON value, as Terraform's JSON syntax holds it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The instances of a block. Terraform's JSON writes a block as one object or as an array of objects; an absent block has
 * no instances.
 */
export function blocksOf(value: Json | undefined): JsonObject[] {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).filter(isObject);
  }
  return isObject(value) ? [value] : [];
}
