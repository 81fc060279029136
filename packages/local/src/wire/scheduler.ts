import type { Target } from '../deliveries';
import { HOSTED_TARGETS, isHostedTarget, MIN_AGE_SECONDS, RETRY_DEFAULTS } from '../deliveries';
import { ServiceError } from '../engine';
import { isTimeZone, recurrenceOf } from '../scheduler';
import type { Schedule, Scheduler } from '../scheduler';
import { page } from './paging';
import type { Call, Input, Operation, Operations, Output, Service, WireContext } from './protocol';
import { isInput, optionalInteger, optionalText, text } from './protocol';
import { restProtocol } from './rest-protocol';

const NAME = /^[0-9a-zA-Z_.-]{1,64}$/;
const MAX_RESULTS = 100;
const { maximumRetryAttempts: MAX_RETRIES, maximumEventAgeSeconds: MAX_AGE_SECONDS } = RETRY_DEFAULTS;
const MAX_FLEXIBLE_MINUTES = 1440;
const MAX_EXPRESSION = 256;
/** The end of the year 9999: later moments have no date that everyone can write. */
const LAST_MOMENT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const arnOf = (input: Input, context: WireContext) =>
  schedulerOf(context).arn(groupOf(input), text(input, 'Name'));

const onSchedule = (run: Operation['run']): Operation => ({ resource: arnOf, run });

/**
 * Or whoever may make schedules could do whatever any role may.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 */
const withRole = (action: string, run: Operation['run']): Operation => {
  return {
    run,
    permissions: (input, context) => [
      { action, resource: arnOf(input, context) },
      {
        action: 'iam:PassRole',
        resource: text(member(input, 'Target'), 'RoleArn'),
        conditions: () => new Map([['iam:passedtoservice', 'scheduler.amazonaws.com']]),
      },
    ],
  };
};

const operations: Operations = {
  CreateSchedule: withRole('CreateSchedule', createSchedule),
  DeleteSchedule: onSchedule(deleteSchedule),
  GetSchedule: onSchedule(getSchedule),
  GetScheduleGroup: { run: getScheduleGroup },
  ListScheduleGroups: { run: listScheduleGroups },
  ListSchedules: { run: listSchedules },
  UpdateSchedule: withRole('UpdateSchedule', updateSchedule),
};

const rest = restProtocol([
  { operation: 'CreateSchedule', method: 'POST', path: '/schedules/{Name}' },
  { operation: 'UpdateSchedule', method: 'PUT', path: '/schedules/{Name}' },
  { operation: 'GetSchedule', method: 'GET', path: '/schedules/{Name}' },
  { operation: 'DeleteSchedule', method: 'DELETE', path: '/schedules/{Name}' },
  { operation: 'ListSchedules', method: 'GET', path: '/schedules' },
  { operation: 'GetScheduleGroup', method: 'GET', path: '/schedule-groups/{Name}' },
  { operation: 'ListScheduleGroups', method: 'GET', path: '/schedule-groups' },
]);

const CODES: Readonly<Record<string, string>> = {
  MissingParameter: 'ValidationException',
  InvalidParameterValue: 'ValidationException',
};

/** EventBridge Scheduler; groups are the default one and the stack's. */
export const scheduler: Service = {
  name: 'scheduler',
  recognizes: ({ path }) => /^\/schedule(?:s|-groups)(?:\/|$)/.test(path),
  protocol: () => ({
    ...rest,
    error: (error, requestId) =>
      rest.error(new ServiceError(CODES[error.code] ?? error.code, error.message, error.status), requestId),
  }),
  operations,
  denied: (message) => new ServiceError('AccessDeniedException', message, 403),
};

/** @throws ServiceError where the endpoint runs without schedules */
function schedulerOf({ scheduler: hosted }: WireContext): Scheduler {
  if (hosted !== undefined) return hosted;
  throw invalid('EventBridge Scheduler is not hosted by this endpoint.');
}

function createSchedule(input: Input, { context }: Call): Output {
  const schedules = schedulerOf(context);
  const schedule = scheduleOf(input, schedules, undefined);
  if (schedules.find(schedule.arn) !== undefined) {
    throw new ServiceError('ConflictException', `Schedule ${schedule.name} already exists.`, 409);
  }
  schedules.put(schedule);
  return { ScheduleArn: schedule.arn };
}

/** Everything that is not given gets its default, as on AWS. */
function updateSchedule(input: Input, call: Call): Output {
  const schedules = schedulerOf(call.context);
  const schedule = scheduleOf(input, schedules, requested(input, call));
  schedules.put(schedule);
  return { ScheduleArn: schedule.arn };
}

function deleteSchedule(input: Input, call: Call): Output {
  schedulerOf(call.context).delete(requested(input, call).arn);
  return {};
}

