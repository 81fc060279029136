import { text } from '../../support/template';
import type { Attributes, Resource, Template } from '../../support/template';
import { each } from './rule';
import type { Rule } from './rule';

const TABLE = 'aws_dynamodb_table';
const SCHEDULE = 'aws_scheduler_schedule';
const QUEUE = 'aws_sqs_queue';

/** Tables, and what runs on a schedule. */
export const dataRules: readonly Rule[] = [
  each(TABLE, 'CKV_AWS_28, AWS-0024, DynamoDB.2', 'tables can be restored to any second', (table) => {
    return (table['point_in_time_recovery'] as Attributes | undefined)?.['enabled'] === true;
  }),
  each(TABLE, 'CKV2_AWS_16, DynamoDB.1', 'tables bear any load', (table) => {
    return table['billing_mode'] === 'PAY_PER_REQUEST';
  }),
  each(TABLE, 'DynamoDB.6', 'tables are protected from deletion, in the plan as well', (table) => {
    const { deletion_protection_enabled: isProtected, lifecycle } = table;
    return isProtected === true && text(lifecycle).includes('"prevent_destroy":true');
  }),
  each(TABLE, 'CKV_AWS_119, AWS-0025', 'tables are encrypted by our key', (table) => {
    return text(table['server_side_encryption']).includes('aws_kms_key.');
  }),
  each(SCHEDULE, 'CKV_AWS_297', 'schedules are encrypted by our key', (schedule) => {
    return text(schedule['kms_key_arn']).includes('aws_kms_key.');
  }),
  each(SCHEDULE, 'own', 'what a schedule could not start has dead letters', (schedule) => {
    return text(targetOf(schedule)['dead_letter_config']).includes(`${QUEUE}.`);
  }),
  each(
    SCHEDULE,
    'own (confused deputy)',
    'a schedule’s role is for its own account and group',
    hasRoleOfItsOwn,
  ),
  each(QUEUE, 'own', 'dead letters of a FIFO queue are FIFO', (queue, _resource, template) => {
    const { deadLetterTargetArn: target } = (queue['redrive_policy'] ?? {}) as {
      deadLetterTargetArn?: string;
    };
    const dead = template.resourcesOf(QUEUE).find(({ address }) => target === `\${${address}.arn}`);
    return !dead || (queue['fifo_queue'] === true) === (dead.attributes['fifo_queue'] === true);
  }),
];

function targetOf(schedule: Attributes): Attributes {
  return (schedule['target'] ?? {}) as Attributes;
}

function hasRoleOfItsOwn(schedule: Attributes, _resource: Resource, template: Template): boolean {
  const role = template
    .resourcesOf('aws_iam_role')
    .find(({ address }) => targetOf(schedule)['role_arn'] === `\${${address}.arn}`);
  const trust = text(role?.attributes['assume_role_policy']);
  const group = template
    .resourcesOf('aws_scheduler_schedule_group')
    .find(({ address }) => schedule['group_name'] === `\${${address}.name}`);
  const named = `:schedule-group/${text(group?.attributes['name'])}"`;
  return (
    /"aws:SourceAccount":\["\$\{data\./.test(trust) &&
    trust.includes('"aws:SourceArn":') &&
    trust.includes(named)
  );
}
