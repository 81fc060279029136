import { LambdaEventSourceMapping } from '@cdktf/provider-aws/lib/lambda-event-source-mapping';
import type { LambdaEventSourceMappingConfig } from '@cdktf/provider-aws/lib/lambda-event-source-mapping';
import { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letter-queue';
import type { EncryptionKey } from './encryption-key';
import type { LambdaFunction } from './function';
import { filterCriteria } from './message-filter';
import type { FilteredKind, MessageFilter } from './message-filter';
import { requireInteger, requireThat } from './validate';

export interface ConsumeStreamOptions {
  /** Records in an invocation, 1-10000. @default 100 */
  readonly batchSize?: number;
  /** How long to wait for a batch to fill, 0-300. @default 0 */
  readonly batchWindowSeconds?: number;
  /** Where a new mapping begins: with all that the stream still has, or with what comes. @default 'TRIM_HORIZON' */
  readonly startingPosition?: 'TRIM_HORIZON' | 'LATEST';
  /** Records that none of these one to five filters matches are passed over. @default every record */
  readonly filters?: readonly MessageFilter[];
  /** Whether a batch that failed is halved, so that one bad record is found and the others get through. @default true */
  readonly bisectOnError?: boolean;
  /** Further tries with a batch, 0-10000; the shard waits meanwhile. @default 10 */
  readonly maximumRetryAttempts?: number;
  /** How old a record gets before it is given up on, 60-604800. @default 86400 (a day) */
  readonly maximumRecordAgeSeconds?: number;
  /** Batches of one shard at a time, 1-10; records of one key stay in order. @default 1 */
  readonly parallelization?: number;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<LambdaEventSourceMappingConfig>;
}

/** What Lambda polls: a table's stream, or a Kinesis stream. */
export interface StreamSource {
  readonly name: string;
  readonly arn: string;
  readonly kind: Exclude<FilteredKind, 'message'>;
  /** How long the stream keeps records. */
  readonly retentionSeconds: number;
  readonly encryptionKey?: EncryptionKey;
}

export interface StreamToFunctionProps extends ConsumeStreamOptions {
  readonly source: StreamSource;
  readonly fn: LambdaFunction;
}

/**
 * Lambda polls a stream and invokes a function with batches, in order within each shard. The function reports the first record that
 * failed (`batchItemFailures`), and the batch goes on from there; what it fails on for good is told to `deadLetterQueue`, as a
 * record of where in the stream it is, not of what it was: read it there before the stream forgets. Made by
 * `table.consumeStreamWith` and `stream.consumeWith`.
 *
 * Emits aws_lambda_event_source_mapping and a `DeadLetterQueue`; the right to read goes to the function's role. Lambda's reads of a
 * table's stream are free; of a Kinesis stream they are part of its price.
 *
 * @example
 * const items = new Table(scope, 'items', {
 *   name: 'items',
 *   partitionKey: { name: 'id', type: 'S' },
 *   stream: 'new-and-old-images',
 * });
 * const { deadLetterQueue } = items.consumeStreamWith(fn, { filters: [{ eventName: ['INSERT', 'MODIFY'] }] });
 */
export class StreamToFunction extends Construct {
  readonly mapping: LambdaEventSourceMapping;
  readonly deadLetterQueue: DeadLetterQueue;

  constructor(scope: Construct, id: string, props: StreamToFunctionProps) {
    super(scope, id);
    const { source, fn } = props;
    validate(this, props);
    this.deadLetterQueue = new DeadLetterQueue(this, 'dead-letters', {
      name: `${fn.name}-${source.kind}s-failed`,
      encryption: source.encryptionKey,
    });
    this.deadLetterQueue.grantDelivery(fn);
    this.mapping = new LambdaEventSourceMapping(this, 'mapping', {
      eventSourceArn: source.arn,
      functionName: fn.arn,
      ...settings(props),
      functionResponseTypes: ['ReportBatchItemFailures'],
      destinationConfig: { onFailure: { destinationArn: this.deadLetterQueue.arn } },
      ...filterCriteria(this, props.filters, source.kind),
      // Lambda checks the role's rights when the mapping is made.
      dependsOn: [fn.rolePolicy],
      ...props.overrides,
    });
  }
}

function settings(props: StreamToFunctionProps) {
  return {
    startingPosition: props.startingPosition ?? 'TRIM_HORIZON',
    batchSize: props.batchSize ?? 100,
    maximumBatchingWindowInSeconds: props.batchWindowSeconds ?? 0,
    bisectBatchOnFunctionError: props.bisectOnError ?? true,
    maximumRetryAttempts: props.maximumRetryAttempts ?? 10,
    maximumRecordAgeInSeconds: props.maximumRecordAgeSeconds ?? 86_400,
    parallelizationFactor: props.parallelization ?? 1,
  };
}

function validate(edge: StreamToFunction, props: StreamToFunctionProps): void {
  const { source, maximumRecordAgeSeconds: age = 86_400 } = props;
  const api = 'Lambda CreateEventSourceMapping';
  requireInteger(edge, 'batchSize', props.batchSize, { min: 1, max: 10_000 }, api);
  requireInteger(edge, 'batchWindowSeconds', props.batchWindowSeconds, { min: 0, max: 300 }, api);
  requireInteger(edge, 'maximumRetryAttempts', props.maximumRetryAttempts, { min: 0, max: 10_000 }, api);
  requireInteger(edge, 'maximumRecordAgeSeconds', age, { min: 60, max: 604_800 }, api);
  requireInteger(edge, 'parallelization', props.parallelization, { min: 1, max: 10 }, api);
  const position = props.startingPosition ?? 'TRIM_HORIZON';
  const known = position === 'TRIM_HORIZON' || position === 'LATEST';
  requireThat(edge, known, 'startingPosition', position, `TRIM_HORIZON or LATEST is needed (${api})`);
  const ageRule = `the stream forgets records after ${source.retentionSeconds} seconds`;
  requireThat(edge, age <= source.retentionSeconds, 'maximumRecordAgeSeconds', age, ageRule);
}
