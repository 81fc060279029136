import { mayInvoke, nameOfFunction } from '../iam';
import type { Fields, Resolver, Resource } from '../synth';
import type { ApiConfig, CorsConfig, RouteConfig, StageConfig, Throttle } from './config';

const DEFAULT_TIMEOUT_MS = 30_000;

/** The HTTP APIs of a stack. */
export function apisOf(resolver: Resolver): ApiConfig[] {
  return resolver
    .resources('aws_apigatewayv2_api')
    .filter((api) => api.text('protocol_type') === 'HTTP')
    .map((api) => {
      const id = api.id();
      const stages = belonging('aws_apigatewayv2_stage', id, resolver).map(stageOf);
      return {
        address: api.address,
        id,
        name: api.text('name'),
        region: api.region,
        accountId: resolver.accountId,
        stages,
        routes: belonging('aws_apigatewayv2_route', id, resolver).map((route) =>
          routeOf(route, api, stages, resolver),
        ),
        cors: corsOf(api.block('cors_configuration')),
      };
    });
}

function belonging(type: string, apiId: string, resolver: Resolver): Resource[] {
  return resolver.resources(type).filter((resource) => resource.text('api_id') === apiId);
}

function stageOf(stage: Resource): StageConfig {
  return {
    name: stage.text('name'),
    variables: stage.textMap('stage_variables'),
    throttle: throttleOf(stage.block('default_route_settings')),
    routeThrottles: Object.fromEntries(
      stage.blocks('route_settings').flatMap((settings) => {
        const throttle = throttleOf(settings);
        return throttle === undefined ? [] : [[settings.text('route_key'), throttle]];
      }),
    ),
  };
}

function throttleOf(settings: Fields | undefined): Throttle | undefined {
  const ratePerSecond = settings?.optionalNumber('throttling_rate_limit');
  const burst = settings?.optionalNumber('throttling_burst_limit');
  return ratePerSecond === undefined && burst === undefined
    ? undefined
    : { ratePerSecond: ratePerSecond ?? 0, burst: burst ?? 0 };
}

function corsOf(cors: Fields | undefined): CorsConfig | undefined {
  return (
    cors && {
      allowOrigins: cors.texts('allow_origins'),
      allowMethods: cors.texts('allow_methods'),
      allowHeaders: cors.texts('allow_headers'),
      exposeHeaders: cors.texts('expose_headers'),
      allowCredentials: cors.flag('allow_credentials', false),
      maxAgeSeconds: cors.optionalNumber('max_age'),
    }
  );
}

function routeOf(
  route: Resource,
  api: Resource,
  stages: readonly StageConfig[],
  resolver: Resolver,
): RouteConfig {
  const routeKey = route.text('route_key');
  const integrationId = (route.optionalText('target') ?? '').replace('integrations/', '');
  const integration = belonging('aws_apigatewayv2_integration', api.id(), resolver).find(
    (candidate) => candidate.id() === integrationId,
  );
  const uri = integration?.optionalText('integration_uri') ?? '';
  const functionArn = /functions\/(.+)\/invocations$/.exec(uri)?.[1] ?? uri;
  const authorization = route.optionalText('authorization_type') ?? 'NONE';
  return {
    routeKey,
    functionArn,
    // What is not hosted never gets past its `problem`.
    authorization: authorization === 'AWS_IAM' ? 'AWS_IAM' : 'NONE',
    timeoutMs: integration?.number('timeout_milliseconds', DEFAULT_TIMEOUT_MS) ?? DEFAULT_TIMEOUT_MS,
    problem:
      integrationProblem(integration) ??
      (authorization === 'NONE' || authorization === 'AWS_IAM'
        ? undefined
        : `authorization ${authorization} is not hosted`) ??
      permissionProblem(routeKey, functionArn, api, stages, resolver),
  };
}

function integrationProblem(integration: Resource | undefined): string | undefined {
  if (integration === undefined) {
    return 'the route has no integration';
  }
  const type = integration.text('integration_type');
  if (type !== 'AWS_PROXY' || integration.optionalText('integration_subtype') !== undefined) {
    return `${integration.address}: only Lambda functions are hosted as integrations`;
  }
  const version = integration.optionalText('payload_format_version') ?? '1.0';
  return version === '2.0'
    ? undefined
    : `${integration.address}: payload_format_version ${version} is not hosted, 2.0 is`;
}

/** API Gateway calls a function only where a permission of the function names it, and this route. */
function permissionProblem(
  routeKey: string,
  functionArn: string,
  api: Resource,
  stages: readonly StageConfig[],
  resolver: Resolver,
): string | undefined {
  const name = nameOfFunction(functionArn);
  const [method, path] =
    routeKey === '$default' ? ['', '$default'] : (routeKey.split(' ') as [string, string]);
  const unserved = stages.find(({ name: stage }) => {
    const source = `${api.id('execution_arn')}/${stage}/${method}${path}`;
    return !mayInvoke(resolver, 'apigateway.amazonaws.com', name, source);
  });
  return unserved === undefined
    ? undefined
    : `no aws_lambda_permission lets API Gateway invoke ${name} for this route (stage ${unserved.name})`;
}
