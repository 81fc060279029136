import type { Queue } from '../engine';
import { queueArn, ServiceError } from '../engine';
import { page } from './paging';
import { addPermission, removePermission } from './permissions';
import type { Call, Input, Operations, Output, WireContext } from './protocol';
import { optionalInteger, optionalText, text, textList, textMap } from './protocol';
import { queueUrl, requestedQueue, requestedQueueArn } from './queue-url';

const MAX_RESULTS = 1000;
const MAX_TAGS = 50;
const MAX_TAG_VALUE = 256;
const TAG_KEY = /^[^]{1,128}$/;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html */
const MAX_ACTIONS = 7;
const SHARED_ACTIONS = new Set([
  '*',
  'ChangeMessageVisibility',
  'DeleteMessage',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListDeadLetterSourceQueues',
  'PurgeQueue',
  'ReceiveMessage',
  'SendMessage',
]);
const NAMES = { prefix: 'SQS', accounts: 'AWSAccountIds', actions: 'Actions' };

export const queueOperations: Operations = {
  CreateQueue: { resource: namedQueueArn, run: createQueue },
  GetQueueUrl: { resource: namedQueueArn, run: getQueueUrl },
  ListQueues: { run: listQueues },
  ListDeadLetterSourceQueues: { resource: requestedQueueArn, run: listDeadLetterSourceQueues },
  GetQueueAttributes: { resource: requestedQueueArn, run: getQueueAttributes },
  SetQueueAttributes: { resource: requestedQueueArn, run: setQueueAttributes },
  PurgeQueue: {
    resource: requestedQueueArn,
    run: withQueue((queue, { context }) => context.broker.queues.purge(queue)),
  },
  DeleteQueue: {
    resource: requestedQueueArn,
    run: withQueue((queue, { context }) => context.broker.queues.delete(queue)),
  },
  ListQueueTags: { resource: requestedQueueArn, run: listQueueTags },
  TagQueue: { resource: requestedQueueArn, run: withQueue(tagQueue) },
  UntagQueue: { resource: requestedQueueArn, run: withQueue(untagQueue) },
  AddPermission: { resource: requestedQueueArn, run: withQueue(allow) },
  RemovePermission: { resource: requestedQueueArn, run: withQueue(disallow) },
};

function withQueue(act: (queue: Queue, call: Call, input: Input) => Promise<void>) {
  return async (input: Input, call: Call): Promise<Output> => {
    await act(requestedQueue(input, call.context, call.request), call, input);
    return {};
  };
}

function namedQueueArn(input: Input, context: WireContext): string {
  return queueArn(context.broker.locale, text(input, 'QueueName'));
}

async function createQueue(input: Input, { context }: Call): Promise<Output> {
  const tags = queueTags(input, 'tags');
  const attributes = textMap(input, 'Attributes');
  const queue = await context.broker.queues.create(text(input, 'QueueName'), attributes, tags);
  return { QueueUrl: urlOf(queue, context) };
}

function getQueueUrl(input: Input, { context }: Call): Output {
  return { QueueUrl: urlOf(context.broker.queues.get(namedQueueArn(input, context)), context) };
}

function listQueues(input: Input, { context }: Call): Output {
  const prefix = optionalText(input, 'QueueNamePrefix') ?? '';
  const queues = context.broker.queues.list().filter((queue) => queue.record.name.startsWith(prefix));
  const { urls, NextToken } = pageOfUrls(queues, input, context);
  return { QueueUrls: urls, NextToken };
}

function listDeadLetterSourceQueues(input: Input, { context, request }: Call): Output {
  const queue = requestedQueue(input, context, request);
  const { urls, NextToken } = pageOfUrls(context.broker.queues.sourcesOf(queue.arn), input, context);
  return { queueUrls: urls, NextToken };
}

function pageOfUrls(queues: readonly Queue[], input: Input, context: WireContext) {
  const size = optionalInteger(input, 'MaxResults', 1, MAX_RESULTS);
  const { items, nextToken } = page(
    queues,
    size ?? MAX_RESULTS,
    optionalText(input, 'NextToken'),
    'InvalidParameterValue',
  );
  // SQS continues a list only for those who asked for pages.
  return {
    urls: items.map((queue) => urlOf(queue, context)),
    NextToken: size === undefined ? undefined : nextToken,
  };
}

