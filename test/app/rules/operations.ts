import { text } from '../../support/template';
import { each, eachStatement } from './rule';
import type { Rule } from './rule';

const KEY = 'aws_kms_key';
const LOGS = 'aws_cloudwatch_log_group';
const ALARM = 'aws_cloudwatch_metric_alarm';

export const operationsRules: readonly Rule[] = [
  each(KEY, 'CKV_AWS_7, AWS-0065, KMS.4', 'keys are rotated', (key) => key['enable_key_rotation'] === true),
  each(KEY, 'CKV2_AWS_64, CKV_AWS_227, KMS.3', 'keys have a written policy, are on, and go slowly', (key) => {
    return (
      key['policy'] !== undefined && key['is_enabled'] !== false && key['deletion_window_in_days'] === 30
    );
  }),
  eachStatement([KEY], 'own', 'only the account itself has every right to a key', ({ Sid, Action }) => {
    return Sid === 'Account' || !Action.includes('kms:*');
  }),
  each(LOGS, 'CKV_AWS_66', 'logs are kept for a time', (group) => Number(group['retention_in_days']) > 0),
  each(LOGS, 'CKV_AWS_338, CloudWatch.16', 'logs are kept for a year', (group) => {
    return Number(group['retention_in_days']) >= 365;
  }),
  each(LOGS, 'CKV_AWS_158, AWS-0017', 'logs are encrypted by our key', (group) => {
    return text(group['kms_key_id']).includes('aws_kms_key.');
  }),
  each(ALARM, 'CKV_AWS_319, CloudWatch.17', 'alarms act', (alarm) => alarm['actions_enabled'] === true),
  each(ALARM, 'CloudWatch.15', 'alarms tell a topic', (alarm) => {
    return text(alarm['alarm_actions']).includes('aws_sns_topic.');
  }),
  each('aws_sqs_queue', 'own', 'dead letters have an alarm', (queue, _resource, template) => {
    const name = text(queue['name']);
    if (queue['redrive_policy'] !== undefined) return true;
    return template
      .resourcesOf(ALARM)
      .some(({ attributes }) => text(attributes['dimensions']).includes(`"${name}"`));
  }),
];
