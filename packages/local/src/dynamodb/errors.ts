import { ServiceError } from '../engine/errors';

/** An error whose answer has more members than a message: the item that failed a condition, reasons of a cancellation. */
export class DetailedError extends ServiceError {
  constructor(
    code: string,
    message: string,
    readonly details: Readonly<Record<string, unknown>>,
  ) {
    super(code, message);
  }
}

export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

export function tableNotFound(name?: string): ServiceError {
  const which = name === undefined ? '' : `: Table: ${name} not found`;
  return new ServiceError('ResourceNotFoundException', `Requested resource not found${which}`);
}

export const CONDITION_FAILED = 'ConditionalCheckFailedException';
