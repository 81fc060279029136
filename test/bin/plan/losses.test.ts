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

test("a table's stream that ends or is replaced loses what nobody has read", () => {
  const of = (stream_enabled: boolean, stream_view_type: string) => ({ stream_enabled, stream_view_type });
  const lossesFrom = (before: object, after: object) =>
    lossesOf('aws_dynamodb_table', { before, after } as Parameters<typeof lossesOf>[1], false);
  expect(lossesFrom(of(true, 'NEW_IMAGE'), of(false, ''))).toEqual([
    'stream_enabled is turned off: changes that nobody has read yet are lost',
  ]);
  expect(lossesFrom(of(true, 'NEW_IMAGE'), of(true, 'KEYS_ONLY'))).toEqual([
    'stream_view_type changes, which makes another stream: changes that nobody has read yet are lost',
  ]);
  expect(lossesFrom(of(false, ''), of(true, 'NEW_IMAGE'))).toEqual([]);
  expect(lossesFrom(of(true, 'NEW_IMAGE'), of(true, 'NEW_IMAGE'))).toEqual([]);
});

test('users, and the address of a site, are lost with what has them; a file of the sources is not', () => {
  const gone = { before: {}, after: null };
  expect(lossesOf('aws_cognito_user_pool', gone, true)).toEqual(['its users are lost']);
  expect(lossesOf('aws_cloudfront_distribution', gone, true)).toEqual([
    'its domain name is lost: another one gets another',
  ]);
  const object = (before: Record<string, string | null>) =>
    lossesOf('aws_s3_object', { before, after: null }, true);
  expect(object({ key: 'main-1.js', source: 'assets/main-1.js' })).toEqual([]);
  expect(object({ key: 'config.json', content: '{}' })).toEqual([]);
  expect(object({ key: 'x', source: null, content: null })).toEqual(['the object is lost']);
});

test('a user pool that may be deleted is not protected any more', () => {
  const change = { before: { deletion_protection: 'ACTIVE' }, after: { deletion_protection: 'INACTIVE' } };
  expect(lossesOf('aws_cognito_user_pool', change, false)).toEqual(['deletion_protection is turned off']);
});

test('a bucket loses its objects where Terraform may empty it; S3 refuses otherwise', () => {
  const destroyed = (force_destroy: boolean) =>
    lossesOf('aws_s3_bucket', { before: { force_destroy }, after: null }, true);
  expect(destroyed(true)).toEqual(['its objects are lost']);
  expect(destroyed(false)).toEqual(['its objects are lost, unless S3 refuses because there are some']);
});

test('streams and archives lose what they keep, and what they keep for a shorter time', () => {
  const gone = { before: {}, after: null };
  expect(lossesOf('aws_kinesis_stream', gone, true)).toEqual(['its records are lost']);
  expect(lossesOf('aws_cloudwatch_event_archive', gone, true)).toEqual([
    'its events cannot be replayed any more',
  ]);
  const shorter = (attribute: string, before: number, after: number) => ({
    before: { [attribute]: before },
    after: { [attribute]: after },
  });
  expect(lossesOf('aws_kinesis_stream', shorter('retention_period', 48, 24), false)).toEqual([
    'retention_period is shortened from 48 to 24',
  ]);
  expect(lossesOf('aws_cloudwatch_event_archive', shorter('retention_days', 0, 7), false)).toEqual([
    'retention_days is shortened from for ever to 7',
  ]);
});
