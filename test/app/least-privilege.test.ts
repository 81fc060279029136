import { AwsMicroStack } from '../../main';
import { bundle, LambdaFunction } from '../../modules';
import { serviceOfAction, serviceOfPackage } from '../../modules/reach';
import { stageNamed } from '../../stages';
import { statementsOf, testApp } from '../support/template';
import type { PolicyStatement, Template } from '../support/template';
import { CalledActions } from './called-actions';
import { devWith, inDev, synthesizeStage } from './stage';

/** For Lambda, which puts the function's network interfaces there; the action cannot be restricted. */
const SUBNETS = 'ec2:DescribeSubnets on *';

const KEY = 'aws_kms_key.platform_key.arn';
const ACCOUNTS = 'aws_dynamodb_table.passwords_accounts_table.arn';
const PUBLISHES_CHANGES = [
  'sns:Publish on aws_sns_topic.passwords_topic.arn',
  `kms:Decrypt kms:GenerateDataKey on ${KEY} via sns`,
];
const consumes = (queue: string) => [
  `sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes on aws_sqs_queue.${queue}.arn`,
  `kms:Decrypt on ${KEY} via sqs`,
];
const connectsAs = (user: string) =>
  `rds-db:connect on aws_db_instance.platform_database_instance.resource_id/${user}`;

/** Beside these each function may write its own log and traces. */
const EXPECTED = {
  'messages_producer_role-policy': [
    'sns:Publish on aws_sns_topic.messages_topic.arn',
    `kms:Decrypt kms:GenerateDataKey on ${KEY} via sns`,
  ],
  'messages_consumer_role-policy': [SUBNETS, connectsAs('messages_writer'), ...consumes('messages_queue')],
  'messages_reader_role-policy': [SUBNETS, connectsAs('messages_reader')],
  'passwords_register_role-policy': [
    `dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem on ${ACCOUNTS}`,
    `kms:Decrypt on ${KEY} via dynamodb`,
  ],
  'passwords_change_role-policy': [
    `dynamodb:GetItem dynamodb:UpdateItem on ${ACCOUNTS}`,
    `kms:Decrypt on ${KEY} via dynamodb`,
    ...PUBLISHES_CHANGES,
  ],
  'passwords_sweep_role-policy': [
    `dynamodb:Query on ${ACCOUNTS}/index/pending`,
    `kms:Decrypt on ${KEY} via dynamodb`,
    `dynamodb:UpdateItem on ${ACCOUNTS}`,
    ...PUBLISHES_CHANGES,
    'sqs:SendMessage on aws_sqs_queue.passwords_schedule_dead-letters_queue.arn',
    `kms:Decrypt kms:GenerateDataKey on ${KEY} via sqs`,
  ],
  'passwords_recorder_role-policy': [
    SUBNETS,
    connectsAs('passwords_writer'),
    ...consumes('passwords_history-queue'),
  ],
  'passwords_history_role-policy': [SUBNETS, connectsAs('passwords_reader')],
  'passwords_mailer_role-policy': [
    'dynamodb:GetItem dynamodb:PutItem on aws_dynamodb_table.passwords_mails_table.arn',
    `kms:Decrypt on ${KEY} via dynamodb`,
    'ses:SendEmail on identity/* from no-reply@example.com',
    ...consumes('passwords_mail-queue'),
  ],
  'passwords_schedule_role_role-policy': [
    'lambda:InvokeFunction on aws_lambda_function.passwords_sweep_function.arn',
    'sqs:SendMessage on aws_sqs_queue.passwords_schedule_dead-letters_queue.arn',
    `kms:Decrypt kms:GenerateDataKey on ${KEY} via sqs`,
    `kms:Decrypt on ${KEY} via scheduler`,
  ],
  'platform_migrations_coordinator_role-policy': [
    'secretsmanager:GetSecretValue on aws_db_instance.platform_database_instance.master_user_secret[0].secret_arn',
    `kms:Decrypt on ${KEY} via secretsmanager`,
    'lambda:InvokeFunction on aws_lambda_function.platform_migrations_migrator_function.arn',
  ],
  'platform_migrations_migrator_role-policy': [SUBNETS],
};

