import type { MessageAttribute, MessageAttributes } from '../../../contracts';
import type { Scalar } from './scalar';
import { isScalar } from './scalar';

/** The values that filters compare, by the attribute's name. */
export type AttributeValues = ReadonlyMap<string, readonly Scalar[]>;

/**
 * The attributes as filters see them: text, numbers, the elements of a String.Array; binary ones are ignored
 * (https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html).
 */
export function attributeValues(attributes: MessageAttributes | undefined): AttributeValues {
  const values = new Map<string, readonly Scalar[]>();
  for (const [name, attribute] of Object.entries(attributes ?? {})) {
    const seen = valuesOf(attribute);
    if (seen.length > 0) values.set(name, seen);
  }
  return values;
}

function valuesOf({ dataType, value }: MessageAttribute): readonly Scalar[] {
  if (dataType === 'String.Array') return elementsOf(value);
  if (dataType.startsWith('String')) return [value];
  return dataType.startsWith('Number') ? [Number(value)] : [];
}

function elementsOf(json: string): readonly Scalar[] {
  const elements = parsed(json);
  return Array.isArray(elements) ? elements.filter(isScalar) : [];
}

/** A message's body as an object; undefined where it is none. */
export function bodyObject(body: string): Readonly<Record<string, unknown>> | undefined {
  const object = parsed(body);
  return isScalar(object) || Array.isArray(object) ? undefined : (object as Record<string, unknown>);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
