import { DeadLetterQueue, EncryptionKey, LambdaFunction, Queue, Topic } from '../../modules';
import type { Destination, LambdaFunctionProps } from '../../modules';
import { synthesize } from '../support/template';
import type { Template } from '../support/template';
import type { TerraformStack } from 'cdktf';

const fn = (stack: TerraformStack, id = 'fn', props: Partial<LambdaFunctionProps> = {}) =>
  new LambdaFunction(stack, id, { name: id, entry: `${id}.ts`, ...props });
const dead = (stack: TerraformStack, fifo?: object) =>
  new DeadLetterQueue(stack, 'dead', { name: 'dead', fifo });

function granted(template: Template, part: string): [string[], string[]][] {
  return template
    .statements('aws_iam_role_policy', part)
    .slice(2)
    .map(({ Action, Resource }) => [Action, Resource]);
}

describe('destinations', () => {
  const template = synthesize((stack) => {
    const key = new EncryptionKey(stack, 'key', { name: 'key' });
    const source = fn(stack);
    source.onFailure(new DeadLetterQueue(stack, 'dead', { name: 'dead', encryption: key }));
    source.onSuccess(new Topic(stack, 'done', { name: 'done', encryptionKey: key }));
  });

  test('are the function’s one configuration, after the rights to them', () => {
    const config = template.only('aws_lambda_function_event_invoke_config');
    expect(config).toMatchSnapshot();
    expect(config['depends_on']).toEqual([template.resourcesOf('aws_iam_role_policy')[0]?.address]);
  });

  test('are what Lambda may send to in the function’s name, and use their key through their service', () => {
    const [queue, topic] = ['aws_sqs_queue', 'aws_sns_topic'].map(
      (type) => `\${${template.resourcesOf(type)[0]?.address}.arn}`,
    );
    const key = `\${${template.resourcesOf('aws_kms_key')[0]?.address}.arn}`;
    expect(granted(template, 'fn')).toEqual([
      [['sqs:SendMessage'], [queue]],
      [['kms:Decrypt', 'kms:GenerateDataKey'], [key]],
      [['sns:Publish'], [topic]],
      [['kms:Decrypt', 'kms:GenerateDataKey'], [key]],
    ]);
  });

  test('may be functions', () => {
    const chained = synthesize((stack) => fn(stack, 'first').onSuccess(fn(stack, 'second')));
    const second = `\${${chained.resourcesOf('aws_lambda_function', 'second')[0]?.address}.arn}`;
    expect(granted(chained, 'first')).toEqual([[['lambda:InvokeFunction'], [second]]]);
    expect(chained.only('aws_lambda_function_event_invoke_config')['destination_config']).toEqual({
      on_success: { destination: second },
    });
  });

  const refuse = (build: (stack: TerraformStack, source: LambdaFunction) => void) => () =>
    synthesize((stack) => build(stack, fn(stack)));

  test.each<[string, () => unknown, RegExp]>([
    ['itself', refuse((_stack, source) => source.onFailure(source)), /onFailure is "fn".*never ends/],
    [
      'a FIFO queue',
      refuse((stack, source) => source.onSuccess(dead(stack, {}))),
      /onSuccess is "dead.fifo".*no group id/,
    ],
    [
      'a FIFO topic',
      refuse((stack, source) => source.onFailure(new Topic(stack, 't', { name: 't', fifo: {} }))),
      /onFailure is "t.fifo".*no group id/,
    ],
    [
      'a second one',
      refuse((stack, source) => {
        const queues: Destination[] = ['a', 'b'].map((name) => new Queue(stack, name, { name }));
        queues.forEach((queue) => source.onFailure(queue));
      }),
      /onFailure is "b": it is a already/,
    ],
  ])('refuse %s', (_name, build, message) => expect(build).toThrow(message));
});

describe('limits', () => {
  const limit = (...limits: Parameters<LambdaFunction['asyncInvocations']['limit']>[0][]) =>
    synthesize((stack) => {
      const { asyncInvocations } = fn(stack);
      limits.forEach((one) => asyncInvocations.limit(one));
    }).only('aws_lambda_function_event_invoke_config');

  test('are Lambda’s own where none were set', () => {
    expect(limit({})).toMatchObject({ maximum_retry_attempts: 2, maximum_event_age_in_seconds: 21_600 });
  });

  test('add up', () => {
    expect(limit({ maximumRetryAttempts: 0 }, { maximumEventAgeSeconds: 60 })).toMatchObject({
      maximum_retry_attempts: 0,
      maximum_event_age_in_seconds: 60,
    });
  });

  test.each<[Parameters<typeof limit>, RegExp]>([
    [[{ maximumRetryAttempts: 3 }], /maximumRetryAttempts is 3.*0 to 2/],
    [[{ maximumEventAgeSeconds: 21_601 }], /maximumEventAgeSeconds is 21601.*60 to 21600/],
    [
      [{ maximumRetryAttempts: 1 }, { maximumRetryAttempts: 0 }],
      /maximumRetryAttempts is 0: it is 1 already/,
    ],
  ])('refuse %j', (limits, message) => expect(() => limit(...limits)).toThrow(message));
});

describe('a function’s dead-letter queue', () => {
  const template = synthesize((stack) => void fn(stack, 'fn', { deadLetterQueue: dead(stack) }));

  test('takes its events, and Lambda may send there', () => {
    const queue = `\${${template.resourcesOf('aws_sqs_queue')[0]?.address}.arn}`;
    expect(template.only('aws_lambda_function')).toMatchObject({ dead_letter_config: { target_arn: queue } });
    expect(granted(template, 'fn')).toEqual([[['sqs:SendMessage'], [queue]]]);
  });

  test('is no FIFO queue', () => {
    const build = () => synthesize((stack) => void fn(stack, 'fn', { deadLetterQueue: dead(stack, {}) }));
    expect(build).toThrow(/deadLetterQueue is "dead.fifo".*standard queue/);
  });
});
