import type { TerraformStack } from 'cdktf';
import { lambdaAuthorizer, LambdaFunction, publicAccess, RestApi } from '../../modules';
import type { LambdaAuthorizerOptions, RestApiProps } from '../../modules';
import { synthesize, text } from '../support/template';
import type { Template } from '../support/template';

const fn = (stack: TerraformStack, name = 'fn') =>
  new LambdaFunction(stack, name, { name, entry: `${name}.ts` });
const open = { authorization: publicAccess('everyone may see it') };

function synth(
  build: (api: RestApi, stack: TerraformStack) => void,
  props: Partial<RestApiProps> = {},
): Template {
  return synthesize((stack) => build(new RestApi(stack, 'shop', { name: 'shop', ...props }), stack));
}

describe('RestApi', () => {
  const template = synth((api, stack) => {
    const to = fn(stack);
    api.route('GET /orders/{id}', to, { authorization: 'iam' });
    api.route('POST /orders', to, open);
    api.route('ANY /', to, { authorization: 'iam', apiKeyRequired: true });
  });

  test('matches its snapshot', () => {
    const made = template.resources.filter(({ type }) => /^aws_api_gateway_(?!deployment)/.test(type));
    expect(made).toMatchSnapshot();
  });

  test('each path has its resource, under the one above', () => {
    const resources = template.resourcesOf('aws_api_gateway_resource');
    expect(resources.map(({ attributes }) => attributes['path_part'])).toEqual(['{id}', 'orders']);
    expect(resources.map(({ attributes }) => attributes['parent_id'])).toEqual([
      expect.stringMatching(/^\$\{aws_api_gateway_resource\.shop_path-orders_/),
      expect.stringMatching(/\.root_resource_id\}$/),
    ]);
  });

  test('functions get whole requests, each route with its own permission', () => {
    template.countIs('aws_api_gateway_integration', 3);
    for (const { attributes } of template.resourcesOf('aws_api_gateway_integration')) {
      expect(attributes).toMatchObject({ type: 'AWS_PROXY', integration_http_method: 'POST' });
    }
    const sources = template
      .resourcesOf('aws_lambda_permission')
      .map(({ attributes }) => text(attributes['source_arn']).replace(/^\$\{.*\.execution_arn\}/, ''));
    expect(sources.sort()).toEqual(['/*/*/', '/*/GET/orders/*', '/*/POST/orders']);
  });

  test('every route says who may call it', () => {
    const methods = template
      .resourcesOf('aws_api_gateway_method')
      .map(({ attributes }) => [
        attributes['http_method'],
        attributes['authorization'],
        attributes['api_key_required'],
      ]);
    expect(methods).toEqual(
      expect.arrayContaining([
        ['GET', 'AWS_IAM', false],
        ['POST', 'NONE', false],
        ['ANY', 'AWS_IAM', true],
      ]),
    );
    synth((api, stack) => {
      api.route('GET /open', fn(stack), open);
      expect([...api.publicRoutes]).toEqual([['GET /open', 'everyone may see it']]);
    });
  });

  test('accesses are logged and traced, and requests throttled', () => {
    expect(template.only('aws_api_gateway_stage')).toMatchObject({
      stage_name: 'live',
      xray_tracing_enabled: true,
      access_log_settings: {
        destination_arn: expect.stringMatching(/^\$\{aws_cloudwatch_log_group\.shop/) as string,
        format: expect.objectContaining({ requestId: '$context.requestId' }) as object,
      },
      depends_on: [template.resourcesOf('aws_api_gateway_account')[0]?.address],
    });
    expect(template.only('aws_api_gateway_method_settings')).toMatchObject({
      method_path: '*/*',
      settings: { throttling_rate_limit: 2000, throttling_burst_limit: 5000, data_trace_enabled: false },
    });
  });

  test('API Gateway may write logs: one role a stack, unless somebody else has set it', () => {
    expect(template.only('aws_iam_role', 'api-gateway-logging')['assume_role_policy']).toMatchObject({
      Statement: [{ Principal: { Service: 'apigateway.amazonaws.com' } }],
    });
    const two = synthesize((stack) => {
      for (const name of ['a', 'b'])
        new RestApi(stack, name, { name }).route('GET /', fn(stack, `fn-${name}`), open);
    });
    two.countIs('aws_api_gateway_account', 1);
    synth(() => undefined, { accountLogRole: 'exists' }).countIs('aws_api_gateway_account', 0);
  });

  test('other routes are another deployment, which is there before the old one goes; the same are the same', () => {
    const deployment = (build: (api: RestApi, to: LambdaFunction) => void) =>
      synth((api, stack) => build(api, fn(stack))).only('aws_api_gateway_deployment');
    const hashOf = (build: (api: RestApi, to: LambdaFunction) => void) =>
      (deployment(build)['triggers'] as { routes: string }).routes;
    const one = hashOf((api, to) => api.route('GET /a', to, open));
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(hashOf((api, to) => api.route('GET /a', to, open))).toBe(one);
    expect(hashOf((api, to) => api.route('GET /b', to, open))).not.toBe(one);
    expect(hashOf((api, to) => api.route('GET /a', to, { authorization: 'iam' }))).not.toBe(one);
    const made = deployment((api, to) => api.route('GET /a', to, open));
    expect(made['lifecycle']).toEqual({ create_before_destroy: true });
    expect(made['depends_on']).toEqual([
      expect.stringMatching(/^aws_api_gateway_method\./),
      expect.stringMatching(/^aws_api_gateway_integration\./),
    ]);
  });

  test('a function authorizes, shared by the routes that ask alike; only API Gateway’s authorizer may invoke it', () => {
    const guarded = synth((api, stack) => {
      const [to, guard] = [fn(stack), fn(stack, 'guard')];
      const options = {
        identitySources: ['$request.header.X-Token', '$context.httpMethod'],
        cacheSeconds: 60,
      } as const;
      api.route('GET /a', to, { authorization: lambdaAuthorizer(guard, options) });
      api.route('GET /b', to, { authorization: lambdaAuthorizer(guard, options) });
      api.route('GET /c', to, { authorization: lambdaAuthorizer(guard) });
    });
    const authorizers = guarded.resourcesOf('aws_api_gateway_authorizer').map(({ attributes }) => attributes);
    expect(authorizers).toMatchObject([
      {
        type: 'REQUEST',
        identity_source: 'method.request.header.Authorization',
        authorizer_result_ttl_in_seconds: 300,
      },
      {
        identity_source: 'method.request.header.X-Token,context.httpMethod',
        authorizer_result_ttl_in_seconds: 60,
      },
    ]);
    for (const { attributes } of guarded.resourcesOf('aws_api_gateway_method')) {
      expect(attributes).toMatchObject({
        authorization: 'CUSTOM',
        authorizer_id: expect.stringMatching(/^\$\{aws_api_gateway_authorizer\./) as string,
      });
    }
    const permissions = guarded.resourcesOf('aws_lambda_permission', 'allow-authorizer');
    expect(permissions.map(({ attributes }) => attributes['source_arn'])).toEqual([
      expect.stringMatching(/execution_arn\}\/authorizers\/\$\{aws_api_gateway_authorizer\./),
      expect.stringMatching(/execution_arn\}\/authorizers\/\$\{aws_api_gateway_authorizer\./),
    ]);
  });

  test('options', () => {
    const custom = synth(() => undefined, {
      stageName: 'v1',
      description: 'Shop',
      throttle: { ratePerSecond: 10, burst: 20 },
      binaryMediaTypes: ['image/png'],
      logRetentionDays: 7,
    });
    expect(custom.only('aws_api_gateway_rest_api')).toMatchObject({
      description: 'Shop',
      binary_media_types: ['image/png'],
      endpoint_configuration: { types: ['REGIONAL'] },
    });
    expect(custom.only('aws_api_gateway_method_settings')['settings']).toMatchObject({
      throttling_rate_limit: 10,
      throttling_burst_limit: 20,
    });
    expect(custom.only('aws_api_gateway_stage')).toMatchObject({ stage_name: 'v1' });
    expect(custom.only('aws_cloudwatch_log_group')).toMatchObject({ retention_in_days: 7 });
  });

  test.each<[Partial<RestApiProps>, RegExp]>([
    [{ name: 'a b' }, /name is "a b".*128/],
    [{ stageName: '$default' }, /stageName is "\$default"/],
    [{ description: 'd'.repeat(1025) }, /description is "d+".*1024/],
    [{ throttle: { ratePerSecond: 0, burst: 1 } }, /throttle\.ratePerSecond is 0/],
    [{ binaryMediaTypes: ['png'] }, /binaryMediaTypes is "png": a media type/],
  ])('refuses %j', (props, message) => expect(() => synth(() => undefined, props)).toThrow(message));

  test('refuses routes that API Gateway does not take', () => {
    const routes =
      (...keys: string[]) =>
      () =>
        synth((api, stack) => {
          const to = fn(stack);
          keys.forEach((key) => api.route(key, to, open));
        });
    expect(routes('GET orders')).toThrow(/route is "GET orders"/);
    expect(routes('GET /a', 'GET /a')).toThrow(/route is "GET \/a": the API has this route already/);
    expect(routes('GET /orders/{id}', 'GET /orders/{orderId}/lines')).toThrow(
      /GET \/orders\/\{id\} has \{id\} in the same place/,
    );
    expect(routes('GET /orders/{id}', 'PUT /orders/{id}', 'GET /orders/new', 'GET /{all+}')).not.toThrow();
    const reason = () =>
      synth((api, stack) => api.route('GET /', fn(stack), { authorization: publicAccess('x') }));
    expect(reason).toThrow(/a public route needs a reason/);
  });

  test.each<[LambdaAuthorizerOptions, RegExp]>([
    [
      { simpleResponses: true },
      /simpleResponses is true: authorizers of REST APIs answer with an IAM policy/,
    ],
    [{ cacheSeconds: 3601 }, /cacheSeconds is 3601.*0 to 3600/],
    [{ identitySources: [] }, /identitySources is \[\]/],
    [{ identitySources: ['$request.body.x' as '$context.x'] }, /identitySources is "\$request\.body\.x"/],
  ])('refuses the authorizer %j', (options, message) => {
    expect(() =>
      synth((api, stack) => {
        api.route('GET /', fn(stack), { authorization: lambdaAuthorizer(fn(stack, 'guard'), options) });
      }),
    ).toThrow(message);
  });
});
