import { NEW_BUCKET } from '../s3/documents';
import type { XmlTree } from '../s3';
import { UserError } from '../errors';
import type { Fields, Resource } from '../synth';

type Documents = Record<string, XmlTree | undefined>;

/** Elements whose text is there. */
function elements(entries: Readonly<Record<string, XmlTree[string] | undefined>>): XmlTree {
  const given = Object.entries(entries).filter(
    (entry): entry is [string, XmlTree[string]] =>
      entry[1] !== undefined && entry[1] !== '' && !(Array.isArray(entry[1]) && entry[1].length === 0),
  );
  return Object.fromEntries(given);
}

function flag(fields: Fields | undefined, name: string, fallback = false): string {
  return String(fields?.flag(name, fallback) ?? fallback);
}

/** The configuration that a resource of a bucket stands for, by its subresource; undefined for one that says nothing here. */
export function documentOfResource(resource: Resource): Documents {
  const convert = CONVERSIONS[resource.type.replace('aws_s3_bucket_', '')];
  return convert?.(resource) ?? {};
}

/** The configurations of a bucket's own blocks, as stacks had them before they were resources. */
export function documentsOfBucket(bucket: Resource): Documents {
  const versioning = bucket.block('versioning');
  const encryption = bucket.block('server_side_encryption_configuration');
  const rules = bucket.blocks('lifecycle_rule');
  const tags = bucket.textMap('tags');
  const cors = bucket.blocks('cors_rule');
  return {
    ...NEW_BUCKET,
    ...(versioning && {
      versioning: versioningOf(versioning.flag('enabled', false) ? 'Enabled' : 'Suspended'),
    }),
    ...(encryption && { encryption: encryptionOf(encryption) }),
    ...(rules.length > 0 && { lifecycle: { Rule: rules.map(legacyRule) } }),
    ...(cors.length > 0 && { cors: corsOf(cors) }),
    ...(Object.keys(tags).length > 0 && {
      tagging: { TagSet: { Tag: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) } },
    }),
  };
}

const CONVERSIONS: Readonly<Record<string, (resource: Resource) => Documents>> = {
  versioning: (resource) => {
    const status = resource.block('versioning_configuration')?.optionalText('status') ?? 'Disabled';
    return status === 'Disabled' ? {} : { versioning: versioningOf(status) };
  },
  server_side_encryption_configuration: (resource) => ({ encryption: encryptionOf(resource) }),
  lifecycle_configuration: (resource) => ({
    lifecycle: { Rule: resource.blocks('rule').map(lifecycleRule) },
  }),
  cors_configuration: (resource) => ({ cors: corsOf(resource.blocks('cors_rule')) }),
  public_access_block: (resource) => ({
    publicAccessBlock: {
      BlockPublicAcls: flag(resource, 'block_public_acls'),
      IgnorePublicAcls: flag(resource, 'ignore_public_acls'),
      BlockPublicPolicy: flag(resource, 'block_public_policy'),
      RestrictPublicBuckets: flag(resource, 'restrict_public_buckets'),
    },
  }),
  ownership_controls: (resource) => ({
    ownershipControls: {
      Rule: { ObjectOwnership: resource.block('rule')?.text('object_ownership') ?? 'BucketOwnerEnforced' },
    },
  }),
  notification: (resource) => ({ notification: notificationOf(resource) }),
  logging: (resource) => ({
    logging: {
      LoggingEnabled: {
        TargetBucket: resource.text('target_bucket'),
        TargetPrefix: resource.text('target_prefix'),
      },
    },
  }),
  accelerate_configuration: (resource) => ({ accelerate: { Status: resource.text('status') } }),
  request_payment_configuration: (resource) => ({ requestPayment: { Payer: resource.text('payer') } }),
  website_configuration: (resource) => ({
    website: elements({
      IndexDocument: elementOf(resource.block('index_document'), 'suffix', 'Suffix'),
      ErrorDocument: elementOf(resource.block('error_document'), 'key', 'Key'),
    }),
  }),
};

function elementOf(block: Fields | undefined, argument: string, element: string): XmlTree | undefined {
  return block && { [element]: block.text(argument) };
}

function versioningOf(status: string): XmlTree {
  return { Status: status };
}

function encryptionOf(resource: Fields): XmlTree {
  const rule = resource.block('rule');
  const byDefault = rule?.block('apply_server_side_encryption_by_default');
  return {
    Rule: elements({
      ApplyServerSideEncryptionByDefault: elements({
        SSEAlgorithm: byDefault?.optionalText('sse_algorithm') ?? 'AES256',
        KMSMasterKeyID: byDefault?.optionalText('kms_master_key_id'),
      }),
      BucketKeyEnabled: flag(rule, 'bucket_key_enabled'),
    }),
  };
}

