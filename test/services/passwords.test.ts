import { users as schemaUsers } from '../../handlers/database/schema/users';
import type { PasswordsStage } from '../../services/passwords';
import { devWithOnly, inDev, packages, synthesizeStage } from '../app/stage';
import { text } from '../support/template';
import type { Attributes, StubPackages, Template } from '../support/template';

const synth = (passwords: Partial<PasswordsStage> = {}, stub: StubPackages = packages) =>
  synthesizeStage(devWithOnly({ passwords: { ...inDev('passwords'), ...passwords } }), stub);

const template = synth();
const fn = (part: string, of: Template = template) => of.only('aws_lambda_function', `passwords_${part}`);
const reference = (type: string, part: string, attribute: string) =>
  `\${${template.resourcesOf(type, part)[0]?.address}.${attribute}}`;

describe('a change', () => {
  test('goes from one topic to two queues, as it was published', () => {
    const subscriptions = template
      .resourcesOf('aws_sns_topic_subscription')
      .map(({ attributes }) => attributes);
    const topic = reference('aws_sns_topic', 'passwords_topic', 'arn');
    expect(subscriptions).toHaveLength(2);
    for (const subscription of subscriptions) {
      expect(subscription).toMatchObject({ topic_arn: topic, protocol: 'sqs', raw_message_delivery: true });
      expect(subscription).not.toHaveProperty('filter_policy');
    }
    expect(new Set(subscriptions.map(({ endpoint }) => text(endpoint))).size).toBe(2);
  });

  test.each([
    ['history', 'recorder'],
    ['mail', 'mailer'],
  ])(
    'the %s queue has a consumer of its own, so that one failing does not touch the other',
    (queue, consumer) => {
      const mapping = template.only('aws_lambda_event_source_mapping', `passwords_${queue}-queue`);
      expect(mapping).toMatchObject({
        function_name: reference('aws_lambda_function', `passwords_${consumer}`, 'arn'),
        scaling_config: { maximum_concurrency: 2 },
      });
    },
  );

  test.each(['history', 'mail'])('a quarter of an hour of failures loses nothing of the %s queue', (kind) => {
    const [queue] = template
      .resourcesOf('aws_sqs_queue', `passwords_${kind}-queue`)
      .filter(({ attributes }) => attributes['redrive_policy'] !== undefined);
    const { maxReceiveCount } = queue?.attributes['redrive_policy'] as { maxReceiveCount: number };
    expect(maxReceiveCount * Number(queue?.attributes['visibility_timeout_seconds'])).toBeGreaterThanOrEqual(
      15 * 60,
    );
  });
});

describe('tables', () => {
  test('accounts have an index of what is pending, without their hashes', () => {
    expect(template.only('aws_dynamodb_table', 'accounts')).toMatchObject({
      hash_key: 'userId',
      global_secondary_index: [
        {
          name: 'pending',
          hash_key: 'pendingShard',
          range_key: 'pendingSince',
          projection_type: 'INCLUDE',
          non_key_attributes: ['pendingEvents'],
        },
      ],
    });
  });

  test('mails are forgotten', () => {
    expect(template.only('aws_dynamodb_table', 'mails')).toMatchObject({
      hash_key: 'changeId',
      ttl: { enabled: true, attribute_name: 'expiresAt' },
    });
  });
});

describe('functions', () => {
  test('have the variables that their handlers read', () => {
    const own = /^(ACCOUNTS_TABLE|MAILS_TABLE|PENDING_INDEX|TOPIC_ARN|MAIL_FROM|DATABASE_USER)$/;
    const variables = template.resourcesOf('aws_lambda_function', 'passwords_').map(({ attributes }) => {
      const { variables: all } = attributes['environment'] as { variables: Record<string, string> };
      const name = text(attributes['function_name']).replace('aws-micro-dev-passwords-', '');
      return [name, Object.fromEntries(Object.entries(all).filter(([key]) => own.test(key)))];
    });
    const ACCOUNTS_TABLE = reference('aws_dynamodb_table', 'accounts', 'name');
    const TOPIC_ARN = reference('aws_sns_topic', 'passwords_topic', 'arn');
    expect(Object.fromEntries(variables)).toEqual({
      register: { ACCOUNTS_TABLE },
      change: { ACCOUNTS_TABLE, TOPIC_ARN },
      sweep: { ACCOUNTS_TABLE, TOPIC_ARN, PENDING_INDEX: 'pending' },
      mailer: {
        MAILS_TABLE: reference('aws_dynamodb_table', 'mails', 'name'),
        MAIL_FROM: 'no-reply@example.com',
      },
      recorder: { DATABASE_USER: 'passwords_writer' },
      history: { DATABASE_USER: 'passwords_reader' },
    });
  });

  test('that connect to the database do so as users that the migrations create', () => {
    expect(schemaUsers.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['passwords_writer', 'passwords_reader']),
    );
    for (const part of ['recorder', 'history']) {
      expect(fn(part)).toHaveProperty('vpc_config');
      expect(fn(part)['depends_on']).toContain(template.resourcesOf('aws_lambda_invocation')[0]?.address);
    }
  });

  test('that hash have a core', () => {
    for (const part of ['register', 'change']) expect(fn(part)).toMatchObject({ memory_size: 1769 });
  });
});

