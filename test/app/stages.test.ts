import { stageNamed } from '../../stages';
import { text } from '../support/template';
import type { Resource, Template } from '../support/template';
import { devWith, synthesizeStage } from './stage';

const dev = synthesizeStage('dev');
const prod = synthesizeStage('prod');

describe.each([
  ['dev', dev],
  ['prod', prod],
])('%s', (_stage, template) => {
  test('matches its snapshot', () => expect(template.snapshot()).toMatchSnapshot());
});

test('dev has nothing that costs by the hour but the database', () => {
  for (const type of ['aws_nat_gateway', 'aws_eip', 'aws_flow_log', 'aws_cloudwatch_dashboard'])
    dev.countIs(type, 0);
  const endpoints = dev
    .resourcesOf('aws_vpc_endpoint')
    .map(({ attributes }) => attributes['vpc_endpoint_type']);
  expect(endpoints).toEqual(['Gateway', 'Gateway']);
  expect(dev.only('aws_db_instance')).toMatchObject({ instance_class: 'db.t4g.micro', multi_az: false });
});

test('dev goes without a trace', () => {
  expect(dev.only('aws_db_instance')).toMatchObject({
    deletion_protection: false,
    skip_final_snapshot: true,
    delete_automated_backups: true,
  });
});

test('dev has an alarm for its dead letters and no other', () => {
  const queues = dev
    .resourcesOf('aws_cloudwatch_metric_alarm')
    .map(({ attributes }) => (attributes['dimensions'] as Record<string, string>)['QueueName']);
  expect(queues.sort()).toEqual(
    [
      'book-orders-dead-letters',
      'documents-intake-failed',
      'documents-report-dead-letters',
      'items-changelog-changes-failed',
      'messages-dead-letters',
      'order-notifications-dead-letters',
      'order-on-its-way-dead-letters',
      'order-status-changed-dead-letters',
      'orders-bus-dead-letters',
      'passwords-history-dead-letters',
      'passwords-mail-dead-letters',
      'passwords-sweep-dead-letters',
      'payments-dead-letters',
    ].map((name) => `aws-micro-dev-${name}`),
  );
});

test('tables are protected in prod, and go with dev', () => {
  for (const { attributes } of prod.resourcesOf('aws_dynamodb_table')) {
    expect(attributes).toMatchObject({
      deletion_protection_enabled: true,
      lifecycle: { prevent_destroy: true },
    });
  }
  for (const { attributes } of dev.resourcesOf('aws_dynamodb_table')) {
    expect(attributes).toMatchObject({ deletion_protection_enabled: false });
    expect(attributes).not.toHaveProperty('lifecycle');
  }
});

test('buckets and secrets are protected in prod, and go with dev', () => {
  expect(prod.only('aws_s3_bucket', 'documents')).toMatchObject({
    force_destroy: false,
    lifecycle: { prevent_destroy: true },
  });
  expect(dev.only('aws_s3_bucket', 'documents')).toMatchObject({ force_destroy: true });
  expect(dev.only('aws_s3_bucket', 'documents')).not.toHaveProperty('lifecycle');
  const windowOf = (template: Template) =>
    template.only('aws_secretsmanager_secret')['recovery_window_in_days'];
  expect([windowOf(prod), windowOf(dev)]).toEqual([30, 0]);
});

test('prod survives the loss of a zone and a mistaken destroy', () => {
  expect(prod.only('aws_db_instance')).toMatchObject({
    multi_az: true,
    deletion_protection: true,
    skip_final_snapshot: false,
    backup_retention_period: 30,
    lifecycle: { prevent_destroy: true },
  });
  expect(dev.only('aws_db_instance')).not.toHaveProperty('lifecycle');
});

test('prod keeps its logs as long as it says, flow logs too', () => {
  const retention = prod.resourcesOf('aws_cloudwatch_log_group').map(({ attributes }) => attributes);
  expect(new Set(retention.map((group) => group['retention_in_days']))).toEqual(new Set([90]));
});

test('nothing whose name is taken is replaced by creating the new one first', () => {
  const first = prod.resources.filter(({ attributes }) => attributes['lifecycle'] !== undefined);
  const replaced = first.filter(({ attributes }) =>
    text(attributes['lifecycle']).includes('create_before_destroy'),
  );
  const reached = new Set(replaced.flatMap(reachedFrom));
  // APIs may share a name, and the parameter group has its version in the name.
  expect(new Set([...reached].map((address) => address.split('.')[0]))).toEqual(
    new Set(['aws_apigatewayv2_api', 'aws_apigatewayv2_integration', 'aws_db_parameter_group']),
  );
});

/** The resource and all that it refers to, which Terraform replaces in the same order. */
function reachedFrom(resource: Resource): string[] {
  const attributes = JSON.stringify(resource.attributes);
  const next = prod.resources.filter(
    ({ address }) =>
      address !== resource.address && new RegExp(`\\b${address.replace('.', '\\.')}\\b`).test(attributes),
  );
  return [resource.address, ...next.flatMap(reachedFrom)];
}

test('prod publishes from inside the VPC through an endpoint for SNS, and has no NAT gateway', () => {
  expect(prod.resourcesOf('aws_lambda_function', 'producer')[0]?.attributes).toHaveProperty('vpc_config');
  expect(prod.only('aws_vpc_endpoint', 'sns')).toMatchObject({ vpc_endpoint_type: 'Interface' });
  prod.countIs('aws_nat_gateway', 0);
});

