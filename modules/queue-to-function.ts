import { LambdaEventSourceMapping } from '@cdktf/provider-aws/lib/lambda-event-source-mapping';
import type { LambdaEventSourceMappingConfig } from '@cdktf/provider-aws/lib/lambda-event-source-mapping';
import { Construct } from 'constructs';
import type { LambdaFunction } from './function';
import { filterCriteria } from './message-filter';
import type { MessageFilter } from './message-filter';
import type { Queue } from './queue';
import { areKnown, requireInteger, requireThat } from './validate';

export interface ConsumeOptions {
  /** Messages in an invocation, 1-10000; over 10 needs a window. FIFO queues: 1-10. @default 10 */
  readonly batchSize?: number;
  /** How long to wait for a batch to fill, 0-300. FIFO queues have no window. @default 0 */
  readonly batchWindowSeconds?: number;
  /** Invocations at a time, 2-1000; keep it below what the database behind the function takes. @default 10 */
  readonly maximumConcurrency?: number;
  /** Messages that none of these one to five filters matches are deleted, unseen. @default every message */
  readonly filters?: readonly MessageFilter[];
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<LambdaEventSourceMappingConfig>;
}

export interface QueueToFunctionProps extends ConsumeOptions {
  readonly queue: Queue;
  readonly fn: LambdaFunction;
}

/**
 * Lambda polls a queue and invokes a function with batches. The function reports the messages that failed
 * (`batchItemFailures`); only those come back. Made by `queue.consumeWith`.
 *
 * Emits aws_lambda_event_source_mapping; the right to consume goes to the function's role. Polling costs about
 * 0.26 USD a month for an idle queue.
 *
 * @example
 * queue.consumeWith(fn, { batchSize: 100, batchWindowSeconds: 1, maximumConcurrency: 5 });
 */
export class QueueToFunction extends Construct {
  readonly mapping: LambdaEventSourceMapping;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: QueueToFunctionProps,
  ) {
    super(scope, id);
    validate(this, props);
    props.queue.grantConsume(props.fn);
    this.mapping = new LambdaEventSourceMapping(this, 'mapping', {
      eventSourceArn: props.queue.arn,
      functionName: props.fn.arn,
      batchSize: props.batchSize ?? 10,
      maximumBatchingWindowInSeconds: props.batchWindowSeconds ?? 0,
      functionResponseTypes: ['ReportBatchItemFailures'],
      scalingConfig: { maximumConcurrency: props.maximumConcurrency ?? 10 },
      ...filterCriteria(this, props.filters),
      ...props.overrides,
    });
  }

  /**
   * Below six times the function's timeout plus the window, throttled batches come back while they are still being retried
   * (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html).
   */
  get requiredVisibilitySeconds(): number {
    return requiredVisibilitySeconds(this.props);
  }
}

function requiredVisibilitySeconds({ fn, batchWindowSeconds = 0 }: QueueToFunctionProps): number {
  return 6 * fn.timeoutSeconds + batchWindowSeconds;
}

function validate(edge: QueueToFunction, props: QueueToFunctionProps): void {
  const { queue, batchSize = 10, batchWindowSeconds = 0 } = props;
  const source = 'Lambda CreateEventSourceMapping';
  requireInteger(edge, 'batchSize', batchSize, { min: 1, max: 10_000 }, source);
  requireInteger(edge, 'batchWindowSeconds', batchWindowSeconds, { min: 0, max: 300 }, source);
  requireInteger(edge, 'maximumConcurrency', props.maximumConcurrency, { min: 2, max: 1000 }, source);
  const windowRule =
    'over 10 messages need a batchWindowSeconds of 1 or more (Lambda CreateEventSourceMapping)';
  const fills = batchSize <= 10 || batchWindowSeconds >= 1 || !areKnown(batchWindowSeconds);
  requireThat(edge, fills, 'batchSize', batchSize, windowRule);
  const fifoRule = 'a FIFO queue has batches of 10 at most and no window (Lambda CreateEventSourceMapping)';
  requireThat(edge, !queue.isFifo || batchSize <= 10, 'batchSize', batchSize, fifoRule);
  requireThat(
    edge,
    !queue.isFifo || batchWindowSeconds === 0,
    'batchWindowSeconds',
    batchWindowSeconds,
    fifoRule,
  );
  requireSuitableQueue(edge, props);
}

/** The queue's visibility and receives, and the function's instances, suit each other. */
function requireSuitableQueue(edge: QueueToFunction, props: QueueToFunctionProps): void {
  const { queue, fn, maximumConcurrency = 10 } = props;
  if (areKnown(fn.timeoutSeconds, props.batchWindowSeconds)) requireVisibility(edge, props);
  else {
    const givenRule = 'it follows from a timeout and a window that Terraform learns later: give it';
    const given = queue.props.visibilityTimeoutSeconds;
    requireThat(edge, given !== undefined, 'visibilityTimeoutSeconds', given, givenRule);
  }
  const reserved = fn.props.reservedConcurrency ?? maximumConcurrency;
  const fits = maximumConcurrency <= reserved || !areKnown(reserved);
  const reservedRule = `the function has ${reserved} reserved instances, and what is over them is throttled`;
  requireThat(edge, fits, 'maximumConcurrency', maximumConcurrency, reservedRule);
  const receivesRule = 'a function needs 5 or more: throttled batches count as received, too';
  requireThat(edge, queue.maxReceiveCount >= 5, 'maxReceiveCount', queue.maxReceiveCount, receivesRule);
}

function requireVisibility(edge: QueueToFunction, props: QueueToFunctionProps): void {
  const required = requiredVisibilitySeconds(props);
  const longestRule = 'SQS hides a message for 43200 seconds at most: shorten the function timeout';
  requireThat(
    edge,
    required <= 43_200,
    'the visibility timeout that the function needs',
    required,
    longestRule,
  );
  const { visibilityTimeoutSeconds: visible = required } = props.queue.props;
  const visibleRule = `6 x function timeout + batchWindowSeconds = ${required} or more is needed`;
  requireThat(edge, visible >= required, 'visibilityTimeoutSeconds', visible, visibleRule);
}
