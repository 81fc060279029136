import { text } from '../../support/template';
import type { Attributes } from '../../support/template';
import { each, refersTo } from './rule';
import type { Rule } from './rule';

const is = (attribute: string, expected: boolean) => (db: Attributes) => db[attribute] === expected;
const database = (id: string, asks: string, holds: Parameters<typeof each>[3]) =>
  each('aws_db_instance', id, asks, holds);

export const databaseRules: readonly Rule[] = [
  database('CKV_AWS_17, AWS-0180, RDS.2', 'is not public', is('publicly_accessible', false)),
  database('CKV_AWS_16, AWS-0080, RDS.3', 'storage is encrypted', is('storage_encrypted', true)),
  database('CKV_AWS_133, AWS-0077, RDS.11', 'keeps backups for seven days or more', (db) => {
    return Number(db['backup_retention_period']) >= 7;
  }),
  database('CKV_AWS_226, RDS.13', 'takes minor upgrades', is('auto_minor_version_upgrade', true)),
  database('CKV2_AWS_60, RDS.17', 'copies tags to snapshots', is('copy_tags_to_snapshot', true)),
  database('CKV2_AWS_69, RDS.39', 'requires TLS by a parameter group of its own', (db, _resource, template) =>
    template.resourcesOf('aws_db_parameter_group').some(({ address, attributes }) => {
      const required = JSON.stringify({ name: 'require_secure_transport', value: '1' });
      const sets = JSON.stringify(attributes['parameter']).includes(required);
      return sets && db['parameter_group_name'] === `\${${address}.name}`;
    }),
  ),
  database('CKV_AWS_211', 'has a current CA', (db) => {
    return ['rds-ca-rsa2048-g1', 'rds-ca-rsa4096-g1', 'rds-ca-ecc384-g1'].includes(
      text(db['ca_cert_identifier']),
    );
  }),
  database(
    'CKV_AWS_161, AWS-0176, RDS.10',
    'has IAM authentication',
    is('iam_database_authentication_enabled', true),
  ),
  database('CKV_AWS_129, RDS.9', 'exports its error and slow-query logs', (db) => {
    const exported = db['enabled_cloudwatch_logs_exports'];
    return Array.isArray(exported) && ['error', 'slowquery'].every((log) => exported.includes(log));
  }),
  database('CKV_AWS_293, AWS-0177, RDS.8', 'is protected from deletion', is('deletion_protection', true)),
  database('CKV_AWS_157, RDS.5', 'has a standby in another zone', is('multi_az', true)),
  database('CKV_AWS_118, RDS.6', 'has enhanced monitoring', (db) => db['monitoring_interval'] !== undefined),
  database('CKV_AWS_353, AWS-0133', 'has Performance Insights', is('performance_insights_enabled', true)),
  database('CKV_AWS_354, AWS-0078', 'Performance Insights use our key', (db) => {
    const insights = db['performance_insights_enabled'] === true;
    return !insights || text(db['performance_insights_kms_key_id']).includes('aws_kms_key.');
  }),
  database('RDS.23', 'listens on a port of its own', (db) => db['port'] !== 3306),
  database('RDS.25', 'has an admin of its own', (db) => {
    return !['admin', 'root', 'mysql', 'master'].includes(text(db['username']));
  }),
  database('RDS.20, RDS.21, RDS.22', 'tells of its events', (_db, { address }, template) =>
    template.resourcesOf('aws_db_event_subscription').some((resource) => refersTo(resource, `${address}.id`)),
  ),
  database(
    'own (no scanner has it)',
    'RDS makes the master password and none is in the configuration',
    (db) => {
      const noPassword = ['password', 'password_wo'].every((attribute) => db[attribute] === undefined);
      return db['manage_master_user_password'] === true && noPassword;
    },
  ),
  database('own', 'the master secret is encrypted by our key', (db) => {
    return text(db['master_user_secret_kms_key_id']).includes('aws_kms_key.');
  }),
];
