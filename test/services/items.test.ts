import { TIMELINE } from '../../handlers/shared/timeline';
import { devWithOnly, inDev, synthesizeStage } from '../app/stage';
import { text } from '../support/template';
import type { Template } from '../support/template';

const synth = (access: 'public' | 'iam' = 'public') =>
  synthesizeStage(devWithOnly({ items: { ...inDev('items'), access } }));

const template = synth();

test('functions have the variables that their handlers read', () => {
  const variables = template.resourcesOf('aws_lambda_function', 'items_').map(({ attributes }) => {
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
    'items-read': ['CHANGES_TABLE', 'ITEMS_TABLE', 'TIMELINE_INDEX'],
    'items-write': ['ITEMS_TABLE'],
    'items-changelog': ['CHANGES_TABLE'],
  });
});

test('items stream what they were and are; changes are by item and sequence', () => {
  expect(template.only('aws_dynamodb_table', 'items_table')).toMatchObject({
    hash_key: 'id',
    stream_enabled: true,
    stream_view_type: 'NEW_AND_OLD_IMAGES',
    global_secondary_index: [{ name: 'timeline', hash_key: TIMELINE, range_key: 'createdAt' }],
  });
  const changes = template.only('aws_dynamodb_table', 'items_changes');
  expect(changes).toMatchObject({ hash_key: 'id', range_key: 'sequence' });
  expect(changes).not.toHaveProperty('stream_enabled');
});

test('the change log reads from the stream’s beginning, goes on from what failed, and leaves dead letters', () => {
  const [table] = template.resourcesOf('aws_dynamodb_table', 'items_table');
  const [fn] = template.resourcesOf('aws_lambda_function', 'items_changelog');
  expect(template.only('aws_lambda_event_source_mapping')).toMatchObject({
    event_source_arn: `\${${table?.address}.stream_arn}`,
    function_name: `\${${fn?.address}.arn}`,
    starting_position: 'TRIM_HORIZON',
    function_response_types: ['ReportBatchItemFailures'],
    bisect_batch_on_function_error: true,
    destination_config: {
      on_failure: { destination_arn: expect.stringContaining('dead-letters') as string },
    },
  });
  const alarms = template
    .resourcesOf('aws_cloudwatch_metric_alarm')
    .map(({ attributes }) => (attributes['dimensions'] as Record<string, string>)['QueueName']);
  expect(alarms).toEqual(['aws-micro-dev-items-changelog-changes-failed']);
});

test('routes are public or ask for IAM, as the stage says, and reading has no right to write', () => {
  const routes = (of: Template) =>
    of
      .resourcesOf('aws_apigatewayv2_route')
      .map(({ attributes }) => `${text(attributes['route_key'])} ${text(attributes['authorization_type'])}`)
      .sort();
  const keys = [
    'DELETE /items/{id}',
    'GET /items',
    'GET /items/{id}',
    'GET /items/{id}/changes',
    'PATCH /items/{id}',
    'POST /items',
    'PUT /items/{id}',
  ];
  expect(routes(template)).toEqual(keys.map((key) => `${key} NONE`));
  expect(routes(synth('iam'))).toEqual(keys.map((key) => `${key} AWS_IAM`));
  const actions = template.statements('aws_iam_role_policy', 'items_read').flatMap(({ Action }) => Action);
  expect(actions.filter((action) => /dynamodb:(Put|Update|Delete)/.test(action))).toEqual([]);
});
