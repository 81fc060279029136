import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { S3Event, S3EventRecord } from 'aws-lambda';
import { AwsError, callAws } from '../shared/aws-error';
import type { Log } from '../shared/log';
import type { Document } from './document';
import type { Documents } from './documents';
import { contentTypeOf, extract, isSupported } from './extract';

/** What is read into memory. */
export const MAX_BYTES = 5 * 1024 * 1024;

export interface TakeInOptions {
  readonly s3: Pick<S3Client, 'send'>;
  readonly documents: Documents;
  readonly log: Log;
}

/**
 * Records what came into the bucket, and what left it.
 *
 * @throws Error if some of it could not be: Lambda tries the event again, and then keeps it among the dead letters
 */
export async function takeIn(event: S3Event, options: TakeInOptions): Promise<void> {
  let failed = 0;
  for (const record of event.Records) {
    try {
      await takeInOne(record, options);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      failed++;
      const fields = { key: keyOf(record), permanent: error.permanent, ...error.fields };
      options.log.error('document not recorded', fields);
    }
  }
  if (failed > 0) throw new Error(`${failed} of ${event.Records.length} documents were not recorded`);
}

async function takeInOne(record: S3EventRecord, { s3, documents, log }: TakeInOptions): Promise<void> {
  const key = keyOf(record);
  const { sequencer } = record.s3.object;
  const at = new Date(record.eventTime).toISOString();
  if (record.eventName.startsWith('ObjectRemoved:')) {
    const news = await documents.markRemoved(key, at, sequencer);
    return log.info(news ? 'document removed' : 'late event ignored', { key });
  }
  const document = await read(record, s3);
  if (document === undefined) return log.info('object replaced meanwhile', { key });
  const news = await documents.record({ ...document, takenInAt: at }, sequencer);
  log.info(news ? 'document recorded' : 'late event ignored', { key, status: document.status });
}

/** S3 encodes keys in events as forms do. */
function keyOf({ s3 }: S3EventRecord): string {
  return decodeURIComponent(s3.object.key.replaceAll('+', ' '));
}

/** What S3 answers if the object is another one by now, or none: of that there is another event. */
const REPLACED = ['PreconditionFailed', 'NoSuchKey', 'NotFound', '412', '404'];

/** @returns undefined if the object is not the event's any more */
async function read(
  record: S3EventRecord,
  s3: TakeInOptions['s3'],
): Promise<Omit<Document, 'takenInAt'> | undefined> {
  const { bucket, object } = record.s3;
  const key = keyOf(record);
  const command = new GetObjectCommand({ Bucket: bucket.name, Key: key, IfMatch: object.eTag });
  const answer = await callAws('s3:GetObject', s3.send(command)).catch((error: AwsError) => {
    if (REPLACED.includes(error.code)) return undefined;
    throw error;
  });
  if (answer?.Body === undefined) return undefined;
  const contentType = contentTypeOf(key, answer.ContentType);
  const bytes = answer.ContentLength ?? object.size;
  if (!isSupported(contentType) || bytes > MAX_BYTES) {
    // The rest is not needed: without this its connection would stay busy.
    (answer.Body as unknown as { destroy?: () => void }).destroy?.();
    return { key, status: isSupported(contentType) ? 'too-large' : 'unsupported', contentType, bytes };
  }
  const contents = await callAws('s3:GetObject', answer.Body.transformToByteArray());
  return { key, ...extract(key, contentType, contents) };
}
