import type { MessageAttributes } from '../contracts';
import type { ServiceError } from '../engine/errors';
import { isoSeconds } from './delivery';
import type { Delivery } from './delivery';

/** Why a delivery is over: what the retry policy says, or an error that no other attempt would mend. */
export type Exhausted = 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds' | 'final';

/** EventBridge's own words: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
const CODES: Readonly<Record<string, string>> = {
  AccessDenied: 'NO_PERMISSIONS',
  AccessDeniedException: 'NO_PERMISSIONS',
  NotFound: 'NO_RESOURCE',
  QueueDoesNotExist: 'NO_RESOURCE',
  ResourceNotFoundException: 'NO_RESOURCE',
  InvalidRequestContentException: 'INVALID_JSON',
  InvalidParameter: 'INVALID_PARAMETER',
  InvalidParameterValue: 'INVALID_PARAMETER',
  MissingParameter: 'INVALID_PARAMETER',
  TooManyRequestsException: 'THROTTLING',
};
/** Nobody tries again what is not there or not allowed. */
const FINAL = new Set(['NO_PERMISSIONS', 'NO_RESOURCE']);

/** Whether a rule does not try again: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
export function isFinalForRules(error: ServiceError): boolean {
  return FINAL.has(ruleErrorCode(error));
}

function ruleErrorCode({ code, status }: ServiceError): string {
  return CODES[code] ?? (status >= 500 ? 'INTERNAL_ERROR' : 'SDK_CLIENT_ERROR');
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html, and for rules as above. */
export function deadLetterAttributes(
  { source, target, eventId, at, attempts }: Delivery,
  error: ServiceError,
  exhausted: Exhausted,
): MessageAttributes {
  const isRule = source.kind === 'rule';
  const texts: Record<string, string> = {
    ERROR_CODE: isRule ? ruleErrorCode(error) : error.code,
    ERROR_MESSAGE: error.message,
    RETRY_ATTEMPTS: String(attempts - 1),
    TARGET_ARN: target.arn,
    ...(exhausted !== 'final' && { EXHAUSTED_RETRY_CONDITION: exhausted }),
    ...(isRule
      ? { RULE_ARN: source.arn }
      : {
          EXECUTION_ID: eventId,
          IS_PAYLOAD_TRUNCATED: 'false',
          SCHEDULED_TIME: isoSeconds(at),
          SCHEDULE_ARN: source.arn,
        }),
  };
  return Object.fromEntries(
    Object.entries(texts).map(([name, value]) => [name, { dataType: 'String', value }]),
  );
}
