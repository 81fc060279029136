import path from 'node:path';
import {
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import {
  GetBucketNotificationConfigurationCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeUserPoolClientCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { Account } from './support/account';
import { invokeDeployed } from './support/deployed-function';
import { httpEvent, queueEvent } from './support/lambda-events';
import { differencesOf, motoDifferences } from './support/moto-differences';
import { startMoto } from './support/moto';
import type { Moto } from './support/moto';
import { describeDeploy } from './support/tools';
import { Workspace } from './support/workspace';

/** Moto's. */
const ACCOUNT = '123456789012';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

// The tests are the steps of one deploy, in order; each needs the ones before it.
describeDeploy('dev is deployed, planned again and destroyed with terraform and the real provider', () => {
  let moto: Moto;
  let workspace: Workspace;
  let account: Account;

  beforeAll(async () => {
    moto = await startMoto();
    workspace = new Workspace('dev', moto.url);
    account = new Account(moto.url);
  });

  afterAll(async () => {
    workspace?.remove();
    await moto?.stop();
  });

  const functionNames = async (): Promise<string[]> => {
    const lambda = new LambdaClient(clientOptions());
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
    lambda.destroy();
    return Functions.map(({ FunctionName = '' }) => FunctionName).sort();
  };

  const clientOptions = () => ({ endpoint: moto.url, region: 'us-east-1', credentials });

  const attributesOf = (type: string, name: RegExp): Record<string, unknown> => {
    const found = workspace
      .state()
      .resources.filter((r) => r.mode === 'managed' && r.type === type && name.test(r.name));
    const [only] = found.flatMap(({ instances }) => instances);
    if (found.length !== 1 || !only) throw new Error(`${found.length} resources match ${type} ${name}`);
    return only.attributes;
  };

  /** What the function answers that was deployed: Lambda has the very zip. */
  const answerOf = async (address: RegExp, event: unknown): Promise<unknown> => {
    const { function_name: name, filename } = attributesOf('aws_lambda_function', address);
    const zipFile = path.resolve(workspace.stackFolder, filename as string);
    const { answer, zipIsDeployed } = await invokeDeployed(name as string, zipFile, moto.url, event);
    expect(zipIsDeployed).toBe(true);
    return answer;
  };

  /** The JSON bodies of the messages that wait in the queue. */
  const bodiesOf = async (address: RegExp): Promise<unknown[]> => {
    const queue = attributesOf('aws_sqs_queue', new RegExp(`${address.source}(?!.*dead)`));
    const sqs = new SQSClient(clientOptions());
    const received = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queue['url'] as string, WaitTimeSeconds: 5 }),
    );
    sqs.destroy();
    return (received.Messages ?? []).map(({ Body }) => JSON.parse(Body ?? '') as unknown);
  };

  test('npm run plan shows a first deploy: everything is created', async () => {
    const planned = await workspace.plan('--detailed-exitcode');
    expect([planned.code, planned.output]).toEqual([2, expect.any(String)]);
    expect(planned.stdout).toMatch(
      /^Plan for aws-micro-dev: 0 replaced, 0 destroyed, 0 changed, [1-9]\d+ created, 0 unchanged\n/,
    );
    expect(planned.stdout).not.toContain('DATA MAY BE LOST');
    // What dev leaves open on purpose, and nothing else.
    const opened = planned.stdout.split('\n\n').find((part) => part.startsWith('OPENED')) ?? '';
    expect(
      opened
        .split('\n')
        .slice(1)
        .map((line) => line.replace(/^ *\+ +(\S+?)\.\S+ +/, '$1: ')),
    ).toEqual(
      Array.from({ length: 22 }, () => 'aws_apigatewayv2_route: anyone may call it (authorization NONE)'),
    );
  });

  test('terraform accepts the synthesized stack', async () => {
    const { stdout } = await workspace.terraform('validate', '-json');
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, error_count: 0, diagnostics: [] });
  });

  test('cdktf deploys it from a clean state', async () => {
    await workspace.cdktf('deploy');
    const tagged = await account.taggedWith('Project', 'aws-micro');
    const services = new Set(tagged.map((arn) => arn.split(':')[2]));
    expect([...services]).toEqual(
      expect.arrayContaining(['cloudwatch', 'dynamodb', 'ec2', 'kms', 'logs', 'rds', 'sns', 'sqs']),
    );
    expect(await functionNames()).toContain('aws-micro-dev-messages-producer');
  });

  test('the migrations were invoked; the state holds their hash and no password', () => {
    const { input, result } = attributesOf('aws_lambda_invocation', /./);
    expect(JSON.parse(input as string)).toEqual({
      migrations: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    // Moto runs no code without Docker, it answers with what it was asked.
    expect(JSON.parse(result as string)).toEqual(JSON.parse(input as string));
    const database = attributesOf('aws_db_instance', /./);
    expect(database).toMatchObject({ manage_master_user_password: true, password: null });
  });

  test('the bucket tells its function of new and of removed documents; the secret has no value in the state', async () => {
    const s3 = new S3Client({ ...clientOptions(), forcePathStyle: true });
    const Bucket = attributesOf('aws_s3_bucket', /documents/)['bucket'] as string;
    expect(Bucket).toBe(`aws-micro-dev-documents-${ACCOUNT}`);
    const told = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
    s3.destroy();
    expect(told.LambdaFunctionConfigurations).toMatchObject([
      {
        LambdaFunctionArn: attributesOf('aws_lambda_function', /documents_intake/)['arn'],
        // A set, which comes back in any order.
        Events: expect.arrayContaining(['s3:ObjectCreated:*', 's3:ObjectRemoved:*']) as unknown,
      },
    ]);
    expect(attributesOf('aws_secretsmanager_secret', /payments/)['name']).toBe(
      'aws-micro-dev/payments/webhook-secret',
    );
    const types = workspace.state().resources.map(({ type }) => type);
    expect(types).not.toContain('aws_secretsmanager_secret_version');
  });

  test('changes of items are read from their stream, by a mapping that ends well', () => {
    const mapping = attributesOf('aws_lambda_event_source_mapping', /^items_/);
    expect(mapping).toMatchObject({
      event_source_arn: attributesOf('aws_dynamodb_table', /^items_table/)['stream_arn'],
      function_response_types: ['ReportBatchItemFailures'],
      bisect_batch_on_function_error: true,
    });
  });

  test('the site is files in a bucket that its distribution reads, and a page that says where to sign in', async () => {
    const distribution = attributesOf('aws_cloudfront_distribution', /./);
    const s3 = new S3Client({ ...clientOptions(), forcePathStyle: true });
    const Bucket = attributesOf('aws_s3_bucket', /shop_site/)['bucket'] as string;
    const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
    expect(JSON.parse(Policy)).toMatchObject({
      Statement: [
        { Sid: 'DenyInsecureTransport' },
        {
          Principal: { Service: 'cloudfront.amazonaws.com' },
          Action: ['s3:GetObject'],
          Condition: { StringEquals: { 'aws:SourceArn': [distribution['arn']] } },
        },
      ],
    });
    const read = async (Key: string) => {
      const { Body, CacheControl } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return { body: (await Body?.transformToString()) ?? '', CacheControl };
    };
    const page = await read('index.html');
    const [, script = ''] = /<script type="module" src="\/(.*?)">/.exec(page.body) ?? [];
    expect([page.CacheControl, (await read(script)).CacheControl]).toEqual([
      'no-cache',
      expect.stringContaining('immutable'),
    ]);
    const config = JSON.parse((await read('config.json')).body) as Record<string, string>;
    s3.destroy();
    const cognito = new CognitoIdentityProviderClient(clientOptions());
    const UserPoolId = attributesOf('aws_cognito_user_pool', /./)['id'] as string;
    const { UserPoolClient: client } = await cognito.send(
      new DescribeUserPoolClientCommand({ UserPoolId, ClientId: config['clientId'] }),
    );
    cognito.destroy();
    expect(client?.CallbackURLs).toEqual([`https://${String(distribution['domain_name'])}/admin/signed-in`]);
    expect(client?.ClientSecret).toBeUndefined();
    expect(attributesOf('aws_apigatewayv2_authorizer', /jwt/)['jwt_configuration']).toEqual([
      {
        audience: [config['clientId']],
        issuer: `https://cognito-idp.us-east-1.amazonaws.com/${UserPoolId}`,
      },
    ]);
  });

  test('a second plan changes nothing but what moto does not keep', async () => {
    const planned = await workspace.reviewedPlan();
    expect(differencesOf(planned.review)).toEqual(
      motoDifferences.map(({ type, attribute }) => `${type} ${attribute}`).sort(),
    );
    expect(planned.stdout).toMatch(
      /^Plan for aws-micro-dev: 0 replaced, 0 destroyed, \d+ changed, 0 created, \d+ unchanged\n/,
    );
    expect(planned.stdout).not.toMatch(/DATA MAY BE LOST|OPENED|REPLACED/);
  });

  test('a published message reaches the queue: the real producer, as deployed', async () => {
    await stopConsuming(new LambdaClient(clientOptions()));
    const answer = await answerOf(/producer/, httpEvent('POST /messages', '/messages', { message: 'hello' }));
    expect(answer).toMatchObject({ statusCode: 202 });
    const { messageId } = JSON.parse((answer as { body: string }).body) as { messageId: string };

    expect(await bodiesOf(/^messages/)).toEqual([
      { messageId, message: 'hello', createdAt: expect.any(String) as string },
    ]);
  });

  test('accounts have their index, and every table can be restored to any second', async () => {
    const dynamodb = new DynamoDBClient(clientOptions());
    for (const part of ['accounts', 'mails']) {
      const TableName = attributesOf('aws_dynamodb_table', new RegExp(part))['name'] as string;
      const { ContinuousBackupsDescription: backups } = await dynamodb.send(
        new DescribeContinuousBackupsCommand({ TableName }),
      );
      expect(backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe('ENABLED');
      const { Table: table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
      expect(table?.BillingModeSummary?.BillingMode).toBe('PAY_PER_REQUEST');
      expect(table?.SSEDescription?.Status).toBe('ENABLED');
      const [index] = table?.GlobalSecondaryIndexes ?? [];
      expect(index?.Projection?.NonKeyAttributes).toEqual(
        part === 'accounts' ? ['pendingEvents'] : undefined,
      );
    }
    dynamodb.destroy();
  });

  test('the sweep is scheduled, by a role that is for its own group', async () => {
    const scheduler = new SchedulerClient(clientOptions());
    const name = 'aws-micro-dev-passwords-sweep';
    const schedule = await scheduler.send(new GetScheduleCommand({ GroupName: name, Name: name }));
    scheduler.destroy();
    expect(schedule).toMatchObject({ ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' });
    expect(schedule.Target?.Arn).toBe(attributesOf('aws_lambda_function', /passwords_sweep/)['arn']);
    const trust = JSON.parse(
      attributesOf('aws_iam_role', /passwords_schedule/)['assume_role_policy'] as string,
    ) as {
      Statement: { Condition: { StringEquals: Record<string, unknown> } }[];
    };
    expect(trust.Statement[0]?.Condition.StringEquals['aws:SourceArn']).toEqual([
      `arn:aws:scheduler:us-east-1:${ACCOUNT}:schedule-group/${name}`,
    ]);
  });

  test('a changed password reaches both queues, and the mailer sends its mail: the real functions', async () => {
    const user = { email: 'ada@example.com', password: 'correct horse' };
    const passwords = { currentPassword: 'correct horse', newPassword: 'battery staple' };
    const registered = await answerOf(
      /passwords_register/,
      httpEvent('PUT /users/{userId}', '/users/ada', user),
    );
    expect(registered).toMatchObject({ statusCode: 201 });
    const changed = await answerOf(
      /passwords_change/,
      httpEvent('POST /passwords/{userId}', '/passwords/ada', passwords),
    );
    expect(changed).toMatchObject({ statusCode: 200 });
    const { changeId } = JSON.parse((changed as { body: string }).body) as { changeId: string };

    const [history, mail] = [await bodiesOf(/^passwords_history/), await bodiesOf(/^passwords_mail/)];
    expect(history).toEqual([expect.objectContaining({ changeId, userId: 'ada', email: user.email })]);
    expect(mail).toEqual(history);
    expect(JSON.stringify(history)).not.toMatch(/horse|staple|scrypt/);

    const swept = await answerOf(/passwords_sweep/, {});
    expect(swept).toEqual({ published: 0, complete: true });
    const mailed = await answerOf(/passwords_mailer/, queueEvent(mail));
    expect(mailed).toEqual({ batchItemFailures: [] });
    const dynamodb = new DynamoDBClient(clientOptions());
    const TableName = attributesOf('aws_dynamodb_table', /mails/)['name'] as string;
    // Written when SES has taken the mail, and not before.
    const sent = await dynamodb.send(new GetItemCommand({ TableName, Key: { changeId: { S: changeId } } }));
    dynamodb.destroy();
    expect(sent.Item).toHaveProperty('sentAt');
  });

  test('an order that is placed reaches the queue, and from there the table: the real functions', async () => {
    const dynamodb = new DynamoDBClient(clientOptions());
    const tableOf = (part: RegExp) => attributesOf('aws_dynamodb_table', part)['name'] as string;
    const book = { id: 'b1', title: 'A book', author: 'A. Author', createdAt: new Date(0).toISOString() };
    const Item = Object.fromEntries(Object.entries(book).map(([name, S]) => [name, { S }]));
    await dynamodb.send(
      new PutItemCommand({
        TableName: tableOf(/^shop_orders_books/),
        Item: { ...Item, price: { N: '450' }, timeline: { S: 'books' } },
      }),
    );
    const answer = await answerOf(
      /^shop_orders_place/,
      httpEvent('POST /books/order', '/books/order', { books: [{ id: 'b1', qty: 2 }], price: 910 }),
    );
    expect(answer).toMatchObject({ statusCode: 202 });
    const { orderId } = JSON.parse((answer as { body: string }).body) as { orderId: string };
    const orders = await bodiesOf(/^shop_orders_queue/);
    expect(orders).toEqual([expect.objectContaining({ id: orderId, subtotal: 900, total: 910 })]);
    expect(await answerOf(/^shop_orders_recorder/, queueEvent(orders))).toEqual({ batchItemFailures: [] });
    const stored = await dynamodb.send(
      new GetItemCommand({ TableName: tableOf(/^shop_orders_table/), Key: { id: { S: orderId } } }),
    );
    dynamodb.destroy();
    expect(stored.Item?.['status']).toEqual({ S: 'pending' });
    // Without a token of an administrator's in the request, and so without the authorizer.
    const handled = await answerOf(
      /^shop_orders_handle/,
      httpEvent('POST /books/order/handle', '/books/order/handle', { id: orderId }),
    );
    expect(handled).toMatchObject({ statusCode: 403 });
  });

  test('a planned teardown says what is lost, also in markdown', async () => {
    const planned = await workspace.plan('--destroy', '--markdown', '--detailed-exitcode');
    expect([planned.code, planned.output]).toEqual([3, expect.any(String)]);
    expect(planned.stdout).toMatch(/^## Plan for the teardown of aws-micro-dev\n/);
    expect(planned.stdout).toMatch(
      /> - `aws_db_instance\.\w+` is destroyed: its databases are lost, without a final snapshot\n/,
    );
    expect(planned.stdout).toMatch(/> - `aws_s3_bucket\.\w+` is destroyed: its objects are lost\n/);
    expect(planned.stdout).toMatch(/> - `aws_cognito_user_pool\.\w+` is destroyed: its users are lost\n/);
    expect(planned.stdout).not.toMatch(/aws_s3_object\.\S+ is destroyed: /);
    expect(planned.stdout).toMatch(/> - `aws_dynamodb_table\.\w+` is destroyed: its items are lost\n/);
    expect(planned.stdout.length).toBeLessThan(65_536);
  });

  test('cdktf destroys it, and nothing is left', async () => {
    const key = attributesOf('aws_kms_key', /./)['key_id'] as string;
    await workspace.cdktf('destroy');
    expect(workspace.state().resources).toEqual([]);
    expect(await functionNames()).toEqual([]);
    // AWS deletes a key only after a waiting time.
    const left = await account.taggedWith('Project', 'aws-micro');
    expect(left.filter((arn) => !arn.endsWith(`:key/${key}`))).toEqual([]);
    expect(await account.keyState(key)).toBe('PendingDeletion');
  });
});

/** The queue's messages are to be looked at, not handed to moto's Lambda. */
async function stopConsuming(lambda: LambdaClient): Promise<void> {
  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({}));
  for (const { UUID } of EventSourceMappings) {
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  }
  lambda.destroy();
}
