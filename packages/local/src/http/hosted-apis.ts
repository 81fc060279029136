import type { Resolver } from '../synth';
import { HttpApi } from './api';
import type { Authorization, StageConfig } from './config';
import { apisOf, functionUrlsOf } from './from-stack';
import { FunctionUrl } from './function-url';
import type { Gateway, GatewayOptions } from './gateway';
import { openApiOf } from './openapi';
import { RestApi } from './rest/api';
import type { RestApiConfig } from './rest/config';
import { restApisOf } from './rest/from-stack';

/** What people and other parts of the runtime learn of an API. */
export interface ApiDescription {
  readonly kind: 'http' | 'rest' | 'function url';
  /** `aws_apigatewayv2_api.api` */
  readonly address: string;
  readonly name: string;
  /** Path below the API's origin where its routes begin: empty, or `/prod`. */
  readonly basePath: string;
  readonly routes: readonly DescribedRoute[];
}

export interface DescribedRoute {
  /** `POST /messages` */
  readonly routeKey: string;
  /** Empty where no function answers. */
  readonly functionArn: string;
  readonly authorization: Authorization;
}

export interface HostedApi {
  readonly description: ApiDescription;
  readonly gateway: Gateway;
}

/** Every API of a stack, in the order in which they get ports. */
export function hostedApis(resolver: Resolver, options: GatewayOptions): HostedApi[] {
  warnOfLimits(resolver, options);
  return [
    ...apisOf(resolver).map((config) => {
      const { address, name, routes, stages } = config;
      const description: ApiDescription = {
        kind: 'http',
        address,
        name,
        basePath: basePathOf(stages),
        routes,
      };
      return { description, gateway: new HttpApi({ ...options, config }) };
    }),
    ...restApisOf(resolver).map((config) => {
      const { address, name, stages } = config;
      const basePath = basePathOf(stages);
      const description: ApiDescription = { kind: 'rest', address, name, basePath, routes: routesOf(config) };
      return { description, gateway: new RestApi({ ...options, config }) };
    }),
    ...functionUrlsOf(resolver).map((config) => {
      const { address, name, functionArn, authorization } = config;
      const routes = [{ routeKey: 'ANY /', functionArn, authorization }];
      const description: ApiDescription = { kind: 'function url', address, name, basePath: '', routes };
      return { description, gateway: new FunctionUrl({ ...options, config }) };
    }),
  ];
}

/** The stage at the root, or else the first. */
function basePathOf(stages: readonly StageConfig[]): string {
  const [first] = stages;
  return first === undefined || stages.some(({ name }) => name === '$default') ? '' : `/${first.name}`;
}

function routesOf({ resources }: RestApiConfig): DescribedRoute[] {
  return resources.flatMap(({ path, methods }) =>
    methods.map(({ method, integration, authorization }) => ({
      routeKey: `${method} ${path}`,
      functionArn: 'functionArn' in integration ? integration.functionArn : '',
      authorization,
    })),
  );
}

/** An OpenAPI document may be YAML on AWS, and a REST API may have a policy of its own. */
function warnOfLimits(resolver: Resolver, { activity }: GatewayOptions): void {
  for (const api of resolver.resources('aws_apigatewayv2_api', 'aws_api_gateway_rest_api')) {
    if (api.optionalText('body') !== undefined && openApiOf(api) === undefined) {
      activity.warn('apigw', `${api.address}: its body is not hosted, JSON is`);
    }
    if (api.type === 'aws_api_gateway_rest_api' && api.optionalText('policy') !== undefined) {
      activity.warn('apigw', `${api.address}: its policy is not asked here`);
    }
  }
}
