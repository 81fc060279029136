import { text } from '../../support/template';
import type { Attributes, Resource, Template } from '../../support/template';
import { refusesPlainRequests } from './messaging';
import { each, none, refersTo } from './rule';
import type { Rule } from './rule';

const BUCKET = 'aws_s3_bucket';
const SECRET = 'aws_secretsmanager_secret';
const FOUR = ['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets'];

/** Buckets, and secrets. */
export const bucketRules: readonly Rule[] = [
  bucketWith('CKV_AWS_53, CKV2_AWS_6, S3.8', 'are private', 'public_access_block', (block) =>
    FOUR.every((setting) => block[setting] === true),
  ),
  bucketWith('CKV2_AWS_65, S3.12', 'have no ACLs', 'ownership_controls', (controls) =>
    text(controls['rule']).includes('BucketOwnerEnforced'),
  ),
  each(BUCKET, 'CKV_AWS_379, S3.5', 'buckets refuse requests without TLS', (_bucket, resource, template) =>
    refusesPlainRequests(template, 'aws_s3_bucket_policy', `${resource.address}.id`),
  ),
  bucketWith(
    'CKV_AWS_19, CKV_AWS_145, AWS-0132',
    'are encrypted by our key',
    'server_side_encryption_configuration',
    (encryption) =>
      /"sse_algorithm":"aws:kms"/.test(text(encryption['rule'])) &&
      text(encryption['rule']).includes('aws_kms_key.') &&
      /"bucket_key_enabled":true/.test(text(encryption['rule'])),
  ),
  bucketWith('CKV_AWS_21, S3.14', 'keep versions', 'versioning', (versioning) =>
    text(versioning['versioning_configuration']).includes('"Enabled"'),
  ),
  bucketWith(
    'CKV2_AWS_61, CKV_AWS_300, S3.10, S3.13',
    'end old versions and unfinished uploads',
    'lifecycle_configuration',
    (lifecycle, bucket, template) =>
      /days_after_initiation/.test(text(lifecycle['rule'])) &&
      (/noncurrent_days/.test(text(lifecycle['rule'])) || !hasVersions(bucket, template)),
  ),
  each(
    BUCKET,
    'own',
    'buckets and what they hold are protected from destroy, in the plan as well',
    (bucket) =>
      bucket['force_destroy'] !== true && text(bucket['lifecycle']).includes('"prevent_destroy":true'),
  ),
  bucketWith('CKV_AWS_18, AWS-0089, S3.9', 'log who reads and writes', 'logging', () => true),
  bucketWith('CKV_AWS_144', 'have a copy in another region', 'replication_configuration', () => true),
  none(['aws_s3_bucket_acl'], 'CKV_AWS_20, CKV_AWS_57, S3.2, S3.3', 'nobody is let in by an ACL'),
  each('aws_s3_bucket_notification', 'own', 'S3 may invoke before it is told to', mayInvokeFirst),
  each(SECRET, 'CKV_AWS_149, AWS-0098', 'secrets are encrypted by our key', (secret) => {
    return text(secret['kms_key_id']).includes('aws_kms_key.');
  }),
  each(
    SECRET,
    'CKV2_AWS_57, CKV_AWS_304, SecretsManager.1',
    'secrets rotate',
    (_secret, { address }, template) =>
      template.resourcesOf('aws_secretsmanager_secret_rotation').some((r) => refersTo(r, `${address}.id`)),
  ),
  none(
    ['aws_secretsmanager_secret_version', 'aws_ssm_parameter'],
    'own: no literal secret',
    'no value of a secret is in the configuration, or in the state',
  ),
];

/** A rule about a resource that goes with each bucket: `aws_s3_bucket_versioning`. */
function bucketWith(
  id: string,
  asks: string,
  part: string,
  holds: (attributes: Attributes, bucket: Resource, template: Template) => boolean,
): Rule {
  return each(BUCKET, id, `buckets ${asks}`, (_attributes, bucket, template) =>
    partsOf(bucket, part, template).some((attributes) => holds(attributes, bucket, template)),
  );
}

function partsOf({ address }: Resource, part: string, template: Template): Attributes[] {
  return template
    .resourcesOf(`${BUCKET}_${part}`)
    .filter((resource) => refersTo(resource, `${address}.id`))
    .map(({ attributes }) => attributes);
}

/** A bucket is without them only where it says so. */
function hasVersions(bucket: Resource, template: Template): boolean {
  return !partsOf(bucket, 'versioning', template).some((versioning) =>
    text(versioning['versioning_configuration']).includes('"Disabled"'),
  );
}

/** S3 tries the permission when the notification is made. */
function mayInvokeFirst(notification: Attributes, _resource: Resource, template: Template): boolean {
  const functions = (notification['lambda_function'] ?? []) as { lambda_function_arn: string }[];
  return functions.every(({ lambda_function_arn: arn }) =>
    template
      .resourcesOf('aws_lambda_permission')
      .filter(({ attributes }) => attributes['principal'] === 's3.amazonaws.com')
      .filter(({ attributes }) => attributes['source_account'] !== undefined)
      .filter(
        ({ attributes }) => text(attributes['function_name']) === arn.replace(/\.arn\}$/, '.function_name}'),
      )
      .some(({ address }) => text(notification['depends_on']).includes(address)),
  );
}
