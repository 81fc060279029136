import { ServiceError } from '../engine';
import { jsonProtocol, targetOf } from './json-protocol';
import { logEventOperations } from './logs-events';
import { logGroupOperations } from './logs-groups';
import type { Protocol, Service } from './protocol';

const TARGET = 'Logs_20140328';
const json = jsonProtocol({ version: '1.1', target: TARGET });
/** What is wrong with parameters is one error in the model of CloudWatch Logs. */
const CODES: Readonly<Record<string, string>> = {
  MissingParameter: 'InvalidParameterException',
  InvalidParameterValue: 'InvalidParameterException',
};

const protocol: Protocol = {
  ...json,
  error(error, requestId) {
    const code = CODES[error.code] ?? error.code;
    return json.error(new ServiceError(code, error.message, error.status), requestId);
  },
};

/** CloudWatch Logs. Queries (Insights) and live tails are not hosted. */
export const logs: Service = {
  name: 'logs',
  recognizes: (request) => targetOf(request, TARGET) !== undefined,
  protocol: () => protocol,
  operations: { ...logGroupOperations, ...logEventOperations },
  denied: (message) => new ServiceError('AccessDeniedException', message, 400),
};
