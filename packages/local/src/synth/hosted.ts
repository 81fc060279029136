import type { JsonObject } from './json';
import { sourceProblem } from './stack';
import type { Resolver } from './resolver';

/** Types that are hosted, or that decide what hosted ones may do: all of IAM's and the network's. */
const HOSTED = [
  /^aws_apigatewayv2_(?:api|stage|route|integration|authorizer|deployment)$/,
  /^aws_api_gateway_(?:rest_api|resource|method|method_response|method_settings|integration|integration_response)$/,
  /^aws_api_gateway_(?:deployment|stage|authorizer|gateway_response|api_key|usage_plan|usage_plan_key|account)$/,
  /^aws_api_gateway_documentation_(?:part|version)$/,
  /^aws_lambda_function_url$/,
  /^aws_lambda_(?:function|layer_version|layer_version_permission|permission|alias|invocation|event_source_mapping|function_event_invoke_config)$/,
  /^aws_sns_topic(?:_policy|_subscription)?$/,
  /^aws_sqs_queue(?:_policy|_redrive_policy|_redrive_allow_policy)?$/,
  /^aws_secretsmanager_secret(?:_version|_policy)?$/,
  /^aws_db_(?:instance|subnet_group|parameter_group|option_group)$/,
  /^aws_s3_(?:bucket|object|bucket_object|bucket_(?:acl|policy|notification|versioning|logging|metric|inventory))$/,
  /^aws_s3_bucket_(?:accelerate|cors|lifecycle|request_payment|server_side_encryption|website)_configuration$/,
  /^aws_s3_bucket_(?:public_access_block|ownership_controls)$/,
  /^aws_scheduler_schedule(?:_group)?$/,
  /^aws_cloudwatch_event_(?:archive|bus|bus_policy|permission|rule|target)$/,
  /^aws_dynamodb_table(?:_item)?$/,
  /^aws_cloudfront_(?:distribution|function|origin_access_(?:control|identity)|(?:cache|origin_request|response_headers)_policy)$/,
  /^aws_cognito_user(?:_pool|_pool_client|_pool_domain|_group|_in_group)?$/,
  /^aws_kinesis_stream(?:_consumer)?$/,
  /^aws_(?:sesv2_email|ses_email|ses_domain)_identity$/,
  /^aws_cloudwatch_metric_alarm$/,
  /^aws_cloudwatch_log_(?:group|stream|subscription_filter|metric_filter|resource_policy)$/,
  /^aws_iam_/,
  /^aws_(?:default_)?(?:vpc|subnet|route_table|security_group|network_acl)$/,
  /^aws_(?:route|eip|internet_gateway|nat_gateway|main_route_table_association)$/,
  /^aws_(?:vpc|route_table|security_group|network_acl)_/,
  /^aws_ec2_/,
  /^aws_ssm_parameter$/,
  // Of no use but to Terraform itself, or known from their arguments.
  /^(?:null_resource|terraform_data|time_(?:sleep|static|offset|rotating)|random_\w+|archive_file|local_(?:sensitive_)?file)$/,
];

/** Arguments with which a resource of a hosted type is not hosted, each with the word for it. */
const LIMITS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  aws_cloudwatch_event_bus: { event_source_name: 'partner event source' },
  aws_cloudwatch_metric_alarm: {
    metric_query: 'metric math',
    threshold_metric_id: 'anomaly detection',
    evaluation_criteria: 'PromQL',
  },
  null_resource: { provisioner: 'provisioner' },
  terraform_data: { provisioner: 'provisioner' },
  aws_sns_topic: { archive_policy: 'archive' },
  aws_sns_topic_subscription: { replay_policy: 'replay' },
};

/** What keeps a resource of a hosted type from being hosted; undefined where nothing does. */
export function limitation(type: string, body: JsonObject): string | undefined {
  if (type === 'aws_apigatewayv2_api' && body['protocol_type'] === 'WEBSOCKET') {
    return 'WebSocket API';
  }
  if (type === 'aws_lambda_function_url' && body['invoke_mode'] === 'RESPONSE_STREAM') {
    return 'streamed responses';
  }
  const limits = Object.hasOwn(LIMITS, type) ? LIMITS[type]! : {};
  const argument = Object.keys(limits).find(
    (name) => ![undefined, null, false].includes(body[name] as boolean),
  );
  return argument === undefined ? undefined : limits[argument];
}

/** What of the stacks is not hosted, as words for one line: `aws_kms_key (2), module.vpc (its source is not a folder)`. */
export function unhosted(resolver: Resolver): string[] {
  const resources = resolver.types.flatMap((type) => {
    const all = resolver.every(type);
    if (!HOSTED.some((pattern) => pattern.test(type))) {
      return all.length === 0 ? [] : [all.length > 1 ? `${type} (${all.length})` : type];
    }
    return all.flatMap(({ address, body }) => {
      const limit = limitation(type, body);
      return limit === undefined ? [] : [`${address} (${limit})`];
    });
  });
  const modules = resolver.modules.flatMap(({ document, call: { prefix } }) =>
    Object.entries(document.modules ?? {}).flatMap(([name, body]) => {
      const problem = sourceProblem(body, document.folder);
      return problem === undefined ? [] : [`${prefix}module.${name} (${problem})`];
    }),
  );
  return [...resources, ...modules];
}
