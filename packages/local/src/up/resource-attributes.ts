import { ServiceError } from '../engine';
import type { AttributeMap } from '../engine';
import { UserError } from '../errors';
import type { Resource } from '../synth';

/** A resource's arguments as the service's attributes; what is not set is left out. */
export function attributesOf(
  resource: Resource,
  names: Readonly<Record<string, string>>,
): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [argument, attribute] of Object.entries(names)) {
    const value = resource.optionalText(argument);
    if (value !== undefined && value !== '') {
      attributes[attribute] = value;
    }
  }
  return attributes satisfies AttributeMap;
}

/** What SNS and SQS refuse is the stack's mistake. */
export async function asUserError(resource: Resource, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw error instanceof ServiceError ? new UserError(`${resource.address}: ${error.message}`) : error;
  }
}
