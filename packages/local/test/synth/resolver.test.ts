import { Resolver, unhosted } from '../../src/synth';
import { hosts, resolverOf, stackOf } from './support';

test('values are looked up through arguments, computed attributes, locals, variables, data sources and outputs', () => {
  const resolver = resolverOf(
    {
      aws_sqs_queue: {
        dead: { name: 'dead' },
        main: { redrive_policy: '{"deadLetterTargetArn":"${aws_sqs_queue.dead.arn}"}', name_prefix: 'main-' },
      },
    },
    {
      data: { aws_caller_identity: { me: {} }, aws_region: { here: {} }, aws_partition: { p: {} } },
      locals: { queue: '${aws_sqs_queue.main.url}' },
      variables: { size: { default: 5 } },
      outputs: { summary: { value: '${local.queue} ${var.size} ${data.aws_partition.p.partition}' } },
    },
  );
  const [dead, main] = resolver.resources('aws_sqs_queue');
  expect(dead!.attribute('arn')).toBe('arn:aws:sqs:eu-west-1:000000000000:dead');
  expect(main!.text('redrive_policy')).toBe(
    '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:dead"}',
  );
  expect(main!.id('name')).toMatch(/^main-[0-9a-f]{12}$/);
  expect(resolver.output('summary')).toBe(`http://127.0.0.1:4566/000000000000/${main!.id('name')} 5 aws`);
  expect(resolver.value('${data.aws_caller_identity.me.account_id}/${data.aws_region.here.name}')).toBe(
    '000000000000/eu-west-1',
  );
});

test('variables are given, or have their defaults', () => {
  const stack = stackOf({ variables: { size: { default: 5 }, name: {} } });
  const resolver = new Resolver(stack, hosts, { name: 'given' });
  expect(resolver.value('${var.name}-${var.size}')).toBe('given-5');
  expect(() => new Resolver(stack, hosts).value('${var.name}')).toThrow(
    'var.name has no default: set TF_VAR_name',
  );
});

test('a literal port of a database gives way to the real one', () => {
  const resolver = resolverOf({ aws_db_instance: { db: { port: 3306 } } });
  expect(resolver.value('${aws_db_instance.db.port}')).toBe(33060);
});

test('ids are the same in every run and differ between resources', () => {
  const read = () =>
    resolverOf({ aws_vpc: { a: {}, b: {} } })
      .resources('aws_vpc')
      .map((vpc) => vpc.id());
  expect(read()).toEqual(read());
  expect(new Set(read()).size).toBe(2);
});

test('a database is where the host says, with a secret and a resource id of its own', () => {
  const resolver = resolverOf({
    aws_db_instance: { db: { identifier: 'db', manage_master_user_password: true } },
  });
  expect(resolver.value('${aws_db_instance.db.endpoint}')).toBe('127.0.0.1:33060');
  expect(resolver.value('${aws_db_instance.db.port}')).toBe(33060);
  expect(resolver.value('${aws_db_instance.db.master_user_secret[0].secret_arn}')).toMatch(
    /^arn:aws:secretsmanager:eu-west-1:000000000000:secret:rds!db-[0-9A-Z]{26}-[0-9a-z]{6}$/,
  );
  const elsewhere = resolver.with({ database: () => ({ host: '127.0.0.9', port: 1 }) });
  expect(elsewhere.value('${aws_db_instance.db.address}')).toBe('127.0.0.9');
});

test('a circle of references names its members', () => {
  const resolver = resolverOf({}, { locals: { a: '${local.b}', b: 'x${local.c}', c: '${local.a}' } });
  expect(() => resolver.value('${local.a}')).toThrow('local.a -> local.b -> local.c -> local.a');
});

test('an error names the argument in which the expression stands', () => {
  const resolver = resolverOf({
    aws_lambda_function: { f: { environment: { variables: { A: '${aws_x.y.z}' } } } },
  });
  expect(() => resolver.resources('aws_lambda_function')[0]!.block('environment')).toThrow(
    '[aws_lambda_function.f.environment] aws_x.y does not exist in the stack, in "${aws_x.y.z}"',
  );
});

test('what is not looked at need not have a value', () => {
  const resolver = resolverOf({ aws_sns_topic: { t: { name: 'n', odd: '${file("x")}' } } });
  expect(resolver.resources('aws_sns_topic')[0]!.id('arn')).toContain(':n');
});

test('arguments of the wrong type are refused by name', () => {
  const [queue] = resolverOf({ aws_sqs_queue: { q: { delay_seconds: 'soon', name: ['x'] } } }).resources(
    'aws_sqs_queue',
  );
  expect(() => queue!.number('delay_seconds', 0)).toThrow('aws_sqs_queue.q: "delay_seconds" is not a number');
  expect(() => queue!.text('name')).toThrow('aws_sqs_queue.q: "name" is not text');
  expect(() => queue!.text('missing')).toThrow('aws_sqs_queue.q: "missing" is not set');
});

test('direct references of an argument are listed', () => {
  const resolver = resolverOf({
    aws_lambda_function: {
      f: { environment: [{ variables: { H: '${aws_db_instance.db.address}', T: 'x' } }] },
    },
    aws_db_instance: { db: {} },
  });
  const [fn] = resolver.resources('aws_lambda_function');
  expect(fn!.references('environment', 'aws_db_instance')).toEqual(['aws_db_instance.db']);
});

test('types that are not hosted are named, IAM and network are not', () => {
  const resources = {
    aws_cloudwatch_composite_alarm: { a: {}, b: {} },
    aws_kms_key: { k: {} },
    aws_iam_role: { r: {} },
    aws_subnet: { s: {} },
    aws_vpc_endpoint: { e: {} },
    aws_lambda_function: { f: {} },
  };
  expect(unhosted(resolverOf(resources))).toEqual(['aws_cloudwatch_composite_alarm (2)', 'aws_kms_key']);
});

test('a policy document renders statements, principals and conditions', () => {
  const resolver = resolverOf(
    {},
    {
      data: {
        aws_iam_policy_document: {
          d: {
            statement: [
              { actions: ['sns:Publish'], resources: ['a', 'b'], sid: 'one' },
              {
                effect: 'Deny',
                actions: ['sqs:*'],
                resources: ['*'],
                principals: [{ type: 'Service', identifiers: ['sns.amazonaws.com'] }],
                condition: [{ test: 'ArnLike', variable: 'aws:SourceArn', values: ['x'] }],
              },
            ],
            override_policy_documents: [
              '{"Statement":[{"Sid":"one","Effect":"Deny","Action":"*","Resource":"*"}]}',
            ],
          },
        },
      },
    },
  );
  expect(JSON.parse(resolver.value('${data.aws_iam_policy_document.d.json}') as string)).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Action: 'sqs:*',
        Resource: '*',
        Principal: { Service: 'sns.amazonaws.com' },
        Condition: { ArnLike: { 'aws:SourceArn': 'x' } },
      },
      { Sid: 'one', Effect: 'Deny', Action: '*', Resource: '*' },
    ],
  });
});
