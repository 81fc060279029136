import type { MessageAttributes } from '../../../src/contracts';
import type { FilterPolicyScope } from '../../../src/engine/sns/filter';
import { attributeValues, bodyObject, FilterPolicy } from '../../../src/engine/sns/filter';

/** Attributes from plain values: text, number, a list as String.Array, bytes as Binary. */
export function attributesOf(values: Record<string, unknown>): MessageAttributes {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (Buffer.isBuffer(value)) return [name, { dataType: 'Binary', value: value.toString('base64') }];
      if (typeof value === 'number') return [name, { dataType: 'Number', value: String(value) }];
      if (typeof value === 'string') return [name, { dataType: 'String', value }];
      return [name, { dataType: 'String.Array', value: JSON.stringify(value) }];
    }),
  );
}

export function policyOf(policy: unknown, scope: FilterPolicyScope = 'MessageAttributes'): FilterPolicy {
  return FilterPolicy.parse(typeof policy === 'string' ? policy : JSON.stringify(policy), scope);
}

export function acceptsAttributes(policy: unknown, values: Record<string, unknown>): boolean {
  const attributes = attributeValues(attributesOf(values));
  return policyOf(policy).accepts({ attributes: () => attributes, body: () => undefined });
}

export function acceptsBody(policy: unknown, body: unknown): boolean {
  const object = bodyObject(typeof body === 'string' ? body : JSON.stringify(body));
  return policyOf(policy, 'MessageBody').accepts({ attributes: () => new Map(), body: () => object });
}
