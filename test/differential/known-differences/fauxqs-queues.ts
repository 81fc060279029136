import type { KnownDifference } from '../support/comparison';
import type { Difference } from '../support/difference';
import { errorOf } from '../support/difference';
import type { JsonObject, Step } from '../support/step';
import { textOf } from '../support/step';
import {
  accepts,
  acceptsEntries,
  after,
  all,
  any,
  at,
  codes,
  input,
  messages,
  missing,
  on,
  refuses,
} from '../support/where';
import { SQS, SQS_GUIDE } from './documents';

/** Codes that an entry of a batch may fail with, for its content. */
const MESSAGE_CODES = ['InvalidMessageContents', 'MissingParameter'];

/** What fauxqs 1.9.2 does with queues otherwise than AWS. The first entry that fits explains a difference. */
export const fauxqsQueues: readonly KnownDifference[] = [
  {
    oracle: "puts the Query protocol's prefix before the codes of the JSON protocol",
    document: `${SQS}/CommonErrors.html`,
    where: ({ ours, theirs }: Difference) =>
      errorOf(theirs) !== undefined && errorOf(theirs) === `AWS.SimpleQueueService.${errorOf(ours)}`,
  },
  {
    oracle: 'has no ListDeadLetterSourceQueues',
    document: `${SQS}/API_ListDeadLetterSourceQueues.html`,
    where: all(on('ListDeadLetterSourceQueues'), refuses('InvalidAction')),
    ends: false,
  },
  {
    oracle: 'has no SqsManagedSseEnabled: it neither shows nor takes it',
    document: `${SQS}/API_SetQueueAttributes.html`,
    where: any(
      all(on('GetQueueAttributes'), at(/^Attributes\.SqsManagedSseEnabled$/), missing),
      all(
        on('SetQueueAttributes', 'CreateQueue'),
        input(({ Attributes }) => Object.hasOwn(Attributes as object, 'SqsManagedSseEnabled')),
      ),
    ),
  },
  {
    oracle: 'takes any text for a receipt handle',
    document: `${SQS}/API_DeleteMessage.html`,
    where: any(
      all(on('DeleteMessage'), accepts('ReceiptHandleIsInvalid')),
      all(on('DeleteMessageBatch'), acceptsEntries('ReceiptHandleIsInvalid')),
    ),
    ends: false,
  },
  {
    oracle:
      'calls every handle that is not in flight by one name: MessageNotInflight alone, ReceiptHandleIsInvalid in a batch',
    document: `${SQS}/API_ChangeMessageVisibility.html`,
    where: all(
      on('ChangeMessageVisibility', 'ChangeMessageVisibilityBatch'),
      any(
        codes('ReceiptHandleIsInvalid', 'MessageNotInflight'),
        codes('InvalidParameterValue', 'MessageNotInflight'),
        at(/^Failed$/),
      ),
    ),
  },
  {
    oracle: 'shows a message that was received with a visibility timeout of 0 only after the next receive',
    document: `${SQS}/API_ReceiveMessage.html`,
    where: any(
      all(
        on('GetQueueAttributes'),
        at(/^Attributes\.ApproximateNumberOfMessages(NotVisible)?$/),
        after(receivedAtOnceVisible),
      ),
      all(on('ChangeMessageVisibility'), accepts('MessageNotInflight'), after(receivedAtOnceVisible)),
    ),
    ends: true,
  },
  {
    oracle: 'does not delete a message that is visible again, though the handle is of its last receive',
    document: `${SQS}/API_DeleteMessage.html`,
    where: all(
      on('ReceiveMessage', 'GetQueueAttributes'),
      at(/^(Messages$|Attributes\.ApproximateNumberOfMessages)/),
      after(shown),
      after(deleted),
    ),
    ends: true,
  },
  {
    oracle: 'counts the receive that moves a message to its dead-letter queue, which is none',
    document: `${SQS_GUIDE}/sqs-dead-letter-queues.html`,
    where: all(
      on('ReceiveMessage'),
      at(/^Messages\.\d+\.Attributes\.ApproximateReceiveCount$/),
      ({ ours, theirs }) => Number(theirs) === Number(ours) + 1,
    ),
  },
  {
    oracle: 'does not say from which queue a dead letter comes',
    document: `${SQS}/API_ReceiveMessage.html`,
    where: all(on('ReceiveMessage'), at(/^Messages\.\d+\.Attributes\.DeadLetterQueueSourceArn$/), missing),
  },
  {
    oracle:
      "hands out one message of a group at a time, and takes a message that comes back for its group's newest",
    document: `${SQS_GUIDE}/FIFO-queues-understanding-logic.html`,
    where: any(
      all(on('ReceiveMessage'), messages(areOfOtherGroups)),
      all(on('ReceiveMessage'), input(asksForMany), messages(isPart)),
    ),
  },
  {
    oracle: 'does not look at group ids and deduplication ids, but misses empty ones',
    document: `${SQS}/API_SendMessage.html`,
    where: all(
      on('SendMessage', 'SendMessageBatch'),
      input((made) => JSON.stringify(made).includes('MessageGroupId')),
      any(
        accepts('InvalidParameterValue'),
        codes('InvalidParameterValue', 'AWS.SimpleQueueService.MissingParameter'),
        acceptsEntries('InvalidParameterValue'),
      ),
    ),
  },
  {
    oracle: 'keeps an attribute that was set to nothing, and shows no reuse period of a key',
    document: `${SQS}/API_GetQueueAttributes.html`,
    where: all(
      on('GetQueueAttributes'),
      any(
        all(at(/^Attributes\.KmsDataKeyReusePeriodSeconds$/), missing),
        ({ path, theirs }) => path === 'Attributes' || theirs === '',
      ),
    ),
  },
  {
    oracle: 'keeps the deduplication id and the number of a dead letter',
    document: `${SQS_GUIDE}/sqs-configure-dead-letter-queue-redrive.html`,
    where: all(
      on('ReceiveMessage'),
      any(
        all(at(/MessageDeduplicationId$/), ({ ours }) => textOf(ours).startsWith('<id')),
        all(
          at(/SequenceNumber$/),
          after(({ operation }) => operation === 'ReceiveMessage'),
        ),
      ),
    ),
  },
  {
    oracle: 'takes an expired handle for a message of a FIFO queue',
    document: `${SQS}/API_DeleteMessage.html`,
    where: all(
      on('DeleteMessage', 'DeleteMessageBatch'),
      any(
        accepts('InvalidParameterValue'),
        acceptsEntries('InvalidParameterValue', 'ReceiptHandleIsInvalid'),
      ),
    ),
  },
  {
    oracle: 'takes ids of batch entries of any length',
    document: `${SQS}/API_SendMessageBatchRequestEntry.html`,
    where: accepts('InvalidBatchEntryId'),
  },
  {
    oracle: 'takes an attribute that is set to nothing for another one than none',
    document: `${SQS}/API_CreateQueue.html`,
    where: all(on('CreateQueue'), refuses('AWS.SimpleQueueService.QueueNameExists')),
    ends: false,
  },
  {
    oracle: 'takes any attribute of a new queue',
    document: `${SQS}/API_CreateQueue.html`,
    where: all(on('CreateQueue'), accepts('InvalidAttributeName')),
  },
  {
    oracle: 'takes the dot of `a.*` for a part of the prefix',
    document: `${SQS}/API_ReceiveMessage.html`,
    where: all(
      on('ReceiveMessage'),
      at(/^Messages\.\d+\.(MessageAttributes(\..+)?|MD5OfMessageAttributes)$/),
      input(({ MessageAttributeNames = [] }) => JSON.stringify(MessageAttributeNames) === '["a.*"]'),
      ({ path, ours, theirs }) => path.includes('MD5') || (theirs === undefined && ours !== undefined),
    ),
  },
  {
    oracle: 'hands out all attributes where none were asked for, and the digest of all with some',
    document: `${SQS}/API_ReceiveMessage.html`,
    where: all(
      on('ReceiveMessage'),
      at(/^Messages\.\d+\.(MessageAttributes|MD5OfMessageAttributes)$/),
      input(({ MessageAttributeNames = [] }) => !/All|"\.\*/.test(JSON.stringify(MessageAttributeNames))),
    ),
  },
  {
    oracle: 'takes no characters beyond U+FFFF',
    document: `${SQS}/API_SendMessage.html`,
    where: all(on('SendMessage', 'SendMessageBatch'), refusesAstral),
  },
  {
    oracle: 'takes any delay of a message',
    document: `${SQS}/API_SendMessage.html`,
    where: any(
      all(on('SendMessage'), accepts('InvalidParameterValue'), input(hasWrongDelay)),
      all(on('SendMessageBatch'), acceptsEntries('InvalidParameterValue', ...MESSAGE_CODES)),
    ),
  },
  {
    oracle: 'does not look at message attributes',
    document: `${SQS}/API_MessageAttributeValue.html`,
    where: all(on('SendMessage'), accepts('InvalidParameterValue'), input(hasWrongAttributes)),
  },
  {
    oracle: 'answers as if an unknown attribute had not been asked for',
    document: `${SQS}/API_GetQueueAttributes.html`,
    where: all(on('GetQueueAttributes'), accepts('InvalidAttributeName')),
    ends: false,
  },
  {
    oracle: 'does not look into RedrivePolicy and Policy, and compares them as texts',
    document: `${SQS}/API_SetQueueAttributes.html`,
    where: all(
      on('SetQueueAttributes', 'CreateQueue'),
      input(({ Attributes }) => /"(RedrivePolicy|Policy)"/.test(JSON.stringify(Attributes))),
      any(
        accepts('InvalidAttributeValue', 'InvalidParameterValue', 'QueueNameExists'),
        refuses('AWS.SimpleQueueService.QueueNameExists'),
        codes('InvalidAttributeValue', 'AWS.SimpleQueueService.QueueNameExists'),
        codes('InvalidParameterValue', 'AWS.SimpleQueueService.QueueNameExists'),
      ),
    ),
  },
];

function shown(step: Step): boolean {
  return /"VisibilityTimeout":0/.test(JSON.stringify(step.input));
}

function deleted({ operation }: Step): boolean {
  return operation.startsWith('DeleteMessage');
}

function refusesAstral({ ours, theirs, step }: Difference): boolean {
  return (
    /[\u{10000}-\u{10ffff}]/u.test(JSON.stringify(step.input)) &&
    !JSON.stringify(ours ?? '').includes('InvalidMessageContents') &&
    JSON.stringify(theirs ?? '').includes('InvalidMessageContents')
  );
}

const groupOf = (message: JsonObject | undefined): unknown =>
  (message?.['Attributes'] as JsonObject | undefined)?.['MessageGroupId'];

function areOfOtherGroups(ours: readonly JsonObject[], theirs: readonly JsonObject[]): boolean {
  const first = ours.findIndex(({ MessageId }, i) => MessageId !== theirs[i]?.['MessageId']);
  return groupOf(ours[first]) !== undefined && groupOf(ours[first]) !== groupOf(theirs[first]);
}

function isPart(ours: readonly JsonObject[], theirs: readonly JsonObject[]): boolean {
  const ids = ours.map(({ MessageId }) => MessageId);
  return theirs.every(({ MessageId }) => ids.includes(MessageId));
}

function asksForMany({ MaxNumberOfMessages, QueueUrl }: JsonObject): boolean {
  return MaxNumberOfMessages === 10 && textOf(QueueUrl).startsWith('$url(f');
}

function receivedAtOnceVisible(step: Step): boolean {
  return step.operation === 'ReceiveMessage' && step.input['VisibilityTimeout'] === 0;
}

function hasWrongDelay({ DelaySeconds }: JsonObject): boolean {
  return typeof DelaySeconds === 'number' && (DelaySeconds < 0 || DelaySeconds > 900);
}

function hasWrongAttributes({ MessageAttributes }: JsonObject): boolean {
  return JSON.stringify(MessageAttributes).length > 2;
}
