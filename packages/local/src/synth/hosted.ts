import { isRepeated } from './resolver';
import type { StackDocument } from './stack';

/** Types that are hosted, or that decide what hosted ones may do: all of IAM's and the network's. */
const HOSTED = [
  /^aws_apigatewayv2_(?:api|stage|route|integration)$/,
  /^aws_lambda_(?:function|permission|alias|invocation|event_source_mapping|function_event_invoke_config)$/,
  /^aws_sns_topic(?:_policy|_subscription)?$/,
  /^aws_sqs_queue(?:_policy|_redrive_policy|_redrive_allow_policy)?$/,
  /^aws_secretsmanager_secret(?:_version|_policy)?$/,
  /^aws_db_(?:instance|subnet_group|parameter_group|option_group)$/,
  /^aws_cloudwatch_log_group$/,
  /^aws_iam_/,
  /^aws_(?:default_)?(?:vpc|subnet|route_table|security_group|network_acl)$/,
  /^aws_(?:route|eip|internet_gateway|nat_gateway|main_route_table_association)$/,
  /^aws_(?:vpc|route_table|security_group|network_acl)_/,
  /^aws_ec2_/,
];

/** What of the stack is not hosted, as words for one line: `aws_kms_key (2), aws_cloudwatch_metric_alarm`. */
export function unhosted(stack: StackDocument): string[] {
  return Object.entries(stack.resources).flatMap(([type, named]) => {
    const bodies = Object.values(named);
    if (!HOSTED.some((pattern) => pattern.test(type))) {
      return [bodies.length > 1 ? `${type} (${bodies.length})` : type];
    }
    const repeated = Object.keys(named).filter((name) => isRepeated(named[name]!));
    return repeated.map((name) => `${type}.${name} (count or for_each)`);
  });
}
