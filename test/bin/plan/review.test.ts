import { parsePlan } from '../../../bin/plan/plan-json';
import type { ChangeJson, Json, PlanJson, ResourceChangeJson } from '../../../bin/plan/plan-json';
import { withProgramText } from '../../../bin/plan/program';
import { review } from '../../../bin/plan/review';
import type { ReviewedChange } from '../../../bin/plan/review';

/** A plan of one resource; the rules below are about cases that the plans in fixtures/ do not have. */
function planOf(type: string, change: ChangeJson, more: Partial<ResourceChangeJson> = {}): PlanJson {
  const resource = { address: `${type}.it`, mode: 'managed', type, name: 'it', change, ...more };
  return { format_version: '1.2', resource_changes: [resource] };
}

function reviewed(type: string, change: ChangeJson, more: Partial<ResourceChangeJson> = {}): ReviewedChange {
  const [only] = review(planOf(type, change, more)).changes;
  if (!only) throw new Error('nothing changes');
  return only;
}

const created = (type: string, after: Json): ReviewedChange => reviewed(type, { actions: ['create'], after });
const updated = (type: string, before: Json, after: Json): ReviewedChange =>
  reviewed(type, { actions: ['update'], before, after });
const destroyed = (type: string, before: Json): ReviewedChange =>
  reviewed(type, { actions: ['delete'], before, after: null });

describe('losses', () => {
  test.each([
    ['aws_db_instance', { skip_final_snapshot: true }, 'its databases are lost, without a final snapshot'],
    [
      'aws_rds_cluster',
      { final_snapshot_identifier: 'last' },
      'its databases are lost, but for the final snapshot last',
    ],
    ['aws_dynamodb_table', {}, 'its items are lost'],
    ['aws_s3_bucket', {}, 'its objects are lost'],
    ['aws_sqs_queue', {}, 'its messages are lost'],
    [
      'aws_kms_key',
      { deletion_window_in_days: 30 },
      'what is encrypted with it cannot be read any more; it can be restored for 30 days',
    ],
    ['aws_secretsmanager_secret', { recovery_window_in_days: 0 }, 'the secret is lost'],
    ['aws_cloudwatch_log_group', {}, 'its logs are lost'],
    ['aws_s3_bucket_versioning', {}, 'overwritten and deleted objects are no longer kept'],
  ])('a destroyed %s %j', (type, before, text) => {
    expect(destroyed(type, before).losses).toEqual([text]);
  });

  test.each([
    [
      'aws_dynamodb_table',
      { deletion_protection_enabled: true },
      { deletion_protection_enabled: false },
      'deletion_protection_enabled is turned off',
    ],
    [
      'aws_dynamodb_table',
      { point_in_time_recovery: [{ enabled: true }] },
      { point_in_time_recovery: [{ enabled: false }] },
      'point_in_time_recovery.0.enabled is turned off',
    ],
    [
      'aws_dynamodb_table',
      { point_in_time_recovery: [{ enabled: true }] },
      { point_in_time_recovery: [] },
      'point_in_time_recovery.0.enabled is turned off',
    ],
    ['aws_dynamodb_table', { ttl: [] }, { ttl: [{ enabled: true }] }, 'ttl.0.enabled is turned on'],
    [
      'aws_sqs_queue',
      { message_retention_seconds: 1_209_600 },
      { message_retention_seconds: 60 },
      'message_retention_seconds is shortened from 1209600 to 60',
    ],
    ['aws_sqs_queue', { redrive_policy: '{}' }, { redrive_policy: '' }, 'redrive_policy is removed'],
    [
      'aws_sns_topic_subscription',
      { redrive_policy: '{}' },
      { redrive_policy: null },
      'redrive_policy is removed',
    ],
    [
      'aws_kms_key',
      { deletion_window_in_days: 30 },
      { deletion_window_in_days: 7 },
      'deletion_window_in_days is shortened from 30 to 7',
    ],
    [
      'aws_cloudwatch_log_group',
      { retention_in_days: 0 },
      { retention_in_days: 30 },
      'retention_in_days is shortened from for ever to 30',
    ],
    [
      'aws_s3_bucket_versioning',
      { versioning_configuration: [{ status: 'Enabled' }] },
      { versioning_configuration: [{ status: 'Suspended' }] },
      'versioning_configuration.0.status is suspended',
    ],
    [
      'aws_cognito_user_pool',
      { deletion_protection: 'ACTIVE' },
      { deletion_protection: 'INACTIVE' },
      'deletion_protection is turned off',
    ],
    [
      'aws_db_instance',
      { delete_automated_backups: false },
      { delete_automated_backups: true },
      'delete_automated_backups is turned on',
    ],
  ])('%s from %j to %j', (type, before, after, text) => {
    expect(updated(type, before, after).losses).toEqual([text]);
  });

  test.each([
    ['aws_db_instance', { deletion_protection: false }, { deletion_protection: true }],
    ['aws_db_instance', { backup_retention_period: 1 }, { backup_retention_period: 7 }],
    ['aws_cloudwatch_log_group', { retention_in_days: 30 }, { retention_in_days: 0 }],
    ['aws_sqs_queue', { redrive_policy: '{"a":1}' }, { redrive_policy: '{"a":2}' }],
  ])('%s from %j to %j loses nothing', (type, before, after) => {
    expect(updated(type, before, after).losses).toEqual([]);
  });
});

