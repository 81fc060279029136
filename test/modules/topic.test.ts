import { DeadLetterQueue, EncryptionKey, Topic } from '../../modules';
import type { DeliveryLogsOptions, SubscribeEmailOptions, TopicProps } from '../../modules';
import { statementsOf, synthesize } from '../support/template';
import type { TerraformStack } from 'cdktf';

const topic = (stack: TerraformStack, props: Partial<TopicProps> = {}) =>
  new Topic(stack, 'created', { name: 'created', ...props });
const withKey = (stack: TerraformStack) =>
  topic(stack, { encryptionKey: new EncryptionKey(stack, 'key', { name: 'key' }) });

describe('tracing', () => {
  test('spans of SNS’s own are recorded where asked for', () => {
    const template = (props: Partial<TopicProps>) => synthesize((stack) => void topic(stack, props));
    expect(template({}).only('aws_sns_topic')).toMatchObject({ tracing_config: 'PassThrough' });
    expect(template({ tracing: 'Active' }).only('aws_sns_topic')).toMatchObject({ tracing_config: 'Active' });
  });

  test('X-Ray takes spans from SNS for topics of this account only, by one policy a stack', () => {
    const template = synthesize((stack) => {
      for (const name of ['a', 'b']) new Topic(stack, name, { name, tracing: 'Active' });
    });
    expect(template.only('aws_xray_resource_policy')).toMatchSnapshot();
    expect(statementsOf(template.only('aws_xray_resource_policy')['policy_document'])).toMatchObject([
      {
        Principal: { Service: 'sns.amazonaws.com' },
        Condition: {
          StringEquals: { 'aws:SourceAccount': [expect.stringContaining('account_id')] },
          StringLike: { 'aws:SourceArn': [expect.stringMatching(/:sns:.*:\*$/)] },
        },
      },
    ]);
    synthesize((stack) => void topic(stack)).countIs('aws_xray_resource_policy', 0);
  });
});

