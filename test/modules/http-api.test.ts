import { HttpApi, LambdaFunction, publicAccess } from '../../modules';
import type { HttpApiProps, RouteOptions } from '../../modules';
import { synthesize, text } from '../support/template';
import type { TerraformStack } from 'cdktf';

const fn = (stack: TerraformStack, id = 'fn') =>
  new LambdaFunction(stack, id, { name: id, entry: `${id}.ts` });
const api = (stack: TerraformStack, props: Partial<HttpApiProps> = {}) =>
  new HttpApi(stack, 'api', { name: 'orders', ...props });
const jwt = { jwt: { issuer: 'https://login.example.com', audience: ['orders'], scopes: ['orders/read'] } };

describe('HttpApi', () => {
  const template = synthesize((stack) => {
    const orders = api(stack);
    const handler = fn(stack);
    orders.route('POST /orders', handler, { authorization: 'iam' });
    orders.route('GET /orders/{orderId}', handler, { authorization: jwt });
    orders.route('GET /orders', handler, { authorization: jwt });
    orders.route('GET /health', fn(stack, 'health'), { authorization: publicAccess('probes send nothing') });
  });

  test('matches its snapshot', () => {
    const plain = synthesize((stack) => void api(stack));
    expect(plain.snapshot()).toMatchSnapshot();
  });

  test('every route says who may call it', () => {
    const routes = template.resourcesOf('aws_apigatewayv2_route').map(({ attributes }) => attributes);
    expect(Object.fromEntries(routes.map((r) => [r['route_key'], r['authorization_type']]))).toEqual({
      'POST /orders': 'AWS_IAM',
      'GET /orders': 'JWT',
      'GET /orders/{orderId}': 'JWT',
      'GET /health': 'NONE',
    });
  });

  test('routes of one issuer share an authorizer that checks issuer and audience', () => {
    expect(template.only('aws_apigatewayv2_authorizer')).toMatchObject({
      authorizer_type: 'JWT',
      jwt_configuration: { issuer: 'https://login.example.com', audience: ['orders'] },
    });
    const route = template.resourcesOf('aws_apigatewayv2_route', 'orderId')[0]?.attributes;
    expect(route).toMatchObject({ authorization_scopes: ['orders/read'] });
  });

  test('routes that trust others have authorizers of their own, however alike those are written', () => {
    const trusting = synthesize((stack) => {
      const orders = api(stack);
      const issuer = 'https://login.example.com';
      const trusted = [
        { issuer, audience: ['a', 'b'] },
        { issuer, audience: ['a-b'] },
        { issuer: `${issuer}/a`, audience: ['b'] },
      ];
      trusted.forEach((jwt, index) =>
        orders.route(`GET /${index}`, fn(stack, `fn${index}`), { authorization: { jwt } }),
      );
    });
    trusting.countIs('aws_apigatewayv2_authorizer', 3);
  });

  test('routes of one function share an integration that is replaced without a gap', () => {
    template.countIs('aws_apigatewayv2_integration', 2);
    for (const { attributes } of template.resourcesOf('aws_apigatewayv2_integration')) {
      expect(attributes).toMatchObject({
        payload_format_version: '2.0',
        lifecycle: { create_before_destroy: true },
      });
    }
  });

  test('an integration names its function without a reference, which would be replaced the same way', () => {
    const { integration_uri: uri } = template.only('aws_apigatewayv2_integration', 'health');
    expect(uri).toMatch(/:lambda:.*:function:health$/);
    expect(uri).not.toMatch(/aws_lambda_function/);
  });

  test('only these routes of this API may invoke the function', () => {
    const permissions = template.resourcesOf('aws_lambda_permission').map(({ attributes }) => attributes);
    const sources = permissions.map((p) =>
      text(p['source_arn']).replace(/^\$\{aws_apigatewayv2_api[^}]*\}/, ''),
    );
    expect(sources.sort()).toEqual(['/*/GET/health', '/*/GET/orders', '/*/GET/orders/*', '/*/POST/orders']);
    for (const permission of permissions) expect(permission['principal']).toBe('apigateway.amazonaws.com');
  });

  test('a route is there when its function may be invoked', () => {
    for (const { address, attributes } of template.resourcesOf('aws_apigatewayv2_route')) {
      const id = address.replace(/^aws_apigatewayv2_route\.api_(.*)_[0-9A-F]{8}$/, '$1');
      expect(attributes['depends_on']).toEqual([
        expect.stringMatching(new RegExp(`^aws_lambda_permission\\.api_allow-${id}_`)),
      ]);
    }
  });

  test('accesses are logged as JSON to a group that forgets', () => {
    const settings = template.only('aws_apigatewayv2_stage')['access_log_settings'];
    expect(settings).toMatchObject({ format: { routeKey: '$context.routeKey', status: '$context.status' } });
    expect(template.resourcesOf('aws_cloudwatch_log_group', 'access-log')[0]?.attributes).toMatchObject({
      retention_in_days: 30,
    });
  });

  test('all routes are throttled', () => {
    expect(template.only('aws_apigatewayv2_stage')['default_route_settings']).toEqual({
      throttling_rate_limit: 2000,
      throttling_burst_limit: 5000,
    });
  });

  test('a route can have a throttle of its own, which waits for the route', () => {
    const throttled = synthesize((stack) => {
      const throttle = { ratePerSecond: 5, burst: 10 };
      api(stack).route('POST /orders', fn(stack), { authorization: 'iam', throttle });
    });
    const stage = throttled.only('aws_apigatewayv2_stage');
    expect(stage['route_settings']).toEqual([
      { route_key: 'POST /orders', throttling_rate_limit: 5, throttling_burst_limit: 10 },
    ]);
    expect(stage['depends_on']).toEqual([throttled.resourcesOf('aws_apigatewayv2_route')[0]?.address]);
  });

  test('no other origin may call unless it is named', () => {
    expect(template.only('aws_apigatewayv2_api')).not.toHaveProperty('cors_configuration');
    const cors = { allowOrigins: ['https://example.com'], allowMethods: ['GET'], allowCredentials: true };
    const named = synthesize((stack) => void api(stack, { cors }));
    expect(named.only('aws_apigatewayv2_api')['cors_configuration']).toMatchObject({
      allow_origins: ['https://example.com'],
      allow_credentials: true,
      max_age: 3600,
    });
  });

  test.each<[string, Partial<HttpApiProps>, RegExp]>([
    ['a name that its log group cannot have', { name: 'my api' }, /name is "my api".*128 letters/],
    ['no rate', { throttle: { ratePerSecond: 0, burst: 1 } }, /throttle.ratePerSecond is 0/],
    ['a huge burst', { throttle: { ratePerSecond: 1, burst: 5001 } }, /throttle.burst is 5001.*1 to 5000/],
    [
      '* with credentials',
      { cors: { allowOrigins: ['*'], allowMethods: ['GET'], allowCredentials: true } },
      /cors is .*when credentials are allowed/,
    ],
    [
      'any method with credentials',
      { cors: { allowOrigins: ['https://a.example'], allowMethods: ['*'], allowCredentials: true } },
      /when credentials are allowed/,
    ],
    [
      'an origin with a path',
      { cors: { allowOrigins: ['https://a.example/x'], allowMethods: ['GET'] } },
      /cors.allowOrigins is .*without a path/,
    ],
    [
      'a long maximum age',
      { cors: { allowOrigins: ['*'], allowMethods: ['GET'], maxAgeSeconds: 86_401 } },
      /cors.maxAgeSeconds is 86401/,
    ],
    ['a wrong retention', { logRetentionDays: 4 }, /logRetentionDays is 4/],
  ])('refuses %s', (_name, props, message) => {
    expect(() => synthesize((stack) => void api(stack, props))).toThrow(message);
  });

  test.each<[string, RouteOptions, RegExp]>([
    ['POST orders', { authorization: 'iam' }, /route is "POST orders".*METHOD \/path/],
    ['FETCH /orders', { authorization: 'iam' }, /route is "FETCH \/orders"/],
    ['GET /orders/', { authorization: 'iam' }, /route is "GET \/orders\/"/],
    ['GET /{all+}/orders', { authorization: 'iam' }, /last \{proxy\+\}/],
    ['GET /a', { authorization: publicAccess('why') }, /publicAccess of GET \/a is "why".*some words/],
    [
      'GET /a',
      { authorization: { jwt: { issuer: 'http://x', audience: ['y'] } } },
      /jwt.issuer is "http:\/\/x"/,
    ],
    ['GET /a', { authorization: { jwt: { issuer: 'https://x', audience: [] } } }, /jwt.audience is \[\]/],
    [
      'GET /a',
      { authorization: 'iam', throttle: { ratePerSecond: 0.5, burst: 1 } },
      /throttle of GET \/a.ratePerSecond is 0.5/,
    ],
  ])('refuses %s with %j', (routeKey, options, message) => {
    expect(() => synthesize((stack) => void api(stack).route(routeKey, fn(stack), options))).toThrow(message);
  });

  test('refuses a route twice', () => {
    const build = () =>
      synthesize((stack) => {
        const [orders, handler] = [api(stack), fn(stack)];
        for (const authorization of ['iam', jwt] as const) orders.route('GET /a', handler, { authorization });
      });
    expect(build).toThrow(/route is "GET \/a".*already/);
  });

  test('refuses a route whose id another has', () => {
    const build = () =>
      synthesize((stack) => {
        const [orders, handler] = [api(stack), fn(stack)];
        for (const path of ['/a/b', '/a/{b}']) orders.route(`GET ${path}`, handler, { authorization: 'iam' });
      });
    expect(build).toThrow(/route is "GET \/a\/\{b\}".*punctuation/);
  });

  test.each(['ANY /', 'GET /a/{b}/c', 'ANY /files/{proxy+}', 'ANY /{proxy+}'])('takes %s', (routeKey) => {
    const build = () =>
      synthesize((stack) => void api(stack).route(routeKey, fn(stack), { authorization: 'iam' }));
    expect(build).not.toThrow();
  });
});
