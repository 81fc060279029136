import type { Authorization } from '../../modules';
import type { MessagingStage } from '../../services/messaging';
import { devWith, devWithOnly, inDev, synthesizeStage } from '../app/stage';
import { statementsOf, text } from '../support/template';
import type { PolicyStatement, Template } from '../support/template';

const synth = (stage: Partial<MessagingStage> = {}) =>
  synthesizeStage(devWithOnly({ messaging: { ...inDev('messaging'), ...stage } }));

const template = synth();

const PREFIX = 'aws-micro-dev-app-';

/** The function's own statements, beside those for its log and traces. */
function statements(of: Template): PolicyStatement[] {
  return of
    .statements('aws_iam_role_policy', 'messaging_api')
    .filter(({ Sid }) => !/^Write(Logs|Traces)$/.test(Sid));
}

/** `arn:...:sqs:...:aws-micro-dev-app-*` as `sqs aws-micro-dev-app-*`. */
function limits(of: Template): Record<string, string[]> {
  const readable = (arn: string) =>
    arn.replace(/^arn:[^:]+:(\w+):.*\}:(.*)$/, '$1 $2').replaceAll(/_[0-9A-F]{8}(?=\.)/g, '');
  return Object.fromEntries(statements(of).map(({ Sid, Resource }) => [Sid, Resource.map(readable)]));
}

const READS = {
  ReadSqs: [`sqs ${PREFIX}*`],
  ReadSns: [`sns ${PREFIX}*`],
  ReadCloudwatch: [`cloudwatch alarm:${PREFIX}*`],
  ReadKinesis: [`kinesis stream/${PREFIX}*`],
  ReadAny: ['*'],
};

const BUCKET = '${aws_s3_bucket.messaging_large-messages_bucket.arn}/messages/*';
const KEY = '${aws_kms_key.platform_key.arn}';

test('it may touch what begins with its prefix, and nothing else but what IAM knows no names of', () => {
  expect(limits(template)).toEqual({
    ...READS,
    WriteSqs: [`sqs ${PREFIX}*`],
    WriteSns: [`sns ${PREFIX}*`],
    WriteCloudwatch: [`cloudwatch alarm:${PREFIX}*`],
    WriteKinesis: [`kinesis stream/${PREFIX}*`],
    WriteLambda: [`lambda function:${PREFIX}*`],
    WriteAny: ['*'],
    ReadObjects: [BUCKET],
    WriteObjects: [BUCKET],
    DecryptThroughS3: [KEY],
    EncryptThroughS3: [KEY],
  });
});

test('what it may do with anything is to list, to read metrics, and to see, change and end subscriptions', () => {
  const any = statements(template).filter(({ Resource }) => Resource.includes('*'));
  expect(any.flatMap(({ Action }) => Action)).toEqual([
    'cloudwatch:DescribeAlarms',
    'cloudwatch:GetMetricData',
    'kinesis:ListStreams',
    'lambda:ListFunctions',
    'sns:GetSubscriptionAttributes',
    'sns:ListSubscriptions',
    'sns:ListTopics',
    'sqs:ListQueues',
    'sns:SetSubscriptionAttributes',
    'sns:Unsubscribe',
  ]);
});

test('a stage that does not let it write lets it read only', () => {
  const reading = synth({ writes: false });
  expect(limits(reading)).toEqual(READS);
  const actions = statements(reading).flatMap(({ Action }) => Action);
  expect(actions.filter((action) => !/:(Get|List|Describe)/.test(action))).toEqual([]);
  expect(environment(reading)).toMatchObject({ ALLOW_WRITES: 'false' });
});

test('it sends mails from the one address that a stage names, if it does', () => {
  const mailing = statements(synth({ mailFrom: 'no-reply@example.com' })).find(
    ({ Sid }) => Sid === 'SendMails',
  );
  expect(mailing).toMatchObject({
    Action: ['ses:SendEmail'],
    Condition: { StringEquals: { 'ses:FromAddress': ['no-reply@example.com'] } },
  });
});

test('nothing of the other services has a name with its prefix', () => {
  const whole = synthesizeStage(devWith({}));
  const names = whole.resources.flatMap(({ attributes }) =>
    ['name', 'function_name', 'bucket', 'alarm_name'].map((attribute) => text(attributes[attribute])),
  );
  expect(names.filter((name) => name.startsWith('aws-micro-dev-')).length).toBeGreaterThan(50);
  expect(names.filter((name) => name.startsWith(PREFIX))).toEqual([]);
});

function environment(of: Template): Record<string, string> {
  const fn = of.only('aws_lambda_function', 'messaging_api');
  return (fn['environment'] as { variables: Record<string, string> }).variables;
}

test('the function has the variables that its handler reads', () => {
  expect(environment(template)).toEqual({
    NODE_OPTIONS: '--enable-source-maps',
    RESOURCE_PREFIX: PREFIX,
    LARGE_MESSAGES_BUCKET: expect.stringContaining('aws_s3_bucket.messaging_large-messages') as string,
    ALLOW_WRITES: 'true',
    AUTHORIZATION: 'iam',
  });
});

test('it is outside the VPC, and ends before API Gateway gives up', () => {
  const fn = template.only('aws_lambda_function', 'messaging_api');
  expect(fn).not.toHaveProperty('vpc_config');
  expect(Number(fn['timeout'])).toBeLessThan(30);
});

describe('the routes', () => {
  const routes = (of: Template) =>
    of
      .resourcesOf('aws_apigatewayv2_route')
      .map(({ attributes }) => [attributes['route_key'], attributes['authorization_type']]);
  const keys = ['GET /openapi.json', 'GET /problems/{code}', 'GET /v1', 'ANY /v1/{proxy+}'];

  test('ask for a signature', () => {
    expect(routes(template).sort()).toEqual(keys.map((key) => [key, 'AWS_IAM']).sort());
  });

  test('or for a token', () => {
    const jwt = { issuer: 'https://login.example.com', audience: ['messaging'] };
    const tokens = synth({ authorization: { jwt } });
    expect(routes(tokens).sort()).toEqual(keys.map((key) => [key, 'JWT']).sort());
    expect(environment(tokens)).toMatchObject({ AUTHORIZATION: 'jwt' });
  });

  test.each([
    ['everyone', { publicBecause: 'who would want to delete our queues' }],
    ['whom a function lets in', { authorizer: {} }],
  ])('are never for %s', (_who, authorization) => {
    const stage = { authorization: authorization as unknown as Exclude<Authorization, object> };
    expect(() => synth(stage)).toThrow(/messaging: authorization is .*'iam' or a jwt is needed/);
  });
});

test('large messages outlive a queue of the longest retention, and its dead letters', () => {
  const { rule } = template.only('aws_s3_bucket_lifecycle_configuration') as {
    rule: { id: string; expiration?: { days: number }[] }[];
  };
  expect(rule.find(({ id }) => id === 'expire')?.expiration?.[0]?.days).toBeGreaterThan(2 * 14);
});

test('the policy fits into a role', () => {
  const policies = synthesizeStage(devWith({})).resourcesOf('aws_iam_role_policy', 'messaging_api');
  const [policy] = policies.map(({ attributes }) =>
    JSON.stringify({ Statement: statementsOf(attributes['policy']) }),
  );
  // IAM's limit for all inline policies of a role; references become ARNs of a hundred characters.
  expect(policy?.length).toBeLessThan(10_240);
});