function getQueueAttributes(input: Input, { context, request }: Call): Output {
  const queue = requestedQueue(input, context, request);
  const names = textList(input, 'AttributeNames');
  const all = attributesOf(queue);
  if (names.includes('All')) return { Attributes: all };
  const unknown = names.find((name) => !(name in all) && !OPTIONAL.has(name));
  if (unknown !== undefined) throw new ServiceError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  const selected = Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
  return Object.keys(selected).length > 0 ? { Attributes: selected } : {};
}

// Attributes that a queue may or may not have.
const OPTIONAL = new Set([
  'Policy',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
]);

function attributesOf(queue: Queue): Record<string, string> {
  const { arn, attributes, createdAt, modifiedAt } = queue.record;
  const { visible, inFlight, delayed } = queue.depth();
  return {
    QueueArn: arn,
    ...attributes,
    CreatedTimestamp: String(Math.floor(createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(modifiedAt / 1000)),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
  };
}

async function setQueueAttributes(input: Input, { context, request }: Call): Promise<Output> {
  const attributes = textMap(input, 'Attributes');
  await context.broker.queues.setAttributes(requestedQueue(input, context, request), attributes);
  return {};
}

function listQueueTags(input: Input, { context, request }: Call): Output {
  const { tags } = requestedQueue(input, context, request).record;
  return Object.keys(tags).length > 0 ? { Tags: tags } : {};
}

async function tagQueue(queue: Queue, { context }: Call, input: Input): Promise<void> {
  const tags = { ...queue.record.tags, ...queueTags(input, 'Tags') };
  if (Object.keys(tags).length > MAX_TAGS) {
    throw invalidTag(`Too many tags added for queue ${queue.record.name}.`);
  }
  await context.broker.queues.setTags(queue, tags);
}

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html
function queueTags(input: Input, member: string): Record<string, string> {
  const tags = textMap(input, member);
  if (Object.keys(tags).length > MAX_TAGS) throw invalidTag(`More than ${MAX_TAGS} tags.`);
  for (const [key, value] of Object.entries(tags)) {
    if (!TAG_KEY.test(key) || key.toLowerCase().startsWith('aws:')) {
      throw invalidTag(
        `The tag key ${key.slice(0, 200)} is invalid: 1 to 128 characters, not beginning with aws:.`,
      );
    }
    if (value.length > MAX_TAG_VALUE)
      throw invalidTag(`The value of the tag ${key} is longer than ${MAX_TAG_VALUE}.`);
  }
  return tags;
}

function invalidTag(message: string): ServiceError {
  return new ServiceError('InvalidParameterValue', message);
}

async function untagQueue(queue: Queue, { context }: Call, input: Input): Promise<void> {
  const keys = new Set(textList(input, 'TagKeys'));
  const kept = Object.entries(queue.record.tags).filter(([key]) => !keys.has(key));
  await context.broker.queues.setTags(queue, Object.fromEntries(kept));
}

async function allow(queue: Queue, { context }: Call, input: Input): Promise<void> {
  const actions = textList(input, 'Actions');
  const unknown = actions.find((action) => !SHARED_ACTIONS.has(action));
  if (unknown !== undefined) {
    const shown = unknown.slice(0, 200);
    const reason = `Only the queue's owner is allowed to invoke it, or it is no action: ${[...SHARED_ACTIONS].join(', ')}.`;
    throw new ServiceError(
      'InvalidParameterValue',
      `Value SQS:${shown} for parameter ActionName is invalid. Reason: ${reason}`,
    );
  }
  if (actions.length > MAX_ACTIONS) {
    throw new ServiceError(
      'OverLimit',
      `${actions.length} Actions were found, maximum allowed is ${MAX_ACTIONS}.`,
      403,
    );
  }
  const Policy = addPermission(queue.record.attributes.Policy, input, queue.arn, NAMES);
  await context.broker.queues.setAttributes(queue, { Policy });
}

async function disallow(queue: Queue, { context }: Call, input: Input): Promise<void> {
  const Policy = removePermission(queue.record.attributes.Policy, input);
  await context.broker.queues.setAttributes(queue, { Policy });
}

function urlOf(queue: Queue, context: WireContext): string {
  return queueUrl(context.endpointUrl, context.broker.locale, queue.record.name);
}
