import type { Review } from '../../../bin/plan/review';

/** A change that the second plan shows although nothing was changed, because moto does not keep what it was given. */
export interface Difference {
  readonly type: string;
  readonly attribute: string;
  /** What moto 5.2.1 does. */
  readonly cause: string;
}

/**
 * Everything that a second plan may show. Anything else is our mistake; and an entry that no longer occurs has to go,
 * or it would hide a mistake one day.
 */
export const motoDifferences: readonly Difference[] = [
  {
    type: 'aws_cloudfront_distribution',
    attribute: 'default_cache_behavior',
    cause: 'GetDistribution leaves out functions, and has ForwardedValues beside a cache policy',
  },
  {
    type: 'aws_cloudfront_distribution',
    attribute: 'ordered_cache_behavior',
    cause: 'GetDistribution has ForwardedValues beside a cache policy',
  },
  {
    type: 'aws_cloudfront_distribution',
    attribute: 'origin',
    cause: 'GetDistribution leaves out the origin access control',
  },
  {
    type: 'aws_cloudfront_distribution',
    attribute: 'viewer_certificate',
    cause: "GetDistribution leaves out that the certificate is CloudFront's",
  },
  {
    type: 'aws_cognito_user_pool',
    attribute: 'user_pool_tier',
    cause: 'DescribeUserPool leaves out UserPoolTier',
  },
  {
    type: 'aws_db_parameter_group',
    attribute: 'parameter',
    cause: 'DescribeDBParameters leaves out the source, so that every parameter looks like a default',
  },
  {
    type: 'aws_kms_key',
    attribute: 'rotation_period_in_days',
    cause: 'GetKeyRotationStatus leaves out the period',
  },
  {
    type: 'aws_lambda_function',
    attribute: 'logging_config',
    cause: 'functions have no LoggingConfig',
  },
  {
    type: 'aws_sesv2_email_identity',
    attribute: 'tags_all',
    cause:
      'tags are kept under the ARN email-identity/<name>; AWS, and so the provider, says identity/<name>',
  },
  {
    type: 'aws_sns_topic',
    attribute: 'signature_version',
    cause: 'GetTopicAttributes leaves out SignatureVersion',
  },
  {
    type: 'aws_sns_topic',
    attribute: 'tracing_config',
    cause: 'GetTopicAttributes leaves out TracingConfig',
  },
  {
    type: 'aws_sqs_queue',
    attribute: 'redrive_policy',
    cause: 'GetQueueAttributes returns the policy with other white space than was set',
  },
  {
    type: 'aws_vpc_security_group_egress_rule',
    attribute: 'description',
    cause: 'DescribeSecurityGroupRules leaves out the description of rules that name a security group',
  },
  {
    type: 'aws_vpc_security_group_ingress_rule',
    attribute: 'description',
    cause: 'DescribeSecurityGroupRules leaves out the description of rules that name a security group',
  },
];

const shared = (...types: readonly string[]): Difference[] =>
  motoDifferences.filter(({ type }) => types.includes(type));

/** The same for the stack of what the app does not use. */
export const motoDifferencesOfModules: readonly Difference[] = [
  ...shared('aws_kms_key', 'aws_lambda_function', 'aws_sns_topic', 'aws_sqs_queue'),
  {
    type: 'aws_api_gateway_rest_api',
    attribute: 'binary_media_types',
    cause: 'CreateRestApi drops the binary media types',
  },
  {
    type: 'aws_kinesis_stream',
    attribute: 'tags_all',
    cause: 'CreateStream drops the tags',
  },
  {
    type: 'aws_s3_bucket_notification',
    attribute: 'eventbridge',
    cause: 'GetBucketNotificationConfiguration leaves out an EventBridgeConfiguration, which is empty',
  },
];

/** `type attribute`, sorted, of each change of a plan; a resource that is not changed in place gives `type action`. */
export function differencesOf({ changes }: Review): string[] {
  const found = changes.flatMap((change) => {
    const type = change.address.split('.')[0] ?? '';
    if (change.action !== 'change') return [`${type} ${change.action}`];
    const topLevel = change.diff.unknown.map((attribute) => /^[\w-]+/.exec(attribute)?.[0] ?? attribute);
    return [...change.attributes, ...topLevel].map((attribute) => `${type} ${attribute}`);
  });
  return [...new Set(found)].sort();
}
