import { LARGE_MESSAGES } from '../../handlers/messages/claim-check';
import { users as schemaUsers } from '../../handlers/database/schema/users';
import type { MessagesStage } from '../../services/messages';
import { devWithOnly, inDev, packages, synthesizeStage } from '../app/stage';
import { text } from '../support/template';
import type { StubPackages } from '../support/template';

const synth = (messages: Partial<MessagesStage> = {}, stub: StubPackages = packages) =>
  synthesizeStage(devWithOnly({ messages: { ...inDev('messages'), ...messages }, passwords: 'off' }), stub);

describe('by queue', () => {
  const template = synth();

  test('the topic delivers to the queue, and the queue to the consumer', () => {
    expect(template.only('aws_sns_topic_subscription')).toMatchObject({
      protocol: 'sqs',
      raw_message_delivery: true,
    });
    expect(template.only('aws_lambda_event_source_mapping')).toMatchObject({
      scaling_config: { maximum_concurrency: 5 },
      maximum_batching_window_in_seconds: 0,
    });
  });

  test('a quarter of an hour without the database loses nothing', () => {
    const queue = template
      .resourcesOf('aws_sqs_queue')
      .find(({ attributes }) => attributes['redrive_policy']);
    const { maxReceiveCount } = queue?.attributes['redrive_policy'] as { maxReceiveCount: number };
    const seconds = maxReceiveCount * Number(queue?.attributes['visibility_timeout_seconds']);
    expect(seconds).toBeGreaterThanOrEqual(15 * 60);
  });

  test('each function has the variables that its handler reads', () => {
    const variables = Object.fromEntries(
      template.resourcesOf('aws_lambda_function').map(({ attributes }) => {
        const { variables: all } = attributes['environment'] as { variables: Record<string, string> };
        return [text(attributes['function_name']).replace('aws-micro-dev-', ''), Object.keys(all).sort()];
      }),
    );
    const database = ['DATABASE_AUTH', 'DATABASE_HOST', 'DATABASE_NAME', 'DATABASE_PORT'];
    expect(variables).toEqual({
      'messages-producer': ['LARGE_MESSAGES_BUCKET', 'NODE_OPTIONS', 'TOPIC_ARN'],
      'messages-consumer': [...database, 'DATABASE_USER', 'LARGE_MESSAGES_BUCKET', 'NODE_OPTIONS'],
      'messages-reader': [...database, 'DATABASE_USER', 'NODE_OPTIONS'],
      'database-coordinator': ['DATABASE_SECRET_ARN', 'MIGRATOR_FUNCTION_NAME', 'NODE_OPTIONS'],
      'database-migrator': [...database, 'NODE_OPTIONS'],
    });
  });

  test('writer and reader are different MySQL users, which the migrations create', () => {
    const users = ['consumer', 'reader'].map((part) => {
      const { environment } = template.only('aws_lambda_function', `messages_${part}`);
      return (environment as { variables: Record<string, string> }).variables['DATABASE_USER'];
    });
    expect(users).toEqual(['messages_writer', 'messages_reader']);
    expect(schemaUsers.map(({ name }) => name)).toEqual(expect.arrayContaining(users));
  });

  test('its routes', () => {
    const keys = template
      .resourcesOf('aws_apigatewayv2_route')
      .map(({ attributes }) => attributes['route_key']);
    expect(keys.sort()).toEqual(['GET /messages', 'GET /messages/{messageId}', 'POST /messages']);
  });

  test('only functions that talk to the database are in the VPC', () => {
    const inside = template
      .resourcesOf('aws_lambda_function')
      .filter(({ attributes }) => attributes['vpc_config'] !== undefined);
    expect(inside.map(({ attributes }) => attributes['function_name']).sort()).toEqual([
      'aws-micro-dev-database-migrator',
      'aws-micro-dev-messages-consumer',
      'aws-micro-dev-messages-reader',
    ]);
  });
});

