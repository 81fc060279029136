import { SOURCE, DETAIL_TYPE, STATUSES } from '../../handlers/order-status/change';
import { TIMELINE } from '../../handlers/shared/timeline';
import type { EventsStage } from '../../services/events';
import { TIMELINE_INDEX } from '../../services/timeline';
import { devWithOnly, inDev, synthesizeStage } from '../app/stage';
import { text } from '../support/template';
import type { Attributes, Template } from '../support/template';

const synth = (events: Partial<EventsStage> = {}) =>
  synthesizeStage(devWithOnly({ events: { ...inDev('events'), ...events } }));

const template = synth();
const fn = (part: string) => template.only('aws_lambda_function', `events_${part}`);
const arn = (type: string, part: string) => `\${${template.resourcesOf(type, part)[0]?.address}.arn}`;

test('functions have the variables that their handlers read', () => {
  const variables = template.resourcesOf('aws_lambda_function', 'events_').map(({ attributes }) => {
    const { variables: all } = attributes['environment'] as { variables: Record<string, string> };
    const name = text(attributes['function_name']).replace('aws-micro-dev-', '');
    return [
      name,
      Object.keys(all)
        .filter((key) => key !== 'NODE_OPTIONS')
        .sort(),
    ];
  });
  expect(Object.fromEntries(variables)).toEqual({
    'documents-intake': ['DOCUMENTS_TABLE'],
    'documents-reader': ['DOCUMENTS_TABLE', 'TIMELINE_INDEX'],
    'documents-upload': ['DOCUMENTS_BUCKET'],
    'documents-report': [
      'DOCUMENTS_BUCKET',
      'DOCUMENTS_TABLE',
      'ORDERS_TABLE',
      'PAYMENTS_TABLE',
      'TIMELINE_INDEX',
      'TIME_ZONE',
    ],
    'order-status-publish': ['ORDERS_BUS'],
    'order-status-tracker': ['ORDERS_TABLE'],
    'order-status-reader': ['ORDERS_TABLE'],
    'payments-webhook': ['TOPIC_ARN', 'WEBHOOK_SECRET'],
    'payments-recorder': ['PAYMENTS_TABLE'],
    'payments-reader': ['PAYMENTS_TABLE'],
  });
});

test.each([
  ['documents', 'key', 'takenInAt', 'ALL', undefined],
  ['order-status', 'orderId', 'recordedAt', 'INCLUDE', ['history']],
  ['payments', 'id', 'recordedAt', 'INCLUDE', ['type']],
])('%s have a timeline, as handlers read it', (part, key, time, projection, included) => {
  const [index] = template.only('aws_dynamodb_table', `events_${part}`)[
    'global_secondary_index'
  ] as Attributes[];
  expect(template.only('aws_dynamodb_table', `events_${part}`)).toMatchObject({ hash_key: key });
  expect(index).toEqual({
    name: TIMELINE_INDEX,
    hash_key: TIMELINE,
    range_key: time,
    projection_type: projection,
    ...(included && { non_key_attributes: included }),
  });
});

describe('documents', () => {
  test('are taken in, and marked when they go, under incoming/ only', () => {
    expect(template.only('aws_s3_bucket_notification')['lambda_function']).toEqual([
      {
        lambda_function_arn: arn('aws_lambda_function', 'documents_intake'),
        events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'],
        filter_prefix: 'incoming/',
      },
    ]);
  });

  test('are in a bucket that is named after stage and account', () => {
    expect(template.only('aws_s3_bucket')['bucket']).toMatch(
      /^aws-micro-dev-documents-\$\{data\.aws_caller_identity\..*\.account_id\}$/,
    );
  });
});

describe('the report', () => {
  test('is due at three, in the time zone of the stage, and told for when it was due', () => {
    const schedule = synth({ timeZone: 'Europe/Berlin' }).only('aws_scheduler_schedule');
    expect(schedule).toMatchObject({
      schedule_expression: 'cron(0 3 * * ? *)',
      schedule_expression_timezone: 'Europe/Berlin',
      target: { input: { scheduledTime: '<aws.scheduler.scheduled-time>' } },
    });
  });

  test('that fails for good is a dead letter', () => {
    const deadLetters = arn('aws_sqs_queue', 'report_schedule');
    const config = template.only('aws_lambda_function_event_invoke_config', 'report');
    expect(config['destination_config']).toEqual({ on_failure: { destination: deadLetters } });
  });
});

