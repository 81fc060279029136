import type { KnownDifference } from '../support/comparison';
import type { Difference } from '../support/difference';
import type { JsonObject } from '../support/step';
import { textOf } from '../support/step';
import {
  accepts,
  acceptsEntries,
  after,
  all,
  any,
  at,
  codes,
  messages,
  missing,
  namesOtherMistakes,
  on,
  refuses,
  refusesEntries,
} from '../support/where';
import { SQS, SQS_GUIDE } from './documents';

const VISIBILITY = ['ChangeMessageVisibility', 'ChangeMessageVisibilityBatch'];

/** What moto 5.2.1 does with queues otherwise than AWS. The first entry that fits explains a difference. */
export const motoQueues: readonly KnownDifference[] = [
  {
    oracle:
      'writes SenderFault of a failed entry as a text, and names another mistake where there are several',
    document: `${SQS}/API_BatchResultErrorEntry.html`,
    where: namesOtherMistakes,
    ends: false,
  },
  {
    oracle:
      'takes empty bodies, characters that are none, any delay from below, a delay of 0 in FIFO queues, any deduplication id',
    document: `${SQS}/API_SendMessage.html`,
    where: any(
      all(
        on('GetQueueAttributes'),
        at(/^Attributes\.ApproximateNumberOfMessages(Delayed)?$/),
        after(({ operation, input: made }) => operation === 'CreateQueue' && isDelayedFifo(made)),
      ),
      all(on('SendMessage'), accepts('MissingParameter', 'InvalidMessageContents', 'InvalidParameterValue')),
      all(
        on('SendMessageBatch'),
        acceptsEntries('MissingParameter', 'InvalidMessageContents', 'InvalidParameterValue'),
      ),
    ),
  },
  {
    oracle: 'refuses a batch where one of its entries is refused',
    document: `${SQS}/API_SendMessageBatch.html`,
    where: all(on('SendMessageBatch'), refuses('InvalidParameterValue', 'MissingParameter')),
  },
  {
    oracle: 'misses an empty group id, and looks at the delay before the body',
    document: `${SQS}/API_SendMessage.html`,
    where: all(
      on('SendMessage'),
      any(
        codes('InvalidParameterValue', 'MissingParameter'),
        codes('InvalidMessageContents', 'InvalidParameterValue'),
        codes('MissingParameter', 'InvalidParameterValue'),
      ),
    ),
  },
  {
    oracle: 'sets a RedrivePolicy that it has refused',
    document: `${SQS}/API_SetQueueAttributes.html`,
    where: all(
      on('GetQueueAttributes', 'ListDeadLetterSourceQueues'),
      at(/^(Attributes(\.RedrivePolicy(\.\w+)?)?|queueUrls)$/),
      ({ history }) => JSON.stringify(history).includes('$arn(q9)'),
    ),
    ends: true,
  },
  {
    oracle: 'takes letters of any alphabet in ids of batch entries',
    document: `${SQS}/API_SendMessageBatchRequestEntry.html`,
    where: accepts('InvalidBatchEntryId'),
  },
  {
    oracle: 'keeps a message whose attributes it has refused, and refuses to hand it out',
    document: `${SQS}/API_MessageAttributeValue.html`,
    where: all(
      on('ReceiveMessage', 'GetQueueAttributes'),
      any(refuses('InvalidParameterValue'), at(/^(Messages$|Attributes\.ApproximateNumberOfMessages)/)),
      after(({ operation, input: made }) => operation.startsWith('SendMessage') && hasOddNames(made)),
    ),
    ends: true,
  },
  {
    oracle: 'removes the Policy of a queue that other attributes are set for',
    document: `${SQS}/API_SetQueueAttributes.html`,
    where: all(
      on('GetQueueAttributes'),
      at(/^Attributes\.Policy$/),
      missing,
      after(({ operation }) => operation === 'SetQueueAttributes'),
    ),
  },
  {
    oracle: 'keeps the key that was set to nothing',
    document: `${SQS}/API_SetQueueAttributes.html`,
    where: all(on('GetQueueAttributes'), at(/^Attributes\.Kms/), ({ ours }) => ours === undefined),
  },
  {
    oracle: 'weighs a batch before it looks at its ids and counts it',
    document: `${SQS}/API_SendMessageBatch.html`,
    where: all(
      on('SendMessageBatch'),
      any(
        codes('TooManyEntriesInBatchRequest', 'BatchRequestTooLong'),
        codes('BatchEntryIdsNotDistinct', 'BatchRequestTooLong'),
        codes('InvalidBatchEntryId', 'BatchRequestTooLong'),
        codes('InvalidBatchEntryId', 'InvalidParameterValue'),
      ),
    ),
  },
  {
    oracle: 'looks for receipt handles that a batch names twice, not for ids',
    document: `${SQS}/API_DeleteMessageBatch.html`,
    where: all(
      on('DeleteMessageBatch'),
      any(
        refuses('BatchEntryIdsNotDistinct'),
        accepts('BatchEntryIdsNotDistinct'),
        codes('TooManyEntriesInBatchRequest', 'BatchEntryIdsNotDistinct'),
      ),
    ),
  },
  {
    oracle: 'refuses to delete by the handle of an earlier receive',
    document: `${SQS}/API_DeleteMessage.html`,
    where: any(
      all(on('DeleteMessage'), refuses('ReceiptHandleIsInvalid')),
      all(on('DeleteMessageBatch'), refusesEntries('ReceiptHandleIsInvalid')),
    ),
    ends: false,
  },
  {
    oracle: 'deletes a message of a FIFO queue by a handle that has expired, or calls it invalid',
    document: `${SQS}/API_DeleteMessage.html`,
    where: all(
      on('DeleteMessage', 'DeleteMessageBatch'),
      any(
        accepts('InvalidParameterValue'),
        codes('InvalidParameterValue', 'ReceiptHandleIsInvalid'),
        acceptsEntries('InvalidParameterValue'),
      ),
    ),
  },
  {
    oracle: 'deletes a message of a standard queue by the handle of an earlier receive',
    document: `${SQS}/API_DeleteMessage.html`,
    where: all(
      on('ReceiveMessage', 'GetQueueAttributes'),
      at(/^(Messages$|Attributes\.ApproximateNumberOfMessages)/),
      ({ ours, theirs }) => !isFifo([ours as JsonObject], [theirs as JsonObject]),
      ({ history }) => history.some(({ operation }) => operation.startsWith('DeleteMessage')),
    ),
    ends: true,
  },
  {
    oracle: 'takes a negative visibility timeout',
    document: `${SQS}/API_ReceiveMessage.html`,
    where: all(on('ReceiveMessage'), accepts('InvalidParameterValue')),
  },
  {
    oracle: 'changes the visibility of messages that are visible, also by the handle of an earlier receive',
    document: `${SQS}/API_ChangeMessageVisibility.html`,
    where: all(
      on(...VISIBILITY),
      any(
        accepts('MessageNotInflight', 'InvalidParameterValue'),
        refuses('ReceiptHandleIsInvalid'),
        codes('MessageNotInflight', 'ReceiptHandleIsInvalid'),
        at(/^Failed$/),
      ),
    ),
  },
  {
    oracle: 'calls a message that is gone ReceiptHandleIsInvalid, and looks at the handle before the timeout',
    document: `${SQS}/API_ChangeMessageVisibility.html`,
    where: all(on(...VISIBILITY), codes('InvalidParameterValue', 'ReceiptHandleIsInvalid')),
  },
  {
    oracle: 'does not check batches of visibility changes as such',
    document: `${SQS}/API_ChangeMessageVisibilityBatch.html`,
    where: all(
      on('ChangeMessageVisibilityBatch'),
      accepts(
        'EmptyBatchRequest',
        'TooManyEntriesInBatchRequest',
        'BatchEntryIdsNotDistinct',
        'InvalidBatchEntryId',
      ),
    ),
  },
  {
    oracle: 'calls a dead-letter queue that does not exist QueueDoesNotExist',
    document: `${SQS}/API_SetQueueAttributes.html`,
    where: any(
      codes('InvalidParameterValue', 'QueueDoesNotExist'),
      codes('QueueNameExists', 'QueueDoesNotExist'),
      codes('InvalidAttributeValue', 'QueueDoesNotExist'),
    ),
  },
  {
    oracle: 'compares attributes of an existing queue before it looks whether they are right',
    document: `${SQS}/API_CreateQueue.html`,
    where: all(
      on('CreateQueue'),
      any(
        codes('InvalidAttributeValue', 'QueueNameExists'),
        codes('InvalidAttributeName', 'QueueNameExists'),
        accepts('QueueNameExists'),
        refuses('QueueNameExists'),
      ),
    ),
  },
  {
    oracle: 'is brought down by a policy that is no JSON',
    document: `${SQS}/API_SetQueueAttributes.html`,
    where: all(on('CreateQueue', 'SetQueueAttributes'), codes('InvalidAttributeValue', 'SyntaxError')),
  },
  {
    oracle: 'takes some attributes out of their range, and any name',
    document: `${SQS}/API_SetQueueAttributes.html`,
    where: all(
      on('CreateQueue', 'SetQueueAttributes'),
      accepts('InvalidAttributeValue', 'InvalidAttributeName'),
    ),
  },
  {
    oracle: 'says that SQS encrypts a queue that KMS encrypts',
    document: `${SQS}/API_SetQueueAttributes.html`,
    where: all(on('GetQueueAttributes'), at(/^Attributes\.SqsManagedSseEnabled$/)),
  },
  {
    oracle: 'does not say from which queue a dead letter comes',
    document: `${SQS}/API_ReceiveMessage.html`,
    where: all(on('ReceiveMessage'), at(/^Messages\.\d+\.Attributes\.DeadLetterQueueSourceArn$/), missing),
  },
  {
    oracle: 'keeps the deduplication id of a dead letter, where AWS puts the message id',
    document: `${SQS_GUIDE}/sqs-configure-dead-letter-queue-redrive.html`,
    where: all(on('ReceiveMessage'), at(/^Messages\.\d+\.Attributes\.MessageDeduplicationId$/), ({ ours }) =>
      textOf(ours).startsWith('<id'),
    ),
  },
  {
    oracle: 'numbers the messages of a FIFO queue only where they come with a deduplication id',
    document: `${SQS}/API_SendMessage.html`,
    where: all(
      on('SendMessage', 'ReceiveMessage'),
      at(/(^|\.)SequenceNumber$/),
      (difference) => missing(difference) || !sendsDeduplicationIds(difference),
    ),
  },
  {
    oracle: 'deduplicates within what is in the queue and within a group, not what was deleted',
    document: `${SQS_GUIDE}/using-messagededuplicationid-property.html`,
    where: all(on('SendMessage', 'SendMessageBatch'), at(/(^|\.)(MessageId|SequenceNumber)$/)),
    ends: true,
  },
  {
    oracle: 'puts a message that comes back behind the others of its group',
    document: `${SQS_GUIDE}/FIFO-queues-understanding-logic.html`,
    where: all(on('ReceiveMessage'), messages(isFifo)),
  },
];

function isDelayedFifo({ Attributes }: JsonObject): boolean {
  const { FifoQueue, DelaySeconds } = Attributes as JsonObject;
  return FifoQueue === 'true' && DelaySeconds === '900';
}

function hasOddNames(made: JsonObject): boolean {
  return /"(AWS\.x|\.x|x\.|a\.\.b|a b|amazon\.x|Text|one)"|""/.test(JSON.stringify(made));
}

function sendsDeduplicationIds({ history }: Difference): boolean {
  return history.some(({ input: made }) => JSON.stringify(made).includes('MessageDeduplicationId'));
}

function isFifo(ours: readonly JsonObject[], theirs: readonly JsonObject[]): boolean {
  return JSON.stringify([ours, theirs]).includes('MessageGroupId');
}
