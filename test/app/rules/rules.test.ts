import { rules } from '.';
import { Template } from '../../support/template';
import type { Attributes } from '../../support/template';

const anyone = JSON.stringify({
  Statement: [
    { Sid: 'A', Effect: 'Allow', Principal: '*', Action: ['*'], Resource: ['*'] },
    { Sid: 'B', Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' }, Action: ['*'], Resource: ['*'] },
    {
      Sid: 'C',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::999999999999:root' },
      Action: ['kms:*'],
      Resource: [],
    },
  ],
});
const everything = JSON.stringify({
  Statement: [
    {
      Sid: 'A',
      Effect: 'Allow',
      Action: ['*', 'iam:PassRole', 'kms:Decrypt', 's3:GetObject', 'ses:SendEmail'],
      Resource: ['*'],
    },
  ],
});
const rule = { ip_protocol: '-1', from_port: 0, to_port: 65535, cidr_ipv4: '0.0.0.0/0' };

/** A stack that does everything wrong, so that each rule is seen to find something. */
const careless: Record<string, Record<string, Attributes>> = {
  aws_vpc: { a: {} },
  aws_subnet: { a: { map_public_ip_on_launch: true } },
  aws_route: { a: { destination_cidr_block: '0.0.0.0/0' } },
  aws_eip: { a: {} },
  aws_vpc_endpoint: { a: { vpc_endpoint_type: 'Gateway', route_table_ids: [] } },
  aws_security_group: { a: { ingress: [], egress: [] } },
  aws_vpc_security_group_ingress_rule: { a: rule },
  aws_vpc_security_group_egress_rule: { a: rule },
  aws_security_group_rule: { a: rule },
  aws_db_instance: {
    a: {
      publicly_accessible: true,
      password: 'hunter2',
      username: 'admin',
      port: 3306,
      performance_insights_enabled: true,
    },
    b: {},
  },
  aws_sns_topic: { a: { policy: anyone } },
  aws_sns_topic_policy: { a: { policy: anyone } },
  aws_sns_topic_subscription: { a: { protocol: 'lambda', endpoint: '${aws_lambda_function.a.arn}' } },
  aws_sqs_queue: {
    a: {
      policy: anyone,
      kms_master_key_id: 'alias/aws/sqs',
      fifo_queue: true,
      message_retention_seconds: 600,
      visibility_timeout_seconds: 30,
      redrive_policy: '{"deadLetterTargetArn":"${aws_sqs_queue.b.arn}","maxReceiveCount":1}',
    },
    b: { message_retention_seconds: 60 },
  },
  aws_sqs_queue_policy: { a: { policy: anyone } },
  aws_kms_key: { a: { policy: anyone } },
  aws_lambda_event_source_mapping: {
    a: {
      event_source_arn: '${aws_sqs_queue.a.arn}',
      function_name: '${aws_lambda_function.b.arn}',
      maximum_batching_window_in_seconds: 0,
    },
    b: { starting_position: 'LATEST', maximum_retry_attempts: -1 },
  },
  aws_s3_bucket: { a: { force_destroy: true } },
  aws_s3_bucket_policy: { a: { policy: anyone } },
  aws_s3_bucket_notification: {
    a: { lambda_function: [{ lambda_function_arn: '${aws_lambda_function.a.arn}' }] },
  },
  aws_cloudwatch_event_target: { a: { arn: '${aws_lambda_function.a.arn}' } },
  aws_kinesis_stream: { a: {} },
  aws_api_gateway_method: { a: { authorization: 'NONE' } },
  aws_api_gateway_stage: { a: {} },
  aws_secretsmanager_secret: { a: {} },
  aws_dynamodb_table: { a: {} },
  aws_scheduler_schedule: { a: { target: { role_arn: '${aws_iam_role.a.arn}' } } },
  aws_lambda_permission: { a: { principal: '*' } },
  aws_lambda_function: {
    a: {
      role: 'shared',
      vpc_config: { subnet_ids: ['one'] },
      environment: { variables: { DATABASE_USER: 'x', DATABASE_PASSWORD: 'hunter2' } },
    },
    b: { role: 'shared', timeout: 10 },
  },
  aws_apigatewayv2_route: { a: { authorization_type: 'NONE' } },
  aws_apigatewayv2_stage: { a: {} },
  aws_apigatewayv2_integration: { a: {} },
  aws_apigatewayv2_domain_name: { a: { domain_name_configuration: { security_policy: 'TLS_1_0' } } },
  aws_iam_role: {
    a: {
      assume_role_policy: '{"Statement":[{"Principal":{"AWS":"*"}}]}',
      inline_policy: [{ name: 'all', policy: everything }],
    },
  },
  aws_iam_role_policy: { a: { policy: everything } },
  aws_iam_policy: { a: { policy: everything } },
  aws_iam_role_policy_attachment: { a: { policy_arn: 'arn:aws:iam::aws:policy/AdministratorAccess' } },
  aws_cloudfront_distribution: {
    a: {
      default_cache_behavior: { viewer_protocol_policy: 'allow-all' },
      origin: [{ s3_origin_config: {}, origin_id: 'files' }],
    },
  },
  aws_cloudfront_origin_access_control: { a: { signing_behavior: 'never' } },
  aws_cloudfront_response_headers_policy: { a: {} },
  aws_cognito_user_pool: { a: { mfa_configuration: 'OFF', password_policy: { minimum_length: 8 } } },
  aws_cognito_user_pool_client: { a: { allowed_oauth_flows: ['implicit'], generate_secret: true } },
  aws_cloudwatch_log_group: { a: {} },
  aws_cloudwatch_metric_alarm: { a: {} },
};

/** Any resource of a type that is not to be there at all breaks its rule. */
const stray = Object.fromEntries(rules.flatMap(({ types }) => types.map((type) => [type, { a: {} }])));
const template = new Template({ resource: { ...stray, ...careless } });

test.each(rules.map((r) => [r.id, r.asks, r] as const))(
  '%s finds what is wrong in each type that it judges: %s',
  (_id, _asks, { offenders, types }) => {
    expect(new Set(offenders(template).map((address) => address.split('.')[0]))).toEqual(new Set(types));
  },
);
