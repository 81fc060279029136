import type { Publication } from '../engine';
import { checkPublication, publicationSize, ServiceError } from '../engine';
import type { BatchEntry, BatchFailure } from './batch';
import { batchEntries, batchFailure } from './batch';
import { messageAttributes } from './message-attribute-input';
import type { Call, Input, Operations, Output, WireContext } from './protocol';
import { optionalText } from './protocol';
import { topicArnOf } from './sns-arn';

export const publishOperations: Operations = {
  Publish: { resource: targetOf, run: publish },
  PublishBatch: {
    permission: 'Publish',
    resource: (input, context) => topicArnOf(input, 'TopicArn', context),
    run: publishBatch,
  },
};

/** A text message is sent to no resource. */
function targetOf(input: Input, context: WireContext): string {
  const names = ['TopicArn', 'TargetArn', 'PhoneNumber'].filter((name) => input[name] !== undefined);
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) {
    throw new ServiceError(
      'InvalidParameter',
      `Invalid parameter: TopicArn or TargetArn Reason: ${name === undefined ? 'no value for required parameter' : `only one of ${names.join(', ')} may be given`}`,
    );
  }
  if (name === 'PhoneNumber') return '*';
  if (
    name === 'TargetArn' &&
    /^[^:]*:[^:]*:sns:[^:]*:[^:]*:endpoint\//.test(optionalText(input, name) ?? '')
  ) {
    throw new ServiceError(
      'InvalidParameter',
      'Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified',
    );
  }
  return topicArnOf(input, name, context);
}

async function publish(input: Input, call: Call): Promise<Output> {
  const { broker } = call.context;
  const publication = publicationOf(input, call);
  const phoneNumber = optionalText(input, 'PhoneNumber');
  if (phoneNumber !== undefined) {
    return { MessageId: broker.sns.text(phoneNumber, publication).messageId };
  }
  const [published] = await broker.publishAll(targetOf(input, call.context), [publication]);
  return { MessageId: published!.messageId, SequenceNumber: published!.sequenceNumber };
}

async function publishBatch(input: Input, call: Call): Promise<Output> {
  const { broker } = call.context;
  const topic = broker.topics.get(topicArnOf(input, 'TopicArn', call.context));
  const accepted: { entry: BatchEntry; publication: Publication }[] = [];
  const Failed: BatchFailure[] = [];
  let bytes = 0;
  for (const entry of batchEntries(input, 'PublishBatchRequestEntries')) {
    try {
      const publication = publicationOf(entry.input, call);
      bytes += publicationSize(publication);
      checkPublication(publication, topic);
      accepted.push({ entry, publication });
    } catch (error) {
      Failed.push(batchFailure(entry.id, error));
    }
  }
  if (bytes > topic.settings.maximumMessageSize) {
    throw new ServiceError(
      'BatchRequestTooLong',
      `The length of all the messages put together is more than the limit.`,
    );
  }
  const publications = accepted.map(({ publication }) => publication);
  const published = publications.length > 0 ? await broker.publishAll(topic.record.arn, publications) : [];
  const Successful = accepted.map(({ entry }, i) => {
    const { messageId, sequenceNumber } = published[i]!;
    return { Id: entry.id, MessageId: messageId, SequenceNumber: sequenceNumber };
  });
  return { Successful, Failed };
}

function publicationOf(input: Input, call: Call): Publication {
  const traceHeader = call.request.headers['x-amzn-trace-id'];
  return {
    message: optionalText(input, 'Message') ?? '',
    subject: optionalText(input, 'Subject'),
    attributes: messageAttributes(input, 'MessageAttributes'),
    messageStructure: optionalText(input, 'MessageStructure') || undefined,
    groupId: optionalText(input, 'MessageGroupId'),
    deduplicationId: optionalText(input, 'MessageDeduplicationId'),
    traceHeader: typeof traceHeader === 'string' ? traceHeader : undefined,
  };
}
