import { BUNDLER, EncryptionKey, LambdaFunction, Network, SecurityGroup, Topic } from '../../modules';
import type { LambdaFunctionProps } from '../../modules';
import { stubBundler, synthesize } from '../support/template';
import type { StubPackages } from '../support/template';
import type { TerraformStack } from 'cdktf';

const create = (stack: TerraformStack, props: Partial<LambdaFunctionProps> = {}) =>
  new LambdaFunction(stack, 'greeter', { name: 'greeter', entry: 'handlers/greeter.ts', ...props });
const network = (stack: TerraformStack, props = {}) =>
  new Network(stack, 'network', {
    name: 'net',
    availabilityZones: ['us-east-1a', 'us-east-1b'],
    ...props,
  });

describe('LambdaFunction', () => {
  const template = synthesize((stack) => void create(stack));
  const fn = template.only('aws_lambda_function');

  test('matches its snapshot', () => expect(template.snapshot()).toMatchSnapshot());

  test('runs on Node.js 22 and arm64', () => {
    expect(fn).toMatchObject({ runtime: 'nodejs22.x', architectures: ['arm64'], handler: 'index.handler' });
  });

  test('shows stack traces in terms of its sources', () => {
    expect(fn['environment']).toEqual({ variables: { NODE_OPTIONS: '--enable-source-maps' } });
  });

  test('is traced', () => expect(fn).toMatchObject({ tracing_config: { mode: 'Active' } }));

  test('writes JSON logs to a group of its own that is created first and forgets', () => {
    const [group] = template.resourcesOf('aws_cloudwatch_log_group');
    expect(group?.attributes).toMatchObject({ name: '/aws/lambda/greeter', retention_in_days: 30 });
    expect(fn['logging_config']).toMatchObject({
      log_format: 'JSON',
      log_group: `\${${group?.address}.name}`,
    });
    expect(fn['depends_on']).toContain(group?.address);
  });

  test('is created after its rights', () => {
    expect(fn['depends_on']).toContain(template.resourcesOf('aws_iam_role_policy')[0]?.address);
  });

  test('may write to its own log group and traces, and nothing else', () => {
    const [group] = template.resourcesOf('aws_cloudwatch_log_group');
    expect(
      template.statements('aws_iam_role_policy').map(({ Action, Resource }) => [Action, Resource]),
    ).toEqual([
      [['logs:CreateLogStream', 'logs:PutLogEvents'], [`\${${group?.address}.arn}:*`]],
      [['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*']],
    ]);
  });

  test('only Lambda may assume its role', () => {
    expect(template.only('aws_iam_role')['assume_role_policy']).toMatchObject({
      Statement: [{ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    });
  });

  test('outside a network it has no security group and no right to network interfaces', () => {
    template.countIs('aws_security_group', 0);
    template.countIs('aws_iam_role_policy_attachment', 0);
    expect(fn).not.toHaveProperty('vpc_config');
  });

  test('its package is named after its contents', () => {
    expect(fn).toMatchObject({ source_code_hash: 'stub' });
    expect(fn['filename']).toMatch(/^assets\/greeter_bundle_[0-9A-F]{8}\/stub\//);
  });

  test('its logs are encrypted by the key, which admits this account’s log groups', () => {
    const encrypted = synthesize((stack) => {
      create(stack, { encryptionKey: new EncryptionKey(stack, 'key', { name: 'key' }) });
    });
    expect(encrypted.only('aws_cloudwatch_log_group')['kms_key_id']).toMatch(/aws_kms_key/);
    const logs = encrypted.statements('aws_kms_key').find(({ Sid }) => Sid === 'Logs');
    expect(logs?.Condition?.['ArnLike']).toHaveProperty('kms:EncryptionContext:aws:logs:arn');
  });

  test('one override a resource', () => {
    const overridden = synthesize(
      (stack) => void create(stack, { overrides: { publish: true, memorySize: 1769 } }),
    );
    expect(overridden.only('aws_lambda_function')).toMatchObject({ publish: true, memory_size: 1769 });
  });

  test.each<[Partial<LambdaFunctionProps>, RegExp]>([
    [{ name: 'a.b' }, /name is "a.b".*64 letters/],
    [{ timeoutSeconds: 901 }, /timeoutSeconds is 901.*1 to 900/],
    [{ memoryMb: 64 }, /memoryMb is 64.*128 to 10240/],
    [{ reservedConcurrency: -1 }, /reservedConcurrency is -1/],
    [{ description: 'x'.repeat(257) }, /description is "x+".*256 characters/],
    [{ logRetentionDays: 31 }, /logRetentionDays is 31.*30, 60/],
    [{ environment: { AWS_REGION: 'x' } }, /environment variable is "AWS_REGION".*Lambda sets itself/],
    [{ environment: { '1ST': 'x' } }, /environment variable is "1ST"/],
    [{ environment: { BIG: 'x'.repeat(4094) } }, /size of the environment is 4097.*4096 bytes/],
    [{ ephemeralStorageMb: 511 }, /ephemeralStorageMb is 511.*512 to 10240/],
  ])('refuses %j', (props, message) => {
    expect(() => synthesize((stack) => void create(stack, props))).toThrow(message);
  });

  test('has a larger /tmp where asked for', () => {
    const large = synthesize((stack) => void create(stack, { ephemeralStorageMb: 1024 }));
    expect(large.only('aws_lambda_function')).toMatchObject({ ephemeral_storage: { size: 1024 } });
    expect(fn).not.toHaveProperty('ephemeral_storage');
  });

  test('counts variables that are added later, and not what Terraform knows only later', () => {
    const add = (value: (stack: TerraformStack) => string) => () =>
      synthesize((stack) => create(stack).addEnvironment({ BIG: value(stack) }));
    expect(add(() => 'x'.repeat(4096))).toThrow(/size of the environment is 41\d\d/);
    expect(add((stack) => new Topic(stack, 'topic', { name: 'topic' }).arn)).not.toThrow();
  });

  test('refuses another value for a variable that is set', () => {
    const build = () =>
      synthesize((stack) => create(stack, { environment: { MODE: 'a' } }).addEnvironment({ MODE: 'b' }));
    expect(build).toThrow(/environment.MODE is "b".*already/);
  });

  test('bundles with what the context names, so that tests need no handlers', () => {
    const seen: unknown[] = [];
    const bundler = (entry: string, options?: unknown) => {
      seen.push([entry, options]);
      return stubBundler()(entry);
    };
    synthesize((stack) => void create(stack, { bundling: { external: ['pg'] } }), { bundler });
    expect(BUNDLER).toBe('aws-micro:bundler');
    expect(seen).toEqual([['handlers/greeter.ts', { external: ['pg'] }]]);
  });
});

describe('LambdaFunction in a network', () => {
  const template = synthesize((stack) => void create(stack, { network: network(stack) }));

  test('is in every zone', () => {
    const subnets = template.resourcesOf('aws_subnet', 'private').map(({ address }) => `\${${address}.id}`);
    const fn = template.only('aws_lambda_function');
    expect(fn['vpc_config']).toMatchObject({ subnet_ids: subnets });
    expect(subnets).toHaveLength(2);
    expect(fn).toMatchObject({ replace_security_groups_on_destroy: true });
  });

  test('has a security group that lets nothing in or out', () => {
    expect(template.only('aws_security_group')).toMatchObject({ description: 'Function greeter' });
    template.countIs('aws_vpc_security_group_ingress_rule', 0);
    template.countIs('aws_vpc_security_group_egress_rule', 0);
  });

  test('may manage its network interfaces, without the managed policy that writes to every log group', () => {
    expect(template.only('aws_iam_role_policy_attachment')['policy_arn']).toMatch(
      /:iam::aws:policy\/service-role\/AWSLambdaENIManagementAccess$/,
    );
  });

  const publisher = (props: object, packages: StubPackages = {}) =>
    synthesize(
      (stack) => {
        const fn = create(stack, { network: network(stack, props) });
        new Topic(stack, 'topic', { name: 'topic' }).grantPublish(fn);
      },
      { bundler: stubBundler(packages) },
    );

  test('a grant opens the way to the endpoint of its service, in both groups', () => {
    const open = publisher({ interfaceEndpoints: ['sns', 'sqs'] });
    const rule = { from_port: 443, to_port: 443, ip_protocol: 'tcp' };
    expect(open.only('aws_vpc_security_group_egress_rule')).toMatchObject(rule);
    expect(open.only('aws_vpc_security_group_ingress_rule')).toMatchObject(rule);
    expect(open.only('aws_vpc_security_group_egress_rule')['referenced_security_group_id']).toMatch(
      /endpoints/,
    );
    const opening = [
      ...open.resourcesOf('aws_vpc_security_group_egress_rule'),
      ...open.resourcesOf('aws_vpc_security_group_ingress_rule'),
      ...open.resourcesOf('aws_vpc_endpoint', 'endpoint-sns'),
    ];
    expect(open.only('aws_lambda_function')['depends_on']).toEqual(
      expect.arrayContaining(opening.map(({ address }) => address)),
    );
  });

  test('connects to no security group without a network', () => {
    const build = () =>
      synthesize((stack) => {
        const vpcId = network(stack).vpc.id;
        const cache = new SecurityGroup(stack, 'cache', { name: 'cache', vpcId, description: 'Cache' });
        create(stack).connectTo(cache, 6379, 'Redis');
      });
    expect(build).toThrow(/network is null.*outside a VPC/);
  });

  test('a grant on a service with a gateway endpoint opens the way to its addresses only', () => {
    const open = synthesize((stack) => {
      const fn = create(stack, { network: network(stack) });
      fn.grant({ sid: 'Read', actions: ['s3:GetObject'], resources: ['arn:aws:s3:::bucket/*'] });
    });
    expect(open.only('aws_vpc_security_group_egress_rule')['prefix_list_id']).toMatch(
      /endpoint-s3.*prefix_list_id/,
    );
    open.countIs('aws_vpc_security_group_ingress_rule', 0);
  });

  test('a grant opens HTTPS where there is a NAT gateway', () => {
    const open = publisher({ nat: 'single' });
    expect(open.only('aws_vpc_security_group_egress_rule')).toMatchObject({
      cidr_ipv4: '0.0.0.0/0',
      from_port: 443,
      to_port: 443,
    });
  });
});

describe('reach check', () => {
  const synth = (packages: readonly string[], props: object, grant?: string) =>
    synthesize(
      (stack) => {
        const fn = create(stack, { network: network(stack, props) });
        if (grant) fn.grant({ sid: 'Grant', actions: [grant], resources: ['*'] });
      },
      { bundler: stubBundler({ 'greeter.ts': packages }) },
    );
  const sns = ['@aws-sdk/client-sns', '@smithy/core', 'mysql2'];

  test('a client for a service without a way to it fails the synth with function, service and remedy', () => {
    expect(() => synth(sns, {})).toThrow(
      /function greeter cannot reach sns: @aws-sdk\/client-sns is in its bundle.*'sns' to the network's interfaceEndpoints.*NAT.*out of the VPC/s,
    );
  });

  test('a right to call a service without a way to it fails the synth', () => {
    expect(() => synth([], {}, 'sqs:SendMessage')).toThrow(
      /cannot reach sqs: its role allows sqs:SendMessage/,
    );
  });

  test.each<[string, string]>([
    ['@aws-sdk/client-secrets-manager', 'secretsmanager'],
    ['@aws-sdk/client-eventbridge', 'events'],
    ['@aws-sdk/client-sfn', 'states'],
    ['@aws-sdk/client-cloudwatch', 'monitoring'],
    ['@aws-sdk/client-sesv2', 'email'],
    ['@aws-sdk/client-scheduler', 'scheduler'],
    ['@aws-sdk/client-dynamodb-streams', 'dynamodb-streams'],
  ])('%s is the endpoint %s', (client, service) => {
    expect(() => synth([client], {})).toThrow(`cannot reach ${service}`);
    expect(() => synth([client], { interfaceEndpoints: [service] })).not.toThrow();
  });

  test('gateway endpoints are there by default, and can be taken away', () => {
    expect(() => synth(['@aws-sdk/client-s3', '@aws-sdk/client-dynamodb'], {})).not.toThrow();
    expect(() => synth(['@aws-sdk/client-s3'], { gatewayEndpoints: [] })).toThrow(/cannot reach s3/);
  });

  test('a NAT gateway reaches everything', () => {
    expect(() => synth(sns, { nat: 'single' }, 'sqs:SendMessage')).not.toThrow();
  });

  test('outside a network everything is reachable', () => {
    const bundler = stubBundler({ 'greeter.ts': sns });
    expect(() => synthesize((stack) => void create(stack), { bundler })).not.toThrow();
  });

  test('what AWS does in the function’s name needs no way', () => {
    const build = () =>
      synthesize((stack) => {
        const fn = create(stack, { network: network(stack) });
        fn.grantIndirect({ sid: 'Poll', actions: ['sqs:ReceiveMessage'], resources: ['*'] });
      });
    expect(build).not.toThrow();
  });
});

test('statements of one sid that speak of different things fail the synth', () => {
  const build = () =>
    synthesize((stack) => {
      const fn = create(stack);
      fn.grant({ sid: 'Same', actions: ['sns:Publish'], resources: ['a'] });
      fn.grant({ sid: 'Same', actions: ['sns:Subscribe'], resources: ['b'] });
    });
  expect(build).toThrow(/statement Same about something else/);
});
