import { createHash } from 'node:crypto';
import { route } from '../route';
import {
  fromReceived,
  fromAttributes,
  QueueMessage,
  QueueMessageBatch,
  ReceiptHandle,
  ReceivedMessages,
  ReceiveOptions,
  Reply,
  QueueRequest,
  SentBatch,
  SentMessage,
  toAttributes,
  Visibility,
} from '../schemas/messages';
import type { AttributesJson } from '../schemas/messages';
import { QueueName } from '../schemas/names';

const tag = 'Messages';
const params = { queue: QueueName };

/** Kept of a request's time for what comes after a long poll. */
const SPARE_SECONDS = 2;

interface Outgoing {
  readonly body: string;
  readonly attributes?: AttributesJson;
  readonly deduplicationId?: string;
}

/** As the library takes it; `key` stands in for the deduplication id of a FIFO message that has none. */
export function outgoing<M extends Outgoing>(resource: string, message: M, key: string | undefined) {
  const isFifo = resource.endsWith('.fifo');
  const deduplicationId = message.deduplicationId ?? (isFifo ? key : undefined);
  return {
    ...message,
    attributes: toAttributes(message.attributes),
    ...(deduplicationId !== undefined && { deduplicationId }),
  };
}

/** A key for each message of a batch. */
export function keyOf(key: string | undefined, index: number): string | undefined {
  return key && createHash('sha256').update(`${key} ${index}`).digest('hex');
}

export const messageRoutes = [
  route({
    method: 'POST',
    path: '/v1/queues/{queue}/messages',
    operationId: 'sendMessage',
    tag,
    summary: 'Sends a message to a queue',
    scope: 'write',
    idempotent: true,
    params,
    body: QueueMessage,
    success: { status: 202, description: 'The queue has the message.', schema: SentMessage },
    run: ({ messaging, params: { queue }, body, idempotencyKey }) =>
      messaging.queues.send(queue, outgoing(queue, body, idempotencyKey)),
  }),
  route({
    method: 'POST',
    path: '/v1/queues/{queue}/messages/batch',
    operationId: 'sendMessages',
    tag,
    summary: 'Sends up to 1000 messages to a queue',
    description: 'The answer names the messages that were not taken.',
    scope: 'write',
    idempotent: true,
    params,
    body: QueueMessageBatch,
    success: {
      status: 202,
      description: 'The queue has the messages that are not in failed.',
      schema: SentBatch,
    },
    run: ({ messaging, params: { queue }, body, idempotencyKey }) =>
      messaging.queues.sendAll(
        queue,
        body.messages.map((message, index) => outgoing(queue, message, keyOf(idempotencyKey, index))),
      ),
  }),
  route({
    method: 'POST',
    path: '/v1/queues/{queue}/messages/receive',
    operationId: 'receiveMessages',
    tag,
    summary: 'Receives messages of a queue',
    description:
      'They are hidden from others until their visibility timeout is over: delete each before that. A client that goes away ends the wait.',
    scope: 'write',
    params,
    body: ReceiveOptions,
    bodyOptional: true,
    success: { status: 200, description: 'The messages, perhaps none.', schema: ReceivedMessages },
    run: async ({ messaging, params: { queue }, body, signal, maxWaitSeconds }) => {
      const longest = Math.max(0, Math.floor(maxWaitSeconds) - SPARE_SECONDS);
      const waitSeconds = Math.min(body.waitSeconds ?? 0, longest);
      const messages = await messaging.queues.receive(queue, { ...body, waitSeconds, signal });
      return { messages: messages.map(fromReceived) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/queues/{queue}/messages/{receiptHandle}',
    operationId: 'deleteMessage',
    tag,
    summary: 'Deletes a message that was received',
    scope: 'write',
    params: { queue: QueueName, receiptHandle: ReceiptHandle },
    success: { status: 204, description: 'The message is gone.' },
    run: ({ messaging, params: { queue, receiptHandle } }) =>
      messaging.queues.deleteMessage(queue, receiptHandle),
  }),
  route({
    method: 'PATCH',
    path: '/v1/queues/{queue}/messages/{receiptHandle}',
    operationId: 'changeVisibility',
    tag,
    summary: 'Changes how long a message that was received stays hidden',
    scope: 'write',
    params: { queue: QueueName, receiptHandle: ReceiptHandle },
    body: Visibility,
    success: { status: 204, description: 'The message stays hidden for so long.' },
    run: ({ messaging, params: { queue, receiptHandle }, body }) =>
      messaging.queues.changeVisibility(queue, receiptHandle, body.visibilityTimeoutSeconds),
  }),
  route({
    method: 'POST',
    path: '/v1/queues/{queue}/requests',
    operationId: 'sendRequest',
    tag,
    summary: 'Sends a request to a queue and waits for its reply',
    description:
      'The message has the attributes correlationId and replyTo, the name of a temporary queue of the server. 504 when there is no reply in time.',
    scope: 'write',
    idempotent: true,
    params,
    body: QueueRequest,
    success: { status: 200, description: 'The reply.', schema: Reply },
    run: async ({ params: { queue }, body, signal, maxWaitSeconds, idempotencyKey, requesters }) => {
      const { timeoutSeconds = maxWaitSeconds, ...message } = body;
      const longest = Math.max(1, maxWaitSeconds - SPARE_SECONDS);
      const timeoutMs = Math.min(timeoutSeconds, longest) * 1000;
      const { body: text, ...options } = outgoing(queue, message, idempotencyKey);
      const reply = await requesters.request(queue, text, { ...options, timeoutMs, signal });
      return { messageId: reply.messageId, body: reply.body, attributes: fromAttributes(reply.attributes) };
    },
  }),
];
