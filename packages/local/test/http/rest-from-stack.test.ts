import { restApisOf } from '../../src/http/rest/from-stack';
import type { JsonObject } from '../../src/synth';
import { resolverOf } from '../synth/support';
import { api, base, changed, f, item } from './rest-stack';
import type { Bodies } from './rest-stack';

function read(bodies: Bodies = base) {
  return restApisOf(resolverOf(bodies))[0]!;
}

function methodOf(bodies: Bodies) {
  return read(bodies).resources.find(({ path }) => path === '/items/{id}')!.methods[0]!;
}

test('reads resources by their parents, with methods and integrations', () => {
  expect(read()).toMatchObject({
    name: 'shop',
    binaryMediaTypes: ['image/png'],
    stages: [{ name: 'prod', variables: { colour: 'red' }, throttle: undefined }],
    resources: [
      { path: '/', methods: [] },
      { path: '/items', methods: [] },
      {
        path: '/items/{id}',
        routeKey: 'ANY /items/{id}',
        methods: [
          {
            method: 'GET',
            authorization: 'NONE',
            apiKeyRequired: false,
            timeoutMs: 29_000,
            integration: { kind: 'proxy', functionArn: f },
            problem: undefined,
          },
        ],
      },
    ],
  });
});

test('attributes are those of AWS', () => {
  const resolver = resolverOf(base);
  const [rest, stage] = resolver.resources('aws_api_gateway_rest_api', 'aws_api_gateway_stage');
  const id = rest!.id();
  expect(id).toMatch(/^[0-9a-f]{10}$/);
  expect(rest!.attribute('execution_arn')).toBe(`arn:aws:execute-api:eu-west-1:000000000000:${id}`);
  expect(stage!.attribute('invoke_url')).toBe('http://127.0.0.1:3000/prod');
  expect(stage!.attribute('execution_arn')).toBe(`arn:aws:execute-api:eu-west-1:000000000000:${id}/prod`);
  expect(stage!.attribute('id')).toBe(`ags-${id}-prod`);
});

test('a permission must let the API invoke the function for the method', () => {
  const source = (path: string) =>
    changed('aws_lambda_permission', 'p', {
      source_arn: `\${aws_api_gateway_rest_api.api.execution_arn}/${path}`,
    });
  expect(methodOf(source('*/GET/items/*')).problem).toBeUndefined();
  expect(methodOf(source('prod/GET/items/{id}')).problem).toBeUndefined();
  expect(methodOf(source('*/POST/items/*')).problem).toBe(
    'no aws_lambda_permission lets API Gateway invoke f for this method (stage prod)',
  );
});

test('a stage may be named by its deployment, and methods may be throttled', () => {
  const { stages } = read({
    ...base,
    aws_api_gateway_stage: {},
    aws_api_gateway_deployment: { d: { rest_api_id: api, stage_name: 'old' } },
    aws_api_gateway_method_settings: {
      all: {
        rest_api_id: api,
        stage_name: 'old',
        method_path: '*/*',
        settings: [{ throttling_rate_limit: 10, throttling_burst_limit: 20 }],
      },
      one: {
        rest_api_id: api,
        stage_name: 'old',
        method_path: 'items/{id}/GET',
        settings: [{ throttling_rate_limit: 1, throttling_burst_limit: 2 }],
      },
      other: {
        rest_api_id: api,
        stage_name: 'old',
        method_path: 'items/PUT',
        settings: [{ throttling_rate_limit: -1, throttling_burst_limit: -1 }],
      },
    },
  });
  expect(stages).toMatchObject([
    {
      name: 'old',
      throttle: { ratePerSecond: 10, burst: 20 },
      routeThrottles: { 'GET /items/{id}': { ratePerSecond: 1, burst: 2 } },
    },
  ]);
  expect(stages[0]!.routeThrottles).not.toHaveProperty('PUT /items');
});

describe('authorizers', () => {
  const guarded = (authorizer: JsonObject, method: JsonObject): Bodies => ({
    ...changed('aws_api_gateway_method', 'get', {
      authorizer_id: '${aws_api_gateway_authorizer.a.id}',
      ...method,
    }),
    aws_api_gateway_authorizer: { a: { rest_api_id: api, name: 'check', ...authorizer } },
  });
  const uri = { authorizer_uri: '${aws_lambda_function.f.invoke_arn}' };

  test('of tokens, by default', () => {
    const bodies = guarded(
      { ...uri, identity_validation_expression: 'Bearer .+', authorizer_result_ttl_in_seconds: 60 },
      { authorization: 'CUSTOM' },
    );
    expect(methodOf(bodies)).toMatchObject({
      authorization: 'CUSTOM',
      authorizer: {
        kind: 'lambda',
        event: 'rest-token',
        functionArn: f,
        identitySources: [{ from: 'header', name: 'Authorization' }],
        tokenPattern: 'Bearer .+',
        cacheSeconds: 60,
        simpleResponses: false,
      },
    });
  });

  test('of requests', () => {
    const sources = 'method.request.header.X-A, method.request.querystring.b,context.identity.sourceIp';
    const bodies = guarded(
      { ...uri, type: 'REQUEST', identity_source: sources },
      { authorization: 'CUSTOM' },
    );
    expect(methodOf(bodies).authorizer).toMatchObject({
      event: 'rest-request',
      identitySources: [
        { from: 'header', name: 'X-A' },
        { from: 'querystring', name: 'b' },
        { from: 'context', name: 'identity.sourceIp' },
      ],
      cacheSeconds: 300,
    });
  });

  test('of user pools', () => {
    const bodies = guarded(
      {
        type: 'COGNITO_USER_POOLS',
        provider_arns: ['arn:aws:cognito-idp:eu-west-1:000000000000:userpool/eu-west-1_abc'],
      },
      { authorization: 'COGNITO_USER_POOLS', authorization_scopes: ['a'] },
    );
    expect(methodOf(bodies)).toMatchObject({
      authorization: 'JWT',
      scopes: ['a'],
      authorizer: {
        kind: 'jwt',
        issuers: ['https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc'],
        style: 'rest',
      },
    });
  });
});

