import { DetailedError } from '../dynamodb';
import { ServiceError } from '../engine';
import { isStreamsRequest, streamsOperations, streamsProtocol } from './dynamodb-streams';
import { onEachPart, onEachTable, onResource, onTable } from './dynamodb-permissions';
import { jsonProtocol, targetOf } from './json-protocol';
import type { Operation, Operations, Protocol, Service } from './protocol';

const NAMESPACE = 'com.amazonaws.dynamodb.v20120810';
const TARGET = 'DynamoDB_20120810';

const ON_TABLE = [
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeContinuousBackups',
  'DescribeTable',
  'DescribeTimeToLive',
  'GetItem',
  'PutItem',
  'Query',
  'Scan',
  'UpdateContinuousBackups',
  'UpdateItem',
  'UpdateTable',
  'UpdateTimeToLive',
];

const PERMISSIONS: Readonly<Record<string, Operation['permissions']>> = {
  ...Object.fromEntries(ON_TABLE.map((name) => [name, onTable(name)])),
  BatchGetItem: onEachTable('BatchGetItem'),
  BatchWriteItem: onEachTable('BatchWriteItem'),
  DescribeEndpoints: undefined,
  DescribeLimits: undefined,
  ListTables: undefined,
  ListTagsOfResource: onResource('ListTagsOfResource'),
  TagResource: onResource('TagResource'),
  TransactGetItems: onEachPart('TransactGetItems'),
  TransactWriteItems: onEachPart('TransactWriteItems'),
  UntagResource: onResource('UntagResource'),
};

const operations: Operations = Object.fromEntries(
  Object.entries(PERMISSIONS).map(([name, permissions]): [string, Operation] => [
    name,
    {
      permissions,
      run: async (input, { context }) => {
        if (context.dynamodb === undefined) {
          throw new ServiceError('UnknownOperationException', 'DynamoDB is not hosted by this endpoint.');
        }
        return (await context.dynamodb.get()).execute(name, input);
      },
    },
  ]),
);

const json = jsonProtocol({ version: '1.0', target: TARGET, errorNamespace: NAMESPACE });

const protocol: Protocol = {
  ...json,
  error: (error, requestId) => {
    const reply = json.error(error, requestId);
    if (!(error instanceof DetailedError)) return reply;
    // SDKs read the message of a cancelled transaction by its other name.
    const details = {
      ...(JSON.parse(reply.body as string) as object),
      Message: error.message,
      ...error.details,
    };
    return { ...reply, body: JSON.stringify(details) };
  },
};

/** DynamoDB, and DynamoDB Streams, which shares its name in signatures and permissions. */
export const dynamodb: Service = {
  name: 'dynamodb',
  recognizes: (request) => targetOf(request, TARGET) !== undefined || isStreamsRequest(request),
  protocol: (request) => (isStreamsRequest(request) ? streamsProtocol : protocol),
  operations: { ...operations, ...streamsOperations },
  denied: (message) => new ServiceError('AccessDeniedException', message, 400),
};
