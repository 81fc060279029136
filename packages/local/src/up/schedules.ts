import type { Clock } from '../clock';
import type { Reporter } from '../contracts';
import type { Target } from '../deliveries';
import { HOSTED_TARGETS, isHostedTarget, RETRY_DEFAULTS } from '../deliveries';
import { UserError } from '../errors';
import { isTimeZone, recurrenceOf } from '../scheduler';
import type { Schedule, Scheduler } from '../scheduler';
import type { Fields, Resolver, Resource } from '../synth';
import { trustProblem } from './event-permissions';

/** Makes the stack's schedules; they begin with {@link Scheduler.start}. @throws UserError */
export function hostSchedules(
  resolver: Resolver,
  scheduler: Scheduler,
  clock: Clock,
  reporter: Reporter,
): void {
  for (const group of resolver.resources('aws_scheduler_schedule_group'))
    scheduler.groups.add(group.id('name'));
  for (const resource of resolver.resources('aws_scheduler_schedule')) {
    const schedule = scheduleOf(resource, clock);
    const problem = unhostedTarget(schedule) ?? roleProblem(schedule, resolver);
    if (problem === undefined) scheduler.put(schedule);
    else reporter.warn('scheduler', `${resource.address}: ${problem}, so it calls nothing`);
  }
}

/** Names of the schedules and scheduled rules of the stack, each with when it is due. */
export function scheduleNames(resolver: Resolver): string[] {
  return resolver
    .resources('aws_scheduler_schedule', 'aws_cloudwatch_event_rule')
    .filter((each) => each.optionalText('schedule_expression') !== undefined)
    .map((each) => `${each.id('name')} ${each.text('schedule_expression')}`);
}

function scheduleOf(resource: Resource, clock: Clock): Schedule {
  const window = resource.block('flexible_time_window');
  const target = resource.block('target');
  if (target === undefined) throw new UserError(`${resource.address}: it has no target`);
  const schedule: Schedule = {
    kind: 'schedule',
    arn: resource.id('arn'),
    name: resource.id('name'),
    groupName: resource.id('group_name'),
    expression: resource.text('schedule_expression'),
    timeZone: resource.optionalText('schedule_expression_timezone') ?? 'UTC',
    enabled: resource.optionalText('state') !== 'DISABLED',
    startAt: moment(resource, 'start_date'),
    endAt: moment(resource, 'end_date'),
    targets: [scheduleTargetOf(target)],
    description: resource.optionalText('description'),
    flexibleMinutes:
      window?.optionalText('mode') === 'FLEXIBLE'
        ? window.optionalNumber('maximum_window_in_minutes')
        : undefined,
    kmsKeyArn: resource.optionalText('kms_key_arn'),
    afterCompletion: resource.optionalText('action_after_completion') === 'DELETE' ? 'DELETE' : 'NONE',
    ...stamps(clock),
  };
  checkTimes(resource, schedule);
  return schedule;
}

/** What schedules and rules say of their targets in the same words. */
export function targetOf(target: Fields, id: string): Target {
  const retries = target.block('retry_policy');
  const queue = target.block('sqs_parameters') ?? target.block('sqs_target');
  const { maximumRetryAttempts, maximumEventAgeSeconds } = RETRY_DEFAULTS;
  return {
    id,
    arn: target.text('arn'),
    roleArn: target.optionalText('role_arn'),
    input: target.optionalText('input'),
    maximumRetryAttempts:
      retries?.number('maximum_retry_attempts', maximumRetryAttempts) ?? maximumRetryAttempts,
    maximumEventAgeSeconds:
      retries?.number('maximum_event_age_in_seconds', maximumEventAgeSeconds) ?? maximumEventAgeSeconds,
    deadLetterArn: target.block('dead_letter_config')?.optionalText('arn'),
    messageGroupId: queue?.optionalText('message_group_id'),
  };
}

function scheduleTargetOf(target: Fields): Target {
  const event = target.block('eventbridge_parameters');
  return {
    ...targetOf(target, 'target'),
    partitionKey: target.block('kinesis_parameters')?.text('partition_key'),
    event: event && { source: event.text('source'), detailType: event.text('detail_type') },
  };
}

function stamps(clock: Clock): Pick<Schedule, 'declared' | 'createdAt' | 'modifiedAt'> {
  return { declared: true, createdAt: clock.now(), modifiedAt: clock.now() };
}

function moment(resource: Resource, argument: string): number | undefined {
  const text = resource.optionalText(argument);
  if (text === undefined || text === '') return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new UserError(`${resource.address}: ${argument} "${text}" is no date`);
  return at;
}

/** AWS refuses these at the deploy. @throws UserError */
export function checkTimes(
  resource: Resource,
  schedule: Pick<Schedule, 'kind' | 'expression' | 'timeZone'>,
): void {
  const { timeZone, expression } = schedule;
  if (!isTimeZone(timeZone))
    throw new UserError(`${resource.address}: "${timeZone}" is no time zone: Europe/Berlin is`);
  try {
    recurrenceOf(schedule);
  } catch (error) {
    throw new UserError(`${resource.address}: "${expression}": ${(error as Error).message}`);
  }
}

function unhostedTarget({ targets: [target] }: Schedule): string | undefined {
  const { arn, event } = target!;
  if (!isHostedTarget(arn, 'schedule')) return `the target ${arn} is not hosted: ${HOSTED_TARGETS} are`;
  const isBus = arn.includes(':event-bus/');
  return isBus && event === undefined ? 'its event bus needs eventbridge_parameters' : undefined;
}

/** AWS refuses a schedule whose role does not trust the service. */
function roleProblem({ targets, groupName }: Schedule, resolver: Resolver): string | undefined {
  const { region, accountId } = resolver;
  const sourceArn = `arn:aws:scheduler:${region}:${accountId}:schedule-group/${groupName}`;
  return trustProblem(targets[0]!.roleArn, 'scheduler.amazonaws.com', sourceArn, resolver);
}
