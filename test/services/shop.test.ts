import { TIMELINE } from '../../handlers/shared/timeline';
import type { ShopStage } from '../../services/shop';
import { TIMELINE_INDEX } from '../../services/timeline';
import { devWithOnly, inDev, synthesizeStage } from '../app/stage';
import { text } from '../support/template';
import type { Attributes, Template } from '../support/template';

const { orders, site } = inDev('shop');
const synth = (shop: Partial<ShopStage> = {}) =>
  synthesizeStage(devWithOnly({ shop: { orders, site, ...shop } }));

const template = synth();
const address = (type: string, part: string) => template.resourcesOf(type, part)[0]?.address;
const reference = (type: string, part: string, attribute: string) =>
  `\${${address(type, part)}.${attribute}}`;
const actionsOf = (fn: string) =>
  template
    .statements('aws_iam_role_policy', `shop_orders_${fn}_`)
    .flatMap(({ Action, Resource }) =>
      Action.filter((action) => /^(dynamodb|sns|sqs):/.test(action)).map(
        (action) => `${action} ${text(Resource)}`,
      ),
    );

test('functions have the variables that their handlers read', () => {
  const variables = template.resourcesOf('aws_lambda_function', 'shop_').map(({ attributes }) => {
    const { variables: all } = attributes['environment'] as { variables: Record<string, string> };
    const name = text(attributes['function_name']).replace('aws-micro-dev-', '');
    const names = Object.keys(all).filter((key) => key !== 'NODE_OPTIONS');
    return [name, names.sort()];
  });
  expect(Object.fromEntries(variables)).toEqual({
    'orders-place': ['BOOKS_TABLE', 'TOPIC_ARN'],
    'orders-recorder': ['ORDERS_TABLE'],
    'orders-read': ['ORDERS_TABLE'],
    'orders-list': ['DEAD_LETTER_QUEUES', 'ORDERS_TABLE', 'STATUS_INDEX', 'TIMELINE_INDEX'],
    'orders-handle': ['ORDERS_TABLE'],
    'orders-remove': ['ORDERS_TABLE'],
    'books-catalogue': ['BOOKS_TABLE', 'TIMELINE_INDEX'],
    'books-edit': ['BOOKS_TABLE'],
  });
});

describe('the tables', () => {
  const timeline = {
    name: TIMELINE_INDEX,
    hash_key: TIMELINE,
    range_key: 'createdAt',
    projection_type: 'ALL',
  };

  test('have their indexes as handlers read them', () => {
    expect(template.only('aws_dynamodb_table', 'shop_orders_books')).toMatchObject({
      hash_key: 'id',
      global_secondary_index: [timeline],
    });
    expect(template.only('aws_dynamodb_table', 'shop_orders_table')).toMatchObject({
      hash_key: 'id',
      global_secondary_index: [
        timeline,
        { name: 'by-status', hash_key: 'status', range_key: 'createdAt', projection_type: 'ALL' },
      ],
    });
  });

  test('forget what deleted orders leave behind, in their time', () => {
    expect(template.only('aws_dynamodb_table', 'shop_orders_table')['ttl']).toEqual({
      attribute_name: 'expiresAt',
      enabled: true,
    });
    expect(template.only('aws_dynamodb_table', 'shop_orders_books')).not.toHaveProperty('ttl');
  });
});

describe('each function may do its own part only', () => {
  test('place neither reads nor writes orders', () => {
    expect(actionsOf('place').join()).not.toContain('shop_orders_table');
    expect(actionsOf('place').join()).not.toMatch(/dynamodb:(Put|Update|Delete|Query|Scan)/);
  });

  test('list writes nothing and reads no message, read asks for one order at a time', () => {
    expect(actionsOf('list').join()).not.toMatch(
      /dynamodb:(Put|Update|Delete|Get|Scan|Batch)|sqs:(Rec|Del|Send)/,
    );
    expect(actionsOf('read').join()).not.toMatch(/dynamodb:(Put|Update|Delete|Query|Scan|Batch)/);
  });

  test('the recorder adds, and changes nothing that is there', () => {
    expect(actionsOf('recorder').join()).not.toMatch(/dynamodb:(Update|Delete|Get|Query|Scan|Batch)/);
  });

  test('nobody deletes an order or reads a whole table, and the catalogue is apart from orders', () => {
    const all = template
      .resourcesOf('aws_iam_role_policy')
      .map(({ attributes }) => text(attributes['policy']));
    expect(all.join()).not.toMatch(/dynamodb:(Scan|PartiQL|BatchWrite)/);
    for (const fn of ['handle', 'remove'])
      expect(actionsOf(fn).join()).not.toMatch(/DeleteItem|PutItem|Query/);
    for (const fn of ['edit', 'catalogue']) expect(actionsOf(fn).join()).not.toContain('shop_orders_table');
  });
});