describe('what a change opens', () => {
  const allow = (statement: Record<string, Json>): string =>
    JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'sns:Publish', ...statement }] });

  test.each([
    [
      'aws_sns_topic_policy',
      { policy: allow({ Principal: '*' }) },
      'a policy allows anyone, without a condition',
    ],
    [
      'aws_sqs_queue_policy',
      { policy: allow({ Principal: { AWS: ['*'] } }) },
      'a policy allows anyone, without a condition',
    ],
    [
      'aws_iam_policy',
      { policy: allow({ Action: ['s3:GetObject', 'sns:*'] }) },
      'a policy allows every action of sns:*',
    ],
    ['aws_iam_role_policy', { policy: allow({ Action: '*' }) }, 'a policy allows every action of *'],
    [
      'aws_iam_role_policy',
      { policy: JSON.stringify({ Statement: { Effect: 'Allow', NotAction: 'iam:*' } }) },
      'a policy allows every action but a few (NotAction)',
    ],
    ['aws_db_instance', { publicly_accessible: true }, 'it gets a public address'],
    ['aws_subnet', { map_public_ip_on_launch: true }, 'what starts in it gets a public address'],
    ['aws_apigatewayv2_route', { authorization_type: 'NONE' }, 'anyone may call it (authorization NONE)'],
    ['aws_api_gateway_method', { authorization: 'NONE' }, 'anyone may call it (authorization NONE)'],
    [
      'aws_lambda_function_url',
      { authorization_type: 'NONE' },
      'anyone may call the function (authorization NONE)',
    ],
    [
      'aws_security_group',
      { ingress: [{ cidr_blocks: ['0.0.0.0/0'], from_port: 22, to_port: 22 }] },
      'port 22 is open to the internet',
    ],
    [
      'aws_security_group_rule',
      { type: 'ingress', ipv6_cidr_blocks: ['::/0'], from_port: 80, to_port: 90 },
      'ports 80 to 90 are open to the internet',
    ],
    [
      'aws_vpc_security_group_ingress_rule',
      { cidr_ipv4: '0.0.0.0/0', ip_protocol: '-1' },
      'every port is open to the internet',
    ],
    [
      'aws_s3_bucket_public_access_block',
      {
        block_public_acls: true,
        block_public_policy: true,
        ignore_public_acls: true,
        restrict_public_buckets: false,
      },
      'public access is not blocked: restrict_public_buckets',
    ],
  ])('%s %j', (type, after, text) => {
    expect(created(type, after).opens).toEqual([text]);
    expect(created(type, after).concern).toBeDefined();
  });

  test.each([
    [
      'aws_sns_topic_policy',
      { policy: allow({ Principal: '*', Condition: { ArnEquals: { 'aws:SourceArn': 'x' } } }) },
    ],
    [
      'aws_sqs_queue_policy',
      { policy: JSON.stringify({ Statement: [{ Effect: 'Deny', Action: 'sqs:*', Principal: '*' }] }) },
    ],
    [
      'aws_kms_key',
      { policy: allow({ Action: 'kms:*', Principal: { AWS: 'arn:aws:iam::123456789012:root' } }) },
    ],
    ['aws_vpc_endpoint', { policy: allow({ Action: '*', Principal: '*', Condition: {} }) }],
    ['aws_apigatewayv2_route', { authorization_type: 'AWS_IAM' }],
    ['aws_security_group_rule', { type: 'egress', cidr_blocks: ['0.0.0.0/0'], from_port: 443, to_port: 443 }],
    ['aws_vpc_security_group_ingress_rule', { cidr_ipv4: '10.0.0.0/16', from_port: 3306, to_port: 3306 }],
  ])('not %s %j', (type, after) => {
    expect(created(type, after).opens).toEqual([]);
  });

  test('what was open already is not news', () => {
    const open = { cidr_ipv4: '0.0.0.0/0', from_port: 443, to_port: 443 };
    expect(
      updated('aws_vpc_security_group_ingress_rule', open, { ...open, description: 'HTTPS' }).opens,
    ).toEqual([]);
  });

  test('encryption that changes on any resource is marked', () => {
    expect(
      updated('aws_sns_topic', { kms_master_key_id: 'alias/a' }, { kms_master_key_id: null }).concern,
    ).toBe('encryption');
    expect(updated('aws_sns_topic', { display_name: 'a' }, { display_name: 'b' }).concern).toBeUndefined();
  });

  test('a key that is known after the apply is marked too', () => {
    const change = {
      actions: ['update'],
      before: { kms_key_id: 'a' },
      after: {},
      after_unknown: { kms_key_id: true },
    };
    expect(reviewed('aws_db_instance', change).concern).toBe('encryption');
  });
});

