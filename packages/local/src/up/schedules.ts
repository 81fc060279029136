import type { Clock } from '../clock';
import type { Reporter } from '../contracts';
import type { Broker } from '../engine';
import { ServiceError } from '../engine';
import {
  decide,
  mayInvoke,
  missingActions,
  nameOfFunction,
  parsePolicy,
  resourcePolicies,
  rolePolicies,
} from '../iam';
import { isHostedTarget, isTimeZone, recurrenceOf, Scheduler, Targets } from '../scheduler';
import type { Schedule, Target } from '../scheduler';
import type { Fields, Resolver, Resource } from '../synth';
import { UserError } from '../errors';
import type { DataFolder } from './data-folder';

const DEFAULT_RETRIES = 185;
const DEFAULT_AGE_SECONDS = 86_400;
const EVENTS = 'events.amazonaws.com';

/** The stack's schedules and scheduled rules; they begin with {@link Scheduler.start}. @throws UserError */
export function hostSchedules(
  resolver: Resolver,
  broker: Broker,
  data: DataFolder,
  clock: Clock,
  reporter: Reporter,
): Scheduler {
  const targets = new Targets({
    queues: broker,
    publish: (topicArn, message) => broker.publish(topicArn, [{ message }]),
    authorize: authorizer(resolver),
  });
  const { region, accountId } = resolver;
  const { activity } = broker;
  const file = data.at('scheduler.json');
  const scheduler = new Scheduler({ file, targets, clock, activity, locale: { region, accountId } });
  for (const group of resolver.resources('aws_scheduler_schedule_group'))
    scheduler.groups.add(group.id('name'));
  for (const resource of resolver.resources('aws_scheduler_schedule')) {
    const schedule = scheduleOf(resource, clock);
    const problem = unhostedTarget(schedule) ?? roleProblem(schedule, resolver);
    if (problem === undefined) scheduler.put(schedule);
    else reporter.warn('scheduler', `${resource.address}: ${problem}, so it calls nothing`);
  }
  for (const resource of resolver.resources('aws_cloudwatch_event_rule')) {
    const rule = ruleOf(resource, resolver, clock, reporter);
    if (rule !== undefined) scheduler.put(rule);
  }
  return scheduler;
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
    targets: [targetOf(target, 'target')],
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

/** Undefined where the rule has no schedule, or no target that is hosted. */
function ruleOf(
  resource: Resource,
  resolver: Resolver,
  clock: Clock,
  reporter: Reporter,
): Schedule | undefined {
  const expression = resource.optionalText('schedule_expression');
  if (expression === undefined) return undefined;
  const name = resource.id('name');
  const targets = resolver
    .resources('aws_cloudwatch_event_target')
    .filter((target) => target.text('rule') === name)
    .filter((target) => {
      const isHosted = isHostedTarget(target.text('arn'));
      if (!isHosted)
        reporter.warn('scheduler', `${target.address}: the target ${target.text('arn')} is not hosted`);
      return isHosted;
    })
    .map((target) => ({
      ...targetOf(target, target.id('target_id')),
      inputPath: target.optionalText('input_path'),
    }));
  const state = resource.optionalText('state');
  const rule: Schedule = {
    kind: 'rule',
    arn: resource.id('arn'),
    name,
    groupName: '',
    expression,
    timeZone: 'UTC',
    enabled: resource.flag('is_enabled', true) && state !== 'DISABLED',
    targets,
    description: resource.optionalText('description'),
    afterCompletion: 'NONE',
    ...stamps(clock),
  };
  checkTimes(resource, rule);
  return targets.length === 0 ? undefined : rule;
}

/** Scheduler has both settings as arguments of one block, and so do rules. */
function targetOf(target: Fields, id: string): Target {
  const retries = target.block('retry_policy');
  const queue = target.block('sqs_parameters') ?? target.block('sqs_target');
  return {
    id,
    arn: target.text('arn'),
    roleArn: target.optionalText('role_arn'),
    input: target.optionalText('input'),
    maximumRetryAttempts: retries?.number('maximum_retry_attempts', DEFAULT_RETRIES) ?? DEFAULT_RETRIES,
    maximumEventAgeSeconds:
      retries?.number('maximum_event_age_in_seconds', DEFAULT_AGE_SECONDS) ?? DEFAULT_AGE_SECONDS,
    deadLetterArn: target.block('dead_letter_config')?.optionalText('arn'),
    messageGroupId: queue?.optionalText('message_group_id'),
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
function checkTimes(resource: Resource, schedule: Schedule): void {
  const { timeZone, expression } = schedule;
  if (!isTimeZone(timeZone))
    throw new UserError(`${resource.address}: "${timeZone}" is no time zone: Europe/Berlin is`);
  try {
    recurrenceOf(schedule);
  } catch (error) {
    throw new UserError(`${resource.address}: "${expression}": ${(error as Error).message}`);
  }
}

function unhostedTarget({ targets }: Schedule): string | undefined {
  const other = targets.find(({ arn }) => !isHostedTarget(arn));
  return other && `the target ${other.arn} is not hosted: functions, queues and topics are`;
}

/** AWS refuses a schedule whose role does not trust the service. */
function roleProblem({ targets, groupName }: Schedule, resolver: Resolver): string | undefined {
  const { region, accountId } = resolver;
  const role = resolver.find('aws_iam_role', targets[0]!.roleArn ?? '', 'arn');
  const trust = role?.optionalText('assume_role_policy');
  if (role === undefined || trust === undefined) return undefined;
  const statements = parsePolicy(trust, role.address).map((statement) => ({
    ...statement,
    resources: ['*'],
  }));
  const context = new Map([
    ['aws:sourceaccount', accountId],
    ['aws:sourcearn', `arn:aws:scheduler:${region}:${accountId}:schedule-group/${groupName}`],
  ]);
  const principal = { kind: 'Service', ids: ['scheduler.amazonaws.com'] };
  const request = { action: 'sts:AssumeRole', resource: '*', context, principal };
  return decide(statements, request) === 'allow'
    ? undefined
    : `its role ${role.id('name')} does not let scheduler.amazonaws.com assume it`;
}

/** Schedules call with their role; rules are let in by the target's own policy. */
function authorizer(resolver: Resolver) {
  const policies = resourcePolicies(resolver);
  return (schedule: Schedule, target: Target, action: string, resource: string): void => {
    const allowed =
      schedule.kind === 'schedule'
        ? roleAllows(target.roleArn, action, resource, resolver)
        : targetAllows(schedule, action, resource, resolver, policies);
    if (!allowed) {
      const who =
        schedule.kind === 'schedule' ? (target.roleArn ?? 'Nobody') : `${EVENTS} for ${schedule.arn}`;
      throw new ServiceError(
        'AccessDeniedException',
        `${who} is not authorized to perform: ${action} on resource: ${resource}`,
        403,
      );
    }
  };
}

/** A role that is not part of the stack may do anything. */
function roleAllows(
  roleArn: string | undefined,
  action: string,
  resource: string,
  resolver: Resolver,
): boolean {
  const role = resolver.find('aws_iam_role', roleArn ?? '', 'arn');
  return missingActions(role && rolePolicies(role, resolver), resource, [action]).length === 0;
}

function targetAllows(
  rule: Schedule,
  action: string,
  resource: string,
  resolver: Resolver,
  policies: ReturnType<typeof resourcePolicies>,
): boolean {
  if (action === 'lambda:InvokeFunction')
    return mayInvoke(resolver, EVENTS, nameOfFunction(resource), rule.arn);
  const context = new Map([
    ['aws:sourcearn', rule.arn],
    ['aws:sourceaccount', resolver.accountId],
    ['aws:securetransport', 'true'],
    ['aws:principalisawsservice', 'true'],
  ]);
  const principal = { kind: 'Service', ids: [EVENTS] };
  return decide(policies(resource), { action, resource, context, principal }) === 'allow';
}
