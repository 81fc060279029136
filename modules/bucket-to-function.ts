import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { Construct } from 'constructs';
import { Account } from './account';
import type { Bucket } from './bucket';
import { DeadLetterQueue } from './dead-letter-queue';
import type { LambdaFunction } from './function';

export interface BucketToFunctionProps {
  readonly bucket: Bucket;
  readonly fn: LambdaFunction;
}

/**
 * A bucket that invokes a function, which S3 does at least once, in no order, asynchronously. Made by `bucket.notifyFunction`.
 *
 * Emits aws_lambda_permission, for this bucket in this account only, and a `DeadLetterQueue` for what the function fails on where
 * it has no destination for that. Free.
 *
 * @example
 * const bucket = new Bucket(scope, 'incoming', { name: 'orders-incoming-123456789012' });
 * const { failed } = bucket.notifyFunction(fn, { events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] });
 */
export class BucketToFunction extends Construct {
  readonly fn: LambdaFunction;
  readonly permission: LambdaPermission;
  /** Records of invocations that failed for good; `undefined` where they went elsewhere already. */
  readonly failed?: DeadLetterQueue;

  constructor(scope: Construct, id: string, { bucket, fn }: BucketToFunctionProps) {
    super(scope, id);
    this.fn = fn;
    this.failed = this.catchFailures(bucket);
    this.permission = new LambdaPermission(this, 'permission', {
      functionName: fn.function.functionName,
      action: 'lambda:InvokeFunction',
      principal: 's3.amazonaws.com',
      sourceArn: bucket.arn,
      sourceAccount: Account.of(this).id,
    });
  }

  private catchFailures(bucket: Bucket): DeadLetterQueue | undefined {
    const { fn } = this;
    if (fn.asyncInvocations.hasFailureDestination || fn.props.deadLetterQueue) return undefined;
    const failed = new DeadLetterQueue(this, 'failed', {
      name: `${fn.name}-failed`,
      encryption: bucket.props.encryptionKey,
    });
    fn.onFailure(failed);
    return failed;
  }
}
