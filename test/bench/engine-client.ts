import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { runConcurrently } from '../support/load';
import { perSecond } from './measure';

const CONCURRENCY = 32;
const BODY = JSON.stringify({ messageId: '00000000-0000-4000-8000-000000000000', message: 'hello' });

/** Drives one SNS and SQS server through the AWS SDK. */
export class EngineClient {
  private readonly sns: SNSClient;
  private readonly sqs: SQSClient;
  private topics = 0;
  private queues = 0;

  private constructor(
    private readonly server: ChildProcess,
    readonly url: string,
  ) {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const config = { endpoint: url, region: 'us-east-1', credentials };
    this.sns = new SNSClient(config);
    this.sqs = new SQSClient(config);
  }

  static async start(kind: 'aws-micro' | 'fauxqs'): Promise<EngineClient> {
    const args = ['--import', 'tsx', join(__dirname, 'engine-server.ts'), kind];
    const server = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    return new EngineClient(server, line.toString().trim());
  }

  async stop(): Promise<void> {
    const ended = once(this.server, 'exit');
    this.sns.destroy();
    this.sqs.destroy();
    this.server.stdin?.end();
    await ended;
  }

  /** Publishes per second to a topic with `width` queues, each of which gets every message. */
  async publishes(width: number, count: number): Promise<number> {
    const { TopicArn } = await this.sns.send(new CreateTopicCommand({ Name: `topic-${++this.topics}` }));
    const urls = await this.createQueues(width);
    await runConcurrently(width, CONCURRENCY, async (index) => {
      const Endpoint = await this.admit(urls[index] ?? '', TopicArn ?? '');
      const Attributes = { RawMessageDelivery: 'true' };
      await this.sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes }));
    });
    const publish = async (): Promise<void> => {
      await this.sns.send(new PublishCommand({ TopicArn, Message: BODY }));
    };
    const warmUp = Math.ceil(count / 4);
    await runConcurrently(warmUp, CONCURRENCY, publish);
    const rate = await perSecond(count, () => runConcurrently(count, CONCURRENCY, publish));
    await this.expectDepth(urls.at(-1) ?? '', warmUp + count);
    return rate;
  }

  /** Cycles of send, receive and delete per second, each on one of `urls` in turn. */
  async cycles(urls: readonly string[], count: number): Promise<number> {
    const cycle = (index: number) => this.cycle(urls[index % urls.length] ?? '');
    await runConcurrently(Math.ceil(count / 4), CONCURRENCY, cycle);
    return perSecond(count, () => runConcurrently(count, CONCURRENCY, cycle));
  }

  /** URLs of that many new queues. */
  async createQueues(count: number): Promise<string[]> {
    const urls: string[] = [];
    await runConcurrently(count, CONCURRENCY, async () => {
      const name = `queue-${++this.queues}`;
      const { QueueUrl = '' } = await this.sqs.send(new CreateQueueCommand({ QueueName: name }));
      urls.push(QueueUrl);
    });
    return urls;
  }

  private async cycle(QueueUrl: string): Promise<void> {
    await this.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: BODY }));
    const { Messages = [] } = await this.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }),
    );
    const ReceiptHandle = Messages[0]?.ReceiptHandle;
    if (ReceiptHandle === undefined) throw new Error('a message that was sent was not received');
    await this.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }

  /** Lets the topic send to the queue; answers its ARN. */
  private async admit(QueueUrl: string, topicArn: string): Promise<string> {
    const { Attributes } = await this.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    const arn = Attributes?.['QueueArn'] ?? '';
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: arn,
      Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
    };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await this.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    return arn;
  }

  private async expectDepth(QueueUrl: string, expected: number): Promise<void> {
    const { Attributes } = await this.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
    );
    const there = Number(Attributes?.['ApproximateNumberOfMessages']);
    if (there !== expected) throw new Error(`${there} of ${expected} messages were delivered`);
  }
}