describe('integrations', () => {
  const changedTo = (change: JsonObject) => methodOf(changed('aws_api_gateway_integration', 'get', change));

  test('mocks with their responses', () => {
    const bodies: Bodies = {
      ...changed('aws_api_gateway_integration', 'get', {
        type: 'MOCK',
        request_templates: { 'application/json': '{"statusCode": 200}' },
      }),
      aws_api_gateway_integration_response: {
        r: {
          rest_api_id: api,
          resource_id: item,
          http_method: 'GET',
          status_code: '200',
          response_parameters: { 'method.response.header.Access-Control-Allow-Origin': "'*'" },
        },
      },
    };
    expect(methodOf(bodies)).toMatchObject({
      integration: {
        kind: 'mock',
        requestTemplates: { 'application/json': '{"statusCode": 200}' },
        responses: [
          {
            status: 200,
            selectionPattern: undefined,
            parameters: { 'method.response.header.Access-Control-Allow-Origin': "'*'" },
          },
        ],
      },
      problem: undefined,
    });
  });

  test('HTTP servers, and functions behind templates', () => {
    expect(changedTo({ type: 'HTTP_PROXY', uri: 'http://127.0.0.1:1' })).toMatchObject({
      integration: { kind: 'http', proxy: { uri: 'http://127.0.0.1:1', method: 'POST' } },
      problem: undefined,
    });
    expect(changedTo({ type: 'AWS' })).toMatchObject({
      integration: { kind: 'custom', functionArn: f },
      problem: undefined,
    });
  });

  test.each([
    [
      { type: 'AWS', uri: 'arn:aws:apigateway:eu-west-1:sqs:path/q' },
      'AWS is not hosted here as an integration',
    ],
    [
      { type: 'MOCK', request_templates: { 'application/json': '#set($a = 1){"statusCode": 200}' } },
      'only templates of plain text',
    ],
    [
      { type: 'MOCK', request_templates: { 'application/json': '$util.urlEncode(1)' } },
      'only templates of plain text',
    ],
  ])('that are not hosted say so: %j', (change, problem) => {
    expect(changedTo(change).problem).toContain(problem);
  });

  test('a method without one says so', () => {
    expect(methodOf({ ...base, aws_api_gateway_integration: {} }).problem).toBe(
      'the method has no integration',
    );
  });
});

test('reads gateway responses, API keys and usage plans', () => {
  const config = read({
    ...base,
    aws_api_gateway_gateway_response: {
      g: {
        rest_api_id: api,
        response_type: 'DEFAULT_4XX',
        status_code: '418',
        response_parameters: { 'gatewayresponse.header.X': "'1'" },
      },
    },
    aws_api_gateway_api_key: {
      k: { name: 'k', value: 'a-value-of-twenty-characters' },
      drawn: { name: 'd' },
      off: { name: 'o', enabled: false },
    },
    aws_api_gateway_usage_plan: {
      p: {
        name: 'p',
        api_stages: [{ api_id: api, stage: 'prod' }],
        throttle_settings: [{ rate_limit: 1, burst_limit: 2 }],
        quota_settings: [{ limit: 3, period: 'DAY' }],
      },
    },
    aws_api_gateway_usage_plan_key: {
      l: {
        key_id: '${aws_api_gateway_api_key.k.id}',
        key_type: 'API_KEY',
        usage_plan_id: '${aws_api_gateway_usage_plan.p.id}',
      },
    },
  });
  expect(config.gatewayResponses).toEqual({
    DEFAULT_4XX: { status: 418, parameters: { 'gatewayresponse.header.X': "'1'" }, templates: {} },
  });
  expect(config.apiKeys).toMatchObject([
    {
      value: 'a-value-of-twenty-characters',
      plans: [
        {
          stages: ['prod'],
          throttle: { ratePerSecond: 1, burst: 2 },
          quota: { limit: 3, period: 'DAY' },
        },
      ],
    },
    { value: expect.stringMatching(/^[0-9a-f]{40}$/) as string, plans: [] },
  ]);
});
