import { text } from '../../support/template';
import { each } from './rule';
import type { Rule } from './rule';

const TARGET = 'aws_cloudwatch_event_target';

/** Event buses, rules and streams. */
export const eventRules: readonly Rule[] = [
  each(
    TARGET,
    'own',
    'what a rule could not hand over has dead letters, whose policy is there first',
    (target) => {
      return (
        text(target['dead_letter_config']).includes('aws_sqs_queue.') &&
        text(target['depends_on']).includes('aws_sqs_queue_policy.')
      );
    },
  ),
  each(TARGET, 'own', 'rules try again, for a time', (target) => {
    const { maximum_retry_attempts: attempts, maximum_event_age_in_seconds: age } = (target['retry_policy'] ??
      {}) as Record<string, number>;
    return Number(attempts) > 0 && Number(age) > 0;
  }),
  each('aws_kinesis_stream', 'CKV_AWS_43, AWS-0064, Kinesis.1', 'streams are encrypted', (stream) => {
    return stream['encryption_type'] === 'KMS' && stream['kms_key_id'] !== undefined;
  }),
];
