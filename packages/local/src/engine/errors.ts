/**
 * An error as AWS names it. `code` is the name in the service's own model (SQS: the JSON protocol's, `QueueDoesNotExist`;
 * SNS: the Query protocol's, `NotFound`); the wire renders it in the protocol that the caller speaks.
 */
export class ServiceError extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** The HTTP status; 500 and above means that the fault is ours. */
    readonly status = 400,
  ) {
    super(message);
    this.name = code;
  }
}

export function queueDoesNotExist(): ServiceError {
  return new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
}

export function topicDoesNotExist(): ServiceError {
  return new ServiceError('NotFound', 'Topic does not exist', 404);
}

export function subscriptionDoesNotExist(): ServiceError {
  return new ServiceError('NotFound', 'Subscription does not exist', 404);
}

/** SNS's complaint about a parameter. */
export function invalidParameter(reason: string, prefix = 'Invalid parameter: '): ServiceError {
  return new ServiceError('InvalidParameter', prefix + reason);
}

/** SQS's complaint about a parameter. */
export function invalidParameterValue(reason: string): ServiceError {
  return new ServiceError('InvalidParameterValue', reason);
}