describe('sharing', () => {
  test('another account may subscribe, and nothing else', () => {
    const template = synthesize((stack) => topic(stack).allowSubscribe({ account: '111122223333' }));
    const [statement] = template.statements('aws_sns_topic_policy').slice(2);
    expect(statement).toMatchObject({
      Effect: 'Allow',
      Principal: { AWS: expect.stringMatching(/:iam::111122223333:root$/) as string },
      Action: ['sns:Subscribe'],
    });
  });

  test('accounts of an organization may publish, with the key and through SNS only', () => {
    const template = synthesize((stack) => withKey(stack).allowPublish({ organization: 'o-a1b2c3d4e5' }));
    const condition = { 'aws:PrincipalOrgID': ['o-a1b2c3d4e5'] };
    const [onTopic] = template.statements('aws_sns_topic_policy').slice(2);
    expect(onTopic).toMatchObject({ Action: ['sns:Publish'], Condition: { StringEquals: condition } });
    const [onKey] = template.statements('aws_kms_key').slice(1);
    expect(onKey).toMatchObject({
      Principal: { AWS: '*' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Condition: {
        StringEquals: {
          ...condition,
          'kms:ViaService': [expect.stringMatching(/^sns\..*\.amazonaws\.com$/) as string],
        },
      },
    });
  });

  test.each<[string, (stack: TerraformStack) => void, RegExp]>([
    [
      'publishing without a key that others may use',
      (stack) => topic(stack).allowPublish({ account: '111122223333' }),
      /encryptionKey is "alias\/aws\/sns".*other accounts may not use/,
    ],
    [
      'what is no account',
      (stack) => topic(stack).allowSubscribe({ account: '1234' }),
      /account is "1234".*twelve digits/,
    ],
    [
      'what is no organization',
      (stack) => topic(stack).allowSubscribe({ organization: '*' }),
      /organization is "\*".*o- and 10 to 32/,
    ],
  ])('refuses %s', (_name, build, message) => expect(() => synthesize(build)).toThrow(message));
});

describe('topic.subscribeEmail', () => {
  const subscribe = (
    address: string,
    options: (stack: TerraformStack) => SubscribeEmailOptions = () => ({}),
  ) => synthesize((stack) => void topic(stack).subscribeEmail(address, options(stack)));

  test('mails texts to the address', () => {
    expect(subscribe('ops@example.com').only('aws_sns_topic_subscription')).toMatchSnapshot();
  });

  test('mails JSON where asked for', () => {
    const json = subscribe('ops@example.com', () => ({ json: true }));
    expect(json.only('aws_sns_topic_subscription')).toMatchObject({ protocol: 'email-json' });
  });

  test('has dead letters where they are given, which admit the topic', () => {
    const template = subscribe('ops@example.com', (stack) => ({
      deadLetterQueue: new DeadLetterQueue(stack, 'dead', { name: 'dead' }),
    }));
    const queue = `\${${template.resourcesOf('aws_sqs_queue')[0]?.address}.arn}`;
    expect(template.only('aws_sns_topic_subscription')['redrive_policy']).toEqual({
      deadLetterTargetArn: queue,
    });
    const admitted = template.statements('aws_sqs_queue_policy').find(({ Sid }) => Sid === 'Topics');
    expect(admitted?.Condition).toEqual({
      ArnEquals: { 'aws:SourceArn': [`\${${template.resourcesOf('aws_sns_topic')[0]?.address}.arn}`] },
    });
  });

  test('refuses what is no address, and FIFO dead letters', () => {
    expect(() => subscribe('ops')).toThrow(/address is "ops".*mail address/);
    const fifo = (stack: TerraformStack) => ({
      deadLetterQueue: new DeadLetterQueue(stack, 'dead', { name: 'dead', fifo: {} }),
    });
    expect(() => subscribe('ops@example.com', fifo)).toThrow(
      /deadLetterQueue is "dead.fifo".*standard queue/,
    );
  });
});

describe('delivery logs', () => {
  const synth = (deliveryLogs: DeliveryLogsOptions) =>
    synthesize((stack) => void topic(stack, { deliveryLogs }));
  const template = synth({ protocols: ['sqs', 'lambda'], successSamplePercent: 10 });

  test('are asked for by protocol, with all failures and a sample of successes', () => {
    const role = `\${${template.resourcesOf('aws_iam_role')[0]?.address}.arn}`;
    for (const protocol of ['sqs', 'lambda']) {
      expect(template.only('aws_sns_topic')).toMatchObject({
        [`${protocol}_failure_feedback_role_arn`]: role,
        [`${protocol}_success_feedback_role_arn`]: role,
        [`${protocol}_success_feedback_sample_rate`]: 10,
      });
    }
    expect(template.only('aws_sns_topic')).not.toHaveProperty('http_failure_feedback_role_arn');
  });

  test('go to groups that forget, which are there before SNS would make its own', () => {
    const groups = template.resourcesOf('aws_cloudwatch_log_group');
    expect(groups.map(({ attributes }) => [attributes['name'], attributes['retention_in_days']])).toEqual([
      [expect.stringMatching(/^sns\/.*\/created\/Failure$/), 30],
      [expect.stringMatching(/^sns\/.*\/created$/), 30],
    ]);
    const first = groups.map(({ address }) => address);
    expect(template.only('aws_sns_topic')['depends_on']).toEqual(expect.arrayContaining(first));
  });

  test('are written by a role that SNS alone may assume, to these groups only', () => {
    expect(template.only('aws_iam_role')).toMatchObject({
      name: 'created-deliveries',
      assume_role_policy: { Statement: [{ Principal: { Service: 'sns.amazonaws.com' } }] },
    });
    const [statement, ...more] = template.statements('aws_iam_role_policy');
    expect(more).toEqual([]);
    expect(statement?.Action).toEqual(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents']);
    expect(statement?.Resource.every((arn) => arn.startsWith('${aws_cloudwatch_log_group.'))).toBe(true);
  });

  test('refuse no protocol, and wrong percentages', () => {
    expect(() => synth({ protocols: [] })).toThrow(/deliveryLogs.protocols is \[\]: name what delivers/);
    expect(() => synth({ protocols: ['sqs'], successSamplePercent: 101 })).toThrow(
      /deliveryLogs.successSamplePercent is 101.*0 to 100/,
    );
  });
});
