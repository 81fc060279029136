import type { Json, JsonObject } from '../shared/json-attributes';

/**
 * JSON merge patch: null removes a field, an object is merged into what is there, anything else replaces it. Neither of the
 * two is changed. https://www.rfc-editor.org/rfc/rfc7396#section-2
 */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  // A map, because an assignment to a field named `__proto__` would set no field.
  const merged = new Map<string, Json>(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
