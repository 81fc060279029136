import { restApisOf } from '../../src/http/rest/from-stack';
import { resolverOf } from '../synth/support';
import { changed, f } from './rest-stack';

test('reads an OpenAPI document', () => {
  const document = {
    swagger: '2.0',
    securityDefinitions: {
      check: {
        type: 'apiKey',
        name: 'X-Token',
        in: 'header',
        'x-amazon-apigateway-authorizer': {
          type: 'token',
          authorizerUri: f,
          authorizerResultTtlInSeconds: 0,
        },
      },
      api_key: { type: 'apiKey', name: 'x-api-key', in: 'header' },
    },
    paths: {
      '/a/{id}': {
        get: {
          security: [{ check: [] }, { api_key: [] }],
          'x-amazon-apigateway-integration': { type: 'aws_proxy', uri: f, httpMethod: 'POST' },
        },
        options: {
          'x-amazon-apigateway-integration': {
            type: 'mock',
            requestTemplates: { 'application/json': '{"statusCode": 200}' },
            responses: {
              default: { statusCode: '200', responseParameters: { 'method.response.header.A': "'b'" } },
            },
          },
        },
      },
    },
  };
  const get = '${aws_api_gateway_rest_api.api.execution_arn}/*/GET/*';
  const permitted = changed('aws_lambda_permission', 'p', { source_arn: get });
  const { resources } = restApisOf(
    resolverOf({
      ...permitted,
      aws_api_gateway_rest_api: { api: { name: 'shop', body: JSON.stringify(document) } },
    }),
  )[0]!;
  expect(resources.find(({ path }) => path === '/a/{id}')).toMatchObject({
    routeKey: 'ANY /a/{id}',
    methods: [
      {
        method: 'GET',
        authorization: 'CUSTOM',
        authorizer: {
          event: 'rest-token',
          functionArn: f,
          identitySources: [{ from: 'header', name: 'X-Token' }],
          cacheSeconds: 0,
          problem: 'no aws_lambda_permission lets API Gateway invoke f for the authorizer check',
        },
        apiKeyRequired: true,
        integration: { kind: 'proxy', functionArn: f },
        problem: undefined,
      },
      {
        method: 'OPTIONS',
        authorization: 'NONE',
        apiKeyRequired: false,
        integration: {
          kind: 'mock',
          responses: [
            { status: 200, selectionPattern: undefined, parameters: { 'method.response.header.A': "'b'" } },
          ],
        },
      },
    ],
  });
});