function corsOf(rules: readonly Fields[]): XmlTree {
  return {
    CORSRule: rules.map((rule) =>
      elements({
        ID: rule.optionalText('id'),
        AllowedHeader: rule.texts('allowed_headers'),
        AllowedMethod: rule.texts('allowed_methods'),
        AllowedOrigin: rule.texts('allowed_origins'),
        ExposeHeader: rule.texts('expose_headers'),
        MaxAgeSeconds: rule.optionalText('max_age_seconds'),
      }),
    ),
  };
}

const TARGETS = [
  ['lambda_function', 'CloudFunctionConfiguration', 'CloudFunction', 'lambda_function_arn'],
  ['queue', 'QueueConfiguration', 'Queue', 'queue_arn'],
  ['topic', 'TopicConfiguration', 'Topic', 'topic_arn'],
] as const;

function notificationOf(resource: Resource): XmlTree {
  const targets = TARGETS.map(([block, element, arn, argument]) => [
    element,
    resource.blocks(block).map((each, i) => {
      const rules = (['prefix', 'suffix'] as const).flatMap((name) => {
        const value = each.optionalText(`filter_${name}`) ?? '';
        return value === '' ? [] : [{ Name: name, Value: value }];
      });
      return elements({
        Id: each.optionalText('id') ?? `tf-s3-${block.split('_')[0]}-${i}`,
        [arn]: each.text(argument),
        Event: each.texts('events'),
        Filter: rules.length === 0 ? undefined : { S3Key: { FilterRule: rules } },
      });
    }),
  ]);
  return {
    ...elements(Object.fromEntries(targets) as XmlTree),
    ...(resource.flag('eventbridge', false) && { EventBridgeConfiguration: {} }),
  };
}

function lifecycleRule(rule: Fields): XmlTree {
  const filter = rule.block('filter');
  const expiration = rule.block('expiration');
  const noncurrent = rule.block('noncurrent_version_expiration');
  const abort = rule.block('abort_incomplete_multipart_upload');
  const days = expiration?.optionalNumber('days') ?? 0;
  return elements({
    ID: rule.text('id'),
    Status: rule.text('status'),
    Filter: filterOf(filter),
    Prefix: filter === undefined ? rule.optionalText('prefix') : undefined,
    Expiration: expiration && {
      ...elements({
        Days: days === 0 ? undefined : String(days),
        Date: expiration.optionalText('date'),
        ExpiredObjectDeleteMarker: expiration.flag('expired_object_delete_marker', false)
          ? 'true'
          : undefined,
      }),
    },
    NoncurrentVersionExpiration:
      noncurrent &&
      elements({
        NoncurrentDays: noncurrent.optionalText('noncurrent_days'),
        NewerNoncurrentVersions: noncurrent.optionalText('newer_noncurrent_versions'),
      }),
    AbortIncompleteMultipartUpload:
      abort && elements({ DaysAfterInitiation: abort.optionalText('days_after_initiation') }),
    Transition: rule.blocks('transition').map((each) =>
      elements({
        Days: each.optionalText('days'),
        Date: each.optionalText('date'),
        StorageClass: each.optionalText('storage_class'),
      }),
    ),
  });
}

function filterOf(filter: Fields | undefined): XmlTree | undefined {
  if (filter === undefined) return undefined;
  const tag = filter.block('tag');
  const and = filter.block('and');
  return elements({
    ...scopeOf(filter),
    Tag: tag && { Key: tag.text('key'), Value: tag.text('value') },
    And: and && {
      ...scopeOf(and),
      Tag: Object.entries(and.textMap('tags')).map(([Key, Value]) => ({ Key, Value })),
    },
  });
}

function scopeOf(fields: Fields): XmlTree {
  return elements({
    Prefix: fields.optionalText('prefix'),
    ObjectSizeGreaterThan: fields.optionalText('object_size_greater_than'),
    ObjectSizeLessThan: fields.optionalText('object_size_less_than'),
  });
}

function legacyRule(rule: Fields): XmlTree {
  const expiration = rule.block('expiration');
  const noncurrent = rule.block('noncurrent_version_expiration');
  const days = expiration?.optionalNumber('days') ?? 0;
  return elements({
    ID: rule.optionalText('id'),
    Status: rule.flag('enabled', false) ? 'Enabled' : 'Disabled',
    Prefix: rule.optionalText('prefix'),
    Expiration: days === 0 ? undefined : { Days: String(days) },
    NoncurrentVersionExpiration: noncurrent && { NoncurrentDays: noncurrent.text('days') },
    AbortIncompleteMultipartUpload:
      rule.optionalNumber('abort_incomplete_multipart_upload_days') === undefined
        ? undefined
        : { DaysAfterInitiation: rule.text('abort_incomplete_multipart_upload_days') },
  });
}

/** The bucket that a resource belongs to, by its name or ARN. @throws UserError */
export function bucketOf(resource: Resource): string {
  const name = resource.text('bucket').replace(/^arn:aws:s3:::/, '');
  if (name === '') throw new UserError(`${resource.address}: its bucket has no name`);
  return name;
}