describe('statuses of orders', () => {
  const rule = (part: string, of: Template = template) =>
    of.only('aws_cloudwatch_event_rule', `order-status_${part}`);
  const target = (part: string) => template.only('aws_cloudwatch_event_target', `order-status_${part}`);

  test('are tracked as they are published, each with dead letters', () => {
    expect(rule('changed')['event_pattern']).toEqual({ source: [SOURCE], 'detail-type': [DETAIL_TYPE] });
    expect(target('changed')).toMatchObject({
      arn: arn('aws_lambda_function', 'tracker'),
      dead_letter_config: { arn: arn('aws_sqs_queue', 'order-status_changed_dead-letters') },
    });
  });

  test('that customers want to be told of are in a queue', () => {
    const { detail } = rule('on-its-way')['event_pattern'] as { detail: { status: string[] } };
    expect(detail.status).toEqual(['shipped', 'delivered', 'cancelled']);
    expect(STATUSES).toEqual(expect.arrayContaining(detail.status));
    expect(target('on-its-way')).toMatchObject({
      arn: arn('aws_sqs_queue', 'order-status_notifications_queue'),
      dead_letter_config: { arn: arn('aws_sqs_queue', 'on-its-way_dead-letters') },
    });
  });

  test('are put by one function, of one source and type, and the tracker tells the bus of what it recorded', () => {
    const [statement] = template
      .statements('aws_iam_role_policy', 'order-status_publish')
      .filter(({ Action }) => Action.includes('events:PutEvents'));
    expect(statement?.Condition).toEqual({
      StringEquals: { 'events:source': [SOURCE], 'events:detail-type': [DETAIL_TYPE] },
    });
    const config = template.only('aws_lambda_function_event_invoke_config', 'tracker');
    expect(config['destination_config']).toMatchObject({
      on_success: { destination: arn('aws_cloudwatch_event_bus', 'order-status_bus') },
      on_failure: { destination: arn('aws_sqs_queue', 'order-status_changed_dead-letters') },
    });
  });
});

describe('payments', () => {
  test('go from the topic to the queue as they were published, and have half an hour without the table', () => {
    expect(template.only('aws_sns_topic_subscription')).toMatchObject({
      endpoint: arn('aws_sqs_queue', 'payments_queue'),
      raw_message_delivery: true,
    });
    const queue = template
      .resourcesOf('aws_sqs_queue', 'payments_queue')
      .find(({ attributes }) => attributes['redrive_policy'] !== undefined);
    const { maxReceiveCount } = queue?.attributes['redrive_policy'] as { maxReceiveCount: number };
    const visible = Number(queue?.attributes['visibility_timeout_seconds']);
    expect(maxReceiveCount * visible).toBeGreaterThanOrEqual(30 * 60);
  });

  test('are signed with a secret that is not in the state', () => {
    expect(template.only('aws_secretsmanager_secret')['name']).toBe('aws-micro-dev/payments/webhook-secret');
    template.countIs('aws_secretsmanager_secret_version', 0);
    expect(fn('payments_webhook')['environment']).toMatchObject({
      variables: { WEBHOOK_SECRET: 'aws-micro-dev/payments/webhook-secret' },
    });
  });
});

test('every route asks for IAM where the stage says so, but for the webhook, whose throttle is its own', () => {
  const routes = (of: Template) =>
    Object.fromEntries(
      of
        .resourcesOf('aws_apigatewayv2_route')
        .map(({ attributes }) => [text(attributes['route_key']), attributes['authorization_type']]),
    );
  const kinds = (access: 'NONE' | 'AWS_IAM') => ({
    'GET /documents': access,
    'POST /documents': access,
    'PUT /order-status/{orderId}': access,
    'GET /order-status/{orderId}': access,
    'POST /webhooks/payments': 'NONE',
    'GET /payments/{id}': access,
  });
  expect(routes(template)).toEqual(kinds('NONE'));
  expect(routes(synth({ access: 'iam' }))).toEqual(kinds('AWS_IAM'));
  const [settings] = template.only('aws_apigatewayv2_stage')['route_settings'] as Attributes[];
  expect(settings).toMatchObject({ route_key: 'POST /webhooks/payments', throttling_rate_limit: 100 });
});

test('every dead letter has an alarm', () => {
  const queues = template
    .resourcesOf('aws_sqs_queue')
    .map(({ attributes }) => text(attributes['name']))
    .filter((name) => /(dead-letters|failed)$/.test(name));
  const watched = template
    .resourcesOf('aws_cloudwatch_metric_alarm')
    .map(({ attributes }) => (attributes['dimensions'] as Record<string, string>)['QueueName']);
  expect(watched.sort()).toEqual(queues.sort());
  expect(queues).toHaveLength(7);
});
