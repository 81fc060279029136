import type { Aws } from '../clients';
import type { Consumer } from '../consumer';
import { asError, consumer, Failure, parsed } from '../consumer';
import { isMessagingError, MessagingError } from '../errors';
import { isArn, isFifo, parseArn } from '../names';
import { Queues } from '../queues';
import type { OutgoingMessage, ReceivedMessage } from '../queues';
import { send } from '../queues/sender';
import { ReplyToList } from './reply-to';
import type { ReplyContent, RequestHandler, RespondOptions } from './types';

/** What fits into an attribute beside the rest of a message, in characters. */
const LONGEST_ERROR = 1_024;

/** Answers the requests that come to a queue; a handler that throws is answered too, with its error's message as attribute `error`. */
export function respond<Data = string>(
  aws: Aws,
  queue: string,
  handler: RequestHandler<Data>,
  options: RespondOptions<Data>,
): Consumer {
  const allowed = new ReplyToList(options.replyTo);
  const queues = new Queues(aws);
  return consumer(aws, queue, options, async (request, { signal }) => {
    const { correlationId, replyTo } = request.attributes;
    const target = await targetOf(aws, allowed, replyTo);
    if (target === undefined || correlationId === undefined) throw notAllowed(queue, request);
    const content = await contentOf(handler, request, options, signal);
    await reply(aws, queues, target, withId(content, correlationId));
  });
}

async function targetOf(aws: Aws, allowed: ReplyToList, replyTo: unknown): Promise<string | undefined> {
  const home = { region: await aws.region(), accountId: await aws.accountId() };
  return allowed.resolve(replyTo, home);
}

function notAllowed(queue: string, { messageId, attributes }: ReceivedMessage): Failure {
  const { replyTo } = attributes;
  const why =
    replyTo === undefined || attributes['correlationId'] === undefined
      ? 'it has not both a replyTo and a correlationId'
      : 'its replyTo is not allowed';
  const text = `Request "${messageId}" of queue "${queue}" is not answered: ${why}`;
  return new Failure('reply-to', new MessagingError('denied', text));
}

async function contentOf<Data>(
  handler: RequestHandler<Data>,
  request: ReceivedMessage,
  options: RespondOptions<Data>,
  signal: AbortSignal,
): Promise<ReplyContent> {
  try {
    return await handler(parsed(request, options), { signal });
  } catch (thrown) {
    // Given back, or somebody else's by now: whoever gets it next answers.
    if (signal.aborted) throw thrown;
    const error = thrown instanceof Failure ? thrown.cause : asError(thrown);
    return { body: '{}', attributes: { error: sendable(error.message) } };
  }
}

/** SQS takes neither an empty text nor control characters. */
function sendable(text: string): string {
  const clean = text.slice(0, LONGEST_ERROR).replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD]/g, ' ');
  return clean === '' ? 'failed' : clean;
}

function withId(content: ReplyContent, correlationId: string | number | Uint8Array): OutgoingMessage {
  const { body, attributes } = typeof content === 'string' ? { body: content } : content;
  return { body, attributes: { ...attributes, correlationId } };
}

async function reply(aws: Aws, queues: Queues, target: string, message: OutgoingMessage): Promise<void> {
  const id = String(message.attributes?.['correlationId']);
  const reply = isFifo(target) ? { ...message, groupId: id, deduplicationId: id } : message;
  try {
    if (isArn(target)) await sendElsewhere(aws, target, reply);
    else await queues.send(target, reply);
  } catch (error) {
    // The one who asked is gone, with its queue: nobody waits for the reply.
    if (!isMessagingError(error, 'not-found')) throw error;
  }
}

/** To a queue of another account; the prefix is this account's. */
async function sendElsewhere(aws: Aws, arn: string, message: OutgoingMessage): Promise<void> {
  const { resource: QueueName, account: QueueOwnerAWSAccountId } = parseArn(arn)!;
  await aws.attempt(`looking for queue "${arn}"`, async () => {
    const { QueueUrl } = await (await aws.sqs()).getQueueUrl({ QueueName, QueueOwnerAWSAccountId });
    aws.rememberQueueUrl(arn, QueueUrl);
  });
  await send(aws, arn, message);
}
