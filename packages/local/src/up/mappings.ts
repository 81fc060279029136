import type { MappingConfig, Reporter } from '../contracts';
import { UserError } from '../errors';
import { missingActions, nameOfFunction } from '../iam';
import { mappingProblem } from '../lambda';
import type { StartingPosition } from '../streams';
import type { Resolver, Resource } from '../synth';
import type { StackFunction } from './functions';

const POLLING: Readonly<Record<Source['kind'], readonly string[]>> = {
  sqs: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  // https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
  dynamodb: [
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:DescribeStream',
    'dynamodb:ListStreams',
  ],
  // https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
  kinesis: ['kinesis:GetRecords', 'kinesis:GetShardIterator', 'kinesis:DescribeStream', 'kinesis:ListShards'],
};

/** Defaults of the provider: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_event_source_mapping */
const BATCH_SIZES: Readonly<Record<Source['kind'], number>> = { sqs: 10, dynamodb: 100, kinesis: 100 };

interface Source {
  readonly kind: 'sqs' | 'dynamodb' | 'kinesis';
  readonly resource: Resource;
}

/**
 * The event source mappings from queues and streams. One whose function may not take from its source is left out with a
 * warning: AWS refuses it.
 *
 * @throws {@link UserError} where AWS would refuse its settings
 */
export function mappingsOf(
  resolver: Resolver,
  functions: readonly StackFunction[],
  reporter: Reporter,
): MappingConfig[] {
  const sources = sourcesOf(resolver);
  return resolver.resources('aws_lambda_event_source_mapping').flatMap((mapping) => {
    const arn = mapping.optionalText('event_source_arn') ?? '';
    const functionName = nameOfFunction(mapping.text('function_name'));
    const fn = functions.find(({ name }) => name === functionName);
    const source = sources.get(arn);
    if (source === undefined || fn === undefined) {
      reporter.warn(
        functionName,
        `${mapping.address}: only queues, DynamoDB streams and Kinesis streams of the stack are hosted as event sources`,
      );
      return [];
    }
    // Messages stay where they are, for nobody here could handle them.
    if (fn.problem !== undefined) return [];
    const missing = missingPermissions(fn, arn, source);
    if (missing.length > 0) {
      const what = source.kind === 'sqs' ? 'messages' : 'records';
      reporter.warn(
        functionName,
        `${mapping.address}: its role does not allow ${missing.join(', ')}, so it gets no ${what}`,
      );
      return [];
    }
    if (source.kind === 'sqs') checkVisibility(mapping, source.resource, fn);
    warnOfLimits(mapping, functionName, reporter);
    return [checked(mapping, configOf(mapping, arn, functionName, source))];
  });
}

/** A registered consumer of a stream is subscribed to beside the stream's being read. */
function missingPermissions({ role }: StackFunction, arn: string, { kind }: Source): string[] {
  const [sourceArn, consumer] = arn.split('/consumer/') as [string, string?];
  const subscribing = consumer === undefined ? [] : ['kinesis:SubscribeToShard'];
  return [...missingActions(role, sourceArn, POLLING[kind]), ...missingActions(role, arn, subscribing)];
}

/** What can feed functions, by its ARN. */
function sourcesOf(resolver: Resolver): ReadonlyMap<string, Source> {
  const by = (kind: Source['kind'], type: string, attribute = 'arn') =>
    resolver.resources(type).map((resource) => [resource.id(attribute), { kind, resource }] as const);
  return new Map<string, Source>([
    ...by('sqs', 'aws_sqs_queue'),
    ...by('dynamodb', 'aws_dynamodb_table', 'stream_arn').filter(([arn]) => arn !== ''),
    ...by('kinesis', 'aws_kinesis_stream'),
    ...by('kinesis', 'aws_kinesis_stream_consumer'),
  ]);
}

function configOf(mapping: Resource, arn: string, functionName: string, { kind }: Source): MappingConfig {
  const common = {
    functionName,
    batchSize: mapping.number('batch_size', BATCH_SIZES[kind]),
    batchWindowSeconds: mapping.number('maximum_batching_window_in_seconds', 0),
    reportBatchItemFailures: mapping.texts('function_response_types').includes('ReportBatchItemFailures'),
    filterPatterns: mapping
      .block('filter_criteria')
      ?.blocks('filter')
      .flatMap((filter) => filter.optionalText('pattern') ?? []),
    enabled: mapping.flag('enabled', true),
  };
  if (kind === 'sqs') {
    const maximumConcurrency = mapping.block('scaling_config')?.optionalNumber('maximum_concurrency');
    return { ...common, queueArn: arn, maximumConcurrency };
  }
  const failures = mapping.block('destination_config')?.block('on_failure');
  return {
    ...common,
    streamArn: arn,
    startingPosition: startOf(mapping),
    bisectOnError: mapping.flag('bisect_batch_on_function_error', false),
    maximumRetryAttempts: mapping.number('maximum_retry_attempts', -1),
    maximumRecordAgeSeconds: mapping.number('maximum_record_age_in_seconds', -1),
    parallelizationFactor: mapping.number('parallelization_factor', 1),
    onFailureDestinationArn: failures?.optionalText('destination_arn'),
  };
}

function startOf(mapping: Resource): StartingPosition {
  const kind = mapping.optionalText('starting_position');
  if (kind === 'TRIM_HORIZON' || kind === 'LATEST') return { kind };
  if (kind !== 'AT_TIMESTAMP') {
    throw new UserError(
      `${mapping.address}: a stream needs a starting_position: TRIM_HORIZON, LATEST or AT_TIMESTAMP`,
    );
  }
  const text = mapping.optionalText('starting_position_timestamp') ?? '';
  const at = Date.parse(text);
  if (Number.isNaN(at)) {
    throw new UserError(`${mapping.address}: starting_position_timestamp "${text}" is no time`);
  }
  return { kind, at };
}

function warnOfLimits(mapping: Resource, functionName: string, reporter: Reporter): void {
  if (mapping.number('tumbling_window_in_seconds', 0) > 0) {
    reporter.warn(
      functionName,
      `${mapping.address}: tumbling windows are not hosted: every batch is an event of its own`,
    );
  }
}

/** A message that came back while its function still runs would be handled twice. */
function checkVisibility({ address }: Resource, queue: Resource, fn: StackFunction): void {
  const visibility = queue.number('visibility_timeout_seconds', 30);
  const timeout = fn.resource.number('timeout', 3);
  if (visibility < timeout) {
    throw new UserError(
      `${address}: the queue's visibility timeout of ${visibility} s is less than the function's timeout of ${timeout} s`,
    );
  }
}

function checked({ address }: Resource, config: MappingConfig): MappingConfig {
  const problem = mappingProblem(config);
  if (problem !== undefined) {
    throw new UserError(`${address}: ${problem}`);
  }
  return config;
}
