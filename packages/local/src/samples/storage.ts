import { hex, iso, uuid } from './context';
import type { SampleContext } from './context';

/** An object was put. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export function s3Put(context: SampleContext) {
  const object = {
    key: 'incoming/hello+world.txt',
    size: 11,
    eTag: hex(16),
    sequencer: hex(9).toUpperCase(),
  };
  return { Records: [s3Record(context, 'ObjectCreated:Put', object)] };
}

/** An object was deleted. */
export function s3Delete(context: SampleContext) {
  const object = { key: 'incoming/hello+world.txt', sequencer: hex(9).toUpperCase() };
  return { Records: [s3Record(context, 'ObjectRemoved:Delete', object)] };
}

function s3Record<T>(context: SampleContext, eventName: string, object: T) {
  const { region, accountId, names } = context;
  const bucket = names.bucket ?? 'documents';
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: iso(context),
    eventName,
    userIdentity: { principalId: `AWS:${accountId}` },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: {
      'x-amz-request-id': hex(8).toUpperCase(),
      'x-amz-id-2': hex(24),
    },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'sample',
      bucket: { name: bucket, ownerIdentity: { principalId: accountId }, arn: `arn:aws:s3:::${bucket}` },
      object,
    },
  };
}

/** One task of a batch job. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html */
export function s3Batch({ names }: SampleContext) {
  return {
    invocationSchemaVersion: '1.0',
    invocationId: hex(20),
    job: { id: uuid() },
    tasks: [
      {
        taskId: hex(10),
        s3Key: 'incoming/hello+world.txt',
        s3VersionId: null,
        s3BucketArn: `arn:aws:s3:::${names.bucket ?? 'documents'}`,
      },
    ],
  };
}
