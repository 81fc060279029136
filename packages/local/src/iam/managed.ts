import type { Statement } from './policy';

function allow(actions: readonly string[], resources: readonly string[] = ['*']): Statement {
  return { effect: 'Allow', actions, resources, conditions: {} };
}

const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
const NETWORK_INTERFACES = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/** The AWS-managed policies that functions usually have, by the last part of their ARN. */
const MANAGED: Readonly<Record<string, readonly Statement[]>> = {
  AdministratorAccess: [allow(['*'])],
  AmazonDynamoDBFullAccess: [allow(['dynamodb:*', 'dax:*'])],
  AmazonDynamoDBReadOnlyAccess: [
    allow(
      ['BatchGet*', 'Describe*', 'Get*', 'List*', 'Query', 'Scan', 'PartiQLSelect'].map(
        (name) => `dynamodb:${name}`,
      ),
    ),
  ],
  AmazonKinesisFullAccess: [allow(['kinesis:*'])],
  AmazonKinesisReadOnlyAccess: [allow(['kinesis:Get*', 'kinesis:List*', 'kinesis:Describe*'])],
  AmazonEventBridgeSchedulerFullAccess: [allow(['scheduler:*'])],
  AmazonSESFullAccess: [allow(['ses:*'])],
  AmazonS3FullAccess: [allow(['s3:*'])],
  AmazonS3ReadOnlyAccess: [allow(['s3:Get*', 's3:List*', 's3:Describe*'])],
  AmazonSNSFullAccess: [allow(['sns:*'])],
  AmazonSNSReadOnlyAccess: [allow(['sns:Get*', 'sns:List*'])],
  AmazonSQSFullAccess: [allow(['sqs:*'])],
  AmazonSQSReadOnlyAccess: [allow(['sqs:Get*', 'sqs:List*'])],
  AWSLambdaBasicExecutionRole: [allow(LOGS)],
  AWSLambdaDynamoDBExecutionRole: [
    allow([
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
      ...LOGS,
    ]),
  ],
  AWSLambdaENIManagementAccess: [allow(NETWORK_INTERFACES)],
  AWSLambdaKinesisExecutionRole: [
    allow(
      [
        'DescribeStream',
        'DescribeStreamSummary',
        'GetRecords',
        'GetShardIterator',
        'ListShards',
        'ListStreams',
        'SubscribeToShard',
      ].map((name) => `kinesis:${name}`),
    ),
    allow(LOGS),
  ],
  AWSLambdaRole: [allow(['lambda:InvokeFunction'])],
  AWSLambdaSQSQueueExecutionRole: [
    allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', ...LOGS]),
  ],
  AWSLambdaVPCAccessExecutionRole: [allow([...LOGS, ...NETWORK_INTERFACES])],
  AWSXRayDaemonWriteAccess: [
    allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSampling*']),
  ],
  PowerUserAccess: [
    {
      effect: 'Allow',
      notActions: ['iam:*', 'organizations:*', 'account:*'],
      resources: ['*'],
      conditions: {},
    },
  ],
  SecretsManagerReadWrite: [
    allow(['secretsmanager:*', 'kms:DescribeKey', 'kms:ListAliases', 'kms:ListKeys']),
  ],
};

/** Statements of an AWS-managed policy; undefined where it is not known here. */
export function managedPolicy(arn: string): readonly Statement[] | undefined {
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  return Object.hasOwn(MANAGED, name) ? MANAGED[name] : undefined;
}