describe('routes', () => {
  const routes = (of: Template): Record<string, unknown> =>
    Object.fromEntries(
      of
        .resourcesOf('aws_apigatewayv2_route')
        .map(({ attributes }) => [text(attributes['route_key']), attributes['authorization_type']]),
    );
  const open = { 'PUT /users/{userId}': 'NONE', 'POST /passwords/{userId}': 'NONE' };

  test('histories are public or ask for IAM, as the stage says; passwords are credentials themselves', () => {
    const history = 'GET /passwords/{userId}/history';
    expect(routes(template)).toEqual({ ...open, [history]: 'NONE' });
    expect(routes(synth({ historyAccess: 'iam' }))).toEqual({ ...open, [history]: 'AWS_IAM' });
  });

  test('that hash take less than the others', () => {
    const stage = template.only('aws_apigatewayv2_stage');
    const settings = stage['route_settings'] as Attributes[];
    expect(settings.map((route) => route['route_key']).sort()).toEqual(Object.keys(open).sort());
    const { throttling_rate_limit: usual } = stage['default_route_settings'] as Record<string, number>;
    for (const route of settings) {
      expect(Number(route['throttling_rate_limit'])).toBeLessThan(Number(usual));
    }
  });
});

describe('the sweep', () => {
  const schedule = template.only('aws_scheduler_schedule');

  test('runs each minute, and ends before the next one', () => {
    expect(schedule).toMatchObject({ schedule_expression: 'rate(1 minute)', state: 'ENABLED' });
    expect(Number(fn('sweep')['timeout'])).toBeLessThan(60);
  });

  test('is not tried again when the next one is due, and leaves a dead letter when it fails', () => {
    const deadLetters = reference('aws_sqs_queue', 'passwords_schedule', 'arn');
    expect(schedule['target']).toMatchObject({
      retry_policy: { maximum_retry_attempts: 2, maximum_event_age_in_seconds: 60 },
      dead_letter_config: { arn: deadLetters },
    });
    expect(template.only('aws_lambda_function_event_invoke_config')).toMatchObject({
      maximum_retry_attempts: 0,
      maximum_event_age_in_seconds: 60,
      destination_config: { on_failure: { destination: deadLetters } },
    });
  });
});

describe('mail', () => {
  test('comes from the verified address, or from its verified domain', () => {
    const identity = (of: Template) => of.only('aws_sesv2_email_identity')['email_identity'];
    expect(identity(template)).toBe('no-reply@example.com');
    expect(identity(synth({ mailIdentity: 'example.com' }))).toBe('example.com');
  });

  test('from an address that is not of the identity fails the synth', () => {
    const build = () => synth({ mailIdentity: 'example.org' });
    expect(build).toThrow(/from is "no-reply@example.com": the identity is example.org/);
  });
});

describe('what changes accounts, in the VPC', () => {
  test('fails the synth where SNS has no endpoint', () => {
    expect(() => synth({ private: true })).toThrow(
      /passwords-(change|sweep) cannot reach sns.*interfaceEndpoints/s,
    );
  });

  test('reaches tables by the gateway endpoint and SNS by its own, which others do not need', () => {
    const prod = synthesizeStage('prod');
    for (const part of ['register', 'change', 'sweep']) expect(fn(part, prod)).toHaveProperty('vpc_config');
    expect(fn('mailer', prod)).not.toHaveProperty('vpc_config');
    const egress = (part: string) =>
      prod
        .resourcesOf('aws_vpc_security_group_egress_rule', `passwords_${part}_`)
        .map(({ attributes }) => text(attributes['description']));
    expect(egress('register')).toEqual(['HTTPS to dynamodb by gateway endpoint']);
    expect(egress('change')).toEqual(
      expect.arrayContaining([
        'HTTPS to dynamodb by gateway endpoint',
        expect.stringMatching(/^HTTPS to .*endpoints/) as string,
      ]),
    );
    expect(egress('sweep')).toHaveLength(2);
  });
});

test('every dead letter has an alarm', () => {
  const watched = template
    .resourcesOf('aws_cloudwatch_metric_alarm')
    .map(({ attributes }) => (attributes['dimensions'] as Record<string, string>)['QueueName']);
  expect(watched.sort()).toEqual([
    'aws-micro-dev-passwords-history-dead-letters',
    'aws-micro-dev-passwords-mail-dead-letters',
    'aws-micro-dev-passwords-sweep-dead-letters',
  ]);
});
