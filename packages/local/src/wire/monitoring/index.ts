import { ServiceError } from '../../engine';
import type { Service } from '../protocol';
import { recognizesQuery } from '../query-recognition';
import { alarmOperations } from './alarms';
import { historyOperations } from './history';
import { isMonitoringRequest, protocolOf, VERSION } from './protocols';
import { putOperations } from './put-metric-data';
import { readOperations } from './read-metrics';
import { tagOperations } from './tags';

const operations = {
  ...alarmOperations,
  ...historyOperations,
  ...tagOperations,
  ...putOperations,
  ...readOperations,
};
const recognized = recognizesQuery(VERSION, operations);

/** Amazon CloudWatch; IAM calls it cloudwatch. */
export const monitoring: Service = {
  name: 'monitoring',
  recognizes: (request) => isMonitoringRequest(request) || recognized(request),
  protocol: protocolOf,
  operations,
  denied: (message) => new ServiceError('AccessDenied', message, 403),
};
