import type { Resource } from '../resolver';
import type { Attributes } from './types';
import { arn, drawnId, nameFrom, same } from './types';

const group = (schedule: Resource): string => schedule.optionalText('group_name') ?? 'default';

function ruleArn(rule: Resource): string {
  const bus = (rule.optionalText('event_bus_name') ?? 'default').replace(/^arn:.*:event-bus\//, '');
  return bus === 'default' ? `rule/${rule.id('name')}` : `rule/${bus}/${rule.id('name')}`;
}

/** EventBridge: schedules, buses, rules and their targets. */
export const schedules: Readonly<Record<string, Attributes>> = {
  aws_scheduler_schedule: {
    name: nameFrom('name'),
    group_name: group,
    id: (schedule) => `${group(schedule)}/${schedule.id('name')}`,
    arn: arn('scheduler', (schedule) => `schedule/${group(schedule)}/${schedule.id('name')}`),
  },
  aws_scheduler_schedule_group: {
    name: nameFrom('name'),
    id: same('name'),
    arn: arn('scheduler', (each) => `schedule-group/${each.id('name')}`),
  },
  aws_cloudwatch_event_archive: {
    id: same('name'),
    arn: arn('events', (archive) => `archive/${archive.text('name')}`),
  },
  aws_cloudwatch_event_bus: {
    id: same('name'),
    arn: arn('events', (bus) => `event-bus/${bus.text('name')}`),
  },
  aws_cloudwatch_event_bus_policy: { id: (policy) => policy.optionalText('event_bus_name') ?? 'default' },
  aws_cloudwatch_event_permission: {
    id: (each) => `${each.optionalText('event_bus_name') ?? 'default'}/${each.text('statement_id')}`,
  },
  aws_cloudwatch_event_rule: { name: nameFrom('name'), id: same('name'), arn: arn('events', ruleArn) },
  aws_cloudwatch_event_target: {
    target_id: (target) => drawnId(target.address, 20),
    id: (target) => `${target.text('rule')}-${target.id('target_id')}`,
  },
};
