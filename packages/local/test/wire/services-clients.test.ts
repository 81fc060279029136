import { join } from 'node:path';
import { SesAccount } from '../../src/mail';
import { TestDynamoDb } from '../dynamodb/support';
import { TestMailFolder } from '../mail/support';
import { TestScheduler } from '../scheduler/support';
import { aws as runAws, python, testWithBoto3, testWithCli } from './aws-cli';
import type { Runtime } from './support';
import { startRuntime, stopRuntime } from './support';

let runtime: Runtime;
let tables: TestDynamoDb;
let folder: TestMailFolder;
let schedules: TestScheduler;

beforeAll(async () => {
  tables = new TestDynamoDb();
  folder = new TestMailFolder();
  const { mailbox, reporter, clock } = folder;
  const ses = new SesAccount({ mailbox, reporter, clock, region: 'us-east-1', accountId: '000000000000' });
  schedules = new TestScheduler();
  await schedules.open();
  schedules.run();
  const { scheduler } = schedules;
  runtime = await startRuntime({}, { dynamodb: tables.lazy, ses, scheduler });
});

afterAll(async () => {
  schedules.scheduler.stop();
  await stopRuntime(runtime);
  await tables.remove();
  folder.remove();
});

describe('boto3', () => {
  testWithBoto3('uses tables, mail and schedules', async () => {
    expect(await python(join(__dirname, 'services_boto3.py'), runtime.endpoint.url)).toEqual({
      query: 60,
      scan: 9,
      pages: [25, 25, 10],
      put: ['ConditionalCheckFailedException', { S: 'i1' }],
      cancelled: ['ConditionalCheckFailed'],
      identities: ['no-reply@example.com'],
      rejected: 'MessageRejected',
      missing: 'NotFoundException',
      schedule: 'rate(1 minute)',
      schedules: ['boto'],
      unknown: 'ResourceNotFoundException',
    });
    expect(folder.files.map((name) => name.replace(/^[^-]+-\d+-/, ''))).toEqual([
      'a@example.com-two.eml',
      'b@example.com-one.eml',
    ]);
    await schedules.pass(0);
    expect(await schedules.arrived()).toEqual(['from boto3']);
  });
});

describe('the aws CLI', () => {
  const aws = (...args: string[]) => runAws(runtime.endpoint.url, ...args);

  testWithCli('makes a table, waits for it, and is told why a transaction was cancelled', async () => {
    const table = ['--table-name', 'cli'];
    await aws(
      'dynamodb',
      'create-table',
      ...table,
      '--attribute-definitions',
      'AttributeName=id,AttributeType=S',
      '--key-schema',
      'AttributeName=id,KeyType=HASH',
      '--billing-mode',
      'PAY_PER_REQUEST',
    );
    await aws('dynamodb', 'wait', 'table-exists', ...table);
    await aws('dynamodb', 'put-item', ...table, '--item', '{"id":{"S":"a"},"n":{"N":"1"}}');
    const found = await aws('dynamodb', 'get-item', ...table, '--key', '{"id":{"S":"a"}}');
    expect(found).toMatchObject({ Item: { n: { N: '1' } } });
    const check = { TableName: 'cli', Key: { id: { S: 'b' } }, ConditionExpression: 'attribute_exists(id)' };
    const items = JSON.stringify([{ ConditionCheck: check }]);
    await expect(aws('dynamodb', 'transact-write-items', '--transact-items', items)).rejects.toThrow(
      'specific reasons [ConditionalCheckFailed]',
    );
    await aws('dynamodb', 'delete-table', ...table);
    await aws('dynamodb', 'wait', 'table-not-exists', ...table);
  });

  testWithCli('sends mail by both versions of the API', async () => {
    await aws('sesv2', 'create-email-identity', '--email-identity', 'cli@example.com');
    const content = 'Simple={Subject={Data=second},Body={Text={Data=text}}}';
    const destination = ['--destination', 'ToAddresses=anna@example.com'];
    const from = ['--from-email-address', 'cli@example.com'];
    await aws('sesv2', 'send-email', ...from, ...destination, '--content', content);
    const first = ['--to', 'anna@example.com', '--subject', 'first', '--text', 'text'];
    await aws('ses', 'send-email', '--from', 'cli@example.com', ...first);
    const subjects = folder.files.map((name) => /anna@example.com-(.*)\.eml$/.exec(name)?.[1]);
    expect(subjects).toEqual(expect.arrayContaining(['first', 'second']));
  });
});
