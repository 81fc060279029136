import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { UserError } from '../../errors';
import { nearest } from '../nearest';
import type { Target } from '../target';

export type Tags = Readonly<Record<string, string>>;

/** The last part of an ARN or of a queue's URL. */
export function nameOf(arnOrUrl: string): string {
  return /[^:/]*$/.exec(arnOrUrl)![0];
}

/** Whether an error says that a topic or queue does not exist. */
export function isMissing(error: unknown): boolean {
  return /NotFound|NonExistentQueue|QueueDoesNotExist/.test((error as Error).name);
}

/** ARNs of all topics. */
export async function listTopics(sns: SNSClient): Promise<string[]> {
  const { ListTopicsCommand } = await import('@aws-sdk/client-sns');
  const arns: string[] = [];
  let token: string | undefined;
  do {
    const page = await sns.send(new ListTopicsCommand({ NextToken: token }));
    arns.push(...(page.Topics ?? []).map(({ TopicArn }) => TopicArn!));
    token = page.NextToken;
  } while (token);
  return arns;
}

/** URLs of all queues. */
export async function listQueues(sqs: SQSClient): Promise<string[]> {
  const { ListQueuesCommand } = await import('@aws-sdk/client-sqs');
  const urls: string[] = [];
  let token: string | undefined;
  do {
    const page = await sqs.send(new ListQueuesCommand({ MaxResults: 1000, NextToken: token }));
    urls.push(...(page.QueueUrls ?? []));
    token = page.NextToken;
  } while (token);
  return urls;
}

export async function topicTags(sns: SNSClient, arn: string): Promise<Tags> {
  const { ListTagsForResourceCommand } = await import('@aws-sdk/client-sns');
  const { Tags = [] } = await sns.send(new ListTagsForResourceCommand({ ResourceArn: arn }));
  return Object.fromEntries(Tags.map(({ Key, Value }) => [Key!, Value!]));
}

export async function queueTags(sqs: SQSClient, url: string): Promise<Tags> {
  const { ListQueueTagsCommand } = await import('@aws-sdk/client-sqs');
  const { Tags = {} } = await sqs.send(new ListQueueTagsCommand({ QueueUrl: url }));
  return Tags;
}

/**
 * ARN of a topic that is named by name or ARN.
 * @throws UserError where there is none
 */
export async function findTopic(target: Target, name: string): Promise<string> {
  if (name.startsWith('arn:')) return name;
  const arn = (await listTopics(await target.sns())).find((each) => nameOf(each) === name);
  if (arn !== undefined) return arn;
  throw new UserError(`There is no topic ${name} on ${target.description} (aws-micro setup makes one)`);
}

/**
 * URL of a queue that is named by name, ARN or URL.
 * @throws UserError where there is none
 */
export async function findQueue(target: Target, name: string): Promise<string> {
  if (/^https?:/.test(name)) return name;
  const { GetQueueUrlCommand } = await import('@aws-sdk/client-sqs');
  try {
    const { QueueUrl } = await (await target.sqs()).send(new GetQueueUrlCommand({ QueueName: nameOf(name) }));
    return QueueUrl!;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw await missingQueue(target, name);
  }
}

/** Says which queue was probably meant: mostly a name is given without the stack's in front. */
export async function missingQueue(target: Target, name: string): Promise<UserError> {
  // Who may not list queues gets no hint.
  const names = (await listQueues(await target.sqs()).catch(() => [])).map(nameOf);
  const meant = names.filter((each) => each.endsWith(`-${nameOf(name)}`));
  const [only = nearest(name, names)] = meant.length > 1 ? [meant.join(' or ')] : meant;
  const hint = only === undefined ? ' (aws-micro queues lists them)' : `: did you mean ${only}?`;
  return new UserError(`There is no queue ${name} on ${target.description}${hint}`);
}

/** Runs `work` on each item, a few at a time, and keeps the order. */
export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index]!);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return results;
}
