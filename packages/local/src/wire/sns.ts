import { ServiceError } from '../engine';
import type { Service } from './protocol';
import { wrappedInput } from './query-decoder';
import { queryProtocol } from './query-protocol';
import { wrapped } from './query-output';
import { recognizesQuery } from './query-recognition';
import { certificateOperations, certificateProtocol, isCertificateRequest } from './sns-certificate';
import { publishOperations } from './sns-publish';
import { subscriptionOperations } from './sns-subscriptions';
import { topicOperations } from './sns-topics';

const VERSION = '2010-03-31';

/** Codes of the model's errors that the wire calls otherwise. */
const CODES: Readonly<Record<string, string>> = {
  InvalidParameterValue: 'ParameterValueInvalid',
  MissingParameter: 'InvalidParameter',
  UnknownOperationException: 'InvalidAction',
};

const WITHOUT_RESULT = new Set([
  'AddPermission',
  'DeleteTopic',
  'RemovePermission',
  'SetSubscriptionAttributes',
  'SetTopicAttributes',
  'Unsubscribe',
]);

const query = queryProtocol({
  namespace: `http://sns.amazonaws.com/doc/${VERSION}/`,
  input: wrappedInput,
  output: wrapped,
  withoutResult: WITHOUT_RESULT,
  errorCode: (code) => CODES[code] ?? code,
});

const operations = {
  ...topicOperations,
  ...subscriptionOperations,
  ...publishOperations,
  ...certificateOperations,
};

const recognized = recognizesQuery(VERSION, operations);

export const sns: Service = {
  name: 'sns',
  recognizes: (request) => isCertificateRequest(request) || recognized(request),
  protocol: (request) => (isCertificateRequest(request) ? certificateProtocol : query),
  operations,
  denied: (message) => new ServiceError('AuthorizationError', message, 403),
};
