import { Network } from '../../src/iam';
import type { JsonObject } from '../../src/synth';
import { asyncConfigsOf, functionConfig, functionsOf, mayCall } from '../../src/up/functions';
import { mappingsOf } from '../../src/up/mappings';
import { Lines } from '../support/lines';
import { resolverOf } from '../synth/support';

type Bodies = Record<string, Record<string, JsonObject>>;

const ACCOUNT = 'eu-west-1:000000000000';
const QUEUE = `arn:aws:sqs:${ACCOUNT}:work`;
const POLLING = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

function policy(actions: readonly string[]): JsonObject {
  const Statement = [{ Effect: 'Allow', Action: [...actions], Resource: '*' }];
  return { role: '${aws_iam_role.r.name}', policy: JSON.stringify({ Version: '2012-10-17', Statement }) };
}

const base: Bodies = {
  aws_iam_role: { r: { name: 'r' } },
  aws_iam_role_policy: { p: policy(POLLING) },
  aws_lambda_function: {
    f: {
      function_name: 'f',
      role: '${aws_iam_role.r.arn}',
      runtime: 'nodejs22.x',
      handler: 'index.handler',
      filename: 'f.zip',
    },
  },
  aws_sqs_queue: { q: { name: 'work' } },
};

function read(more: Bodies = {}) {
  const resources = Object.fromEntries(
    [...new Set([...Object.keys(base), ...Object.keys(more)])].map((type) => [
      type,
      { ...base[type], ...more[type] },
    ]),
  );
  const resolver = resolverOf(resources);
  const reporter = new Lines();
  return { resolver, reporter, functions: functionsOf(resolver, new Network(resolver), reporter) };
}

const fn = (changes: JsonObject): Bodies => ({
  aws_lambda_function: { f: { ...base['aws_lambda_function']!['f'], ...changes } },
});

describe('a function', () => {
  const config = (changes: JsonObject) => functionConfig(read(fn(changes)).functions[0]!, {}, '/stack/f.zip');

  test("has Lambda's defaults", () => {
    expect(config({})).toMatchObject({
      name: 'f',
      arn: `arn:aws:lambda:${ACCOUNT}:function:f`,
      zipFile: '/stack/f.zip',
      runtime: 'nodejs22.x',
      timeoutSeconds: 3,
      memoryMb: 128,
      logFormat: 'Text',
      logGroup: '/aws/lambda/f',
    });
  });

  test('logs as its logging_config says', () => {
    const logging = { log_format: 'JSON', application_log_level: 'DEBUG', log_group: 'own' };
    expect(config({ logging_config: [logging] })).toMatchObject({
      logFormat: 'JSON',
      logLevel: 'DEBUG',
      logGroup: 'own',
    });
  });

  test('may do what its role allows', () => {
    const { functions } = read();
    expect(mayCall(functions, 'f', 'sqs:ReceiveMessage', QUEUE)).toBe(true);
    expect(mayCall(functions, 'f', 'sqs:SendMessage', QUEUE)).toBe(false);
  });
});

