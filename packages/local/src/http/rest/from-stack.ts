import type { Resolver, Resource } from '../../synth';
import { restAuthorizer } from '../authorizers/from-stack';
import type { Authorized } from '../config';
import { accessLogOf, functionOf, throttleOf } from '../stack-parts';
import type {
  ApiKeyConfig,
  GatewayResponse,
  IntegrationResponse,
  Mapped,
  RestApiConfig,
  RestIntegration,
  RestMethod,
  RestResource,
  RestStage,
} from './config';
import { restOpenApi } from './openapi';
import { methodProblem } from './permission';
import { isPlain } from './template';

const DEFAULT_TIMEOUT_MS = 29_000;
const METHOD_THROTTLE = ['throttling_rate_limit', 'throttling_burst_limit'] as const;
const PLAN_THROTTLE = ['rate_limit', 'burst_limit'] as const;

/** The REST APIs of a stack. */
export function restApisOf(resolver: Resolver): RestApiConfig[] {
  return resolver.resources('aws_api_gateway_rest_api').map((api) => {
    const stages = stagesOf(api, resolver);
    const declared = resourcesOf(api, stages, resolver);
    return {
      address: api.address,
      id: api.id(),
      name: api.text('name'),
      region: api.region,
      accountId: resolver.accountId,
      resources: [...declared, ...restOpenApi(api, stages, resolver, declared)],
      stages,
      binaryMediaTypes: api.texts('binary_media_types'),
      gatewayResponses: gatewayResponsesOf(api, resolver),
      apiKeys: apiKeysOf(api, resolver),
      apiKeySource: api.optionalText('api_key_source') === 'AUTHORIZER' ? 'AUTHORIZER' : 'HEADER',
    };
  });
}

function belonging(type: string, api: Resource, resolver: Resolver): Resource[] {
  const id = api.id();
  return resolver.resources(type).filter((resource) => resource.text('rest_api_id') === id);
}

function stagesOf(api: Resource, resolver: Resolver): RestStage[] {
  const settings = belonging('aws_api_gateway_method_settings', api, resolver);
  const stages = belonging('aws_api_gateway_stage', api, resolver).map((stage) =>
    stageOf(stage, stage.text('deployment_id'), settings),
  );
  // Older stacks name the stage in the deployment.
  const deployed = belonging('aws_api_gateway_deployment', api, resolver)
    .filter((deployment) => deployment.optionalText('stage_name') !== undefined)
    .map((deployment) => stageOf(deployment, deployment.id(), settings));
  return [...stages, ...deployed];
}

function stageOf(stage: Resource, deploymentId: string, settings: readonly Resource[]): RestStage {
  const name = stage.text('stage_name');
  const own = settings.filter((each) => each.text('stage_name') === name);
  const throttles = own.flatMap((each) => {
    const throttle = throttleOf(each.block('settings'), METHOD_THROTTLE);
    return throttle === undefined ? [] : [[each.text('method_path'), throttle] as const];
  });
  return {
    name,
    deploymentId,
    variables: stage.textMap('variables'),
    throttle: throttles.find(([path]) => path === '*/*')?.[1],
    routeThrottles: Object.fromEntries(throttles.map(([path, throttle]) => [routeKeyOf(path), throttle])),
    accessLog: accessLogOf(stage),
  };
}

