import type { Locale, Queue } from '../engine';
import { queueArn, ServiceError } from '../engine';
import type { Input, WireContext, WireRequest } from './protocol';

/** Where a queue is addressed: `http://127.0.0.1:4566/000000000000/orders`. */
export function queueUrl(endpointUrl: string, locale: Locale, name: string): string {
  return `${endpointUrl}/${locale.accountId}/${name}`;
}

/** ARN of the queue that a request names, whether it exists or not. */
export function requestedQueueArn(input: Input, context: WireContext, request: WireRequest): string {
  // The Query protocol may also be posted to the queue's own address.
  const url = typeof input.QueueUrl === 'string' && input.QueueUrl !== '' ? input.QueueUrl : request.path;
  const name = url.slice(url.lastIndexOf('/') + 1);
  if (name === '')
    throw new ServiceError('MissingParameter', 'The request must contain the parameter QueueUrl.');
  return queueArn(context.broker.locale, name);
}

/** @throws ServiceError QueueDoesNotExist */
export function requestedQueue(input: Input, context: WireContext, request: WireRequest): Queue {
  return context.broker.queues.get(requestedQueueArn(input, context, request));
}
