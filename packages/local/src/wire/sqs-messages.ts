import type { MessageAttributes, Principal, ReceivedMessage } from '../contracts';
import type { Draft, Queue, SentMessage } from '../engine';
import { attributesSize, checkDraft, md5OfAttributes, md5OfBody, ServiceError } from '../engine';
import type { BatchEntry, BatchFailure } from './batch';
import { batchEntries, batchFailure, eachEntry } from './batch';
import { messageAttributes, renderMessageAttributes } from './message-attribute-input';
import type { Call, Input, Operations, Output } from './protocol';
import { optionalInteger, optionalText, text, textList } from './protocol';
import { requestedQueue, requestedQueueArn } from './queue-url';

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
const MAX_BATCH_BYTES = 1_048_576;
const MAX_VISIBILITY_SECONDS = 43_200;
const MAX_DELAY_SECONDS = 900;
const ATTEMPT_ID = /^[\x21-\x7e]{1,128}$/;
const TRACE_HEADER = 'AWSTraceHeader';

export const messageOperations: Operations = {
  SendMessage: { resource: requestedQueueArn, run: sendMessage },
  SendMessageBatch: { permission: 'SendMessage', resource: requestedQueueArn, run: sendMessageBatch },
  ReceiveMessage: { resource: requestedQueueArn, run: receiveMessage },
  DeleteMessage: { resource: requestedQueueArn, run: deleteMessage },
  DeleteMessageBatch: { permission: 'DeleteMessage', resource: requestedQueueArn, run: deleteMessageBatch },
  ChangeMessageVisibility: { resource: requestedQueueArn, run: changeMessageVisibility },
  ChangeMessageVisibilityBatch: {
    permission: 'ChangeMessageVisibility',
    resource: requestedQueueArn,
    run: changeMessageVisibilityBatch,
  },
};

function queueOf(input: Input, call: Call): Queue {
  return requestedQueue(input, call.context, call.request);
}

async function sendMessage(input: Input, call: Call): Promise<Output> {
  const queue = queueOf(input, call);
  const draft = draftOf(input, call);
  const [answer] = await call.context.broker.sendAll(queue, [draft.message]);
  return sent(answer!, draft);
}

async function sendMessageBatch(input: Input, call: Call): Promise<Output> {
  const queue = queueOf(input, call);
  const accepted: { entry: BatchEntry; draft: WireDraft }[] = [];
  const Failed: BatchFailure[] = [];
  let bytes = 0;
  for (const entry of batchEntries(input, 'Entries')) {
    try {
      // Also an entry that fails weighs.
      bytes += Buffer.byteLength(optionalText(entry.input, 'MessageBody') ?? '');
      const draft = draftOf(entry.input, call);
      bytes += attributesSize(draft.message.attributes);
      checkDraft(queue, draft.message);
      accepted.push({ entry, draft });
    } catch (error) {
      Failed.push(batchFailure(entry.id, error));
    }
  }
  if (bytes > MAX_BATCH_BYTES) {
    const reason = `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes. You have sent ${bytes} bytes.`;
    throw new ServiceError('BatchRequestTooLong', reason);
  }
  const drafts = accepted.map(({ draft }) => draft.message);
  const answers = drafts.length > 0 ? await call.context.broker.sendAll(queue, drafts) : [];
  const Successful = accepted.map(({ entry, draft }, i) => ({ Id: entry.id, ...sent(answers[i]!, draft) }));
  return { Successful, Failed };
}

interface WireDraft {
  readonly message: Draft;
  readonly systemAttributes: MessageAttributes;
}

function draftOf(input: Input, call: Call): WireDraft {
  const systemAttributes = messageAttributes(input, 'MessageSystemAttributes') ?? {};
  const { [TRACE_HEADER]: trace, ...others } = systemAttributes;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new ServiceError('InvalidParameterValue', `Message system attribute name '${unknown}' is invalid.`);
  }
  if (trace && trace.dataType !== 'String') {
    throw new ServiceError(
      'InvalidParameterValue',
      `The message system attribute '${TRACE_HEADER}' must be of type String, and is ${trace.dataType}.`,
    );
  }
  const header = call.request.headers['x-amzn-trace-id'];
  const message = {
    body: text(input, 'MessageBody'),
    attributes: messageAttributes(input, 'MessageAttributes'),
    traceHeader: trace?.value ?? (typeof header === 'string' ? header : undefined),
    delaySeconds: optionalInteger(input, 'DelaySeconds', 0, MAX_DELAY_SECONDS),
    groupId: optionalText(input, 'MessageGroupId'),
    deduplicationId: optionalText(input, 'MessageDeduplicationId'),
    senderId: senderId(call.principal, call.context.broker.locale.accountId),
  };
  return { message, systemAttributes };
}

function senderId(principal: Principal, accountId: string): string {
  return principal.kind === 'function' ? `AROALOCAL:${principal.functionName}` : accountId;
}

