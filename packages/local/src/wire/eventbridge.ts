import { ServiceError } from '../engine';
import { archiveOperations } from './eventbridge-archives';
import { busOperations } from './eventbridge-buses';
import { eventOperations } from './eventbridge-events';
import { ruleOperations } from './eventbridge-rules';
import { targetOperations } from './eventbridge-targets';
import { jsonProtocol, targetOf } from './json-protocol';
import type { Service } from './protocol';

const TARGET = 'AWSEvents';

const json = jsonProtocol({ version: '1.1', target: TARGET });

const CODES: Readonly<Record<string, string>> = {
  InvalidParameterValue: 'ValidationException',
  MissingParameter: 'ValidationException',
};

/** EventBridge: event buses, rules and their targets. */
export const eventbridge: Service = {
  name: 'events',
  recognizes: (request) => targetOf(request, TARGET) !== undefined,
  protocol: () => ({
    ...json,
    error: ({ code, message, status }, requestId) =>
      // Every error of the caller's is a 400.
      json.error(new ServiceError(CODES[code] ?? code, message, status < 500 ? 400 : status), requestId),
  }),
  operations: {
    ...archiveOperations,
    ...busOperations,
    ...eventOperations,
    ...ruleOperations,
    ...targetOperations,
  },
  denied: (message) => new ServiceError('AccessDeniedException', message),
};