describe('large messages', () => {
  const template = synth();
  const [bucket] = template.resourcesOf('aws_s3_bucket');

  test('are in a bucket of their own, encrypted by our key and without versions', () => {
    expect(text(bucket?.attributes['bucket'])).toMatch(/^aws-micro-dev-messages-\$\{data\./);
    expect(text(template.only('aws_s3_bucket_server_side_encryption_configuration')['rule'])).toContain(
      'aws_kms_key.platform_key',
    );
    expect(template.only('aws_s3_bucket_versioning')).toMatchObject({
      versioning_configuration: { status: 'Disabled' },
    });
  });

  test('outlive the queue, the dead letters and a redrive of both', () => {
    const seconds = template
      .resourcesOf('aws_sqs_queue')
      .map(({ attributes }) => Number(attributes['message_retention_seconds']));
    expect(seconds).toHaveLength(2);
    const rules = template.only('aws_s3_bucket_lifecycle_configuration')['rule'] as {
      id: string;
      expiration?: { days: number }[];
    }[];
    const days = rules.find(({ id }) => id === 'expire')?.expiration?.[0]?.days ?? 0;
    expect(days * 86_400).toBeGreaterThanOrEqual(2 * seconds.reduce((sum, each) => sum + each, 0));
  });

  test('are where the handlers put them and look for them', () => {
    const resources = (part: string, sid: string) =>
      template.statements('aws_iam_role_policy', part).find(({ Sid }) => Sid === sid)?.Resource;
    const objects = [`\${${bucket?.address}.arn}/${LARGE_MESSAGES}*`];
    expect(resources('messages_producer', 'WriteObjects')).toEqual(objects);
    expect(resources('messages_consumer', 'ReadObjects')).toEqual(objects);
  });

  test('are reached from the VPC by the gateway endpoint, which costs nothing', () => {
    const rules = template.resourcesOf('aws_vpc_security_group_egress_rule', 'messages_consumer');
    expect(rules.map(({ attributes }) => text(attributes['prefix_list_id']))).toContainEqual(
      expect.stringMatching(/aws_vpc_endpoint\.platform_network_endpoint-s3/),
    );
  });

  test('fit into the time of the functions', () => {
    const timeout = (part: string) => Number(template.only('aws_lambda_function', part)['timeout']);
    // API Gateway waits for thirty seconds.
    expect(timeout('messages_producer')).toBe(20);
    expect(timeout('messages_consumer')).toBe(15);
  });
});

describe('with direct delivery', () => {
  const template = synth({ directDelivery: true });

  test('the topic invokes the consumer, without a queue between', () => {
    expect(template.only('aws_sns_topic_subscription')).toMatchObject({ protocol: 'lambda' });
    template.countIs('aws_lambda_event_source_mapping', 0);
  });

  test('both layers of dead letters are wired and have alarms', () => {
    const names = template.resourcesOf('aws_sqs_queue').map(({ attributes }) => attributes['name']);
    expect(names.sort()).toEqual([
      'aws-micro-dev-messages-consumer-failed',
      'aws-micro-dev-messages-consumer-undelivered',
    ]);
    expect(template.only('aws_sns_topic_subscription')['redrive_policy']).toEqual({
      deadLetterTargetArn: expect.stringMatching(/undelivered/) as string,
    });
    expect(template.only('aws_lambda_function_event_invoke_config')).toMatchObject({
      destination_config: { on_failure: { destination: expect.stringMatching(/failed/) as string } },
    });
    template.countIs('aws_cloudwatch_metric_alarm', 2);
  });
});

describe('the producer in the VPC', () => {
  test('fails the synth where SNS has no endpoint', () => {
    expect(() => synth({ privateProducer: true })).toThrow(
      /function aws-micro-dev-messages-producer cannot reach sns.*interfaceEndpoints/s,
    );
  });

  test('a client that strays into a function of the VPC fails the synth', () => {
    const strayed = { ...packages, 'consumer.ts': ['@aws-sdk/client-sqs', 'mysql2'] };
    expect(() => synth({}, strayed)).toThrow(
      /messages-consumer cannot reach sqs: @aws-sdk\/client-sqs is in its bundle/,
    );
  });
});

describe('migrations', () => {
  const template = synth();
  const invocation = template.only('aws_lambda_invocation');
  const address = (type: string, part: string) => template.resourcesOf(type, part)[0]?.address;

  test('run after both functions, and the migrator is there when its way to the database is open', () => {
    expect(invocation['depends_on']).toEqual([
      address('aws_lambda_function', 'coordinator'),
      address('aws_lambda_function', 'migrator'),
    ]);
    expect(template.only('aws_lambda_function', 'migrator')['depends_on']).toEqual(
      expect.arrayContaining([
        address('aws_vpc_security_group_egress_rule', 'migrator'),
        address('aws_vpc_security_group_ingress_rule', 'migrator'),
      ]),
    );
  });

  test('run again when the schema or the database is another', () => {
    expect(invocation['input']).toEqual({ migrations: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    expect(invocation['triggers']).toEqual({ database: expect.stringMatching(/resource_id/) as string });
  });

  test.each(['consumer', 'reader'])('run before the code of the %s is deployed', (part) => {
    const fn = template.only('aws_lambda_function', `messages_${part}`);
    expect(fn['depends_on']).toContain(address('aws_lambda_invocation', ''));
  });

  test('the coordinator is outside the VPC and outlives the migrator', () => {
    const coordinator = template.only('aws_lambda_function', 'coordinator');
    const migrator = template.only('aws_lambda_function', 'migrator');
    expect(coordinator).not.toHaveProperty('vpc_config');
    expect(Number(coordinator['timeout'])).toBeGreaterThan(Number(migrator['timeout']));
  });

  test('the migrator has no right but to log and to be in its subnets', () => {
    const statements = template.statements('aws_iam_role_policy', 'migrator').map(({ Sid }) => Sid);
    expect(statements).toEqual(['WriteLogs', 'WriteTraces', 'DescribeSubnets']);
  });
});
