import type { Publication } from '../engine';
import { checkPublication, maximumMessageSize, publicationSize, ServiceError } from '../engine';
import type { BatchEntry, BatchFailure } from './batch';
import { batchEntries, batchFailure } from './batch';
import { messageAttributes } from './message-attribute-input';
import type { Call, Input, Operations, Output } from './protocol';
import { optionalText, text } from './protocol';

export const publishOperations: Operations = {
  Publish: { resource: targetOf, run: publish },
  PublishBatch: { permission: 'Publish', resource: (input) => text(input, 'TopicArn'), run: publishBatch },
};

function targetOf(input: Input): string {
  if (input.PhoneNumber !== undefined) {
    throw new ServiceError(
      'InvalidParameter',
      'Invalid parameter: PhoneNumber: the local runtime sends no SMS',
    );
  }
  const arn = optionalText(input, 'TopicArn') ?? optionalText(input, 'TargetArn');
  if (arn === undefined) {
    throw new ServiceError(
      'InvalidParameter',
      'Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter',
    );
  }
  return arn;
}

async function publish(input: Input, call: Call): Promise<Output> {
  const [MessageId] = await call.context.broker.publish(targetOf(input), [publicationOf(input, call)]);
  return { MessageId };
}

async function publishBatch(input: Input, call: Call): Promise<Output> {
  const topic = call.context.broker.topics.get(text(input, 'TopicArn'));
  const limit = maximumMessageSize(topic);
  const accepted: { entry: BatchEntry; publication: Publication }[] = [];
  const Failed: BatchFailure[] = [];
  let bytes = 0;
  for (const entry of batchEntries(input, 'PublishBatchRequestEntries')) {
    try {
      const publication = publicationOf(entry.input, call);
      bytes += publicationSize(publication);
      checkPublication(publication, limit);
      accepted.push({ entry, publication });
    } catch (error) {
      Failed.push(batchFailure(entry.id, error));
    }
  }
  if (bytes > limit) {
    throw new ServiceError(
      'BatchRequestTooLong',
      `The length of all the messages put together is more than the limit.`,
    );
  }
  const publications = accepted.map(({ publication }) => publication);
  const ids =
    publications.length > 0 ? await call.context.broker.publish(topic.record.arn, publications) : [];
  return { Successful: accepted.map(({ entry }, i) => ({ Id: entry.id, MessageId: ids[i] })), Failed };
}

function publicationOf(input: Input, call: Call): Publication {
  const traceHeader = call.request.headers['x-amzn-trace-id'];
  return {
    message: optionalText(input, 'Message') ?? '',
    subject: optionalText(input, 'Subject'),
    attributes: messageAttributes(input, 'MessageAttributes'),
    messageStructure: optionalText(input, 'MessageStructure'),
    traceHeader: typeof traceHeader === 'string' ? traceHeader : undefined,
  };
}
