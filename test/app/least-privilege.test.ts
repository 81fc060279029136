import { AwsMicroStack } from '../../main';
import { bundle, LambdaFunction } from '../../modules';
import { serviceOfAction, serviceOfPackage } from '../../modules/reach';
import { stageNamed } from '../../stages';
import { statementsOf, testApp } from '../support/template';
import type { PolicyStatement, Template } from '../support/template';
import { synthesizeStage } from './stage';

/** For Lambda, which puts the function's network interfaces there; the action cannot be restricted. */
const SUBNETS = 'ec2:DescribeSubnets on *';

/** Beside these each function may write its own log and traces. */
const EXPECTED = {
  'messages_producer_role-policy': [
    'sns:Publish on aws_sns_topic.messages_topic.arn',
    'kms:Decrypt kms:GenerateDataKey on aws_kms_key.platform_key.arn via sns',
  ],
  'messages_consumer_role-policy': [
    SUBNETS,
    'rds-db:connect on aws_db_instance.platform_database_instance.resource_id/messages_writer',
    'sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes on aws_sqs_queue.messages_queue.arn',
    'kms:Decrypt on aws_kms_key.platform_key.arn via sqs',
  ],
  'messages_reader_role-policy': [
    SUBNETS,
    'rds-db:connect on aws_db_instance.platform_database_instance.resource_id/messages_reader',
  ],
  'platform_migrations_coordinator_role-policy': [
    'secretsmanager:GetSecretValue on aws_db_instance.platform_database_instance.master_user_secret[0].secret_arn',
    'kms:Decrypt on aws_kms_key.platform_key.arn via secretsmanager',
    'lambda:InvokeFunction on aws_lambda_function.platform_migrations_migrator_function.arn',
  ],
  'platform_migrations_migrator_role-policy': [SUBNETS],
};

test('what functions may do in dev, and no more', () => {
  expect(rights(synthesizeStage('dev'))).toEqual(EXPECTED);
});

test('prod lets functions do the same, with the producer in the VPC and a role for flow logs', () => {
  expect(rights(synthesizeStage('prod'))).toEqual({
    ...EXPECTED,
    'messages_producer_role-policy': [SUBNETS, ...EXPECTED['messages_producer_role-policy']],
    'platform_network_flow-logs_policy': [],
  });
});

test('with direct delivery the consumer sends its dead letters and reads no queue', () => {
  const stage = stageNamed('dev');
  const { messages } = stage.services;
  if (messages === 'off') throw new Error('dev has the messages service');
  const direct = synthesizeStage({ ...stage, services: { messages: { ...messages, directDelivery: true } } });
  expect(rights(direct)['messages_consumer_role-policy']).toEqual([
    SUBNETS,
    'rds-db:connect on aws_db_instance.platform_database_instance.resource_id/messages_writer',
    'sqs:SendMessage on aws_sqs_queue.messages_topic_to-messages-consumer_failed_queue.arn',
    'kms:Decrypt kms:GenerateDataKey on aws_kms_key.platform_key.arn via sqs',
  ]);
});

test('the real bundles have a client for each service that the function may call, and for no other', () => {
  const stack = new AwsMicroStack(testApp(bundle), stageNamed('dev'));
  const functions = stack.node.findAll().filter((construct) => construct instanceof LambdaFunction);
  const clients = functions.map((fn) => [fn.name, unique(fn.bundle.packages.map(serviceOfPackage))]);
  const called = functions.map((fn) => [fn.name, unique([...fn.calledActions].map(serviceOfAction))]);
  expect(functions).toHaveLength(5);
  expect(Object.fromEntries(clients)).toEqual(Object.fromEntries(called));
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
  const via = service ? ` via ${service.split('.')[0]}` : '';
  const deny = Effect === 'Deny' ? 'not ' : '';
  return `${deny}${Action.join(' ')} on ${Resource.map(readable).join(' ')}${via}`;
}

/** `${aws_sqs_queue.orders_1A2B3C4D.arn}` as `aws_sqs_queue.orders.arn`; ARNs from their first own part on. */
function readable(text: string): string {
  return text
    .replace(/^arn:.*:dbuser:/, '')
    .replaceAll(/_[0-9A-F]{8}(?=\.|$)/g, '')
    .replaceAll(/\$\{([^}]*)\}/g, '$1');
}