test('the gravest loss comes first', () => {
  const types = ['aws_cloudwatch_log_group', 'aws_db_instance', 'aws_sqs_queue', 'aws_vpc'];
  const resources = types.flatMap(
    (type) => planOf(type, { actions: ['delete'], before: {}, after: null }).resource_changes!,
  );
  const order = review({ format_version: '1.2', resource_changes: resources }).changes.map(
    ({ type }) => type,
  );
  expect(order).toEqual(['aws_db_instance', 'aws_sqs_queue', 'aws_cloudwatch_log_group', 'aws_vpc']);
});

describe('actions', () => {
  const actionOf = (actions: string[], more: Partial<ResourceChangeJson> = {}) =>
    review(planOf('aws_vpc', { actions, before: {}, after: {} }, more)).changes[0]?.action;

  test.each([
    [['create', 'delete'], 'replace'],
    [['delete', 'create'], 'replace'],
    [['delete'], 'destroy'],
    [['forget'], 'forget'],
    [['update'], 'change'],
    [['create'], 'create'],
    [['no-op'], undefined],
    [['read'], undefined],
  ])('%j is %s', (actions, action) => {
    expect(actionOf(actions)).toBe(action);
  });

  test('a moved and an imported resource are named, data sources are not', () => {
    expect(reviewed('aws_vpc', { actions: ['no-op'] }, { previous_address: 'aws_vpc.old' })).toMatchObject({
      action: 'move',
      why: 'moved from aws_vpc.old',
    });
    expect(reviewed('aws_vpc', { actions: ['no-op'], importing: { id: 'vpc-1' } }).why).toBe(
      'imported from vpc-1',
    );
    expect(actionOf(['create'], { mode: 'data' })).toBeUndefined();
  });

  test('a tainted resource says so', () => {
    const change = { actions: ['delete', 'create'], before: {}, after: {} };
    expect(reviewed('aws_vpc', change, { action_reason: 'replace_because_tainted' }).why).toMatch(
      /^it is tainted/,
    );
  });

  test('what somebody deleted outside Terraform is named', () => {
    const plan = planOf('aws_vpc', { actions: ['create'], after: {} });
    const drift = [{ ...plan.resource_changes![0]!, change: { actions: ['delete'] } }];
    expect(review({ ...plan, resource_drift: drift }).deletedOutside).toEqual(['aws_vpc.it']);
  });
});