test('prod asks for IAM on every route but those where the request has the credentials, and in the shop', () => {
  const others = prod
    .resourcesOf('aws_apigatewayv2_route')
    .filter(({ attributes }) => attributes['authorization_type'] !== 'AWS_IAM')
    .map(({ attributes }) => `${text(attributes['authorization_type'])} ${text(attributes['route_key'])}`);
  expect(others.sort()).toEqual([
    'JWT DELETE /books/order',
    'JWT DELETE /books/{id}',
    'JWT GET /books/order',
    'JWT GET /books/order/dead-letters',
    'JWT POST /books',
    'JWT POST /books/order/handle',
    'JWT PUT /books/{id}',
    'NONE GET /books',
    'NONE GET /books/order/{id}',
    'NONE POST /books/order',
    'NONE POST /passwords/{userId}',
    'NONE POST /webhooks/payments',
    'NONE PUT /users/{userId}',
  ]);
});

test('prod sets aside no more instances than an account has from the start, less the hundred that must be left', () => {
  const reserved = prod
    .resourcesOf('aws_lambda_function')
    .map(({ attributes }) => Number(attributes['reserved_concurrent_executions'] ?? 0));
  const sum = reserved.reduce((all, each) => all + each, 0);
  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
  expect(sum).toBeLessThanOrEqual(900);
  expect(sum).toBe(572);
});

test('people who sign in stay in prod, and go with dev', () => {
  expect(prod.only('aws_cognito_user_pool')['deletion_protection']).toBe('ACTIVE');
  expect(dev.only('aws_cognito_user_pool')['deletion_protection']).toBe('INACTIVE');
});

test('prod has no function without a limit of its own but the producer and the migrations', () => {
  const unlimited = prod
    .resourcesOf('aws_lambda_function')
    .filter(({ attributes }) => attributes['reserved_concurrent_executions'] === undefined);
  expect(unlimited.map(({ attributes }) => attributes['function_name']).sort()).toEqual([
    'aws-micro-prod-database-coordinator',
    'aws-micro-prod-database-migrator',
    'aws-micro-prod-messages-producer',
  ]);
});

test('prod has every alarm and a dashboard', () => {
  const names = prod
    .resourcesOf('aws_cloudwatch_metric_alarm')
    .map(({ attributes }) => attributes['metric_name']);
  expect(new Set(names)).toEqual(
    new Set([
      'ApproximateNumberOfMessagesVisible',
      'ApproximateAgeOfOldestMessage',
      'Errors',
      'Throttles',
      'CPUUtilization',
      'FreeStorageSpace',
      'DatabaseConnections',
      'ReadThrottleEvents',
      'WriteThrottleEvents',
    ]),
  );
  prod.countIs('aws_cloudwatch_dashboard', 1);
});

test('everything is tagged', () => {
  const { provider } = dev.json as unknown as { provider: { aws: unknown[] } };
  expect(provider.aws).toEqual([
    {
      region: 'us-east-1',
      default_tags: [{ tags: { Project: 'aws-micro', Stage: 'dev', ManagedBy: 'cdktf' } }],
    },
  ]);
});

test('names carry the stage, so that stages share an account', () => {
  const keys = ['name', 'function_name', 'identifier', 'alarm_name', 'dashboard_name'];
  const names = (template: Template) =>
    template.resources
      .flatMap(({ attributes }) => keys.flatMap((key) => attributes[key] ?? []))
      .map(text)
      .filter((name) => !name.startsWith('${'));
  // Those are in an API or a user pool, which carry it.
  const inner = /^(\$default|permissions|flow-logs|jwt-web-of-staff|admin|the book shop)$/;
  expect(names(prod).filter((name) => !inner.test(name) && !name.includes('aws-micro-prod'))).toEqual([]);
  expect(names(dev).filter((name) => name.includes('aws-micro-prod'))).toEqual([]);
});

describe('state', () => {
  const backend = () =>
    (synthesizeStage('dev').json as unknown as { terraform: { backend: unknown } }).terraform.backend;
  afterEach(() => delete process.env['STATE_BUCKET']);

  test('is a file in the project folder, named relative to the stack', () => {
    expect(backend()).toEqual({ local: { path: '../../../terraform.aws-micro-dev.tfstate' } });
  });

  test('is in STATE_BUCKET where that is set, encrypted and locked', () => {
    process.env['STATE_BUCKET'] = 'states';
    expect(backend()).toEqual({
      s3: {
        bucket: 'states',
        key: 'aws-micro-dev.tfstate',
        region: 'us-east-1',
        encrypt: true,
        use_lockfile: true,
      },
    });
  });
});

test('a stage that is not there is one clear error', () => {
  expect(() => stageNamed('staging')).toThrow('STAGE is "staging": the stages are dev and prod');
});

test('a service that is off has no resources, and the platform stays', () => {
  const off = synthesizeStage(
    devWith({ messages: 'off', passwords: 'off', events: 'off', items: 'off', shop: 'off' }),
  );
  expect(
    off.resources.filter(({ address }) => /\.(messages|passwords|events|items|shop)_/.test(address)),
  ).toEqual([]);
  off.countIs('aws_sns_topic', 1);
  off.countIs('aws_db_instance', 1);
});
