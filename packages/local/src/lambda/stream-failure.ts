import type { InvocationResult } from '../contracts';
import type { SourceRecord } from '../streams';
import { isOfTable } from './mapping-rules';

/** Why the function gets a batch no more. */
export type FailureCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

export interface StreamFailure {
  readonly condition: FailureCondition;
  readonly records: readonly SourceRecord[];
  readonly streamArn: string;
  readonly shardId: string;
  readonly functionArn: string;
  /** How often the function got the records. */
  readonly invocations: number;
  /** The last answer; undefined where there was none. */
  readonly result: InvocationResult | undefined;
  readonly requestId: string;
  readonly now: number;
}

/**
 * What Lambda tells the on-failure destination of a batch: where it is in the stream, not what is in it.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export function failureRecord(failure: StreamFailure): string {
  const { condition, records, streamArn, shardId, functionArn, invocations, result, requestId, now } =
    failure;
  const [first, last] = [records[0]!, records.at(-1)!];
  return JSON.stringify({
    requestContext: { requestId, functionArn, condition, approximateInvokeCount: invocations },
    ...(result && {
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        ...(result.functionError && { functionError: result.functionError }),
      },
    }),
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    [isOfTable({ streamArn }) ? 'DDBStreamBatchInfo' : 'KinesisBatchInfo']: {
      shardId,
      startSequenceNumber: first.sequenceNumber,
      endSequenceNumber: last.sequenceNumber,
      approximateArrivalOfFirstRecord: new Date(first.at).toISOString(),
      approximateArrivalOfLastRecord: new Date(last.at).toISOString(),
      batchSize: records.length,
      streamArn,
    },
  });
}
