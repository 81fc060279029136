import type { Aws } from '../clients';
import type { MessagingError } from '../errors';
import { asMessagingError } from '../errors';
import type { Draft } from './sender';
import { draft } from './sender';
import type { OutgoingMessage } from './types';

/** A message of the list that is ready to be sent. */
export interface Prepared {
  readonly index: number;
  readonly message: OutgoingMessage;
  readonly draft: Draft;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MAX_ENTRIES = 10;
const MAX_BATCH_BYTES = 1_048_576;

/** Messages in groups that one call takes; one that cannot be sent is reported and left out. */
export async function* batches(
  aws: Aws,
  queue: string,
  messages: Iterable<OutgoingMessage> | AsyncIterable<OutgoingMessage>,
  report: (index: number, error: MessagingError) => void,
): AsyncGenerator<Prepared[]> {
  let batch: Prepared[] = [];
  let bytes = 0;
  let index = -1;
  for await (const message of messages) {
    index++;
    aws.checkOpen();
    const ready = await draft(aws, queue, message).catch((error: unknown) => {
      report(index, asMessagingError(error, `preparing message ${index}`));
    });
    if (ready === undefined) continue;
    if (batch.length === MAX_ENTRIES || (batch.length > 0 && bytes + ready.bytes > MAX_BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push({ index, message, draft: ready });
    bytes += ready.bytes;
  }
  if (batch.length > 0) yield batch;
}
