import type { AwsCall } from '../../src/contracts';
import { Network, parsePolicy, rolePolicies, StackGuard } from '../../src/iam';
import type { JsonObject } from '../../src/synth';
import { resolverOf } from '../synth/support';

type Bodies = Record<string, Record<string, JsonObject>>;

const TOPIC = 'arn:aws:sns:eu-west-1:000000000000:news';

function guardOf(resources: Bodies, resourcePolicy?: object): StackGuard {
  const resolver = resolverOf({
    aws_lambda_function: { f: { function_name: 'f', role: '${aws_iam_role.r.arn}' } },
    aws_iam_role: { r: { name: 'f-role' } },
    ...resources,
  });
  const role = resolver.resources('aws_iam_role')[0];
  const statements = resourcePolicy === undefined ? [] : parsePolicy(JSON.stringify(resourcePolicy), 'test');
  return new StackGuard({
    accountId: '000000000000',
    region: 'eu-west-1',
    functions: [
      {
        name: 'f',
        accessKeyId: 'KEY',
        role: role && rolePolicies(role, resolver),
        reach: new Network(resolver).of(resolver.resources('aws_lambda_function')[0]!),
      },
    ],
    resourcePolicy: () => statements,
  });
}

function call(action: string, resource = TOPIC, accessKeyId: string | undefined = 'KEY'): AwsCall {
  return { accessKeyId, service: action.split(':')[0]!, action, resource };
}

function policy(action: string, resource = '*', effect = 'Allow'): string {
  return JSON.stringify({ Statement: [{ Effect: effect, Action: action, Resource: resource }] });
}

test('any key but a function’s is the developer, who may do everything', () => {
  const guard = guardOf({});
  expect(guard.principal('KEY')).toEqual({ kind: 'function', functionName: 'f' });
  for (const key of ['test', undefined]) {
    expect(guard.principal(key)).toEqual({ kind: 'developer' });
    expect(guard.judge({ ...call('sns:Publish'), accessKeyId: key })).toEqual({ kind: 'allow' });
  }
});

test('a role without policies may do nothing but ask who it is, in AWS’s words', () => {
  const guard = guardOf({});
  expect(guard.judge(call('sns:Publish'))).toEqual({
    kind: 'deny',
    message:
      'User: arn:aws:sts::000000000000:assumed-role/f-role/f is not authorized to perform: sns:Publish on resource: ' +
      `${TOPIC} because no identity-based policy allows the sns:Publish action`,
  });
  expect(guard.judge(call('sts:GetCallerIdentity', '*'))).toEqual({ kind: 'allow' });
});

describe('policies of every form count', () => {
  const own = { name: 'p', policy: policy('sns:Publish', TOPIC) };
  test.each<[string, Bodies]>([
    [
      'inline',
      { aws_iam_role: { r: { name: 'f-role', inline_policy: [{ name: 'x', policy: own.policy }] } } },
    ],
    [
      'of its own resource',
      { aws_iam_role_policy: { p: { role: '${aws_iam_role.r.id}', policy: own.policy } } },
    ],
    [
      'attached',
      {
        aws_iam_policy: { p: own },
        aws_iam_role_policy_attachment: {
          a: { role: '${aws_iam_role.r.name}', policy_arn: '${aws_iam_policy.p.arn}' },
        },
      },
    ],
    [
      'attached to many',
      {
        aws_iam_policy: { p: own },
        aws_iam_policy_attachment: {
          a: { roles: ['x', '${aws_iam_role.r.name}'], policy_arn: '${aws_iam_policy.p.arn}' },
        },
      },
    ],
    [
      'managed by AWS',
      {
        aws_iam_role: {
          r: { name: 'f-role', managed_policy_arns: ['arn:aws:iam::aws:policy/AmazonSNSFullAccess'] },
        },
      },
    ],
  ])('%s', (_, resources) => {
    const guard = guardOf(resources);
    expect(guard.judge(call('sns:Publish'))).toEqual({ kind: 'allow' });
    expect(guard.judge(call('sqs:SendMessage')).kind).toBe('deny');
  });

  test('another role’s do not', () => {
    const guard = guardOf({ aws_iam_role_policy: { p: { role: 'someone', policy: own.policy } } });
    expect(guard.judge(call('sns:Publish')).kind).toBe('deny');
  });
});

test('a managed policy that is not known here allows nothing and is named', () => {
  const resolver = resolverOf({
    aws_iam_role: { r: { name: 'r', managed_policy_arns: ['arn:aws:iam::aws:policy/Exotic'] } },
  });
  expect(rolePolicies(resolver.resources('aws_iam_role')[0]!, resolver)).toMatchObject({
    statements: [],
    unknown: ['arn:aws:iam::aws:policy/Exotic'],
  });
});

test('an explicit deny wins and is named', () => {
  const role = 'f-role';
  const guard = guardOf({
    aws_iam_role_policy: {
      a: { name: 'a', role, policy: policy('sns:*') },
      b: { name: 'b', role, policy: policy('sns:Publish', TOPIC, 'Deny') },
    },
  });
  expect(guard.judge(call('sns:Publish'))).toMatchObject({
    message: expect.stringContaining('with an explicit deny in an identity-based policy') as string,
  });
  expect(guard.judge(call('sns:Publish', `${TOPIC}-2`))).toEqual({ kind: 'allow' });
});