describe('what becomes of asynchronous invocations', () => {
  const invokeConfig = (changes: JsonObject): Bodies => ({
    aws_lambda_function_event_invoke_config: {
      c: { function_name: '${aws_lambda_function.f.function_name}', ...changes },
    },
  });
  const configs = (more: Bodies) => {
    const { resolver, functions, reporter } = read(more);
    return { configs: asyncConfigsOf(resolver, functions, reporter), lines: reporter.lines };
  };

  test('is read with its targets', () => {
    const destinations = {
      on_failure: [{ destination: '${aws_sqs_queue.q.arn}' }],
      on_success: [{ destination: `arn:aws:lambda:${ACCOUNT}:function:f` }],
    };
    const settings = { maximum_retry_attempts: 0, maximum_event_age_in_seconds: 60 };
    expect(configs(invokeConfig({ ...settings, destination_config: [destinations] })).configs).toEqual([
      {
        functionName: 'f',
        maximumRetryAttempts: 0,
        maximumEventAgeSeconds: 60,
        deadLetterTargetArn: undefined,
        onFailureDestinationArn: QUEUE,
        onSuccessDestinationArn: `arn:aws:lambda:${ACCOUNT}:function:f`,
      },
    ]);
    const target = `arn:aws:sns:${ACCOUNT}:alerts`;
    expect(configs(fn({ dead_letter_config: [{ target_arn: target }] })).configs).toMatchObject([
      { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600, deadLetterTargetArn: target },
    ]);
    expect(configs({}).configs).toEqual([]);
  });

  test('a bucket is not hosted, which one line says', () => {
    const bucket = 'arn:aws:s3:::records';
    const { configs: read, lines } = configs(
      invokeConfig({ destination_config: [{ on_failure: [{ destination: bucket }] }] }),
    );
    expect(read).toMatchObject([{ onFailureDestinationArn: undefined }]);
    expect(lines).toEqual([
      `f ! aws_lambda_function_event_invoke_config.c: destinations in s3 are not hosted here: ${bucket} gets nothing`,
    ]);
  });

  test('a FIFO target is refused, as by AWS', () => {
    const fifo = `${QUEUE}.fifo`;
    const problem = `Lambda takes no FIFO queue or topic as a destination or for dead letters: ${fifo}`;
    expect(() => configs(fn({ dead_letter_config: [{ target_arn: fifo }] }))).toThrow(
      `aws_lambda_function.f: ${problem}`,
    );
    expect(() =>
      configs(invokeConfig({ destination_config: [{ on_success: [{ destination: fifo }] }] })),
    ).toThrow(`aws_lambda_function_event_invoke_config.c: ${problem}`);
  });
});

describe('an event source mapping', () => {
  const mapping = (changes: JsonObject = {}): Bodies => ({
    aws_lambda_event_source_mapping: {
      m: {
        function_name: '${aws_lambda_function.f.arn}',
        event_source_arn: '${aws_sqs_queue.q.arn}',
        ...changes,
      },
    },
  });
  const mappings = (more: Bodies) => {
    const { resolver, functions, reporter } = read(more);
    return { mappings: mappingsOf(resolver, functions, reporter), lines: reporter.lines };
  };

  test("is read, with Lambda's defaults", () => {
    expect(mappings(mapping()).mappings).toEqual([
      {
        queueArn: QUEUE,
        functionName: 'f',
        batchSize: 10,
        batchWindowSeconds: 0,
        maximumConcurrency: undefined,
        reportBatchItemFailures: false,
        filterPatterns: undefined,
        enabled: true,
      },
    ]);
    const settings = {
      batch_size: 100,
      maximum_batching_window_in_seconds: 5,
      scaling_config: [{ maximum_concurrency: 2 }],
      function_response_types: ['ReportBatchItemFailures'],
      filter_criteria: [{ filter: [{ pattern: '{"body":["a"]}' }, { pattern: '{"body":["b"]}' }] }],
      enabled: false,
    };
    expect(mappings(mapping(settings)).mappings).toEqual([
      {
        queueArn: QUEUE,
        functionName: 'f',
        batchSize: 100,
        batchWindowSeconds: 5,
        maximumConcurrency: 2,
        reportBatchItemFailures: true,
        filterPatterns: ['{"body":["a"]}', '{"body":["b"]}'],
        enabled: false,
      },
    ]);
  });

  test.each([
    [{ batch_size: 11 }, 'a batch size over 10 needs a batching window of at least 1 s'],
    [{ filter_criteria: [{ filter: [{ pattern: '{' }] }] }, 'Invalid filter pattern definition.'],
  ])('with %j is refused, as by AWS', (changes, problem) => {
    expect(() => mappings(mapping(changes))).toThrow(`aws_lambda_event_source_mapping.m: ${problem}`);
  });

  test('whose queue shows messages again while the function still runs is refused, as by AWS', () => {
    expect(() => mappings({ ...mapping(), ...fn({ timeout: 31 }) })).toThrow(
      "aws_lambda_event_source_mapping.m: the queue's visibility timeout of 30 s is less than the function's timeout of 31 s",
    );
  });

  test('whose function may not poll gets nothing, which one line says', () => {
    const { mappings: read, lines } = mappings({
      ...mapping(),
      aws_iam_role_policy: { p: policy(['sqs:ReceiveMessage']) },
    });
    expect(read).toEqual([]);
    expect(lines).toEqual([
      'f ! aws_lambda_event_source_mapping.m: its role does not allow sqs:DeleteMessage, sqs:GetQueueAttributes, so it gets no messages',
    ]);
  });
});
