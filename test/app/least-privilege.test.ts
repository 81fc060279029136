import { AwsMicroStack } from '../../main';
import { bundle, LambdaFunction } from '../../modules';
import { serviceOfAction, serviceOfPackage } from '../../modules/reach';
import { stageNamed } from '../../stages';
import { statementsOf, testApp } from '../support/template';
import type { PolicyStatement, Template } from '../support/template';
import { CalledActions } from './called-actions';
import { devWith, inDev, synthesizeStage } from './stage';
import { EXPECTED, SUBNETS } from './expected-rights';

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
    's3:GetObject on aws_s3_bucket.messages_large-messages_bucket.arn/messages/*',
    'kms:Decrypt on aws_kms_key.platform_key.arn via s3',
    'sqs:SendMessage on aws_sqs_queue.messages_topic_to-messages-consumer_failed_queue.arn',
    'kms:Decrypt kms:GenerateDataKey on aws_kms_key.platform_key.arn via sqs',
  ]);
});

const MESSAGING = 'aws-micro-dev-messaging-api';

describe('the real handlers', () => {
  const stack = new AwsMicroStack(testApp(bundle), stageNamed('dev'));
  const functions = stack.node.findAll().filter((construct) => construct instanceof LambdaFunction);
  const granted = functions.map((fn) => [fn.name, [...fn.calledActions].filter(isCalled).sort()]);

  test('have a client in their bundle for each service that the function may call, and for no other', () => {
    const clients = functions.map((fn) => [fn.name, unique(fn.bundle.packages.map(serviceOfPackage))]);
    const called = functions.map((fn) => [
      fn.name,
      unique([...fn.calledActions].filter(isCalled).map(serviceOfAction)),
    ]);
    expect(functions).toHaveLength(33);
    // They sign by hand what they, or who has the address, ask of S3.
    const signing = {
      'aws-micro-dev-documents-upload': [],
      'aws-micro-dev-messages-producer': ['sns'],
      'aws-micro-dev-messages-consumer': [],
    };
    const { [MESSAGING]: messaging, ...others } = Object.fromEntries(clients) as Record<string, string[]>;
    const { [MESSAGING]: used = [], ...usedByOthers } = Object.fromEntries(called) as Record<
      string,
      string[]
    >;
    expect(others).toEqual({ ...usedByOthers, ...signing });
    // Dev sends no mails by it; who it is, each function may ask.
    expect(messaging).toEqual([...used, 'email', 'sts'].sort());
  });

  test('make each call that the function may make, and no other', () => {
    const actions = new CalledActions(functions.map((fn) => fn.props.entry));
    const called = functions.map((fn) => [fn.name, actions.of(fn.props.entry)]);
    const { [MESSAGING]: rights = [], ...others } = Object.fromEntries(granted) as Record<string, string[]>;
    // Objects stay until they expire, dev sends no mails, and who it is, each function may ask.
    const more = ['s3:DeleteObject', 'ses:SendEmail', 'sts:GetCallerIdentity'];
    expect(Object.fromEntries(called)).toEqual({ ...others, [MESSAGING]: [...rights, ...more].sort() });
  });
});

/** The right to list is not for a call: with it S3 says of an object that is gone that it is gone, and not that it is forbidden. */
function isCalled(action: string): boolean {
  return action !== 's3:ListBucket';
}

function unique(services: readonly (string | undefined)[]): string[] {
  return [...new Set(services.filter((service) => service !== undefined))].sort();
}

/** For each role: actions on which resources. What the messaging API may do by a prefix is in a test of its own. */
function rights(template: Template): Record<string, string[]> {
  const policies = template
    .resourcesOf('aws_iam_role_policy')
    .filter(({ address }) => !address.includes('.messaging_api_'));
  return Object.fromEntries(
    policies.map(({ type, address, attributes }) => {
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
