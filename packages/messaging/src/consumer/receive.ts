import type { Aws } from '../clients';
import { toReceived } from '../queues/received';
import type { ReceivedMessage } from '../queues/types';
import type { ConsumerParts } from './consumer';
import { Consumer } from './consumer';
import { asError, Failure } from './failure';
import { checkConsumeOptions } from './settings';
import type { ConsumedMessage, ConsumeOptions, MessageHandler } from './types';

/** Has the queue's messages handled until the consumer is stopped. */
export function receive<Data = string>(
  aws: Aws,
  queue: string,
  handler: MessageHandler<Data>,
  options: ConsumeOptions<Data> = {},
): Consumer {
  return consumer(aws, queue, options, async (message, { signal }) => {
    await handler(parsed(message, options), { signal });
  });
}

/** A consumer whose handler is the library's own. */
export function consumer<Data>(
  aws: Aws,
  queue: string,
  options: ConsumeOptions<Data>,
  handle: ConsumerParts['handle'],
): Consumer {
  aws.checkName('queue', queue);
  checkConsumeOptions(options);
  return new Consumer({
    ...{ aws, queue, options, handle },
    open: (raw) => toReceived(aws, raw),
  });
}

/** The message with what the options make of its body; throws the failure that says so. */
export function parsed<Data>(message: ReceivedMessage, options: ConsumeOptions<Data>): ConsumedMessage<Data> {
  try {
    // Without `parse` the type says that the data are the body.
    const data = options.parse === undefined ? (message.body as Data) : options.parse(message.body, message);
    return { ...message, data };
  } catch (error) {
    throw new Failure('parse', asError(error));
  }
}
