import type { JsonObject } from './json';
import type { StackDocument } from './stack';

/** Types that are hosted, or that decide what hosted ones may do: all of IAM's and the network's. */
const HOSTED = [
  /^aws_apigatewayv2_(?:api|stage|route|integration)$/,
  /^aws_lambda_(?:function|permission|alias|invocation|event_source_mapping|function_event_invoke_config)$/,
  /^aws_sns_topic(?:_policy|_subscription)?$/,
  /^aws_sqs_queue(?:_policy|_redrive_policy|_redrive_allow_policy)?$/,
  /^aws_secretsmanager_secret(?:_version|_policy)?$/,
  /^aws_db_(?:instance|subnet_group|parameter_group|option_group)$/,
  /^aws_scheduler_schedule(?:_group)?$/,
  /^aws_cloudwatch_event_(?:rule|target)$/,
  /^aws_dynamodb_table(?:_item)?$/,
  /^aws_(?:sesv2_email|ses_email|ses_domain)_identity$/,
  /^aws_cloudwatch_log_(?:group|stream|subscription_filter|metric_filter|resource_policy)$/,
  /^aws_iam_/,
  /^aws_(?:default_)?(?:vpc|subnet|route_table|security_group|network_acl)$/,
  /^aws_(?:route|eip|internet_gateway|nat_gateway|main_route_table_association)$/,
  /^aws_(?:vpc|route_table|security_group|network_acl)_/,
  /^aws_ec2_/,
];

/** Arguments with which a resource of a hosted type is not hosted, each with the word for it. */
const LIMITS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  aws_cloudwatch_event_rule: { event_pattern: 'event pattern' },
  aws_cloudwatch_event_target: { input_transformer: 'input transformer' },
  aws_lambda_function: { image_uri: 'container image', s3_bucket: 'code in S3' },
  aws_sns_topic: { archive_policy: 'archive' },
  aws_sns_topic_subscription: { replay_policy: 'replay' },
};

/** Whether a body stands for several resources, or none. */
export function isRepeated(body: JsonObject): boolean {
  return body['count'] !== undefined || body['for_each'] !== undefined;
}

/** What keeps a resource of a hosted type from being hosted; undefined where nothing does. */
export function limitation(type: string, body: JsonObject): string | undefined {
  if (isRepeated(body)) {
    return 'count or for_each';
  }
  const limits = Object.hasOwn(LIMITS, type) ? LIMITS[type]! : {};
  const argument = Object.keys(limits).find(
    (name) => ![undefined, null, false].includes(body[name] as boolean),
  );
  return argument === undefined ? undefined : limits[argument];
}

/** What of the stack is not hosted, as words for one line: `aws_kms_key (2), aws_cloudwatch_metric_alarm`. */
export function unhosted(stack: StackDocument): string[] {
  return Object.entries(stack.resources).flatMap(([type, named]) => {
    const bodies = Object.values(named);
    if (!HOSTED.some((pattern) => pattern.test(type))) {
      return [bodies.length > 1 ? `${type} (${bodies.length})` : type];
    }
    return Object.entries(named).flatMap(([name, body]) => {
      const limit = limitation(type, body);
      return limit === undefined ? [] : [`${type}.${name} (${limit})`];
    });
  });
}
