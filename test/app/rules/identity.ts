import type { PolicyStatement } from '../../support/template';
import { text } from '../../support/template';
import { each, eachStatement, isAllow, none } from './rule';
import type { Rule } from './rule';

const POLICIES = ['aws_iam_role_policy', 'aws_iam_policy'];
/** Actions that AWS does not restrict to a resource. */
const UNRESTRICTABLE = new Set([
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'ec2:DescribeSubnets',
  // A narrower one lists no alarms at all.
  'cloudwatch:DescribeAlarms',
  'cloudwatch:GetMetricData',
  'kinesis:ListStreams',
  'lambda:ListFunctions',
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
  'sns:GetSubscriptionAttributes',
  'sns:ListSubscriptions',
  'sns:ListTopics',
  'sns:SetSubscriptionAttributes',
  'sns:Unsubscribe',
  'sqs:ListQueues',
]);
const ESCALATION =
  /^(iam:|organizations:|sts:AssumeRole|lambda:(Create|Update|AddPermission)|cloudformation:|glue:|ec2:RunInstances)/;
const PERMISSIONS =
  /^(iam:|kms:(PutKeyPolicy|CreateGrant)|s3:PutBucketPolicy|(sns|sqs|lambda):AddPermission)/;

export const identityRules: readonly Rule[] = [
  allowed(
    'CKV_AWS_62, CKV_AWS_63, CKV2_AWS_40, IAM.1, IAM.21',
    'actions are named, not `*` or `service:*`',
    (s) => s.Action.every((action) => !action.includes('*')),
  ),
  allowed(
    'CKV_AWS_355, CKV_AWS_290, AWS-0345',
    'resources are named where the action can be restricted',
    (s) => {
      return (
        s.Action.every((action) => UNRESTRICTABLE.has(action)) ||
        s.Resource.every((arn) => !isEverything(arn))
      );
    },
  ),
  allowed('CKV_AWS_286, AWS-0342', 'no way to more rights', (s) => !s.Action.some((a) => ESCALATION.test(a))),
  allowed('CKV_AWS_287, CKV_AWS_288', 'secrets and data are read one resource at a time', (s) => {
    const reads = s.Action.some((a) =>
      /^(secretsmanager|ssm|s3|dynamodb|kms):(Get|Decrypt|Query|Scan)/.test(a),
    );
    return !reads || s.Resource.every((arn) => arn.startsWith('${aws_'));
  }),
  allowed('CKV_AWS_289', 'no right to change rights', (s) => !s.Action.some((a) => PERMISSIONS.test(a))),
  allowed('KMS.1, KMS.2', 'the key is used through a service only', (s) => {
    const uses = s.Action.some((action) => action.startsWith('kms:'));
    return !uses || s.Condition?.['StringEquals']?.['kms:ViaService'] !== undefined;
  }),
  allowed('own', 'mail is sent from named addresses', (s) => {
    const sends = s.Action.some((action) => action.startsWith('ses:'));
    return !sends || s.Condition?.['StringEquals']?.['ses:FromAddress'] !== undefined;
  }),
  each(
    'aws_iam_role',
    'own (confused deputy)',
    'services but Lambda assume a role for our resources',
    (role) => {
      const trust = text(role['assume_role_policy']);
      return trust.includes('"lambda.amazonaws.com"') || trust.includes('"aws:SourceAccount"');
    },
  ),
  each('aws_iam_role', 'CKV_AWS_60, CKV_AWS_61', 'one service may assume a role', (role) => {
    const trust = role['assume_role_policy'] as unknown as { Statement: { Principal: unknown }[] };
    return trust.Statement.every(({ Principal }) =>
      /^\{"Service":"[a-z-]+\.amazonaws\.com"\}$/.test(JSON.stringify(Principal)),
    );
  }),
  each(
    'aws_iam_role',
    'own (blind spot of the rules here)',
    'rights are in policies that are judged',
    (role) => {
      return role['inline_policy'] === undefined && role['managed_policy_arns'] === undefined;
    },
  ),
  each(
    'aws_iam_role_policy_attachment',
    'CKV_AWS_274, CKV2_AWS_56, IAM.1',
    'no administrators',
    (attachment) => {
      return /AWSLambdaENIManagementAccess$/.test(text(attachment['policy_arn']));
    },
  ),
  none(
    ['aws_iam_user', 'aws_iam_user_policy', 'aws_iam_user_policy_attachment', 'aws_iam_access_key'],
    'CKV_AWS_40, CKV_AWS_273, AWS-0143, IAM.2',
    'roles only, no users',
  ),
];

function allowed(id: string, asks: string, holds: (statement: PolicyStatement) => boolean): Rule {
  return eachStatement(POLICIES, id, asks, (statement) => !isAllow(statement) || holds(statement));
}

function isEverything(arn: string): boolean {
  return arn === '*' || /^arn:[^:]*:[^:]*:[^:]*:[^:]*:\*$/.test(arn);
}