/** `pets/{id}/GET` -> `GET /pets/{id}`; slashes within a path may be written as `~1`. */
function routeKeyOf(methodPath: string): string {
  const slash = methodPath.lastIndexOf('/');
  const path = methodPath.slice(0, slash).replaceAll('~1', '/').replace(/^\//, '');
  return `${methodPath.slice(slash + 1)} /${path}`;
}

function resourcesOf(api: Resource, stages: readonly RestStage[], resolver: Resolver): RestResource[] {
  const methods = belonging('aws_api_gateway_method', api, resolver);
  const root = { id: api.id('root_resource_id'), path: '/' };
  const others = belonging('aws_api_gateway_resource', api, resolver).map((resource) => ({
    id: resource.id(),
    path: resource.id('path'),
  }));
  return [root, ...others].map(({ id, path }) => ({
    id,
    path,
    routeKey: `ANY ${path}`,
    methods: methods
      .filter((method) => method.text('resource_id') === id)
      .map((method) => methodOf(method, path, api, stages, resolver)),
  }));
}

function methodOf(
  method: Resource,
  path: string,
  api: Resource,
  stages: readonly RestStage[],
  resolver: Resolver,
): RestMethod {
  const name = method.text('http_method');
  const isSame = (each: Resource) =>
    each.text('resource_id') === method.text('resource_id') && each.text('http_method') === name;
  const settings = belonging('aws_api_gateway_integration', api, resolver).find(isSame);
  const responses = belonging('aws_api_gateway_integration_response', api, resolver).filter(isSame);
  const integration = integrationOf(settings, responses);
  return {
    method: name,
    ...authorizationOf(method, api, resolver),
    apiKeyRequired: method.flag('api_key_required', false),
    timeoutMs: settings?.number('timeout_milliseconds', DEFAULT_TIMEOUT_MS) ?? DEFAULT_TIMEOUT_MS,
    integration,
    problem:
      integrationProblem(integration, settings) ??
      methodProblem(integration, settings?.optionalText('credentials'), `${name}${path}`, {
        api,
        stages,
        resolver,
      }),
  };
}

function authorizationOf(method: Resource, api: Resource, resolver: Resolver): Authorized {
  const type = method.optionalText('authorization') ?? 'NONE';
  if (type === 'NONE' || type === 'AWS_IAM') {
    return { authorization: type };
  }
  const authorizer = belonging('aws_api_gateway_authorizer', api, resolver).find(
    (candidate) => candidate.id() === method.optionalText('authorizer_id'),
  );
  return {
    authorization: type === 'COGNITO_USER_POOLS' ? 'JWT' : 'CUSTOM',
    authorizer: authorizer && restAuthorizer(authorizer, api, resolver),
    scopes: method.texts('authorization_scopes'),
  };
}

function integrationOf(settings: Resource | undefined, responses: readonly Resource[]): RestIntegration {
  const uri = settings?.optionalText('uri') ?? '';
  const mapped = (): Mapped => ({
    requestTemplates: settings!.textMap('request_templates'),
    responses: responses.map(responseOf),
  });
  switch (settings?.text('type')) {
    case 'AWS_PROXY':
      return { kind: 'proxy', functionArn: functionOf(uri) };
    case 'HTTP_PROXY':
      return {
        kind: 'http',
        proxy: { uri, method: settings.optionalText('integration_http_method') ?? 'ANY' },
      };
    case 'MOCK':
      return { kind: 'mock', ...mapped() };
    case 'AWS':
      return uri.includes(':lambda:path/')
        ? { kind: 'custom', functionArn: functionOf(uri), ...mapped() }
        : { kind: 'none' };
    default:
      return { kind: 'none' };
  }
}

function responseOf(response: Resource): IntegrationResponse {
  const pattern = response.optionalText('selection_pattern');
  return {
    status: Number(response.text('status_code')),
    selectionPattern: pattern === '' ? undefined : pattern,
    parameters: response.textMap('response_parameters'),
    templates: response.textMap('response_templates'),
  };
}

function integrationProblem(
  integration: RestIntegration,
  settings: Resource | undefined,
): string | undefined {
  if (settings === undefined) {
    return 'the method has no integration';
  }
  if (integration.kind === 'none') {
    return `${settings.address}: ${settings.text('type')} is not hosted here as an integration: Lambda functions, http URLs and mocks are`;
  }
  if (integration.kind !== 'mock' && integration.kind !== 'custom') {
    return undefined;
  }
  const templates = [
    ...Object.values(integration.requestTemplates),
    ...integration.responses.flatMap((response) => Object.values(response.templates)),
  ];
  return templates.every(isPlain)
    ? undefined
    : `${settings.address}: only templates of plain text with $context, $input and $stageVariables are hosted`;
}

function gatewayResponsesOf(api: Resource, resolver: Resolver): Record<string, GatewayResponse> {
  return Object.fromEntries(
    belonging('aws_api_gateway_gateway_response', api, resolver).map((response) => [
      response.text('response_type'),
      {
        status: response.optionalNumber('status_code'),
        parameters: response.textMap('response_parameters'),
        templates: response.textMap('response_templates'),
      },
    ]),
  );
}

function apiKeysOf(api: Resource, resolver: Resolver): ApiKeyConfig[] {
  const plans = resolver.resources('aws_api_gateway_usage_plan');
  const links = resolver.resources('aws_api_gateway_usage_plan_key');
  return resolver
    .resources('aws_api_gateway_api_key')
    .filter((key) => key.flag('enabled', true))
    .map((key) => {
      const id = key.id();
      const planIds = links
        .filter((link) => link.text('key_id') === id)
        .map((link) => link.text('usage_plan_id'));
      const own = plans.filter((plan) => planIds.includes(plan.id()));
      return { id, value: key.id('value'), plans: own.map((plan) => planOf(plan, api)) };
    });
}

function planOf(plan: Resource, api: Resource): ApiKeyConfig['plans'][number] {
  const quota = plan.block('quota_settings');
  return {
    id: plan.id(),
    stages: plan
      .blocks('api_stages')
      .filter((stage) => stage.text('api_id') === api.id())
      .map((stage) => stage.text('stage')),
    throttle: throttleOf(plan.block('throttle_settings'), PLAN_THROTTLE),
    quota: quota && {
      limit: quota.number('limit', 0),
      period: quota.text('period') as 'DAY' | 'WEEK' | 'MONTH',
    },
  };
}
