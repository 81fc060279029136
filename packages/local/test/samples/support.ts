import type { SampleContext } from '../../src/samples';

/** A function of a stack that has every source for it. */
export const context: SampleContext = {
  region: 'eu-west-1',
  accountId: '123456789012',
  functionName: 'shop-work',
  functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:shop-work',
  now: Date.UTC(2026, 10, 21, 9, 30),
  names: {
    bucket: 'shop-documents',
    topicArn: 'arn:aws:sns:eu-west-1:123456789012:shop-news',
    queueArn: 'arn:aws:sqs:eu-west-1:123456789012:shop-orders',
    tableStreamArn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/shop-items/stream/2026-11-21T09:00:00.000',
    streamArn: 'arn:aws:kinesis:eu-west-1:123456789012:stream/shop-readings',
    ruleArn: 'arn:aws:events:eu-west-1:123456789012:rule/shop-nightly',
    scheduleArn: 'arn:aws:scheduler:eu-west-1:123456789012:schedule/default/shop-nightly',
    secretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf',
    logGroup: '/aws/lambda/shop-other',
    routeKey: 'GET /orders/{orderId}',
  },
};

/** One for which the stack has none. */
export const bare: SampleContext = { ...context, names: {} };