describe('an order', () => {
  const subscriptions = () =>
    Object.fromEntries(
      template
        .resourcesOf('aws_sns_topic_subscription')
        .filter(({ attributes }) => attributes['topic_arn'] === reference('aws_sns_topic', 'shop_', 'arn'))
        .map(({ attributes }) => [text(attributes['protocol']), attributes]),
    );

  test('goes from the topic to the queue as it was published, and has half an hour without the table', () => {
    expect(subscriptions()['sqs']).toMatchObject({
      endpoint: expect.stringMatching(/^\$\{aws_sqs_queue\.shop_orders_queue_[0-9A-F]{8}\.arn\}$/) as string,
      raw_message_delivery: true,
    });
    const queue = template
      .resourcesOf('aws_sqs_queue', 'shop_orders_queue')
      .find(({ attributes }) => attributes['redrive_policy'] !== undefined);
    const { maxReceiveCount } = queue?.attributes['redrive_policy'] as { maxReceiveCount: number };
    const visible = Number(queue?.attributes['visibility_timeout_seconds']);
    expect(maxReceiveCount * visible).toBeGreaterThanOrEqual(30 * 60);
  });

  test('is mailed to the administrator that the stage names, and to nobody where it names none', () => {
    expect(subscriptions()['email']).toMatchObject({
      endpoint: 'shop@example.com',
      filter_policy: { eventType: ['order-placed'] },
    });
    const without = synth({ orders: { recorderConcurrency: 2 } });
    const protocols = without
      .resourcesOf('aws_sns_topic_subscription')
      .map(({ attributes }) => attributes['protocol']);
    expect(protocols).toEqual(['sqs']);
  });

  test('leaves something behind when deleted that outlives its message in the queues', () => {
    const retention = template
      .resourcesOf('aws_sqs_queue', 'shop_orders_queue')
      .map(({ attributes }) => Number(attributes['message_retention_seconds']));
    // It may be put back from the dead letters once.
    const [longest = 0, ...others] = retention.sort((a, b) => b - a);
    const days = (longest + 2 * (others[0] ?? 0)) / 86_400;
    expect(days).toBeLessThan(30);
    expect(days).toBeGreaterThan(0);
  });
});

test('everything but what shoppers need is for signed-in people of the pool', () => {
  const routes = template
    .resourcesOf('aws_apigatewayv2_route')
    .map(({ attributes }) => `${text(attributes['route_key'])} ${text(attributes['authorization_type'])}`);
  expect(routes.sort()).toEqual([
    'DELETE /books/order JWT',
    'DELETE /books/{id} JWT',
    'GET /books NONE',
    'GET /books/order JWT',
    'GET /books/order/dead-letters JWT',
    'GET /books/order/{id} NONE',
    'POST /books JWT',
    'POST /books/order NONE',
    'POST /books/order/handle JWT',
    'PUT /books/{id} JWT',
  ]);
  template.countIs('aws_apigatewayv2_authorizer', 1);
  expect(template.only('aws_apigatewayv2_authorizer')['jwt_configuration']).toEqual({
    audience: [reference('aws_cognito_user_pool_client', 'web', 'id')],
    issuer: expect.stringMatching(
      /^https:\/\/cognito-idp\.\$\{.*\}\.amazonaws\.com\/\$\{aws_cognito_user_pool\.\w+\.id\}$/,
    ) as string,
  });
  const [settings] = template.only('aws_apigatewayv2_stage')['route_settings'] as Attributes[];
  expect(settings).toMatchObject({ route_key: 'POST /books/order', throttling_rate_limit: 500 });
});

describe('the site', () => {
  test('has the API and the sign-in under its own address', () => {
    const distribution = template.only('aws_cloudfront_distribution');
    const behaviors = distribution['ordered_cache_behavior'] as Attributes[];
    expect(behaviors.map((each) => [each['path_pattern'], each['target_origin_id']])).toEqual([
      ['/books*', 'api'],
      ['/oauth2/token', 'sign-in'],
    ]);
    const hosts = Object.fromEntries(
      (distribution['origin'] as Attributes[]).map(
        (each) => [text(each['origin_id']), text(each['domain_name'])] as const,
      ),
    );
    expect(hosts['api']).toMatch(
      /^\$\{aws_apigatewayv2_api\.\w+\.id\}\.execute-api\.\$\{.*\}\.amazonaws\.com$/,
    );
    expect(hosts['sign-in']).toMatch(
      /^\$\{aws_cognito_user_pool_domain\.\w+\.domain\}\.auth\.\$\{.*\}\.amazoncognito\.com$/,
    );
  });

  test('sends people back to itself only, and says where to sign in', () => {
    const client = template.only('aws_cognito_user_pool_client');
    const home = `https://${reference('aws_cloudfront_distribution', 'shop_', 'domain_name')}`;
    expect([client['callback_urls'], client['logout_urls']]).toEqual([
      [`${home}/admin/signed-in`],
      [`${home}/admin`],
    ]);
    const config = template.only('aws_s3_object', 'configjson')['content'] as Attributes;
    expect(Object.keys(config).sort()).toEqual(['authorizeUrl', 'clientId', 'logoutUrl']);
    expect(template.only('aws_cognito_user_group')['name']).toBe('admin');
  });

  test('has a host name of its own where the stage says so', () => {
    const domain = {
      name: 'shop.example.com',
      certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1',
    };
    const named: Template = synth({ site: { ...site, domain } });
    expect(named.only('aws_cognito_user_pool_client')['callback_urls']).toEqual([
      'https://shop.example.com/admin/signed-in',
    ]);
    expect(named.only('aws_cloudfront_distribution')).toMatchObject({
      aliases: ['shop.example.com'],
      viewer_certificate: { minimum_protocol_version: 'TLSv1.2_2021' },
    });
  });
});

test('dead letters have an alarm', () => {
  const watched = template
    .resourcesOf('aws_cloudwatch_metric_alarm')
    .map(({ attributes }) => (attributes['dimensions'] as Record<string, string>)['QueueName']);
  expect(watched).toEqual(['aws-micro-dev-book-orders-dead-letters']);
});