test('a permissions boundary bounds', () => {
  const guard = guardOf({
    aws_iam_role: {
      r: {
        name: 'f-role',
        permissions_boundary: '${aws_iam_policy.b.arn}',
        inline_policy: { name: 'x', policy: policy('*') },
      },
    },
    aws_iam_policy: { b: { name: 'b', policy: policy('sns:*') } },
  });
  expect(guard.judge(call('sns:Publish'))).toEqual({ kind: 'allow' });
  expect(guard.judge(call('sqs:SendMessage', 'q'))).toMatchObject({
    message: expect.stringContaining('because no permissions boundary allows') as string,
  });
});

describe('the resource’s own policy', () => {
  const statement = (more: object) => ({
    Statement: [{ Effect: 'Allow', Action: 'sns:*', Resource: '*', ...more }],
  });

  test('may allow a role of the account by itself', () => {
    const guard = guardOf({}, statement({ Principal: { AWS: 'arn:aws:iam::000000000000:role/f-role' } }));
    expect(guard.judge(call('sns:Publish'))).toEqual({ kind: 'allow' });
  });

  test('leaves the decision to the role where it names the account', () => {
    const guard = guardOf({}, statement({ Principal: { AWS: 'arn:aws:iam::000000000000:root' } }));
    expect(guard.judge(call('sns:Publish')).kind).toBe('deny');
  });

  test('may deny; calls count as made over TLS', () => {
    const allowed = { aws_iam_role_policy: { a: { name: 'a', role: 'f-role', policy: policy('sns:*') } } };
    const deny = { Effect: 'Deny', Principal: '*' };
    const plain = { ...deny, Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
    expect(guardOf(allowed, statement(plain)).judge(call('sns:Publish'))).toEqual({ kind: 'allow' });
    expect(guardOf(allowed, statement(deny)).judge(call('sns:Publish'))).toMatchObject({
      message: expect.stringContaining('with an explicit deny in a resource-based policy') as string,
    });
  });
});

test('a call that the network does not let through is unreachable, whatever the role may do', () => {
  const guard = guardOf({
    aws_vpc: { v: {} },
    aws_subnet: { s: { vpc_id: '${aws_vpc.v.id}', cidr_block: '10.0.0.0/24' } },
    aws_security_group: { g: { vpc_id: '${aws_vpc.v.id}' } },
    aws_lambda_function: {
      f: {
        function_name: 'f',
        role: '${aws_iam_role.r.arn}',
        vpc_config: {
          subnet_ids: ['${aws_subnet.s.id}'],
          security_group_ids: ['${aws_security_group.g.id}'],
        },
      },
    },
    aws_iam_role_policy: { a: { name: 'a', role: 'f-role', policy: policy('*') } },
  });
  expect(guard.judge(call('sns:Publish'))).toEqual({
    kind: 'unreachable',
    reason: 'aws_subnet.s has no route to a NAT gateway; the VPC has no endpoint for sns',
  });
});

describe('condition keys of the service', () => {
  const send = (from: string, to: readonly string[]): AwsCall => ({
    ...call('ses:SendEmail', '*'),
    conditions: () =>
      new Map<string, string | readonly string[]>([
        ['ses:fromaddress', from],
        ['ses:recipients', to],
      ]),
  });
  const guard = guardOf({
    aws_iam_role_policy: {
      a: {
        role: 'f-role',
        policy: JSON.stringify({
          Statement: [
            {
              Effect: 'Allow',
              Action: 'ses:SendEmail',
              Resource: '*',
              Condition: {
                StringEquals: { 'ses:FromAddress': 'no-reply@example.com' },
                'ForAllValues:StringLike': { 'ses:Recipients': '*@example.com' },
              },
            },
            {
              Effect: 'Deny',
              Action: 'ses:SendEmail',
              Resource: '*',
              Condition: { 'ForAnyValue:StringEquals': { 'ses:Recipients': ['ceo@example.com'] } },
            },
          ],
        }),
      },
    },
  });

  test.each<[string, readonly string[], string]>([
    ['no-reply@example.com', ['a@example.com', 'b@example.com'], 'allow'],
    ['other@example.com', ['a@example.com'], 'deny'],
    ['no-reply@example.com', ['a@example.com', 'b@example.org'], 'deny'],
    ['no-reply@example.com', ['a@example.com', 'ceo@example.com'], 'deny'],
  ])('from %s to %s: %s', (from, to, kind) => {
    expect(guard.judge(send(from, to)).kind).toBe(kind);
    expect(guard.judge(send(from, to)).kind).toBe(kind);
  });

  test('a call without the key does not meet its condition', () => {
    expect(guard.judge(call('ses:SendEmail', '*')).kind).toBe('deny');
  });

  test('are not asked for where no policy names them', () => {
    const open = guardOf({ aws_iam_role_policy: { a: { role: 'f-role', policy: policy('ses:*') } } });
    const conditions = () => {
      throw new Error('asked');
    };
    expect(open.judge({ ...call('ses:SendEmail', '*'), conditions })).toEqual({ kind: 'allow' });
  });
});

test('passing a role is judged with the service that it is passed to', () => {
  const role = 'arn:aws:iam::000000000000:role/caller';
  const Condition = { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } };
  const Statement = [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: role, Condition }];
  const guard = guardOf({
    aws_iam_role_policy: { p: { role: 'f-role', policy: JSON.stringify({ Statement }) } },
  });
  const passing = (to: string, resource = role) =>
    guard.judge({
      ...call('iam:PassRole', resource),
      service: 'scheduler',
      conditions: () => new Map([['iam:passedtoservice', to]]),
    }).kind;
  expect(passing('scheduler.amazonaws.com')).toBe('allow');
  expect(passing('lambda.amazonaws.com')).toBe('deny');
  expect(passing('scheduler.amazonaws.com', `${role}-admin`)).toBe('deny');
});
