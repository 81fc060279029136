import { apisOf, functionUrlsOf } from '../../src/http/from-stack';
import type { JsonObject } from '../../src/synth';
import { unhosted } from '../../src/synth';
import { resolverOf } from '../synth/support';

type Bodies = Record<string, Record<string, JsonObject>>;

const api = '${aws_apigatewayv2_api.api.id}';
const f = 'arn:aws:lambda:eu-west-1:000000000000:function:f';
const functions: Bodies = { aws_lambda_function: { f: { function_name: 'f' } } };
const permission = (source: string): Bodies => ({
  aws_lambda_permission: {
    p: {
      function_name: 'f',
      principal: 'apigateway.amazonaws.com',
      action: 'lambda:InvokeFunction',
      source_arn: source,
    },
  },
});
const everywhere = permission('${aws_apigatewayv2_api.api.execution_arn}/*');
const base: Bodies = {
  ...functions,
  aws_apigatewayv2_api: { api: { name: 'api', protocol_type: 'HTTP' } },
  aws_apigatewayv2_stage: { s: { api_id: api, name: '$default' } },
};

describe('quick create', () => {
  const quick = (target: string, more: JsonObject = {}): Bodies => ({
    ...base,
    aws_apigatewayv2_api: { api: { name: 'api', protocol_type: 'HTTP', target, ...more } },
    aws_apigatewayv2_stage: {},
  });

  test('makes a stage and a route for a function', () => {
    const [config] = apisOf(resolverOf({ ...quick('${aws_lambda_function.f.arn}'), ...everywhere }));
    expect(config).toMatchObject({
      stages: [{ name: '$default' }],
      routes: [{ routeKey: '$default', functionArn: f, problem: undefined }],
    });
    expect(config!.routes[0]).not.toHaveProperty('proxy');
  });

  test('needs a permission', () => {
    const [config] = apisOf(resolverOf(quick('${aws_lambda_function.f.arn}')));
    expect(config!.routes[0]!.problem).toContain('no aws_lambda_permission');
  });

  test('of an HTTP server, for a route', () => {
    const [config] = apisOf(resolverOf(quick('http://127.0.0.1:1', { route_key: 'GET /x' })));
    expect(config!.routes).toMatchObject([
      { routeKey: 'GET /x', proxy: { uri: 'http://127.0.0.1:1', method: 'ANY' } },
    ]);
  });
});

