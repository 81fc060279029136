import type { Message } from '@aws-sdk/client-sqs';
import type { Aws } from '../clients';
import { asMessagingError } from '../errors';
import { receiveCountOf, toReceived } from './received';
import type { ReceivedMessage, ReceiveOptions } from './types';

/** One call of ReceiveMessage. A message whose large body cannot be had is told of and not given: it comes again. */
export async function receive(
  aws: Aws,
  queue: string,
  { max = 10, waitSeconds = 0, visibilityTimeoutSeconds, signal }: ReceiveOptions,
): Promise<ReceivedMessage[]> {
  const messages = await aws.attempt(`receiving from queue "${queue}"`, async () => {
    const [sqs, url] = await Promise.all([aws.sqs(), aws.queueUrl(queue)]);
    const { Messages = [] } = await sqs.receiveMessage(
      {
        QueueUrl: url,
        MaxNumberOfMessages: max,
        WaitTimeSeconds: waitSeconds,
        VisibilityTimeout: visibilityTimeoutSeconds,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      },
      {
        requestTimeout: aws.settings.requestTimeoutMs + waitSeconds * 1000,
        ...(signal !== undefined && { abortSignal: signal }),
      },
    );
    return Messages;
  });
  const received = await Promise.all(messages.map((message) => open(aws, queue, message)));
  return received.filter((message) => message !== undefined);
}

async function open(aws: Aws, queue: string, message: Message): Promise<ReceivedMessage | undefined> {
  const about = { resource: queue, messageId: message.MessageId!, receiveCount: receiveCountOf(message) };
  try {
    const received = await toReceived(aws, message);
    aws.events.emit('message.received', about);
    return received;
  } catch (error) {
    const failure = asMessagingError(error, `opening a message of queue "${queue}"`);
    aws.events.emit('message.failed', { ...about, reason: 'payload', error: failure });
    return undefined;
  }
}
