import { clientConfig } from '../../handlers/shared/aws';
import { ObjectStore } from '../../handlers/shared/object-store';
import { testEnvironment } from './dynamodb';
import { TestBucket } from './s3';

/**
 * What the messages handlers have for large messages.
 *
 * @param url where S3 answers. @default nowhere
 * @param timeoutMs of a call
 */
export function largeMessages(url = 'http://127.0.0.1:1', timeoutMs = 2_000) {
  const bucket = TestBucket.NAME;
  const objects = new ObjectStore({ ...clientConfig('S3', testEnvironment(url)), bucket, timeoutMs });
  return { bucket, objects, remainingMs: () => 15_000 };
}
