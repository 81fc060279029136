import type { MessageAttribute, MessageAttributes } from '../contracts';
import { ServiceError } from '../engine';
import type { Input } from './protocol';
import { isInput } from './protocol';

/** Message attributes as SQS and SNS have them on the wire. @throws ServiceError InvalidParameterValue */
export function messageAttributes(input: Input, member: string): MessageAttributes | undefined {
  const value = input[member];
  if (value === undefined || value === null || value === '') return undefined;
  if (!isInput(value)) throw refuse(`The parameter ${member} must be a map.`);
  // Not by assignment: an attribute may have the name __proto__.
  return Object.fromEntries(
    Object.entries(value).map(([name, attribute]) => [name, messageAttribute(name, attribute)]),
  );
}

function messageAttribute(name: string, attribute: unknown): MessageAttribute {
  if (!isInput(attribute) || typeof attribute.DataType !== 'string' || attribute.DataType === '') {
    throw refuse(`The message attribute '${name}' must contain non-empty message attribute type.`);
  }
  const { DataType: dataType, StringValue, BinaryValue } = attribute;
  const value = dataType.startsWith('Binary') ? BinaryValue : StringValue;
  // What is missing is empty, and refused as that.
  return { dataType, value: typeof value === 'string' ? value : '' };
}

/** The wire's form of message attributes. */
export function renderMessageAttributes(attributes: MessageAttributes): Input {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { dataType, value }]) => {
      const field = dataType.startsWith('Binary') ? 'BinaryValue' : 'StringValue';
      return [name, { [field]: value, DataType: dataType }];
    }),
  );
}

function refuse(reason: string): ServiceError {
  return new ServiceError('InvalidParameterValue', reason);
}
