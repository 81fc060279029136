import { apisOf } from '../../src/http/from-stack';
import type { JsonObject } from '../../src/synth';
import { resolverOf } from '../synth/support';

type Bodies = Record<string, Record<string, JsonObject>>;

const api = '${aws_apigatewayv2_api.api.id}';
const base: Bodies = {
  aws_apigatewayv2_api: { api: { name: 'api', protocol_type: 'HTTP' } },
  aws_apigatewayv2_stage: {
    stage: {
      api_id: api,
      name: '$default',
      default_route_settings: { throttling_rate_limit: 10, throttling_burst_limit: 20 },
      route_settings: [{ route_key: 'GET /x', throttling_rate_limit: 1, throttling_burst_limit: 2 }],
      stage_variables: { a: 'b' },
    },
  },
  aws_apigatewayv2_integration: {
    i: {
      api_id: api,
      integration_type: 'AWS_PROXY',
      integration_uri: '${aws_lambda_function.f.invoke_arn}',
      payload_format_version: '2.0',
      timeout_milliseconds: 5000,
    },
  },
  aws_apigatewayv2_route: {
    r: { api_id: api, route_key: 'GET /x', target: 'integrations/${aws_apigatewayv2_integration.i.id}' },
  },
  aws_lambda_function: { f: { function_name: 'f' } },
  aws_lambda_permission: {
    p: {
      function_name: '${aws_lambda_function.f.function_name}',
      principal: 'apigateway.amazonaws.com',
      action: 'lambda:InvokeFunction',
      source_arn: '${aws_apigatewayv2_api.api.execution_arn}/*/GET/x',
    },
  },
};

function read(more: Bodies = {}) {
  return apisOf(resolverOf({ ...base, ...more }))[0]!;
}

function changed(type: string, name: string, change: JsonObject): Bodies {
  return { [type]: { [name]: { ...base[type]![name], ...change } } };
}

test('reads an API with its stage, route and integration', () => {
  expect(read()).toMatchObject({
    address: 'aws_apigatewayv2_api.api',
    name: 'api',
    cors: undefined,
    stages: [
      {
        name: '$default',
        variables: { a: 'b' },
        throttle: { ratePerSecond: 10, burst: 20 },
        routeThrottles: { 'GET /x': { ratePerSecond: 1, burst: 2 } },
      },
    ],
    routes: [
      {
        routeKey: 'GET /x',
        functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:f',
        authorization: 'NONE',
        timeoutMs: 5000,
        problem: undefined,
      },
    ],
  });
});

test('reads CORS', () => {
  const cors = { allow_origins: ['*'], max_age: 60, allow_credentials: false };
  expect(read(changed('aws_apigatewayv2_api', 'api', { cors_configuration: [cors] })).cors).toEqual({
    allowOrigins: ['*'],
    allowMethods: [],
    allowHeaders: [],
    exposeHeaders: [],
    allowCredentials: false,
    maxAgeSeconds: 60,
  });
});

describe('a permission must let the API invoke the function for the route', () => {
  test.each([
    ['any', '${aws_apigatewayv2_api.api.execution_arn}/*', true],
    ['of the stage', '${aws_apigatewayv2_api.api.execution_arn}/$default/GET/x', true],
    ['of another route', '${aws_apigatewayv2_api.api.execution_arn}/*/POST/x', false],
    ['of another API', 'arn:aws:execute-api:eu-west-1:000000000000:other/*', false],
  ])('source %s', (_, source, served) => {
    const [route] = read(changed('aws_lambda_permission', 'p', { source_arn: source })).routes;
    expect(route!.problem === undefined).toBe(served);
  });

  test.each([
    [{ principal: 'sns.amazonaws.com' }],
    [{ action: 'lambda:GetFunction' }],
    [{ function_name: 'other' }],
  ])('not one with %j', (change) => {
    expect(read(changed('aws_lambda_permission', 'p', change)).routes[0]!.problem).toBe(
      'no aws_lambda_permission lets API Gateway invoke f for this route (stage $default)',
    );
  });
});

test.each([
  [
    'aws_apigatewayv2_integration',
    'i',
    { payload_format_version: '3.0' },
    'payload_format_version 3.0 does not exist',
  ],
  [
    'aws_apigatewayv2_integration',
    'i',
    { integration_subtype: 'SQS-SendMessage' },
    'only Lambda functions and http URLs are hosted',
  ],
  ['aws_apigatewayv2_route', 'r', { target: 'integrations/none' }, 'the route has no integration'],
])('%s.%s with %j is not served', (type, name, change, problem) => {
  expect(read(changed(type, name, change)).routes[0]!.problem).toContain(problem);
});

test('IAM authorization is kept', () => {
  expect(
    read(changed('aws_apigatewayv2_route', 'r', { authorization_type: 'AWS_IAM' })).routes[0],
  ).toMatchObject({
    authorization: 'AWS_IAM',
    problem: undefined,
  });
});
