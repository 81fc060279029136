import type { MessageAttribute, MessageAttributes } from '../contracts';
import { ServiceError } from '../engine';
import type { Input } from './protocol';
import { isInput } from './protocol';

/** Message attributes as SQS and SNS have them on the wire. @throws ServiceError InvalidParameterValue */
export function messageAttributes(input: Input, member: string): MessageAttributes | undefined {
  const value = input[member];
  if (value === undefined || value === null || value === '') return undefined;
  if (!isInput(value)) throw refuse(`The parameter ${member} must be a map.`);
  const attributes: Record<string, MessageAttribute> = {};
  for (const [name, attribute] of Object.entries(value)) attributes[name] = messageAttribute(name, attribute);
  return attributes;
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
  const rendered: Record<string, unknown> = {};
  for (const [name, { dataType, value }] of Object.entries(attributes)) {
    const binary = dataType.startsWith('Binary');
    rendered[name] = binary
      ? { BinaryValue: value, DataType: dataType }
      : { StringValue: value, DataType: dataType };
  }
  return rendered;
}

function refuse(reason: string): ServiceError {
  return new ServiceError('InvalidParameterValue', reason);
}
