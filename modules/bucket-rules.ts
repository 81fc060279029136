import type { S3BucketLifecycleConfigurationRule } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration';
import type { Construct } from 'constructs';
import type { Bucket, BucketProps } from './bucket';
import { requireInteger, requireMatch, requireThat } from './validate';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; dots are left out: TLS certificates do not cover them. */
const NAME = /^(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;
const RESERVED_END = /(-s3alias|--ol-s3|--x-s3|--table-s3)$/;

export function validateBucket(bucket: Bucket, props: BucketProps): void {
  const { name, versioned = true, cors } = props;
  const nameRule =
    '3 to 63 lower-case letters, digits and - are allowed, and none of the beginnings and ends that S3 keeps for itself';
  requireThat(bucket, NAME.test(name) && !RESERVED_END.test(name), 'name', name, nameRule);
  const days = { min: 1, max: 2_147_483_647 };
  const source = 'S3 PutBucketLifecycleConfiguration';
  requireInteger(bucket, 'expireAfterDays', props.expireAfterDays, days, source);
  requireInteger(bucket, 'abortUploadsAfterDays', props.abortUploadsAfterDays, days, source);
  requireInteger(bucket, 'expireOldVersionsAfterDays', props.expireOldVersionsAfterDays, days, source);
  const versionRule = 'a bucket that is not versioned has no old versions';
  const old = props.expireOldVersionsAfterDays;
  requireThat(bucket, versioned || old === undefined, 'expireOldVersionsAfterDays', old, versionRule);
  if (cors) validateCors(bucket, cors);
}

function validateCors(
  bucket: Bucket,
  { allowOrigins, allowMethods }: NonNullable<BucketProps['cors']>,
): void {
  const holds = allowOrigins.every((origin) => origin === '*' || /^https?:\/\/[^/]+$/.test(origin));
  const rule = 'an origin is scheme and host, without a path';
  requireThat(bucket, holds && allowOrigins.length > 0, 'cors.allowOrigins', allowOrigins, rule);
  requireThat(bucket, allowMethods.length > 0, 'cors.allowMethods', allowMethods, 'one or more are needed');
}

/** Keys have no slash at the front, and `*` or `?` would be a pattern in a policy. */
export function validatePrefix(construct: Construct, prefix: string | undefined, property = 'prefix'): void {
  const rule = 'up to 1024 characters are allowed, no / at the front and no * or ? (S3 object keys)';
  requireMatch(construct, property, prefix, /^(?!\/)[^*?]{0,1024}$/s, rule);
}

/** What S3 deletes by itself. A rule for all objects has an empty filter; without one it would be of the old kind. */
export function lifecycleRules(props: BucketProps): S3BucketLifecycleConfigurationRule[] {
  const { versioned = true, expireAfterDays: days } = props;
  const rule = (id: string, settings: Partial<S3BucketLifecycleConfigurationRule>) => ({
    id,
    status: 'Enabled',
    filter: [{ prefix: '' }],
    ...settings,
  });
  const abort = { daysAfterInitiation: props.abortUploadsAfterDays ?? 7 };
  return [
    rule('abort-uploads', { abortIncompleteMultipartUpload: [abort] }),
    ...(versioned
      ? [
          rule('old-versions', {
            noncurrentVersionExpiration: [{ noncurrentDays: props.expireOldVersionsAfterDays ?? 30 }],
            // A deletion leaves a marker, which is in the way of nothing but a quick list. `days` takes care of markers, too.
            ...(days === undefined && { expiration: [{ expiredObjectDeleteMarker: true }] }),
          }),
        ]
      : []),
    ...(days === undefined ? [] : [rule('expire', { expiration: [{ days }] })]),
  ];
}
