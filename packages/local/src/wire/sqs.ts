import { ServiceError } from '../engine';
import { jsonProtocol, targetOf } from './json-protocol';
import type { Output, Service } from './protocol';
import { isInput } from './protocol';
import type { Flattened } from './query-decoder';
import { flattenedInput } from './query-decoder';
import { queryProtocol } from './query-protocol';
import { recognizesQuery } from './query-recognition';
import { messageOperations } from './sqs-messages';
import { moveOperations } from './sqs-moves';
import { queueOperations } from './sqs-queues';
import type { Xml } from './xml';

const TARGET = 'AmazonSQS';
const VERSION = '2012-11-05';

/** The Query protocol's names of flattened parameters. */
const FLATTENED: Readonly<Record<string, Flattened>> = {
  ActionName: { name: 'Actions', kind: 'list' },
  Attribute: { name: 'Attributes', kind: 'map' },
  AttributeName: { name: 'AttributeNames', kind: 'list' },
  AWSAccountId: { name: 'AWSAccountIds', kind: 'list' },
  ChangeMessageVisibilityBatchRequestEntry: { name: 'Entries', kind: 'list' },
  DeleteMessageBatchRequestEntry: { name: 'Entries', kind: 'list' },
  MessageAttribute: { name: 'MessageAttributes', kind: 'map' },
  MessageAttributeName: { name: 'MessageAttributeNames', kind: 'list' },
  MessageSystemAttribute: { name: 'MessageSystemAttributes', kind: 'map' },
  MessageSystemAttributeName: { name: 'MessageSystemAttributeNames', kind: 'list' },
  SendMessageBatchRequestEntry: { name: 'Entries', kind: 'list' },
  Tag: { name: 'Tags', kind: 'map' },
  TagKey: { name: 'TagKeys', kind: 'list' },
};

/** The elements of flattened lists in results; those of a batch's successes carry the operation's name. */
const LIST_ELEMENTS: Readonly<Record<string, string>> = {
  Failed: 'BatchResultErrorEntry',
  Messages: 'Message',
  Results: 'ListMessageMoveTasksResultEntry',
  QueueUrls: 'QueueUrl',
  queueUrls: 'QueueUrl',
};

const MAP_ELEMENTS: Readonly<Record<string, readonly [element: string, key: string]>> = {
  Attributes: ['Attribute', 'Name'],
  MessageAttributes: ['MessageAttribute', 'Name'],
  Tags: ['Tag', 'Key'],
};

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html and the service's model */
const QUERY_CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  PurgeQueueInProgress: 'AWS.SimpleQueueService.PurgeQueueInProgress',
  QueueDeletedRecently: 'AWS.SimpleQueueService.QueueDeletedRecently',
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  QueueNameExists: 'QueueAlreadyExists',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  UnknownOperationException: 'InvalidAction',
  UnsupportedOperation: 'AWS.SimpleQueueService.UnsupportedOperation',
};

const queryCode = (code: string) => QUERY_CODES[code] ?? code;

const json = jsonProtocol({
  version: '1.0',
  target: TARGET,
  errorNamespace: 'com.amazonaws.sqs',
  queryErrorCode: queryCode,
});

const WITHOUT_RESULT = new Set([
  'AddPermission',
  'ChangeMessageVisibility',
  'DeleteMessage',
  'DeleteQueue',
  'PurgeQueue',
  'RemovePermission',
  'SetQueueAttributes',
  'TagQueue',
  'UntagQueue',
]);

const query = queryProtocol({
  namespace: `http://queue.amazonaws.com/doc/${VERSION}/`,
  input: (tree) => {
    const { Tags, ...input } = flattenedInput(tree, FLATTENED);
    // CreateQueue writes them in lower case.
    return Tags === undefined ? input : { ...input, Tags, tags: Tags };
  },
  output: flatten,
  withoutResult: WITHOUT_RESULT,
  errorCode: queryCode,
});

const operations = { ...queueOperations, ...messageOperations, ...moveOperations };
const recognizesForm = recognizesQuery(VERSION, operations);

export const sqs: Service = {
  name: 'sqs',
  recognizes: (request) => targetOf(request, TARGET) !== undefined || recognizesForm(request),
  protocol: (request) => (request.headers['x-amz-target'] === undefined ? query : json),
  operations,
  denied: (message) => new ServiceError('AccessDeniedException', message, 403),
};

function flatten(output: Output, operation?: string): { [name: string]: Xml } {
  const elements: { [name: string]: Xml } = {};
  for (const [name, value] of Object.entries(output)) {
    if (name === 'Successful') elements[`${operation}ResultEntry`] = (value as unknown[]).map(flattenItem);
    else if (Array.isArray(value)) elements[LIST_ELEMENTS[name] ?? name] = value.map(flattenItem);
    else if (name in MAP_ELEMENTS && isInput(value)) flattenMap(name, value, elements);
    else if (isInput(value)) elements[name] = flatten(value);
    else elements[name] = value as Xml;
  }
  return elements;
}

function flattenItem(item: unknown): Xml {
  return isInput(item) ? flatten(item) : (item as Xml);
}

function flattenMap(name: string, map: Output, elements: { [name: string]: Xml }): void {
  const [element, key] = MAP_ELEMENTS[name]!;
  elements[element] = Object.entries(map).map(([entry, value]) => ({
    [key]: entry,
    Value: flattenItem(value),
  }));
}
