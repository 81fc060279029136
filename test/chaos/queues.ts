import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };
const MESSAGES = 'aws-micro-dev-messages';

/** The queues behind a topic of their name, as a developer sees them through the AWS endpoint. */
export class MessageQueues {
  private readonly sqs: SQSClient;
  private readonly sns: SNSClient;

  constructor(
    endpoint: string,
    private readonly name = MESSAGES,
  ) {
    const config = { endpoint, region: 'us-east-1', credentials: CREDENTIALS };
    this.sqs = new SQSClient(config);
    // A publish that is tried again might be two messages.
    this.sns = new SNSClient({ ...config, maxAttempts: 1 });
  }

  /** Publishes past the producer, so that the body may be what no consumer can read. */
  async publish(body: string): Promise<void> {
    const TopicArn = `arn:aws:sns:us-east-1:000000000000:${this.name}`;
    await this.sns.send(new PublishCommand({ TopicArn, Message: body }));
  }

  /** How many messages the queue holds in any state. */
  async backlog(): Promise<number> {
    const { Attributes = {} } = await this.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: await this.url(this.name), AttributeNames: ['All'] }),
    );
    return Object.entries(Attributes)
      .filter(([name]) => name.startsWith('ApproximateNumberOfMessages'))
      .reduce((sum, [, value]) => sum + Number(value), 0);
  }

  /**
   * Sets how long a received message stays hidden, and after how many receives it is a dead letter. A restart of the runtime
   * sets what the stack says.
   */
  async setPatience(visibilitySeconds: number, maxReceiveCount: number): Promise<void> {
    const QueueUrl = await this.url(this.name);
    const { Attributes } = await this.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] }),
    );
    const redrive = JSON.parse(Attributes?.['RedrivePolicy'] ?? '{}') as object;
    await this.sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl,
        Attributes: {
          VisibilityTimeout: String(visibilitySeconds),
          RedrivePolicy: JSON.stringify({ ...redrive, maxReceiveCount }),
        },
      }),
    );
  }

  /** Takes every dead letter; answers their bodies. */
  async takeDeadLetters(): Promise<string[]> {
    const QueueUrl = await this.url(`${this.name}-dead-letters`);
    const bodies: string[] = [];
    for (;;) {
      const { Messages = [] } = await this.sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
      );
      if (Messages.length === 0) return bodies;
      bodies.push(...Messages.map(({ Body = '' }) => Body));
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await this.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  }

  close(): void {
    this.sqs.destroy();
    this.sns.destroy();
  }

  private async url(QueueName: string): Promise<string> {
    const { QueueUrl } = await this.sqs.send(new GetQueueUrlCommand({ QueueName }));
    return QueueUrl ?? '';
  }
}
