import type { Resource } from '../resolver';
import type { Attribute, Attributes } from './types';
import { arn, drawnId, same } from './types';

const apiId = (resource: Resource): string => drawnId(resource.address, 10);
const ownId: Attribute = (resource) => drawnId(resource.address, 7);

const stageUrl: Attribute = (stage, resolver) => {
  const api = resolver.find('aws_apigatewayv2_api', stage.text('api_id'), 'id');
  const base = api === undefined ? resolver.hosts.awsEndpoint : resolver.hosts.apiEndpoint(api.address);
  return stage.text('name') === '$default' ? base : `${base}/${stage.text('name')}`;
};

const restId = (resource: Resource): string => drawnId(resource.address, 10);

function executionArn(region: string, accountId: string, path: string): string {
  return `arn:aws:execute-api:${region}:${accountId}:${path}`;
}

const rootId: Attribute = (api) => drawnId(`${api.address} /`, 10);

/** A resource's path begins with that of its parent, up to the API's root. */
const resourcePath: Attribute = (resource, resolver) => {
  const parent = resolver.find('aws_api_gateway_resource', resource.text('parent_id'), 'id');
  return `${parent === undefined ? '' : parent.id('path')}/${resource.text('path_part')}`;
};

const restUrl: Attribute = (stage, resolver) => {
  const api = resolver.find('aws_api_gateway_rest_api', stage.text('rest_api_id'), 'id');
  const base = api === undefined ? resolver.hosts.awsEndpoint : resolver.hosts.apiEndpoint(api.address);
  return `${base}/${stage.optionalText('stage_name') ?? ''}`;
};

const restStageArn: Attribute = (stage, { accountId }) =>
  executionArn(
    stage.region,
    accountId,
    `${stage.text('rest_api_id')}/${stage.optionalText('stage_name') ?? ''}`,
  );

/** REST APIs. */
const restApis: Readonly<Record<string, Attributes>> = {
  aws_api_gateway_rest_api: {
    id: restId,
    root_resource_id: rootId,
    arn: (api) => `arn:aws:apigateway:${api.region}::/restapis/${restId(api)}`,
    execution_arn: (api, { accountId }) => executionArn(api.region, accountId, restId(api)),
    created_date: () => '2020-01-01T00:00:00Z',
  },
  aws_api_gateway_resource: {
    id: (resource) => drawnId(resource.address, 6),
    path: resourcePath,
  },
  aws_api_gateway_deployment: {
    id: (deployment) => drawnId(deployment.address, 6),
    invoke_url: restUrl,
    execution_arn: restStageArn,
  },
  aws_api_gateway_stage: {
    id: (stage) => `ags-${stage.text('rest_api_id')}-${stage.text('stage_name')}`,
    arn: (stage) =>
      `arn:aws:apigateway:${stage.region}::/restapis/${stage.text('rest_api_id')}/stages/${stage.text('stage_name')}`,
    execution_arn: restStageArn,
    invoke_url: restUrl,
  },
  aws_api_gateway_authorizer: {
    id: (authorizer) => drawnId(authorizer.address, 6),
    arn: (authorizer) =>
      `arn:aws:apigateway:${authorizer.region}::/restapis/${authorizer.text('rest_api_id')}` +
      `/authorizers/${drawnId(authorizer.address, 6)}`,
  },
  aws_api_gateway_api_key: {
    id: (key) => drawnId(key.address, 10),
    // One that the stack does not choose is drawn, as AWS does it, and stays the same here.
    value: (key) => drawnId(`${key.address} value`, 40),
    arn: (key) => `arn:aws:apigateway:${key.region}::/apikeys/${drawnId(key.address, 10)}`,
  },
  aws_api_gateway_usage_plan: {
    id: (plan) => drawnId(plan.address, 6),
    arn: (plan) => `arn:aws:apigateway:${plan.region}::/usageplans/${drawnId(plan.address, 6)}`,
  },
  aws_api_gateway_usage_plan_key: { id: same('key_id'), value: keyValue },
};

function keyValue(link: Resource, resolver: Parameters<Attribute>[1]): string {
  return resolver.find('aws_api_gateway_api_key', link.text('key_id'), 'id')?.id('value') ?? '';
}

const urlId = (url: Resource): string => drawnId(url.address, 32);

/** Function URLs, which are answered like APIs. */
const functionUrls: Readonly<Record<string, Attributes>> = {
  aws_lambda_function_url: {
    id: (url) => url.text('function_name').replace(/^arn:.*:function:/, ''),
    url_id: urlId,
    function_arn: arn(
      'lambda',
      (url) => `function:${url.text('function_name').replace(/^arn:.*:function:/, '')}`,
    ),
    function_url: (url, resolver) => `${resolver.hosts.apiEndpoint(url.address)}/`,
  },
};

/** HTTP APIs, REST APIs and function URLs. */
export const apiGateway: Readonly<Record<string, Attributes>> = {
  aws_apigatewayv2_api: {
    id: apiId,
    api_endpoint: (api, resolver) => resolver.hosts.apiEndpoint(api.address),
    arn: (api) => `arn:aws:apigateway:${api.region}::/apis/${apiId(api)}`,
    execution_arn: (api, resolver) => `arn:aws:execute-api:${api.region}:${resolver.accountId}:${apiId(api)}`,
  },
  aws_apigatewayv2_stage: {
    id: same('name'),
    arn: (stage) =>
      `arn:aws:apigateway:${stage.region}::/apis/${stage.text('api_id')}/stages/${stage.text('name')}`,
    execution_arn: (stage, resolver) =>
      `arn:aws:execute-api:${stage.region}:${resolver.accountId}:${stage.text('api_id')}/${stage.text('name')}`,
    invoke_url: stageUrl,
  },
  ...restApis,
  ...functionUrls,
  aws_apigatewayv2_integration: { id: ownId },
  aws_apigatewayv2_route: { id: ownId },
  aws_apigatewayv2_authorizer: { id: ownId },
};
