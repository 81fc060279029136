import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { UserError } from '../../errors';
import { pause } from '../pause';
import type { Target } from '../target';
import { isFifo, SETUP_TAG } from './names';
import { queuePolicy, topicPolicy } from './policies';
import { isMissing, nameOf, queueTags, topicTags } from './resources';

export interface DemoQueue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly subscriptionArn: string;
}

export interface Demo {
  readonly topicArn: string;
  readonly queues: readonly DemoQueue[];
}

/** SQS keeps a deleted queue's name for 60 seconds. */
const RETRY_MS = 1000;
const MAX_RETRIES = 90;

export interface Patience {
  /** Ends the wait for a name. */
  readonly signal: AbortSignal;
  /** Says why it waits. */
  readonly note: (text: string) => void;
}

/**
 * Makes a topic and queues that are subscribed to it exist. What is there already is brought to the same state.
 *
 * @throws UserError where one of the names belongs to something that was not made here; nothing is changed then
 */
export async function buildDemo(
  target: Target,
  topic: string,
  queues: readonly string[],
  patience: Patience,
): Promise<Demo> {
  const [sns, sqs] = await Promise.all([target.sns(), target.sqs()]);
  const existing = await Promise.all(queues.map((name) => existingQueue(sqs, name, topic)));
  const topicArn = await ensureTopic(sns, topic);
  const made = await Promise.all(
    queues.map((name, index) => ensureQueue({ sns, sqs, name, topicArn, url: existing[index], patience })),
  );
  return { topicArn, queues: made };
}

function foreign(kind: string, name: string): UserError {
  return new UserError(
    `The ${kind} ${name} exists, and was not made by setup for this topic (its tag ${SETUP_TAG} is missing or another's): ` +
      `take another name with --${kind === 'topic' ? 'topic' : 'queues'}`,
  );
}

async function existingQueue(sqs: SQSClient, name: string, topic: string): Promise<string | undefined> {
  const { GetQueueUrlCommand } = await import('@aws-sdk/client-sqs');
  let url: string;
  try {
    url = (await sqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl!;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  if ((await queueTags(sqs, url))[SETUP_TAG] !== topic) throw foreign('queue', name);
  return url;
}

async function ensureTopic(sns: SNSClient, name: string): Promise<string> {
  const { CreateTopicCommand, SetTopicAttributesCommand } = await import('@aws-sdk/client-sns');
  const request = {
    Name: name,
    Tags: [{ Key: SETUP_TAG, Value: name }],
    ...(isFifo(name) && { Attributes: { FifoTopic: 'true', ContentBasedDeduplication: 'true' } }),
  };
  // A topic that exists is answered as it is, unless it has other tags: then AWS refuses.
  const topicArn = await sns.send(new CreateTopicCommand(request)).then(
    ({ TopicArn }) => TopicArn!,
    (error: Error) => {
      throw /already exists with different/.test(error.message) ? foreign('topic', name) : error;
    },
  );
  if ((await topicTags(sns, topicArn))[SETUP_TAG] !== name) throw foreign('topic', name);
  const attributes = { KmsMasterKeyId: 'alias/aws/sns', Policy: topicPolicy(topicArn) };
  for (const [AttributeName, AttributeValue] of Object.entries(attributes)) {
    await sns.send(new SetTopicAttributesCommand({ TopicArn: topicArn, AttributeName, AttributeValue }));
  }
  return topicArn;
}

interface QueueRequest {
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly name: string;
  readonly topicArn: string;
  /** Where it exists. */
  readonly url: string | undefined;
  readonly patience: Patience;
}

async function ensureQueue({ sns, sqs, name, topicArn, url, patience }: QueueRequest): Promise<DemoQueue> {
  const { GetQueueAttributesCommand, SetQueueAttributesCommand } = await import('@aws-sdk/client-sqs');
  const QueueUrl = url ?? (await createQueue(sqs, name, nameOf(topicArn), patience));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const arn = Attributes!['QueueArn']!;
  await sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl,
      Attributes: { SqsManagedSseEnabled: 'true', Policy: queuePolicy(arn, topicArn) },
    }),
  );
  return { name, url: QueueUrl, arn, subscriptionArn: await subscribe(sns, topicArn, arn) };
}

async function createQueue(
  sqs: SQSClient,
  name: string,
  topic: string,
  { signal, note }: Patience,
): Promise<string> {
  const { CreateQueueCommand } = await import('@aws-sdk/client-sqs');
  const request = {
    QueueName: name,
    Attributes: { SqsManagedSseEnabled: 'true', ...(isFifo(name) && { FifoQueue: 'true' }) },
    tags: { [SETUP_TAG]: topic },
  };
  for (let retry = 0; ; retry += 1) {
    try {
      return (await sqs.send(new CreateQueueCommand(request))).QueueUrl!;
    } catch (error) {
      if (!/QueueDeletedRecently/.test((error as Error).name) || retry === MAX_RETRIES) throw error;
      if (retry === 0)
        note(`${name} was deleted less than 60 seconds ago: waiting until SQS gives its name away again`);
      await pause(RETRY_MS, signal);
      signal.throwIfAborted();
    }
  }
}

/** Raw: what is received is what was published, attributes included. */
async function subscribe(sns: SNSClient, topicArn: string, queueArn: string): Promise<string> {
  const { SubscribeCommand } = await import('@aws-sdk/client-sns');
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: 'sqs',
      Endpoint: queueArn,
      Attributes: { RawMessageDelivery: 'true' },
      ReturnSubscriptionArn: true,
    }),
  );
  return SubscriptionArn!;
}
