import { text } from '../../support/template';
import type { Attributes, Resource, Template } from '../../support/template';
import { each, none, refersTo } from './rule';
import type { Rule } from './rule';

const FUNCTION = 'aws_lambda_function';
const STAGE = 'aws_apigatewayv2_stage';
/** What invokes functions without waiting for them. */
const ASYNCHRONOUS = [
  'aws_sns_topic_subscription',
  'aws_scheduler_schedule',
  'aws_s3_bucket_notification',
  'aws_cloudwatch_event_target',
];

export const computeRules: readonly Rule[] = [
  each('aws_lambda_permission', 'CKV_AWS_301, Lambda.1', 'functions are not public', (permission) => {
    return /^[a-z0-9.-]+\.amazonaws\.com$/.test(text(permission['principal']));
  }),
  each(
    'aws_lambda_permission',
    'CKV_AWS_364, AWS-0067',
    'services invoke for one source only',
    (permission) => {
      return text(permission['source_arn']).startsWith('${aws_');
    },
  ),
  each(FUNCTION, 'CKV_AWS_45', 'no secret is in the environment', (fn) => {
    const { variables = {} } = (fn['environment'] ?? {}) as { variables?: Record<string, string> };
    return !Object.entries(variables).some(([name, value]) => isSecretName(name) || isSecret(value));
  }),
  each(FUNCTION, 'CKV_AWS_363, Lambda.2', 'the runtime is supported', (fn) => fn['runtime'] === 'nodejs22.x'),
  none(
    ['aws_lambda_function_url'],
    'CKV_AWS_258, CKV2_AWS_75',
    'functions are reached through the API, with its throttling and log',
  ),
  each(FUNCTION, 'CKV_AWS_50, AWS-0066, Lambda.7', 'functions are traced', (fn) => {
    return text(fn['tracing_config']) === '{"mode":"Active"}';
  }),
  each(FUNCTION, 'CKV_AWS_115', 'functions have reserved concurrency', (fn) => {
    return fn['reserved_concurrent_executions'] !== undefined;
  }),
  each(FUNCTION, 'own', 'functions in front of the database are bounded', (fn, resource, template) => {
    const bounded = template
      .resourcesOf('aws_lambda_event_source_mapping')
      .some((mapping) => refersTo(mapping, `${resource.address}.arn`));
    const connects = text(fn['environment']).includes('DATABASE_USER');
    return !connects || bounded || fn['reserved_concurrent_executions'] !== undefined;
  }),
  each(
    FUNCTION,
    'CKV_AWS_116',
    'what is invoked asynchronously has dead letters',
    (_fn, { address }, template) => {
      const invoked = ASYNCHRONOUS.flatMap((type) => template.resourcesOf(type)).some((source) =>
        refersTo(source, `${address}.arn`),
      );
      const configs = template
        .resourcesOf('aws_lambda_function_event_invoke_config')
        .filter((config) => refersTo(config, `${address}.function_name`));
      return (
        !invoked ||
        configs.some((config) => text(config.attributes['destination_config']).includes('on_failure'))
      );
    },
  ),
  each(FUNCTION, 'CKV_AWS_117, Lambda.3', 'functions are in a VPC', (fn) => fn['vpc_config'] !== undefined),
  each(FUNCTION, 'Lambda.5', 'functions in a VPC are in two zones', (fn) => {
    const vpc = fn['vpc_config'] as { subnet_ids: string[] } | undefined;
    return vpc === undefined || vpc.subnet_ids.length >= 2;
  }),
  each(
    FUNCTION,
    'CKV_AWS_173',
    'environments are encrypted by our key',
    (fn) => fn['kms_key_arn'] !== undefined,
  ),
  each(FUNCTION, 'CKV_AWS_272', 'code is signed', (fn) => fn['code_signing_config_arn'] !== undefined),
  each(FUNCTION, 'own', 'functions have a log group of their own that is created first', hasOwnLogGroup),
  each(FUNCTION, 'own', 'functions have a role of their own', (fn, resource, template) => {
    const sharing = template
      .resourcesOf(FUNCTION)
      .filter(({ attributes }) => attributes['role'] === fn['role']);
    return sharing.length === 1 && sharing[0] === resource;
  }),
  each('aws_apigatewayv2_route', 'CKV_AWS_309, APIGateway.8', 'routes ask who calls', (route) => {
    return ['AWS_IAM', 'JWT', 'CUSTOM'].includes(text(route['authorization_type']));
  }),
  each(
    'aws_api_gateway_method',
    'CKV_AWS_59, APIGateway.1',
    'methods of REST APIs ask who calls',
    (method) => {
      return ['AWS_IAM', 'CUSTOM', 'COGNITO_USER_POOLS'].includes(text(method['authorization']));
    },
  ),
  each('aws_api_gateway_stage', 'CKV_AWS_73, CKV_AWS_76', 'REST APIs are traced and logged', (stage) => {
    const logged = text(stage['access_log_settings']).includes('aws_cloudwatch_log_group.');
    return logged && stage['xray_tracing_enabled'] === true;
  }),
  each(STAGE, 'CKV_AWS_76, AWS-0001, APIGateway.9', 'accesses are logged', (stage) => {
    return text(stage['access_log_settings']).includes('aws_cloudwatch_log_group.');
  }),
  each(STAGE, 'own (no scanner has it)', 'requests are throttled', (stage) => {
    const { throttling_rate_limit: rate, throttling_burst_limit: burst } = (stage['default_route_settings'] ??
      {}) as Record<string, number>;
    return Number(rate) > 0 && Number(burst) > 0;
  }),
  each('aws_apigatewayv2_integration', 'own', 'integrations are replaced without a gap', (integration) => {
    return text(integration['lifecycle']).includes('"create_before_destroy":true');
  }),
  each(
    'aws_apigatewayv2_domain_name',
    'CKV_AWS_206, AWS-0005',
    'own domains take TLS 1.2 or newer',
    (domain) => {
      return text(domain['domain_name_configuration']).includes('TLS_1_2');
    },
  ),
];

function isSecretName(name: string): boolean {
  return /password|secret_?(key|string)|token|api_?key/i.test(name);
}

/** An access key, or a password inside a URL. */
function isSecret(value: string): boolean {
  return /AKIA[A-Z0-9]|:\/\/[^/@\s]*:[^/@\s]+@/.test(value);
}

function hasOwnLogGroup(fn: Attributes, _resource: Resource, template: Template): boolean {
  const group = template
    .resourcesOf('aws_cloudwatch_log_group')
    .find(({ attributes }) => attributes['name'] === `/aws/lambda/${text(fn['function_name'])}`);
  if (!group) return false;
  return text(fn['depends_on']).includes(group.address) && text(fn['logging_config']).includes(group.address);
}
