import type { Resource } from '../resolver';
import type { Attribute, Attributes } from './types';
import { drawnId, same } from './types';

const apiId = (resource: Resource): string => drawnId(resource.address, 10);
const ownId: Attribute = (resource) => drawnId(resource.address, 7);

const stageUrl: Attribute = (stage, resolver) => {
  const api = resolver.find('aws_apigatewayv2_api', stage.text('api_id'), 'id');
  const base = api === undefined ? resolver.hosts.awsEndpoint : resolver.hosts.apiEndpoint(api.address);
  return stage.text('name') === '$default' ? base : `${base}/${stage.text('name')}`;
};

/** HTTP APIs. */
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
  aws_apigatewayv2_integration: { id: ownId },
  aws_apigatewayv2_route: { id: ownId },
  aws_apigatewayv2_authorizer: { id: ownId },
};