describe('authorizers', () => {
  const guarded = (authorizer: JsonObject, route: JsonObject = {}): Bodies => ({
    ...base,
    aws_apigatewayv2_authorizer: { a: { api_id: api, name: 'check', ...authorizer } },
    aws_apigatewayv2_integration: {
      i: { api_id: api, integration_type: 'AWS_PROXY', integration_uri: f, payload_format_version: '2.0' },
    },
    aws_apigatewayv2_route: {
      r: {
        api_id: api,
        route_key: 'GET /x',
        target: 'integrations/${aws_apigatewayv2_integration.i.id}',
        authorization_type: 'CUSTOM',
        authorizer_id: '${aws_apigatewayv2_authorizer.a.id}',
        ...route,
      },
    },
  });
  const lambda = {
    authorizer_type: 'REQUEST',
    authorizer_uri: '${aws_lambda_function.f.invoke_arn}',
    identity_sources: ['$request.header.Authorization', '$context.routeKey'],
    authorizer_payload_format_version: '2.0',
    enable_simple_responses: true,
  };
  const read = (bodies: Bodies) => apisOf(resolverOf(bodies))[0]!.routes[0]!;

  test('of functions', () => {
    expect(read({ ...guarded(lambda), ...everywhere })).toMatchObject({
      authorization: 'CUSTOM',
      authorizer: {
        kind: 'lambda',
        functionArn: f,
        event: 'http-2.0',
        simpleResponses: true,
        identitySources: [
          { from: 'header', name: 'Authorization' },
          { from: 'context', name: 'routeKey' },
        ],
        cacheSeconds: 300,
        problem: undefined,
      },
    });
  });

  test('need a permission of their own', () => {
    const routesOnly = permission('${aws_apigatewayv2_api.api.execution_arn}/*/GET/x');
    expect(read({ ...guarded(lambda), ...routesOnly })).toMatchObject({
      problem: undefined,
      authorizer: {
        problem: 'no aws_lambda_permission lets API Gateway invoke f for the authorizer check',
      },
    });
    const own = permission(
      '${aws_apigatewayv2_api.api.execution_arn}/authorizers/${aws_apigatewayv2_authorizer.a.id}',
    );
    expect(read({ ...guarded(lambda), ...own })).toMatchObject({ authorizer: { problem: undefined } });
  });

  test('or a role that lets API Gateway call', () => {
    const role = (action: string): Bodies => ({
      aws_iam_role: {
        r: {
          name: 'r',
          inline_policy: [
            {
              name: 'p',
              policy: JSON.stringify({ Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] }),
            },
          ],
        },
      },
    });
    const byRole = { ...lambda, authorizer_credentials_arn: '${aws_iam_role.r.arn}' };
    expect(read({ ...guarded(byRole), ...role('lambda:InvokeFunction') })).toMatchObject({
      authorizer: { problem: undefined },
    });
    expect(read({ ...guarded(byRole), ...role('lambda:GetFunction') })).toMatchObject({
      authorizer: { problem: expect.stringContaining('does not allow to invoke f') as string },
    });
  });

  test('of tokens', () => {
    const jwt = {
      authorizer_type: 'JWT',
      identity_sources: ['$request.header.Authorization'],
      jwt_configuration: [{ audience: ['shop'], issuer: 'https://issuer.example' }],
    };
    const route = { authorization_type: 'JWT', authorization_scopes: ['a'] };
    expect(read({ ...guarded(jwt, route), ...everywhere })).toMatchObject({
      authorization: 'JWT',
      scopes: ['a'],
      authorizer: {
        kind: 'jwt',
        issuers: ['https://issuer.example'],
        audience: ['shop'],
        identitySource: { from: 'header', name: 'Authorization' },
        style: 'http',
      },
      problem: undefined,
    });
  });
});

test('reads payload formats, mappings, servers and access logs', () => {
  const { routes, stages } = apisOf(
    resolverOf({
      ...base,
      ...everywhere,
      aws_apigatewayv2_stage: {
        s: {
          api_id: api,
          name: 'v1',
          access_log_settings: [
            {
              destination_arn: 'arn:aws:logs:eu-west-1:000000000000:log-group:access',
              format: '$context.status',
            },
          ],
        },
      },
      aws_apigatewayv2_integration: {
        old: {
          api_id: api,
          integration_type: 'AWS_PROXY',
          integration_uri: '${aws_lambda_function.f.invoke_arn}',
          request_parameters: { 'append:header.a': 'b' },
          response_parameters: [{ status_code: '200', mappings: { 'append:header.c': 'd' } }],
        },
        server: {
          api_id: api,
          integration_type: 'HTTP_PROXY',
          integration_method: 'GET',
          integration_uri: 'http://127.0.0.1:1/{proxy}',
        },
        queue: { api_id: api, integration_type: 'AWS_PROXY', integration_subtype: 'SQS-SendMessage' },
      },
      aws_apigatewayv2_route: Object.fromEntries(
        ['old', 'server', 'queue'].map((name) => [
          name,
          {
            api_id: api,
            route_key: `GET /${name}`,
            target: `integrations/\${aws_apigatewayv2_integration.${name}.id}`,
          },
        ]),
      ),
    }),
  )[0]!;
  expect(stages).toMatchObject([{ accessLog: { group: 'access', format: '$context.status' } }]);
  expect(routes).toMatchObject([
    {
      payloadFormat: '1.0',
      functionArn: f,
      requestParameters: { 'append:header.a': 'b' },
      responseParameters: { 200: { 'append:header.c': 'd' } },
      problem: undefined,
    },
    { functionArn: '', proxy: { uri: 'http://127.0.0.1:1/{proxy}', method: 'GET' }, problem: undefined },
    { problem: expect.stringContaining('only Lambda functions and http URLs are hosted') as string },
  ]);
});

