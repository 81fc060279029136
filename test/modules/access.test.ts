import type { TerraformStack } from 'cdktf';
import {
  EncryptionKey,
  HttpApi,
  lambdaAuthorizer,
  LambdaFunction,
  publicAccess,
  Secret,
} from '../../modules';
import type { FunctionUrlOptions, LambdaAuthorizerOptions, RouteOptions, SecretProps } from '../../modules';
import { synthesize } from '../support/template';

const fn = (stack: TerraformStack, name = 'fn') =>
  new LambdaFunction(stack, name, { name, entry: `${name}.ts` });

describe('a function that authorizes the routes of an HTTP API', () => {
  const api = (...authorizers: LambdaAuthorizerOptions[]) =>
    synthesize((stack) => {
      const [http, to, guard] = [new HttpApi(stack, 'api', { name: 'api' }), fn(stack), fn(stack, 'guard')];
      authorizers.forEach((options, index) => {
        http.route(`GET /${index}`, to, { authorization: lambdaAuthorizer(guard, options) });
      });
    });

  test('matches its snapshot', () => {
    expect(api({}).only('aws_apigatewayv2_authorizer')).toMatchSnapshot();
  });

  test('answers simply, for five minutes by the Authorization header; a route waits for its permission', () => {
    const template = api({});
    expect(template.only('aws_apigatewayv2_authorizer')).toMatchObject({
      authorizer_type: 'REQUEST',
      authorizer_payload_format_version: '2.0',
      enable_simple_responses: true,
      authorizer_result_ttl_in_seconds: 300,
      identity_sources: ['$request.header.Authorization'],
    });
    expect(template.only('aws_apigatewayv2_route')).toMatchObject({
      authorization_type: 'CUSTOM',
      authorizer_id: expect.stringMatching(/^\$\{aws_apigatewayv2_authorizer\./) as string,
    });
    const [permission] = template.resourcesOf('aws_lambda_permission', 'allow-authorizer');
    expect(permission?.attributes).toMatchObject({
      principal: 'apigateway.amazonaws.com',
      source_arn: expect.stringMatching(
        /execution_arn\}\/authorizers\/\$\{aws_apigatewayv2_authorizer\./,
      ) as string,
    });
    expect(template.only('aws_apigatewayv2_route')['depends_on']).toContain(permission?.address);
  });

  test('routes that ask alike share an authorizer, others have one of their own', () => {
    api({}, {}).countIs('aws_apigatewayv2_authorizer', 1);
    const others = api(
      {},
      { cacheSeconds: 0 },
      { simpleResponses: false },
      { identitySources: ['$request.header.X'] },
    );
    others.countIs('aws_apigatewayv2_authorizer', 4);
  });

  test.each<[LambdaAuthorizerOptions, RegExp]>([
    [{ cacheSeconds: -1 }, /cacheSeconds is -1.*0 to 3600/],
    [{ identitySources: [] }, /identitySources is \[\]: answers are cached by them/],
    [{ identitySources: ['Authorization' as '$context.x'] }, /identitySources is "Authorization"/],
  ])('refuses %j', (options, message) => expect(() => api(options)).toThrow(message));

  test('needs no identity where nothing is cached', () => {
    expect(() => api({ cacheSeconds: 0, identitySources: [] })).not.toThrow();
  });
});

test('functions get payload format 2.0, or 1.0 by an integration of its own', () => {
  const routes = (...formats: RouteOptions['payloadFormat'][]) =>
    synthesize((stack) => {
      const [http, to] = [new HttpApi(stack, 'api', { name: 'api' }), fn(stack)];
      formats.forEach((payloadFormat, index) => {
        http.route(`GET /${index}`, to, { authorization: 'iam', payloadFormat });
      });
    })
      .resourcesOf('aws_apigatewayv2_integration')
      .map(({ attributes }) => attributes['payload_format_version']);
  expect(routes(undefined)).toEqual(['2.0']);
  expect(routes('2.0', '1.0', '1.0')).toEqual(['1.0', '2.0']);
});

describe('FunctionUrl', () => {
  const url = (options: FunctionUrlOptions) => synthesize((stack) => void fn(stack).addUrl(options));
  const cors = { allowOrigins: ['https://shop.example.com'], allowMethods: ['GET'] };

  test('matches its snapshot', () => {
    expect(url({ authorization: 'iam', cors }).only('aws_lambda_function_url')).toMatchSnapshot();
  });

  test('is for IAM principals, or for everyone where that has a reason', () => {
    expect(url({ authorization: 'iam' }).only('aws_lambda_function_url')).toMatchObject({
      authorization_type: 'AWS_IAM',
    });
    const open = url({ authorization: publicAccess('load balancers have no credentials') });
    expect(open.only('aws_lambda_function_url')).toMatchObject({ authorization_type: 'NONE' });
    // Nothing lets everyone invoke the function itself.
    open.countIs('aws_lambda_permission', 0);
    expect(() => url({ authorization: publicAccess('x') })).toThrow(/publicAccess of fn is "x"/);
  });

  test('callers get both rights that Lambda asks for, and by the URL only', () => {
    const template = synthesize((stack) => {
      fn(stack).addUrl({ authorization: 'iam' }).grantInvoke(fn(stack, 'caller'));
    });
    const statements = template.statements('aws_iam_role_policy', 'caller');
    expect(statements.filter(({ Sid }) => Sid.startsWith('Invoke'))).toMatchObject([
      {
        Action: ['lambda:InvokeFunctionUrl'],
        Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': ['AWS_IAM'] } },
      },
      {
        Action: ['lambda:InvokeFunction'],
        Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': ['true'] } },
      },
    ]);
  });

  test('there is one a function, and CORS is judged', () => {
    expect(() =>
      synthesize((stack) => {
        const to = fn(stack);
        to.addUrl({ authorization: 'iam' });
        to.addUrl({ authorization: 'iam' });
      }),
    ).toThrow(/url is "fn": the function has a URL already/);
    const bad = { ...cors, allowOrigins: ['*'], allowCredentials: true };
    expect(() => url({ authorization: 'iam', cors: bad })).toThrow(/browsers ignore \*/);
  });
});

describe('Secret', () => {
  const secret = (stack: TerraformStack, props: Partial<SecretProps> = {}) =>
    new Secret(stack, 'signing', { name: 'orders/signing', description: 'Signs webhooks', ...props });
  const synth = (props: Partial<SecretProps> = {}) => synthesize((stack) => void secret(stack, props));

  test('matches its snapshot', () => expect(synth().snapshot()).toMatchSnapshot());

  test('has no value in the state, and can be restored for a month', () => {
    expect(synth().types).toEqual(['aws_secretsmanager_secret']);
    expect(synth().only('aws_secretsmanager_secret')).toMatchObject({ recovery_window_in_days: 30 });
    expect(synth({ recoveryDays: 0 }).only('aws_secretsmanager_secret')).toMatchObject({
      recovery_window_in_days: 0,
    });
  });

  test('a function reads this one secret, and decrypts by Secrets Manager only', () => {
    const template = synthesize((stack) => {
      secret(stack, { encryptionKey: new EncryptionKey(stack, 'key', { name: 'key' }) }).grantRead(fn(stack));
    });
    expect(template.only('aws_secretsmanager_secret')['kms_key_id']).toMatch(/^\$\{aws_kms_key/);
    const statements = template.statements('aws_iam_role_policy');
    expect(statements.find(({ Sid }) => Sid === 'ReadSecrets')).toMatchObject({
      Action: ['secretsmanager:GetSecretValue'],
      Resource: [expect.stringMatching(/^\$\{aws_secretsmanager_secret\.signing/)],
    });
    expect(statements.find(({ Sid }) => Sid === 'DecryptThroughSecretsManager')?.Action).toEqual([
      'kms:Decrypt',
    ]);
  });

  test.each<[Partial<SecretProps>, RegExp]>([
    [{ name: 'a b' }, /name is "a b".*512/],
    [{ description: '' }, /description is "".*1 to 2048/],
    [{ recoveryDays: 6 }, /recoveryDays is 6.*7 to 30/],
  ])('refuses %j', (props, message) => expect(() => synth(props)).toThrow(message));
});
