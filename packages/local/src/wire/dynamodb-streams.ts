import { ServiceError } from '../engine';
import { jsonProtocol, targetOf } from './json-protocol';
import type { Input, Operation, Operations, Protocol, WireRequest } from './protocol';

const TARGET = 'DynamoDBStreams_20120810';

/** DynamoDB Streams signs its requests as DynamoDB, and is told from it by X-Amz-Target. */
export function isStreamsRequest(request: WireRequest): boolean {
  return targetOf(request, TARGET) !== undefined;
}

export const streamsProtocol: Protocol = jsonProtocol({
  version: '1.0',
  target: TARGET,
  errorNamespace: 'com.amazonaws.dynamodb.v20120810',
});

/** ARN of the stream, which its iterators begin with. */
const RESOURCES: Readonly<Record<string, (input: Input) => unknown>> = {
  DescribeStream: ({ StreamArn }) => StreamArn,
  GetRecords: ({ ShardIterator }) => String(ShardIterator).split('|')[0],
  GetShardIterator: ({ StreamArn }) => StreamArn,
  ListStreams: () => '*',
};

export const streamsOperations: Operations = Object.fromEntries(
  Object.entries(RESOURCES).map(([name, resource]): [string, Operation] => [
    name,
    {
      resource: (input) => {
        const arn = resource(input);
        return typeof arn === 'string' && arn !== '' ? arn : '*';
      },
      run: async (input, { context }) => {
        if (context.dynamodb === undefined) {
          throw new ServiceError('UnknownOperationException', 'DynamoDB is not hosted by this endpoint.');
        }
        return (await context.dynamodb.get()).execute(name, input);
      },
    },
  ]),
);
