import type { Statement } from '../modules';

export interface MessagingScope {
  /** ARN of a resource of the account: `arn('sqs', 'orders')`. */
  readonly arn: (service: string, resource: string) => string;
  /** What the names of all resources begin with; nothing else is touched. */
  readonly prefix: string;
  readonly writes: boolean;
  /** Who mails come from. @default no mails */
  readonly mailFrom?: string;
}

const READ = {
  sqs: [
    'GetQueueAttributes',
    'GetQueueUrl',
    'ListDeadLetterSourceQueues',
    'ListMessageMoveTasks',
    'ListQueueTags',
  ],
  sns: ['GetTopicAttributes', 'ListSubscriptionsByTopic', 'ListTagsForResource'],
  cloudwatch: ['DescribeAlarmHistory'],
  kinesis: ['DescribeStreamSummary', 'GetRecords', 'GetShardIterator', 'ListShards'],
  lambda: [],
} as const;

const WRITE = {
  sqs: [
    'AddPermission',
    'CancelMessageMoveTask',
    'ChangeMessageVisibility',
    'CreateQueue',
    'DeleteMessage',
    'DeleteQueue',
    'PurgeQueue',
    'ReceiveMessage',
    'RemovePermission',
    'SendMessage',
    'SetQueueAttributes',
    'StartMessageMoveTask',
    'TagQueue',
    'UntagQueue',
  ],
  sns: [
    'AddPermission',
    'ConfirmSubscription',
    'CreateTopic',
    'DeleteTopic',
    'Publish',
    'RemovePermission',
    'SetTopicAttributes',
    'Subscribe',
    'TagResource',
    'UntagResource',
  ],
  cloudwatch: ['DeleteAlarms', 'PutMetricAlarm', 'SetAlarmState'],
  kinesis: ['CreateStream', 'DeleteStream', 'PutRecords'],
  lambda: ['AddPermission', 'InvokeFunction', 'RemovePermission'],
} as const;

/**
 * Actions that IAM knows for no resource in particular. Subscriptions are among them: SNS names their topics in answers only, by which
 * the API tells those of the prefix. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
 */
const READ_ANY = [
  'cloudwatch:DescribeAlarms',
  'cloudwatch:GetMetricData',
  'kinesis:ListStreams',
  'lambda:ListFunctions',
  'sns:GetSubscriptionAttributes',
  'sns:ListSubscriptions',
  'sns:ListTopics',
  'sqs:ListQueues',
];
const WRITE_ANY = ['sns:SetSubscriptionAttributes', 'sns:Unsubscribe'];

/** How ARNs of a service begin behind the account. */
const KINDS = { sqs: '', sns: '', cloudwatch: 'alarm:', kinesis: 'stream/', lambda: 'function:' } as const;

/** What the messaging API may do: everything that it offers, with resources of the prefix. */
export function messagingRights(scope: MessagingScope): Statement[] {
  const { writes, mailFrom } = scope;
  return [
    ...limited('Read', READ, scope),
    { sid: 'ReadAny', actions: READ_ANY, resources: ['*'] },
    ...(writes ? limited('Write', WRITE, scope) : []),
    ...(writes ? [{ sid: 'WriteAny', actions: WRITE_ANY, resources: ['*'] }] : []),
    ...(writes && mailFrom !== undefined ? [mails(mailFrom, scope)] : []),
  ];
}

type Actions = Readonly<Record<keyof typeof KINDS, readonly string[]>>;

function limited(verb: string, actions: Actions, { arn, prefix }: MessagingScope): Statement[] {
  const services = (Object.keys(KINDS) as (keyof typeof KINDS)[]).filter((each) => actions[each].length > 0);
  return services.map((service) => ({
    sid: `${verb}${service[0]?.toUpperCase()}${service.slice(1)}`,
    actions: actions[service].map((action) => `${service}:${action}`),
    resources: [arn(service, `${KINDS[service]}${prefix}*`)],
  }));
}

function mails(mailFrom: string, { arn }: MessagingScope): Statement {
  return {
    sid: 'SendMails',
    actions: ['ses:SendEmail'],
    resources: [arn('ses', 'identity/*')],
    condition: { StringEquals: { 'ses:FromAddress': [mailFrom] } },
  };
}