function getSchedule(input: Input, call: Call): Output {
  const schedule = requested(input, call);
  const { arn, name, groupName, targets, flexibleMinutes } = schedule;
  return {
    Arn: arn,
    Name: name,
    GroupName: groupName,
    ScheduleExpression: schedule.expression,
    ScheduleExpressionTimezone: schedule.timeZone,
    State: stateOf(schedule),
    StartDate: seconds(schedule.startAt),
    EndDate: seconds(schedule.endAt),
    Description: schedule.description,
    KmsKeyArn: schedule.kmsKeyArn,
    FlexibleTimeWindow:
      flexibleMinutes === undefined
        ? { Mode: 'OFF' }
        : { Mode: 'FLEXIBLE', MaximumWindowInMinutes: flexibleMinutes },
    Target: describeTarget(targets[0]!),
    ActionAfterCompletion: schedule.afterCompletion,
    CreationDate: seconds(schedule.createdAt),
    LastModificationDate: seconds(schedule.modifiedAt),
  };
}

function describeTarget(target: Target): Output {
  return {
    Arn: target.arn,
    RoleArn: target.roleArn,
    Input: target.input,
    RetryPolicy: {
      MaximumEventAgeInSeconds: target.maximumEventAgeSeconds,
      MaximumRetryAttempts: target.maximumRetryAttempts,
    },
    DeadLetterConfig: target.deadLetterArn === undefined ? undefined : { Arn: target.deadLetterArn },
    SqsParameters:
      target.messageGroupId === undefined ? undefined : { MessageGroupId: target.messageGroupId },
    KinesisParameters: target.partitionKey && { PartitionKey: target.partitionKey },
    EventBridgeParameters: target.event && {
      Source: target.event.source,
      DetailType: target.event.detailType,
    },
  };
}

function listSchedules(input: Input, { context }: Call): Output {
  const group = optionalText(input, 'ScheduleGroup');
  const prefix = optionalText(input, 'NamePrefix') ?? '';
  const state = optionalText(input, 'State');
  const size = optionalInteger(input, 'MaxResults', 1, MAX_RESULTS) ?? MAX_RESULTS;
  const all = schedulerOf(context)
    .list()
    .filter((schedule) => schedule.kind === 'schedule')
    .filter((schedule) => group === undefined || schedule.groupName === group)
    .filter((schedule) => schedule.name.startsWith(prefix))
    .filter((schedule) => state === undefined || stateOf(schedule) === state);
  const { items, nextToken } = page(all, size, optionalText(input, 'NextToken'), 'ValidationException');
  return {
    Schedules: items.map((schedule) => ({
      Arn: schedule.arn,
      Name: schedule.name,
      GroupName: schedule.groupName,
      State: stateOf(schedule),
      Target: { Arn: schedule.targets[0]!.arn },
      CreationDate: seconds(schedule.createdAt),
      LastModificationDate: seconds(schedule.modifiedAt),
    })),
    NextToken: nextToken,
  };
}

function getScheduleGroup(input: Input, { context }: Call): Output {
  const name = text(input, 'Name');
  if (!schedulerOf(context).groups.has(name)) throw notFound(`Schedule group ${name} does not exist.`);
  return describeGroup(name, context);
}

function listScheduleGroups(_input: Input, { context }: Call): Output {
  const names = [...schedulerOf(context).groups].sort();
  return { ScheduleGroups: names.map((name) => describeGroup(name, context)) };
}

function describeGroup(name: string, context: WireContext): Output {
  const { region, accountId } = schedulerOf(context).locale;
  return {
    Arn: `arn:aws:scheduler:${region}:${accountId}:schedule-group/${name}`,
    Name: name,
    State: 'ACTIVE',
  };
}

/** @throws ServiceError ResourceNotFoundException */
function requested(input: Input, { context }: Call): Schedule {
  const name = text(input, 'Name');
  const schedules = schedulerOf(context);
  const schedule = schedules.find(schedules.arn(groupOf(input), name));
  if (schedule === undefined) throw notFound(`Schedule ${name} does not exist.`);
  return schedule;
}

/** @throws ServiceError ValidationException, ResourceNotFoundException */
function scheduleOf(input: Input, schedules: Scheduler, before: Schedule | undefined): Schedule {
  const name = text(input, 'Name');
  if (!NAME.test(name))
    throw invalid(`Value '${name.slice(0, 100)}' at 'name' must match [0-9a-zA-Z-_.]{1,64}.`);
  const groupName = groupOf(input);
  if (!schedules.groups.has(groupName)) throw notFound(`Schedule group ${groupName} does not exist.`);
  const state = optionalText(input, 'State') ?? 'ENABLED';
  if (state !== 'ENABLED' && state !== 'DISABLED') throw invalid('State must be ENABLED or DISABLED.');
  const afterCompletion = optionalText(input, 'ActionAfterCompletion') ?? 'NONE';
  if (afterCompletion !== 'NONE' && afterCompletion !== 'DELETE') {
    throw invalid('ActionAfterCompletion must be NONE or DELETE.');
  }
  const startAt = moment(input, 'StartDate');
  const endAt = moment(input, 'EndDate');
  if (startAt !== undefined && endAt !== undefined && startAt >= endAt) {
    throw invalid('The StartDate must come before the EndDate.');
  }
  return {
    kind: 'schedule',
    arn: schedules.arn(groupName, name),
    name,
    groupName,
    ...expressionOf(input),
    enabled: state === 'ENABLED',
    startAt,
    endAt,
    targets: [targetOf(input)],
    description: optionalText(input, 'Description'),
    flexibleMinutes: flexibleMinutes(input),
    kmsKeyArn: optionalText(input, 'KmsKeyArn'),
    afterCompletion,
    declared: before?.declared ?? false,
    createdAt: before?.createdAt ?? schedules.now,
    modifiedAt: schedules.now,
  };
}

