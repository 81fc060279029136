import { gzipSync } from 'node:zlib';
import { arnIn, digits, hex, iso, isoSeconds, uuid } from './context';
import type { SampleContext } from './context';

function busEvent<T extends string, D>(
  context: SampleContext,
  source: string,
  detailType: T,
  detail: D,
  resources: string[],
) {
  return {
    version: '0',
    id: uuid(),
    'detail-type': detailType,
    source,
    account: context.accountId,
    time: isoSeconds(context),
    region: context.region,
    resources,
    detail,
  };
}

/** A custom event. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
export function eventbridge(context: SampleContext) {
  const detail = { orderId: uuid(), status: 'shipped', version: 3 };
  return busEvent(context, 'com.example.orders', 'Order Status Changed', detail, []);
}

/** A rule's schedule. */
export function scheduled(context: SampleContext) {
  const rule = context.names.ruleArn ?? arnIn(context, 'events', 'rule/nightly');
  return busEvent(context, 'aws.events', 'Scheduled Event', {}, [rule]);
}

/** EventBridge Scheduler without an input of its own. @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html */
export function scheduler(context: SampleContext) {
  const schedule = context.names.scheduleArn ?? arnIn(context, 'scheduler', 'schedule/default/nightly');
  return { ...busEvent(context, 'aws.scheduler', 'Scheduled Event', '{}', [schedule]) };
}

/** A custom resource is made. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes-create.html */
export function cloudformation(context: SampleContext) {
  const stack = arnIn(context, 'cloudformation', `stack/sample/${uuid()}`);
  return {
    RequestType: 'Create' as const,
    ServiceToken: context.functionArn,
    // Nothing listens there: an answer cannot leave this machine.
    ResponseURL: `http://127.0.0.1:9/${encodeURIComponent(stack)}`,
    StackId: stack,
    RequestId: uuid(),
    LogicalResourceId: 'SampleResource',
    ResourceType: 'Custom::Sample',
    ResourceProperties: { ServiceToken: context.functionArn, Name: 'sample' },
  };
}

/** A push. @see https://docs.aws.amazon.com/lambda/latest/dg/services-codecommit.html */
export function codecommit(context: SampleContext) {
  return {
    Records: [
      {
        awsRegion: context.region,
        codecommit: { references: [{ commit: hex(20), ref: 'refs/heads/main' }] },
        customData: 'sample',
        eventId: uuid(),
        eventName: 'ReferenceChanges',
        eventPartNumber: 1,
        eventSource: 'aws:codecommit',
        eventSourceARN: arnIn(context, 'codecommit', 'sample-repository'),
        eventTime: iso(context),
        eventTotalParts: 1,
        eventTriggerConfigId: uuid(),
        eventTriggerName: 'sample-trigger',
        eventVersion: '1.0',
        userIdentityARN: `arn:aws:iam::${context.accountId}:user/developer`,
      },
    ],
  };
}

/** A changed resource. @see https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_example-events.html */
export function config(context: SampleContext) {
  const instance = `i-${hex(8)}`;
  const invokingEvent = {
    configurationItem: {
      configurationItemCaptureTime: iso(context),
      configurationItemStatus: 'OK',
      resourceId: instance,
      resourceType: 'AWS::EC2::Instance',
      awsAccountId: context.accountId,
      awsRegion: context.region,
      ARN: arnIn(context, 'ec2', `instance/${instance}`),
      tags: { Stage: 'dev' },
      configuration: { instanceType: 't4g.micro' },
    },
    notificationCreationTime: iso(context),
    messageType: 'ConfigurationItemChangeNotification',
    recordVersion: '1.3',
  };
  const id = `config-rule-${hex(3)}`;
  return {
    version: '1.0',
    invokingEvent: JSON.stringify(invokingEvent),
    ruleParameters: JSON.stringify({ requiredTag: 'Stage' }),
    resultToken: hex(24),
    eventLeftScope: false,
    executionRoleArn: `arn:aws:iam::${context.accountId}:role/config`,
    configRuleArn: arnIn(context, 'config', `config-rule/${id}`),
    configRuleName: 'required-tags',
    configRuleId: id,
    accountId: context.accountId,
  };
}

/** What matched a subscription filter. @see https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchlogs.html */
export function cloudwatchLogs(context: SampleContext) {
  const data = {
    messageType: 'DATA_MESSAGE',
    owner: context.accountId,
    logGroup: context.names.logGroup ?? '/aws/lambda/sample',
    logStream: `${iso(context).slice(0, 10).replaceAll('-', '/')}/[$LATEST]${hex(16)}`,
    subscriptionFilters: ['errors'],
    logEvents: [
      { id: digits(56), timestamp: context.now, message: '{"level":"ERROR","message":"first"}\n' },
      { id: digits(56), timestamp: context.now + 1, message: '{"level":"ERROR","message":"second"}\n' },
    ],
  };
  return { awslogs: { data: gzipSync(JSON.stringify(data)).toString('base64') } };
}

/** A step of a rotation. @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html */
export function secretRotation(context: SampleContext) {
  return {
    Step: 'createSecret' as const,
    SecretId: context.names.secretArn ?? arnIn(context, 'secretsmanager', 'secret:sample-AbCdEf'),
    ClientRequestToken: uuid(),
  };
}

/** Input of a task: whatever the state machine passes on. */
export function stepFunctions(context: SampleContext) {
  return {
    orderId: uuid(),
    amount: 4200,
    currency: 'EUR',
    execution: {
      id: arnIn(context, 'states', `execution:sample:${uuid()}`),
      startTime: iso(context),
      stateName: 'Charge',
    },
  };
}
