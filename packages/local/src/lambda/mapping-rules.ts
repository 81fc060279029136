import type { QueueMappingConfig } from '../contracts';
import { PatternError } from '../engine/sns/filter';
import { EventFilter } from './event-filter';

const MAX_BATCH = 10_000;
const MAX_WINDOW_SECONDS = 300;
/** Without a batching window, and of FIFO queues. */
const MAX_SMALL_BATCH = 10;
const MAX_PATTERNS = 10;
const MAX_PATTERN_LENGTH = 4096;

export function isFifo({ queueArn }: Pick<QueueMappingConfig, 'queueArn'>): boolean {
  return queueArn.endsWith('.fifo');
}

/**
 * Why Lambda would refuse an event source mapping; undefined where it would not.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
 */
export function mappingProblem(config: QueueMappingConfig): string | undefined {
  return sizeProblem(config) ?? concurrencyProblem(config) ?? filterProblem(config);
}

function sizeProblem(config: QueueMappingConfig): string | undefined {
  const { batchSize, batchWindowSeconds } = config;
  if (!isWithin(batchSize, 1, MAX_BATCH)) return `the batch size ${batchSize} is not from 1 to ${MAX_BATCH}`;
  if (!isWithin(batchWindowSeconds, 0, MAX_WINDOW_SECONDS)) {
    return `the batching window of ${batchWindowSeconds} s is not from 0 to ${MAX_WINDOW_SECONDS}`;
  }
  if (isFifo(config)) {
    if (batchWindowSeconds > 0) return 'a FIFO queue has no batching window';
    if (batchSize > MAX_SMALL_BATCH) return `the batch size of a FIFO queue is at most ${MAX_SMALL_BATCH}`;
  }
  return batchSize > MAX_SMALL_BATCH && batchWindowSeconds < 1
    ? `a batch size over ${MAX_SMALL_BATCH} needs a batching window of at least 1 s`
    : undefined;
}

function concurrencyProblem({ maximumConcurrency }: QueueMappingConfig): string | undefined {
  return maximumConcurrency === undefined || isWithin(maximumConcurrency, 2, 1000)
    ? undefined
    : `the maximum concurrency ${maximumConcurrency} is not from 2 to 1000`;
}

function filterProblem({ filterPatterns = [], queueArn }: QueueMappingConfig): string | undefined {
  if (filterPatterns.length > MAX_PATTERNS) return `there are more than ${MAX_PATTERNS} filters`;
  const long = filterPatterns.some((pattern) => pattern.length > MAX_PATTERN_LENGTH);
  if (long) return `a filter pattern is longer than ${MAX_PATTERN_LENGTH} characters`;
  try {
    new EventFilter(filterPatterns, queueArn);
    return undefined;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return `Invalid filter pattern definition. ${error.message}`;
  }
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