describe('differences', () => {
  const lines = (before: Json, after: Json) =>
    updated('x', before, after).diff.lines.map(({ sign, text }) => `${sign} ${text}`);

  test.each([
    ['a value', { a: 1 }, { a: 2 }, ['- a = 1', '+ a = 2']],
    [
      'a nested value',
      { a: [{ b: { c: 'x' } }] },
      { a: [{ b: { c: 'y' } }] },
      ['- a[0].b.c = "x"', '+ a[0].b.c = "y"'],
    ],
    ['a list without regard to position', { a: ['x', 'y'] }, { a: ['z', 'y', 'x'] }, ['+ a[0] = "z"']],
    ['another order', { a: ['x', 'y'] }, { a: ['y', 'x'] }, ['  a has another order']],
    ['JSON in a string', { a: '{"b":[1],"c":2}' }, { a: '{"b":[1],"c":3}' }, ['- a.c = 2', '+ a.c = 3']],
    [
      'white space in JSON',
      { a: '{"b":1}' },
      { a: '{ "b": 1 }' },
      ['  a is the same JSON, written differently'],
    ],
    ['a map with odd keys', { a: {} }, { a: { 'x y': 1, z: 2 } }, ['+ a["x y"] = 1', '+ a.z = 2']],
    ['a small map on one line', {}, { a: { b: 1, c: ['x', 'y'] } }, ['+ a = {b = 1, c = ["x", "y"]}']],
    ['a larger map', {}, { a: { b: 'x'.repeat(120), c: 1 } }, [`+ a.b = "${'x'.repeat(120)}"`, '+ a.c = 1']],
    ['a value that goes', { a: 'x' }, { a: null }, ['- a = "x"']],
    ['nothing', { a: [1], b: null }, { a: [1] }, []],
  ])('%s', (_name, before, after, expected) => {
    expect(lines(before, after)).toEqual(expected);
  });

  test('control characters do not reach a terminal', () => {
    expect(lines({ a: '' }, { a: 'x\u001b[31m\n\u009b\u202e' })).toEqual([
      '+ a = "x\\u001b[31m\\n\\u009b\\u202e"',
    ]);
  });

  test('sensitive inside a list or a map', () => {
    const change = {
      actions: ['update'],
      before: { env: { A: 'open', B: 'secret-1' }, list: ['secret-2'] },
      after: { env: { A: 'opened', B: 'secret-3' }, list: ['secret-2', 'secret-4'] },
      before_sensitive: { env: { B: true }, list: true },
      after_sensitive: { env: { B: true } },
    };
    const { diff } = reviewed('x', change);
    expect(diff.lines.map(({ text }) => text)).toEqual([
      'env.A = "open"',
      'env.A = "opened"',
      'env.B = (sensitive)',
      'env.B = (sensitive, changed)',
      'list = (sensitive)',
      'list = (sensitive, changed)',
    ]);
  });
});

describe('what is known after the apply is shown as the program has it', () => {
  const policy = '{"Statement":[{"Effect":"Allow","Action":"sns:*","Resource":"${aws_sns_topic.it.arn}"}]}';
  const program = {
    resource: { aws_iam_policy: { it: { name: 'a', policy, block: { b: '${c.d}', e: 'f' } } } },
  };
  const reviewWith = (change: ChangeJson): ReviewedChange => {
    const filled = withProgramText(planOf('aws_iam_policy', change), JSON.stringify(program));
    return review(filled).changes[0]!;
  };
  const creates = {
    actions: ['create'],
    after: { name: 'a', block: [{ e: 'f' }] },
    after_unknown: { arn: true, policy: true, block: [{ b: true }] },
  };

  test('a policy that names what does not exist yet, and a block', () => {
    const change = reviewWith(creates);
    expect(change.diff.lines.map(({ text }) => text)).toEqual([
      'block[0] = {b = "${c.d}", e = "f"}',
      'name = "a"',
      'policy.Statement[0] = {Effect = "Allow", Action = "sns:*", Resource = "${aws_sns_topic.it.arn}"}',
    ]);
    expect(change.opens).toEqual(['a policy allows every action of sns:*']);
    expect(change.diff.unknown).toEqual(['arn']);
  });

  test('but not where it is sensitive', () => {
    const change = reviewWith({ ...creates, after_sensitive: { policy: true } });
    expect(change.diff.lines.map(({ text }) => text)).toContain('policy = (sensitive)');
  });

  test('nothing is added to a resource that the program does not have', () => {
    const plan = planOf('aws_vpc', { actions: ['delete'], before: {}, after: null, after_unknown: {} });
    expect(withProgramText(plan, JSON.stringify(program)).resource_changes).toEqual(plan.resource_changes);
  });
});

describe('parsePlan', () => {
  test.each([
    ['{', /^the plan is not JSON .*terraform show -json PLANFILE$/],
    ['null', /^the JSON is not a Terraform plan/],
    ['{"version": 4}', /^the JSON is not a Terraform plan/],
    [
      '{"format_version": "2.0", "resource_changes": []}',
      /^the plan has format 2\.0, this program reads format 1\.x$/,
    ],
  ])('rejects %s', (text, message) => {
    expect(() => parsePlan(text)).toThrow(message);
  });

  test('takes a plan without resources', () => {
    expect(review(parsePlan('{"format_version": "1.2", "planned_values": {}}')).changes).toEqual([]);
  });
});
