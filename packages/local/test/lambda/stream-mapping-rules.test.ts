import type { StreamMappingConfig } from '../../src/contracts';
import { mappingProblem } from '../../src/lambda/mapping-rules';
import type { JsonObject } from '../../src/synth';
import { Network } from '../../src/iam';
import { functionsOf } from '../../src/up/functions';
import { mappingsOf } from '../../src/up/mappings';
import { Lines } from '../support/lines';
import { resolverOf } from '../synth/support';
import { DEAD, MAPPING } from './stream-rig';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/items/stream/2026-01-01T00:00:00.000';

describe('a mapping from a stream', () => {
  test.each<Partial<StreamMappingConfig>>([
    {},
    { batchSize: 10_000, batchWindowSeconds: 300 },
    { batchSize: 1000, batchWindowSeconds: 0 },
    { maximumRetryAttempts: 10_000 },
    { maximumRecordAgeSeconds: 60 },
    { maximumRecordAgeSeconds: 604_800 },
    { parallelizationFactor: 10 },
    { onFailureDestinationArn: DEAD },
    { startingPosition: { kind: 'AT_TIMESTAMP', at: 0 } },
    { streamArn: TABLE, startingPosition: { kind: 'LATEST' } },
  ])('may be %j', (changes) => {
    expect(mappingProblem({ ...MAPPING, ...changes })).toBeUndefined();
  });

  test.each<[Partial<StreamMappingConfig>, string]>([
    [{ batchSize: 10_001 }, 'the batch size 10001 is not from 1 to 10000'],
    [{ batchWindowSeconds: 301 }, 'the batching window of 301 s is not from 0 to 300'],
    [{ maximumRetryAttempts: -2 }, 'the maximum of -2 retry attempts is not from -1 to 10000'],
    [{ maximumRetryAttempts: 10_001 }, 'the maximum of 10001 retry attempts is not from -1 to 10000'],
    [{ maximumRecordAgeSeconds: 59 }, 'the maximum record age of 59 s is neither -1 nor from 60 to 604800'],
    [
      { maximumRecordAgeSeconds: 604_801 },
      'the maximum record age of 604801 s is neither -1 nor from 60 to 604800',
    ],
    [{ parallelizationFactor: 0 }, 'the parallelization factor 0 is not from 1 to 10'],
    [{ parallelizationFactor: 11 }, 'the parallelization factor 11 is not from 1 to 10'],
    [
      { onFailureDestinationArn: `${DEAD}.fifo` },
      `the failures of a stream go to a standard queue or topic, not to ${DEAD}.fifo`,
    ],
    [
      { streamArn: TABLE, startingPosition: { kind: 'AT_TIMESTAMP', at: 0 } },
      'a DynamoDB stream begins at TRIM_HORIZON or LATEST, not AT_TIMESTAMP',
    ],
    [
      { filterPatterns: ['{"data":"a"}'] },
      'Invalid filter pattern definition. "data" must be an object or an array',
    ],
  ])('cannot be %j', (changes, problem) => {
    expect(mappingProblem({ ...MAPPING, ...changes })).toContain(problem);
  });
});

describe('of the stack', () => {
  const read = (changes: JsonObject = {}) => {
    const reporter = new Lines();
    const resolver = resolverOf({
      aws_lambda_function: {
        f: {
          function_name: 'f',
          runtime: 'nodejs22.x',
          handler: 'index.handler',
          filename: 'f.zip',
          role: 'arn:aws:iam::1:role/other',
        },
      },
      aws_kinesis_stream: { clicks: { name: 'clicks', shard_count: 1 } },
      aws_dynamodb_table: { items: { name: 'items', hash_key: 'id' } },
      aws_lambda_event_source_mapping: {
        m: {
          function_name: '${aws_lambda_function.f.arn}',
          event_source_arn: '${aws_kinesis_stream.clicks.arn}',
          starting_position: 'LATEST',
          ...changes,
        },
      },
    });
    const functions = functionsOf(resolver, new Network(resolver), reporter);
    const mappings = mappingsOf(resolver, functions, reporter);
    return { mappings, lines: reporter.lines.filter((line) => line.includes('mapping')) };
  };

  test("is read, with Lambda's defaults", () => {
    const [config] = read().mappings;
    expect(config).toMatchObject({
      batchSize: 100,
      batchWindowSeconds: 0,
      reportBatchItemFailures: false,
      startingPosition: { kind: 'LATEST' },
      bisectOnError: false,
      maximumRetryAttempts: -1,
      maximumRecordAgeSeconds: -1,
      parallelizationFactor: 1,
      enabled: true,
    });
    const settings = {
      batch_size: 5,
      maximum_batching_window_in_seconds: 2,
      starting_position: 'AT_TIMESTAMP',
      starting_position_timestamp: '2026-01-01T00:00:01Z',
      bisect_batch_on_function_error: true,
      maximum_retry_attempts: 3,
      maximum_record_age_in_seconds: 120,
      parallelization_factor: 2,
      function_response_types: ['ReportBatchItemFailures'],
      filter_criteria: [{ filter: [{ pattern: '{"data":["a"]}' }] }],
      destination_config: [{ on_failure: [{ destination_arn: DEAD }] }],
      enabled: false,
    };
    expect(read(settings).mappings).toMatchObject([
      {
        batchSize: 5,
        batchWindowSeconds: 2,
        startingPosition: { kind: 'AT_TIMESTAMP', at: Date.UTC(2026, 0, 1, 0, 0, 1) },
        bisectOnError: true,
        maximumRetryAttempts: 3,
        maximumRecordAgeSeconds: 120,
        parallelizationFactor: 2,
        reportBatchItemFailures: true,
        filterPatterns: ['{"data":["a"]}'],
        onFailureDestinationArn: DEAD,
        enabled: false,
      },
    ]);
  });

  test.each<[JsonObject, string]>([
    [{ starting_position: null }, 'a stream needs a starting_position: TRIM_HORIZON, LATEST or AT_TIMESTAMP'],
    [
      { starting_position: 'AT_TIMESTAMP', starting_position_timestamp: 'soon' },
      'starting_position_timestamp "soon" is no time',
    ],
    [{ parallelization_factor: 11 }, 'the parallelization factor 11 is not from 1 to 10'],
  ])('with %j is refused, as by AWS', (changes, problem) => {
    expect(() => read(changes)).toThrow(`aws_lambda_event_source_mapping.m: ${problem}`);
  });

  test('tells what is not hosted of it', () => {
    expect(read({ tumbling_window_in_seconds: 10 }).lines).toEqual([
      'f ! aws_lambda_event_source_mapping.m: tumbling windows are not hosted: every batch is an event of its own',
    ]);
    expect(read({ event_source_arn: '${aws_dynamodb_table.items.stream_arn}' }).lines).toEqual([
      'f ! aws_lambda_event_source_mapping.m: only queues, DynamoDB streams and Kinesis streams of the stack are hosted as event sources',
    ]);
  });
});
