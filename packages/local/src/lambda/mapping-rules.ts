import type { MappingConfig, QueueMappingConfig, StreamMappingConfig } from '../contracts';
import { PatternError } from '../engine/sns/filter';
import { FilterCriteria } from './event-filter';

const MAX_BATCH = 10_000;
const MAX_WINDOW_SECONDS = 300;
/** Without a batching window, and of FIFO queues. */
const MAX_SMALL_BATCH = 10;
const MAX_PATTERNS = 10;
const MAX_PATTERN_LENGTH = 4096;
const MAX_RETRIES = 10_000;
const LEAST_AGE_SECONDS = 60;
const MAX_AGE_SECONDS = 604_800;
const MAX_PARALLELIZATION = 10;

export function isFifo({ queueArn }: Pick<QueueMappingConfig, 'queueArn'>): boolean {
  return queueArn.endsWith('.fifo');
}

export function isOfStream(config: MappingConfig): config is StreamMappingConfig {
  return 'streamArn' in config;
}

export function sourceArn(config: MappingConfig): string {
  return isOfStream(config) ? config.streamArn : config.queueArn;
}

/**
 * Why Lambda would refuse an event source mapping; undefined where it would not.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
 */
export function mappingProblem(config: MappingConfig): string | undefined {
  const own = isOfStream(config) ? streamProblem(config) : queueProblem(config);
  return sizeProblem(config) ?? own ?? filterProblem(config);
}

function sizeProblem({ batchSize, batchWindowSeconds }: MappingConfig): string | undefined {
  if (!isWithin(batchSize, 1, MAX_BATCH)) return `the batch size ${batchSize} is not from 1 to ${MAX_BATCH}`;
  return isWithin(batchWindowSeconds, 0, MAX_WINDOW_SECONDS)
    ? undefined
    : `the batching window of ${batchWindowSeconds} s is not from 0 to ${MAX_WINDOW_SECONDS}`;
}

function queueProblem(config: QueueMappingConfig): string | undefined {
  const { batchSize, batchWindowSeconds, maximumConcurrency } = config;
  if (isFifo(config)) {
    if (batchWindowSeconds > 0) return 'a FIFO queue has no batching window';
    if (batchSize > MAX_SMALL_BATCH) return `the batch size of a FIFO queue is at most ${MAX_SMALL_BATCH}`;
  }
  if (batchSize > MAX_SMALL_BATCH && batchWindowSeconds < 1) {
    return `a batch size over ${MAX_SMALL_BATCH} needs a batching window of at least 1 s`;
  }
  return maximumConcurrency === undefined || isWithin(maximumConcurrency, 2, 1000)
    ? undefined
    : `the maximum concurrency ${maximumConcurrency} is not from 2 to 1000`;
}

function streamProblem(config: StreamMappingConfig): string | undefined {
  const { maximumRetryAttempts: retries, maximumRecordAgeSeconds: age, parallelizationFactor } = config;
  if (config.startingPosition.kind === 'AT_TIMESTAMP' && isOfTable(config)) {
    return 'a DynamoDB stream begins at TRIM_HORIZON or LATEST, not AT_TIMESTAMP';
  }
  if (!isWithin(retries, -1, MAX_RETRIES)) {
    return `the maximum of ${retries} retry attempts is not from -1 to ${MAX_RETRIES}`;
  }
  if (age !== -1 && !isWithin(age, LEAST_AGE_SECONDS, MAX_AGE_SECONDS)) {
    return `the maximum record age of ${age} s is neither -1 nor from ${LEAST_AGE_SECONDS} to ${MAX_AGE_SECONDS}`;
  }
  if (!isWithin(parallelizationFactor, 1, MAX_PARALLELIZATION)) {
    return `the parallelization factor ${parallelizationFactor} is not from 1 to ${MAX_PARALLELIZATION}`;
  }
  return destinationProblem(config.onFailureDestinationArn);
}

export function isOfTable({ streamArn }: Pick<StreamMappingConfig, 'streamArn'>): boolean {
  return streamArn.startsWith('arn:aws:dynamodb:');
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html#services-dynamodb-onfailure-destination */
function destinationProblem(arn: string | undefined): string | undefined {
  if (arn === undefined) return undefined;
  const isTaken = /^arn:[^:]+:(?:sqs|sns):/.test(arn) && !arn.endsWith('.fifo');
  return isTaken ? undefined : `the failures of a stream go to a standard queue or topic, not to ${arn}`;
}

function filterProblem(config: MappingConfig): string | undefined {
  const { filterPatterns = [] } = config;
  if (filterPatterns.length > MAX_PATTERNS) return `there are more than ${MAX_PATTERNS} filters`;
  const long = filterPatterns.some((pattern) => pattern.length > MAX_PATTERN_LENGTH);
  if (long) return `a filter pattern is longer than ${MAX_PATTERN_LENGTH} characters`;
  try {
    new FilterCriteria(filterPatterns, isOfStream(config) ? 'data' : 'body');
    return undefined;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return `Invalid filter pattern definition. ${error.message}`;
  }
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
