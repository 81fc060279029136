import { ServiceError } from '../engine';
import type { LogGroup, LogStore } from '../logs';
import type { Call, Input, WireContext } from './protocol';
import { optionalText, text } from './protocol';

const GROUP = /^[.\-_/#A-Za-z0-9]{1,512}$/;
const STREAM = /^[^:*]{1,512}$/;
const ARN = /^arn:aws[a-z-]*:logs:[^:]*:[^:]*:log-group:([^:]+)(?::\*)?$/;

/** @throws ServiceError where log groups are not hosted */
export function logsOf({ logs }: WireContext): LogStore {
  if (logs) return logs;
  throw new ServiceError('UnknownOperationException', 'CloudWatch Logs is not hosted here.');
}

/** The group by its name, or in some operations by name or ARN as `logGroupIdentifier`. */
export function groupName(input: Input): string {
  const identifier = optionalText(input, 'logGroupIdentifier') ?? optionalText(input, 'resourceArn');
  const name =
    identifier === undefined ? text(input, 'logGroupName') : (ARN.exec(identifier)?.[1] ?? identifier);
  return matching(name, GROUP, 'logGroupName');
}

export function streamName(input: Input): string {
  return matching(text(input, 'logStreamName'), STREAM, 'logStreamName');
}

function matching(name: string, pattern: RegExp, member: string): string {
  if (pattern.test(name)) return name;
  throw invalid(
    `1 validation error detected: Value '${name}' at '${member}' failed to satisfy constraint: ` +
      `Member must satisfy regular expression pattern: ${pattern.source.slice(1, -1)}`,
  );
}

/** @throws ServiceError ResourceNotFoundException */
export function namedGroup(input: Input, { context }: Call): LogGroup {
  return logsOf(context).get(groupName(input));
}

/**
 * For permissions: IAM is asked about the group with a stream behind it, even where there is none. So a policy for the bare
 * group allows nothing, and one for `<group>:*` everything.
 */
export function groupArn(input: Input, context: WireContext): string {
  return `${logsOf(context).arn(groupName(input))}:log-stream:`;
}

export function streamArn(input: Input, context: WireContext): string {
  return groupArn(input, context) + streamName(input);
}

export function invalid(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message);
}

export function noStream(): ServiceError {
  return new ServiceError('ResourceNotFoundException', 'The specified log stream does not exist.');
}
