/** Where a message's body is. */
export interface Pointer {
  readonly bucket: string;
  readonly key: string;
}

/**
 * The form of Amazon's extended client libraries, so that theirs and this one read each other's messages.
 * https://github.com/awslabs/payload-offloading-java-common-lib-for-aws
 */
const POINTER_CLASS = 'software.amazon.payloadoffloading.PayloadS3Pointer';

/** How many bytes the body has; the first is today's name, the second that of older libraries. */
export const SIZE_ATTRIBUTES = ['ExtendedPayloadSize', 'SQSLargePayloadSize'] as const;

export function writePointer({ bucket, key }: Pointer): string {
  return JSON.stringify([POINTER_CLASS, { s3BucketName: bucket, s3Key: key }]);
}

/** The pointer that a body is; undefined for any other body. */
export function readPointer(body: string): Pointer | undefined {
  if (!body.startsWith('[')) return undefined;
  try {
    const [type, pointer] = JSON.parse(body) as [unknown, Record<string, unknown> | undefined];
    if (typeof type !== 'string' || !/(^|\.)(PayloadS3Pointer|MessageS3Pointer)$/.test(type))
      return undefined;
    const { s3BucketName: bucket, s3Key: key } = pointer ?? {};
    return typeof bucket === 'string' && typeof key === 'string' && key !== '' ? { bucket, key } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A receipt handle that knows the object, as those libraries make it: whoever deletes the message with it
 * deletes the object too.
 */
export function withPointer(receiptHandle: string, { bucket, key }: Pointer): string {
  return `${BUCKET_MARK}${bucket}${BUCKET_MARK}${KEY_MARK}${key}${KEY_MARK}${receiptHandle}`;
}

/** The queue's own receipt handle, and the object that was written into it. */
export function splitReceiptHandle(receiptHandle: string): { handle: string; pointer?: Pointer } {
  const [begin, bucket, between, ...rest] = receiptHandle.split(BUCKET_MARK);
  if (begin !== '' || bucket === undefined || between === undefined || rest.length > 0) {
    return { handle: receiptHandle };
  }
  const [nothing, key, handle, ...more] = between.split(KEY_MARK);
  if (nothing !== '' || key === undefined || handle === undefined || more.length > 0)
    return { handle: receiptHandle };
  return { handle, pointer: { bucket, key } };
}

const BUCKET_MARK = '-..s3BucketName..-';
const KEY_MARK = '-..s3Key..-';
