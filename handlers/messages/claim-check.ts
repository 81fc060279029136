import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { PAYLOAD_SIZE } from '../shared/batch';

/** Where messages are that are too large for a topic; keep it in step with services/messages.ts. */
export const LARGE_MESSAGES = 'messages/';

/** First of two in the JSON of a pointer, as Amazon's extended clients write and read it. */
const POINTER_CLASS = 'software.amazon.payloadoffloading.PayloadS3Pointer';

const pointer = v.tuple([
  v.literal(POINTER_CLASS),
  v.object({
    s3BucketName: v.string(),
    s3Key: v.pipe(v.string(), v.regex(/^messages\/[0-9a-f-]{36}\/[0-9a-f]{64}$/)),
  }),
]);

/** What is published in place of a message that is in the bucket. */
export interface Claim {
  readonly key: string;
  /** Of the contents, in base64. */
  readonly sha256: string;
}

/**
 * The key has the contents' digest beside the message's id: the same Idempotency-Key with another body is another object, so that
 * no pointer ever leads to what was not there when it was published.
 */
export function claimFor(messageId: string, contents: Uint8Array): Claim {
  const digest = createHash('sha256').update(contents).digest();
  return {
    key: `${LARGE_MESSAGES}${messageId}/${digest.toString('hex')}`,
    sha256: digest.toString('base64'),
  };
}

export function pointerTo(bucket: string, key: string): string {
  return JSON.stringify([POINTER_CLASS, { s3BucketName: bucket, s3Key: key }]);
}

/** The message attribute that says of a body that it is a pointer. */
export function sizeAttribute(bytes: number) {
  return { [PAYLOAD_SIZE]: { DataType: 'Number', StringValue: String(bytes) } };
}

/**
 * The key that a pointer names.
 *
 * @returns undefined if it is none to a message in this bucket: nobody has the consumer read something else in its name
 */
export function claimedKey(text: string, bucket: string): string | undefined {
  try {
    const { success, output } = v.safeParse(pointer, JSON.parse(text));
    return success && output[1].s3BucketName === bucket ? output[1].s3Key : undefined;
  } catch {
    return undefined;
  }
}

/** Whether these are the contents that the key was made for. */
export function isGenuine(key: string, contents: Uint8Array): boolean {
  return key.endsWith(`/${createHash('sha256').update(contents).digest('hex')}`);
}