function expressionOf(input: Input): Pick<Schedule, 'expression' | 'timeZone'> {
  const expression = text(input, 'ScheduleExpression');
  const timeZone = optionalText(input, 'ScheduleExpressionTimezone') ?? 'UTC';
  if (expression.length > MAX_EXPRESSION)
    throw invalid(`ScheduleExpression must have at most ${MAX_EXPRESSION} characters.`);
  if (!isTimeZone(timeZone)) throw invalid(`Invalid Schedule Expression Timezone ${timeZone}.`);
  try {
    recurrenceOf({ kind: 'schedule', expression, timeZone });
  } catch (error) {
    throw invalid(`Invalid Schedule Expression ${expression}: ${(error as Error).message}.`);
  }
  return { expression, timeZone };
}

function targetOf(input: Input): Target {
  const target = member(input, 'Target');
  const arn = text(target, 'Arn');
  if (!isHostedTarget(arn, 'schedule')) {
    throw invalid(`The target ${arn} is not hosted by the local runtime; ${HOSTED_TARGETS} are.`);
  }
  const policy = optionalMember(target, 'RetryPolicy');
  const deadLetters = optionalMember(target, 'DeadLetterConfig');
  return {
    id: 'target',
    arn,
    roleArn: text(target, 'RoleArn'),
    input: optionalText(target, 'Input'),
    maximumRetryAttempts: optionalInteger(policy, 'MaximumRetryAttempts', 0, MAX_RETRIES) ?? MAX_RETRIES,
    maximumEventAgeSeconds:
      optionalInteger(policy, 'MaximumEventAgeInSeconds', MIN_AGE_SECONDS, MAX_AGE_SECONDS) ??
      MAX_AGE_SECONDS,
    deadLetterArn: optionalText(deadLetters, 'Arn'),
    messageGroupId: optionalText(optionalMember(target, 'SqsParameters'), 'MessageGroupId'),
    partitionKey: partitionKey(target, arn),
    event: busEvent(target, arn),
  };
}

/** https://docs.aws.amazon.com/scheduler/latest/APIReference/API_KinesisParameters.html */
function partitionKey(target: Input, arn: string): string | undefined {
  return arn.includes(':kinesis:') ? text(member(target, 'KinesisParameters'), 'PartitionKey') : undefined;
}

/** https://docs.aws.amazon.com/scheduler/latest/APIReference/API_EventBridgeParameters.html */
function busEvent(target: Input, arn: string): Target['event'] {
  const isBus = arn.includes(':event-bus/');
  if (isBus !== isInput(target.EventBridgeParameters)) {
    throw invalid('EventBridgeParameters belong to an event bus as the target, and only to that.');
  }
  if (!isBus) return undefined;
  const parameters = member(target, 'EventBridgeParameters');
  return { source: text(parameters, 'Source'), detailType: text(parameters, 'DetailType') };
}

function flexibleMinutes(input: Input): number | undefined {
  const window = member(input, 'FlexibleTimeWindow');
  const mode = text(window, 'Mode');
  const minutes = optionalInteger(window, 'MaximumWindowInMinutes', 1, MAX_FLEXIBLE_MINUTES);
  if (mode !== 'OFF' && mode !== 'FLEXIBLE') throw invalid('Mode must be OFF or FLEXIBLE.');
  if ((mode === 'FLEXIBLE') !== (minutes !== undefined)) {
    throw invalid('MaximumWindowInMinutes belongs to the mode FLEXIBLE, and only to that.');
  }
  return minutes;
}

function groupOf(input: Input): string {
  return optionalText(input, 'GroupName') ?? optionalText(input, 'groupName') ?? 'default';
}

function stateOf({ enabled }: Schedule): string {
  return enabled ? 'ENABLED' : 'DISABLED';
}

/** JSON carries moments as seconds. */
function moment(input: Input, name: string): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  const at = typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? value * 1000 : NaN;
  // One that cannot be told would keep every later start from planning.
  if (!(at >= 0 && at <= LAST_MOMENT)) throw invalid(`${name} is no date.`);
  return at;
}

function seconds(at: number | undefined): number | undefined {
  return at === undefined ? undefined : at / 1000;
}

function member(input: Input, name: string): Input {
  const value = input[name];
  if (isInput(value)) return value;
  throw invalid(`Value null at '${name}' failed to satisfy constraint: Member must not be null`);
}

function optionalMember(input: Input, name: string): Input {
  return input[name] === undefined || input[name] === null ? {} : member(input, name);
}

function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

function notFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message, 404);
}
