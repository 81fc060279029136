import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Resource, Resolver } from '../resolver';
import type { Attribute, Attributes } from './types';
import { drawnId, same } from './types';

/** The zone of S3 websites in us-east-1. */
const HOSTED_ZONE = 'Z3AQBSTGFYJSTF';

const bucketArn = (name: string): string => `arn:aws:s3:::${name}`;

/** A bucket that has no name gets one from the provider. */
const bucketName: Attribute = (bucket) => {
  const prefix = bucket.optionalText('bucket_prefix') ?? 'terraform-';
  return `${prefix}${drawnId(bucket.address, 26)}`;
};

/** What belongs to a bucket has the bucket's name as its id. */
const ofBucket: Attributes = { id: same('bucket') };

/** The bytes of an `aws_s3_object`, wherever the stack has them. */
export function contentOf(object: Resource, resolver: Resolver): Buffer {
  const content = object.optionalText('content');
  const base64 = object.optionalText('content_base64');
  const source = object.optionalText('source');
  if (content !== undefined) return Buffer.from(content);
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  if (source === undefined) return Buffer.alloc(0);
  const file = resolve(object.folder, source);
  return Buffer.from(resolver.archives.at(file)?.bytes ?? readFileSync(file));
}

const object: Attributes = {
  id: same('key'),
  arn: (each) => `${bucketArn(each.text('bucket'))}/${each.text('key')}`,
  etag: (each, resolver) => createHash('md5').update(contentOf(each, resolver)).digest('hex'),
  version_id: (each) => drawnId(each.address, 32),
};

/** The types of resources that configure a bucket, after `aws_s3_bucket_`. */
export const BUCKET_CONFIGURATIONS: readonly string[] = [
  ...[
    'acl',
    'accelerate_configuration',
    'cors_configuration',
    'lifecycle_configuration',
    'logging',
    'metric',
  ],
  ...['notification', 'object_lock_configuration', 'ownership_controls', 'policy', 'public_access_block'],
  ...['request_payment_configuration', 'server_side_encryption_configuration', 'versioning'],
  ...['website_configuration', 'replication_configuration', 'intelligent_tiering_configuration', 'inventory'],
];

/** S3. */
export const buckets: Readonly<Record<string, Attributes>> = {
  aws_s3_bucket: {
    bucket: bucketName,
    id: same('bucket'),
    arn: (bucket) => bucketArn(bucket.id('bucket')),
    bucket_domain_name: (bucket) => `${bucket.id('bucket')}.s3.amazonaws.com`,
    bucket_regional_domain_name: (bucket) => `${bucket.id('bucket')}.s3.${bucket.region}.amazonaws.com`,
    hosted_zone_id: () => HOSTED_ZONE,
    region: (bucket) => bucket.region,
    website_endpoint: (bucket) => `${bucket.id('bucket')}.s3-website-${bucket.region}.amazonaws.com`,
    website_domain: (bucket) => `s3-website-${bucket.region}.amazonaws.com`,
  },
  aws_s3_object: object,
  aws_s3_bucket_object: object,
  ...Object.fromEntries(BUCKET_CONFIGURATIONS.map((name) => [`aws_s3_bucket_${name}`, ofBucket])),
};