function sent({ messageId, sequenceNumber }: SentMessage, draft: WireDraft) {
  return {
    MessageId: messageId,
    SequenceNumber: sequenceNumber,
    MD5OfMessageBody: md5OfBody(draft.message.body),
    MD5OfMessageAttributes: md5OfAttributes(draft.message.attributes ?? {}),
    MD5OfMessageSystemAttributes: md5OfAttributes(draft.systemAttributes),
  };
}

async function receiveMessage(input: Input, call: Call): Promise<Output> {
  const queue = queueOf(input, call);
  const messages = await queue.receive({
    maxMessages: optionalInteger(input, 'MaxNumberOfMessages', 1, 10) ?? 1,
    waitSeconds: optionalInteger(input, 'WaitTimeSeconds', 0, 20) ?? queue.settings.waitSeconds,
    visibilitySeconds: optionalInteger(input, 'VisibilityTimeout', 0, MAX_VISIBILITY_SECONDS),
    attemptId: attemptIdOf(input),
    consumer: call.principal.kind === 'function' ? call.principal.functionName : undefined,
    signal: call.signal(),
  });
  if (messages.length === 0) return {};
  const systemNames = [
    ...textList(input, 'MessageSystemAttributeNames'),
    ...textList(input, 'AttributeNames'),
  ];
  const names = textList(input, 'MessageAttributeNames');
  return { Messages: messages.map((message) => renderMessage(message, systemNames, names)) };
}

function attemptIdOf(input: Input): string | undefined {
  const id = optionalText(input, 'ReceiveRequestAttemptId');
  if (id === undefined || ATTEMPT_ID.test(id)) return id;
  const rule =
    'ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length.';
  const shown = id.slice(0, 200);
  throw new ServiceError(
    'InvalidParameterValue',
    `Value ${shown} for parameter ReceiveRequestAttemptId is invalid. Reason: ${rule}`,
  );
}

function renderMessage(
  message: ReceivedMessage,
  systemNames: readonly string[],
  names: readonly string[],
): Output {
  const attributes = selectAttributes(message.attributes, names);
  const hasAttributes = Object.keys(attributes).length > 0;
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5OfBody(message.body),
    Body: message.body,
    Attributes: systemNames.length > 0 ? systemAttributes(message, systemNames) : undefined,
    MD5OfMessageAttributes: hasAttributes ? md5OfAttributes(attributes) : undefined,
    MessageAttributes: hasAttributes ? renderMessageAttributes(attributes) : undefined,
  };
}

function systemAttributes(message: ReceivedMessage, names: readonly string[]): Record<string, string> {
  const all: Record<string, string | undefined> = {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    [TRACE_HEADER]: message.traceHeader,
    DeadLetterQueueSourceArn: message.deadLetterSourceArn,
    MessageGroupId: message.groupId,
    MessageDeduplicationId: message.deduplicationId,
    SequenceNumber: message.sequenceNumber,
  };
  const selected: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined && (names.includes('All') || names.includes(name))) selected[name] = value;
  }
  return selected;
}

/** Names may be exact, `All`, `.*` or a prefix with `.*`. */
function selectAttributes(attributes: MessageAttributes, names: readonly string[]): MessageAttributes {
  if (names.length === 0) return {};
  if (names.includes('All') || names.includes('.*')) return attributes;
  const prefixes = names.filter((name) => name.endsWith('.*')).map((name) => name.slice(0, -2));
  const wanted = (name: string) => names.includes(name) || prefixes.some((prefix) => name.startsWith(prefix));
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted(name)));
}

async function deleteMessage(input: Input, call: Call): Promise<Output> {
  await deleteOne(queueOf(input, call), input, call);
  return {};
}

async function deleteMessageBatch(input: Input, call: Call): Promise<Output> {
  const queue = queueOf(input, call);
  return eachEntry(batchEntries(input, 'Entries'), async (entry) => {
    await deleteOne(queue, entry.input, call);
    return { Id: entry.id };
  });
}

async function deleteOne(queue: Queue, input: Input, call: Call): Promise<void> {
  const handle = text(input, 'ReceiptHandle');
  queue.checkDeletion(handle);
  await call.context.broker.deleteMessages(queue.arn, [handle]);
}

function changeMessageVisibility(input: Input, call: Call): Output {
  changeOne(queueOf(input, call), input);
  return {};
}

function changeMessageVisibilityBatch(input: Input, call: Call): Promise<Output> {
  const queue = queueOf(input, call);
  return eachEntry(batchEntries(input, 'Entries'), (entry) => {
    changeOne(queue, entry.input);
    return { Id: entry.id };
  });
}

function changeOne(queue: Queue, input: Input): void {
  const seconds = optionalInteger(input, 'VisibilityTimeout', 0, MAX_VISIBILITY_SECONDS);
  if (seconds === undefined) {
    throw new ServiceError('MissingParameter', 'The request must contain the parameter VisibilityTimeout.');
  }
  queue.changeVisibility(text(input, 'ReceiptHandle'), seconds);
}