test('what functions may do in dev, and no more', () => {
  expect(rights(synthesizeStage('dev'))).toEqual(EXPECTED);
});

test('prod lets functions do the same, with those that publish in the VPC and a role for flow logs', () => {
  const moved = [
    'messages_producer_role-policy',
    'passwords_register_role-policy',
    'passwords_change_role-policy',
    'passwords_sweep_role-policy',
  ] as const;
  expect(rights(synthesizeStage('prod'))).toEqual({
    ...EXPECTED,
    ...Object.fromEntries(moved.map((role) => [role, [SUBNETS, ...EXPECTED[role]]])),
    'platform_network_flow-logs_policy': [],
  });
});

test('with direct delivery the consumer sends its dead letters and reads no queue', () => {
  const direct = synthesizeStage(devWith({ messages: { ...inDev('messages'), directDelivery: true } }));
  expect(rights(direct)['messages_consumer_role-policy']).toEqual([
    SUBNETS,
    'rds-db:connect on aws_db_instance.platform_database_instance.resource_id/messages_writer',
    'sqs:SendMessage on aws_sqs_queue.messages_topic_to-messages-consumer_failed_queue.arn',
    'kms:Decrypt kms:GenerateDataKey on aws_kms_key.platform_key.arn via sqs',
  ]);
});

describe('the real handlers', () => {
  const stack = new AwsMicroStack(testApp(bundle), stageNamed('dev'));
  const functions = stack.node.findAll().filter((construct) => construct instanceof LambdaFunction);
  const granted = functions.map((fn) => [fn.name, [...fn.calledActions].sort()]);

  test('have a client in their bundle for each service that the function may call, and for no other', () => {
    const clients = functions.map((fn) => [fn.name, unique(fn.bundle.packages.map(serviceOfPackage))]);
    const called = functions.map((fn) => [fn.name, unique([...fn.calledActions].map(serviceOfAction))]);
    expect(functions).toHaveLength(11);
    expect(Object.fromEntries(clients)).toEqual(Object.fromEntries(called));
  });

  test('make each call that the function may make, and no other', () => {
    const actions = new CalledActions(functions.map((fn) => fn.props.entry));
    const called = functions.map((fn) => [fn.name, actions.of(fn.props.entry)]);
    expect(Object.fromEntries(called)).toEqual(Object.fromEntries(granted));
  });
});

function unique(services: readonly (string | undefined)[]): string[] {
  return [...new Set(services.filter((service) => service !== undefined))].sort();
}

/** For each role: actions on which resources. */
function rights(template: Template): Record<string, string[]> {
  return Object.fromEntries(
    template.resourcesOf('aws_iam_role_policy').map(({ type, address, attributes }) => {
      const statements = statementsOf(attributes['policy']).filter(
        ({ Sid }) => !/^Write(Logs|Traces)$/.test(Sid),
      );
      return [readable(address.slice(type.length + 1)), statements.map(line)];
    }),
  );
}

function line({ Effect, Action, Resource, Condition }: PolicyStatement): string {
  const [service] = Condition?.['StringEquals']?.['kms:ViaService'] ?? [];
  const [from] = Condition?.['StringEquals']?.['ses:FromAddress'] ?? [];
  const via = (service ? ` via ${service.split('.')[0]}` : '') + (from ? ` from ${from}` : '');
  const deny = Effect === 'Deny' ? 'not ' : '';
  return `${deny}${Action.join(' ')} on ${Resource.map(readable).join(' ')}${via}`;
}

/** `${aws_sqs_queue.orders_1A2B3C4D.arn}` as `aws_sqs_queue.orders.arn`; ARNs from their first own part on. */
function readable(text: string): string {
  return text
    .replace(/^arn:.*:(dbuser:|(?=identity))/, '')
    .replaceAll(/_[0-9A-F]{8}(?=\.|$)/g, '')
    .replaceAll(/\$\{([^}]*)\}/g, '$1');
}
