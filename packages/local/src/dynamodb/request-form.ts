import { ServiceError } from '../engine/errors';
import { validationError } from './errors';
import type { Input } from './types';

// Items nest 32 levels (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html), each of which is
// two of JSON's; what is around an item takes less than the rest.
const MAX_DEPTH = 75;
/** Parameters whose members have names of the caller's. */
const MAPS = new Set([
  'AttributeUpdates',
  'ExclusiveStartKey',
  'Expected',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'Item',
  'Key',
  'Keys',
  'KeyConditions',
  'M',
  'QueryFilter',
  'RequestItems',
  'ScanFilter',
]);

/**
 * A request that code which trusts its form can take: null members of structures are left out, as on AWS.
 * @throws ServiceError ValidationException, SerializationException
 */
export function wellFormed(input: Input): Input {
  return form(input, '', 0) as Input;
}

/**
 * A parameter that is a list of structures; empty where it is missing.
 * @throws ServiceError SerializationException
 */
export function structures(input: Input, name: string): readonly Input[] {
  const value = input[name] ?? [];
  if (Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null)) {
    return value as Input[];
  }
  throw notSerialized(`${name} must be a list of structures`);
}

export function notSerialized(reason: string): ServiceError {
  return new ServiceError('SerializationException', reason);
}

function form(value: unknown, name: string, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) {
    throw validationError(
      'Nesting Levels have exceeded supported limits: Attributes have nesting levels beyond supported limit',
    );
  }
  if (Array.isArray(value)) {
    if (value.includes(null)) throw notSerialized(`${name} has an element that is null`);
    return value.map((each) => form(each, name, depth + 1));
  }
  const members = Object.entries(value as Input).filter(([key, member]) => {
    // Objects of JavaScript have no member of that name: it would be lost without a word.
    if (key === '__proto__') throw validationError('Nothing here can be named __proto__');
    if (member === null && MAPS.has(name)) throw notSerialized(`${name} has a member that is null`);
    return member !== null;
  });
  return Object.fromEntries(members.map(([key, member]) => [key, form(member, key, depth + 1)]));
}