test('reads an OpenAPI document', () => {
  const document = {
    openapi: '3.0.1',
    components: {
      securitySchemes: {
        jwt: {
          type: 'oauth2',
          'x-amazon-apigateway-authorizer': {
            type: 'jwt',
            identitySource: '$request.header.Authorization',
            jwtConfiguration: { audience: ['shop'], issuer: 'https://issuer.example' },
          },
        },
        iam: { type: 'apiKey', 'x-amazon-apigateway-authtype': 'awsSigv4' },
      },
    },
    paths: {
      '/items/{id}': {
        get: {
          security: [{ jwt: ['read'] }],
          'x-amazon-apigateway-integration': {
            type: 'AWS_PROXY',
            uri: f,
            payloadFormatVersion: '2.0',
            timeoutInMillis: 5000,
          },
        },
        'x-amazon-apigateway-any-method': {
          security: [{ iam: [] }],
          'x-amazon-apigateway-integration': {
            type: 'HTTP_PROXY',
            uri: 'http://127.0.0.1:1',
            httpMethod: 'ANY',
          },
        },
      },
      '/$default': { 'x-amazon-apigateway-any-method': {} },
    },
  };
  const body = JSON.stringify(document);
  const [config] = apisOf(
    resolverOf({
      ...base,
      ...everywhere,
      aws_apigatewayv2_api: { api: { name: 'api', protocol_type: 'HTTP', body } },
    }),
  );
  expect(config!.routes).toMatchObject([
    {
      routeKey: 'GET /items/{id}',
      functionArn: f,
      payloadFormat: '2.0',
      timeoutMs: 5000,
      authorization: 'JWT',
      scopes: ['read'],
      authorizer: { kind: 'jwt', issuers: ['https://issuer.example'], audience: ['shop'] },
      problem: undefined,
    },
    { routeKey: 'ANY /items/{id}', authorization: 'AWS_IAM', proxy: { uri: 'http://127.0.0.1:1' } },
    { routeKey: '$default', authorization: 'NONE', problem: 'the route has no integration' },
  ]);
});

test('reads function URLs', () => {
  const resolver = resolverOf({
    ...functions,
    aws_lambda_function_url: {
      u: {
        function_name: '${aws_lambda_function.f.function_name}',
        authorization_type: 'AWS_IAM',
        cors: [{ allow_origins: ['*'], max_age: 60 }],
      },
    },
  });
  expect(functionUrlsOf(resolver)).toMatchObject([
    {
      address: 'aws_lambda_function_url.u',
      name: 'f',
      functionArn: f,
      authorization: 'AWS_IAM',
      cors: { allowOrigins: ['*'], maxAgeSeconds: 60 },
    },
  ]);
  const url = resolver.resources('aws_lambda_function_url')[0]!;
  expect(url.attribute('function_url')).toBe('http://127.0.0.1:3000/');
  expect(url.attribute('function_arn')).toBe(f);
});

test('WebSocket APIs and streamed responses are named as not hosted', () => {
  const resolver = resolverOf({
    aws_apigatewayv2_api: { w: { name: 'w', protocol_type: 'WEBSOCKET' } },
    aws_lambda_function_url: {
      s: { function_name: 'f', authorization_type: 'NONE', invoke_mode: 'RESPONSE_STREAM' },
    },
  });
  expect([apisOf(resolver), functionUrlsOf(resolver)]).toEqual([[], []]);
  expect(unhosted(resolver)).toEqual([
    'aws_apigatewayv2_api.w (WebSocket API)',
    'aws_lambda_function_url.s (streamed responses)',
  ]);
});
