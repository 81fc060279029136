import { ServiceError } from '../engine';
import { jsonProtocol, targetOf } from './json-protocol';
import { consumerOperations } from './kinesis/consumers';
import { recordOperations } from './kinesis/records';
import { shardOperations } from './kinesis/shards';
import { streamOperations } from './kinesis/streams';
import type { Service } from './protocol';

const TARGET = 'Kinesis_20131202';

const json = jsonProtocol({ version: '1.1', target: TARGET });

export const kinesis: Service = {
  name: 'kinesis',
  recognizes: (request) => targetOf(request, TARGET) !== undefined,
  protocol: () => json,
  operations: { ...streamOperations, ...shardOperations, ...recordOperations, ...consumerOperations },
  denied: (message) => new ServiceError('AccessDeniedException', message, 400),
};
