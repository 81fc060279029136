import type { Fields, Resolver, Resource } from '../synth';
import { httpAuthorizer } from './authorizers/from-stack';
import type {
  ApiConfig,
  Authorization,
  CorsConfig,
  FunctionUrlConfig,
  ParameterMapping,
  PayloadFormat,
  RouteConfig,
  StageConfig,
} from './config';
import { nameOfFunction } from '../iam';
import { openApiRoutes } from './openapi';
import { accessLogOf, functionOf, routeProblem, throttleOf } from './stack-parts';

const DEFAULT_TIMEOUT_MS = 30_000;
/** A function URL waits as long as its function may run. */
const MAX_FUNCTION_MS = 900_000;
const THROTTLE = ['throttling_rate_limit', 'throttling_burst_limit'] as const;

/** The HTTP APIs of a stack. */
export function apisOf(resolver: Resolver): ApiConfig[] {
  return resolver
    .resources('aws_apigatewayv2_api')
    .filter((api) => api.text('protocol_type') === 'HTTP')
    .map((api) => {
      const id = api.id();
      const quick = quickCreated(api, resolver);
      const stages = [
        ...belonging('aws_apigatewayv2_stage', id, resolver).map(stageOf),
        ...(quick === undefined ? [] : [QUICK_STAGE]),
      ];
      const routes = belonging('aws_apigatewayv2_route', id, resolver).map((route) =>
        routeOf(route, api, stages, resolver),
      );
      return {
        address: api.address,
        id,
        name: api.text('name'),
        region: api.region,
        accountId: resolver.accountId,
        stages,
        routes: [...routes, ...(quick ?? []), ...openApiRoutes(api, stages, resolver)],
        cors: corsOf(api.block('cors_configuration')),
      };
    });
}

/** The function URLs of a stack. */
export function functionUrlsOf(resolver: Resolver): FunctionUrlConfig[] {
  return resolver.resources('aws_lambda_function_url').map((url) => {
    const name = nameOfFunction(url.text('function_name'));
    const { region } = url;
    return {
      address: url.address,
      id: url.id('url_id'),
      name,
      region,
      accountId: resolver.accountId,
      functionArn: `arn:aws:lambda:${region}:${resolver.accountId}:function:${name}`,
      authorization: url.text('authorization_type') === 'AWS_IAM' ? 'AWS_IAM' : 'NONE',
      timeoutMs: MAX_FUNCTION_MS,
      cors: corsOf(url.block('cors')),
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
    throttle: throttleOf(stage.block('default_route_settings'), THROTTLE),
    routeThrottles: Object.fromEntries(
      stage.blocks('route_settings').flatMap((settings) => {
        const throttle = throttleOf(settings, THROTTLE);
        return throttle === undefined ? [] : [[settings.text('route_key'), throttle]];
      }),
    ),
    accessLog: accessLogOf(stage),
  };
}

const QUICK_STAGE: StageConfig = { name: '$default', variables: {}, throttle: undefined, routeThrottles: {} };

/** An API with a `target` has a route and a stage for it; undefined for every other. */
function quickCreated(api: Resource, resolver: Resolver): RouteConfig[] | undefined {
  const target = api.optionalText('target');
  if (target === undefined) {
    return undefined;
  }
  const routeKey = api.optionalText('route_key') ?? '$default';
  const isHttp = /^https?:/.test(target);
  const functionArn = isHttp ? '' : functionOf(target);
  const roleArn = api.optionalText('credentials_arn');
  return [
    {
      routeKey,
      functionArn,
      authorization: 'NONE',
      timeoutMs: DEFAULT_TIMEOUT_MS,
      ...(isHttp
        ? { proxy: { uri: target, method: 'ANY' } }
        : { problem: routeProblem({ routeKey, functionArn, roleArn }, api, [QUICK_STAGE], resolver) }),
    },
  ];
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
  const type = integration?.text('integration_type');
  const uri = integration?.optionalText('integration_uri') ?? '';
  const functionArn = type === 'HTTP_PROXY' ? '' : functionOf(uri);
  const version = integration?.optionalText('payload_format_version') ?? '1.0';
  const roleArn = integration?.optionalText('credentials_arn');
  return {
    routeKey,
    functionArn,
    ...authorizationOf(route, api, resolver),
    timeoutMs: integration?.number('timeout_milliseconds', DEFAULT_TIMEOUT_MS) ?? DEFAULT_TIMEOUT_MS,
    payloadFormat: version as PayloadFormat,
    ...(type === 'HTTP_PROXY' && {
      proxy: { uri, method: integration!.optionalText('integration_method') ?? 'ANY' },
    }),
    ...mappingsOf(integration),
    problem:
      integrationProblem(integration) ??
      (type === 'HTTP_PROXY'
        ? undefined
        : routeProblem({ routeKey, functionArn, roleArn }, api, stages, resolver)),
  };
}

function authorizationOf(route: Resource, api: Resource, resolver: Resolver) {
  const authorization = (route.optionalText('authorization_type') ?? 'NONE') as Authorization;
  const authorizerId = route.optionalText('authorizer_id');
  const authorizer = belonging('aws_apigatewayv2_authorizer', api.id(), resolver).find(
    (candidate) => candidate.id() === authorizerId,
  );
  const isOwn = authorization === 'CUSTOM' || authorization === 'JWT';
  return {
    authorization,
    authorizer: isOwn && authorizer !== undefined ? httpAuthorizer(authorizer, api, resolver) : undefined,
    scopes: route.texts('authorization_scopes'),
  };
}

function mappingsOf(integration: Resource | undefined) {
  const parameters: ParameterMapping = integration?.textMap('request_parameters') ?? {};
  const responses = integration?.blocks('response_parameters') ?? [];
  return {
    requestParameters: Object.keys(parameters).length === 0 ? undefined : parameters,
    responseParameters:
      responses.length === 0
        ? undefined
        : Object.fromEntries(
            responses.map((response) => [response.text('status_code'), response.textMap('mappings')]),
          ),
  };
}

function integrationProblem(integration: Resource | undefined): string | undefined {
  if (integration === undefined) {
    return 'the route has no integration';
  }
  const { address } = integration;
  const type = integration.text('integration_type');
  if (type === 'HTTP_PROXY') {
    const uri = integration.optionalText('integration_uri') ?? '';
    return /^https?:/.test(uri)
      ? undefined
      : `${address}: "${uri}" is not hosted as an integration, http URLs are`;
  }
  if (type !== 'AWS_PROXY' || integration.optionalText('integration_subtype') !== undefined) {
    return `${address}: only Lambda functions and http URLs are hosted as integrations`;
  }
  const version = integration.optionalText('payload_format_version') ?? '1.0';
  return version === '2.0' || version === '1.0'
    ? undefined
    : `${address}: payload_format_version ${version} does not exist`;
}
