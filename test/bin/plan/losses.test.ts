import { lossesOf } from '../../../bin/plan/losses';
import { securityOf } from '../../../bin/plan/security';

test('a destroyed mail identity sends nothing until it is verified again', () => {
  const change = { before: { email_identity: 'example.com' }, after: null };
  expect(lossesOf('aws_sesv2_email_identity', change, true)).toEqual([
    'no mail can be sent from it until it is verified again',
  ]);
});

test('a table that can be restored to fewer days loses the days before', () => {
  const of = (days: number) => ({
    point_in_time_recovery: [{ enabled: true, recovery_period_in_days: days }],
  });
  expect(lossesOf('aws_dynamodb_table', { before: of(35), after: of(7) }, false)).toEqual([
    'point_in_time_recovery.0.recovery_period_in_days is shortened from 35 to 7',
  ]);
  expect(lossesOf('aws_dynamodb_table', { before: of(7), after: of(35) }, false)).toEqual([]);
});

test('a topic without its archive has nothing to replay', () => {
  const change = {
    before: { archive_policy: '{"MessageRetentionPeriod":"30"}' },
    after: { archive_policy: '' },
  };
  expect(lossesOf('aws_sns_topic', change, false)).toEqual(['archive_policy is removed']);
});

test('another key of a schedule is a matter of encryption', () => {
  const change = { before: { kms_key_arn: 'a' }, after: { kms_key_arn: 'b' } };
  expect(securityOf('aws_scheduler_schedule', change, false).concern).toBe('encryption');
});
