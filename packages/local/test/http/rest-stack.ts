import type { JsonObject } from '../../src/synth';

export type Bodies = Record<string, Record<string, JsonObject>>;

export const api = '${aws_api_gateway_rest_api.api.id}';
export const f = 'arn:aws:lambda:eu-west-1:000000000000:function:f';
export const item = '${aws_api_gateway_resource.item.id}';
/** A REST API whose function answers `GET /items/{id}`, in the stage `prod`. */
export const base: Bodies = {
  aws_lambda_function: { f: { function_name: 'f' } },
  aws_lambda_permission: {
    p: {
      function_name: 'f',
      principal: 'apigateway.amazonaws.com',
      action: 'lambda:InvokeFunction',
      source_arn: '${aws_api_gateway_rest_api.api.execution_arn}/*/*',
    },
  },
  aws_api_gateway_rest_api: { api: { name: 'shop', binary_media_types: ['image/png'] } },
  aws_api_gateway_resource: {
    items: {
      rest_api_id: api,
      parent_id: '${aws_api_gateway_rest_api.api.root_resource_id}',
      path_part: 'items',
    },
    item: { rest_api_id: api, parent_id: '${aws_api_gateway_resource.items.id}', path_part: '{id}' },
  },
  aws_api_gateway_method: {
    get: { rest_api_id: api, resource_id: item, http_method: 'GET', authorization: 'NONE' },
  },
  aws_api_gateway_integration: {
    get: {
      rest_api_id: api,
      resource_id: item,
      http_method: '${aws_api_gateway_method.get.http_method}',
      type: 'AWS_PROXY',
      integration_http_method: 'POST',
      uri: '${aws_lambda_function.f.invoke_arn}',
    },
  },
  aws_api_gateway_deployment: { d: { rest_api_id: api } },
  aws_api_gateway_stage: {
    s: {
      rest_api_id: api,
      deployment_id: '${aws_api_gateway_deployment.d.id}',
      stage_name: 'prod',
      variables: { colour: 'red' },
    },
  },
};

/** The same with one resource changed. */
export const changed = (type: string, name: string, change: JsonObject): Bodies => ({
  ...base,
  [type]: { ...base[type], [name]: { ...base[type]?.[name], ...change } },
});
