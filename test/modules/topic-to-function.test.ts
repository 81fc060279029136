import { LambdaFunction, Topic } from '../../modules';
import { synthesize } from '../support/template';
import type { Template } from '../support/template';
import type { TerraformStack } from 'cdktf';

const fn = (stack: TerraformStack) => new LambdaFunction(stack, 'fn', { name: 'fn', entry: 'fn.ts' });

/** Address as it is inside `${...}`. */
function refer(template: Template, type: string, part = ''): string {
  return `\${${template.resourcesOf(type, part)[0]?.address ?? 'none'}.arn}`;
}

describe('topic.subscribeFunction', () => {
  const template = synthesize((stack) => {
    new Topic(stack, 'created', { name: 'created' }).subscribeFunction(fn(stack));
  });

  test('matches its snapshot', () => {
    expect(template.only('aws_sns_topic_subscription')).toMatchSnapshot();
  });

  test('only this topic may invoke the function', () => {
    expect(template.only('aws_lambda_permission')).toMatchObject({
      principal: 'sns.amazonaws.com',
      source_arn: refer(template, 'aws_sns_topic'),
    });
  });

  test('refuses a second topic for a function: they would overwrite each other’s retries and dead letters', () => {
    const build = () =>
      synthesize((stack) => {
        const consumer = fn(stack);
        for (const id of ['a', 'b']) new Topic(stack, id, { name: id }).subscribeFunction(consumer);
      });
    expect(build).toThrow(/fn is "fn".*put a queue between/);
  });

  test('what SNS could not deliver has dead letters that admit the topic', () => {
    const arn = refer(template, 'aws_sqs_queue', 'undelivered');
    expect(template.only('aws_sns_topic_subscription')['redrive_policy']).toEqual({
      deadLetterTargetArn: arn,
    });
    const allowed = template
      .statements('aws_sqs_queue_policy', 'undelivered')
      .filter((s) => s.Effect === 'Allow');
    expect(allowed.map(({ Condition }) => Condition)).toEqual([
      { ArnEquals: { 'aws:SourceArn': [refer(template, 'aws_sns_topic')] } },
    ]);
  });

  test('what the function failed on has dead letters that it may send to', () => {
    const arn = refer(template, 'aws_sqs_queue', 'failed');
    expect(template.only('aws_lambda_function_event_invoke_config')).toMatchObject({
      maximum_retry_attempts: 2,
      maximum_event_age_in_seconds: 21_600,
      destination_config: { on_failure: { destination: arn } },
    });
    const send = template.statements('aws_iam_role_policy').find(({ Sid }) => Sid === 'SendDeadLetters');
    expect(send).toMatchObject({ Action: ['sqs:SendMessage'], Resource: [arn] });
  });

  test.each([
    [{ maximumRetryAttempts: 3 }, /maximumRetryAttempts is 3.*0 to 2/],
    [{ maximumEventAgeSeconds: 59 }, /maximumEventAgeSeconds is 59.*60 to 21600/],
  ])('refuses %j', (options, message) => {
    const build = () =>
      synthesize((stack) => {
        new Topic(stack, 'created', { name: 'created' }).subscribeFunction(fn(stack), options);
      });
    expect(build).toThrow(message);
  });
});
