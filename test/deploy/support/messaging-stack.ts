import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import { App, LocalBackend, TerraformStack } from 'cdktf';
import { DeadLetterQueue, Queue, Topic } from '../../../modules';

export interface MessagingStackProps {
  /** The one thing that changes between two applies. */
  readonly visibilityTimeoutSeconds: number;
}

/**
 * Every kind of queue, topic and subscription that the modules make, and the few ways that they do not use. No key and
 * no role: only SQS, SNS and STS are called.
 */
class MessagingStack extends TerraformStack {
  constructor(app: App, { visibilityTimeoutSeconds }: MessagingStackProps) {
    super(app, 'messaging');
    new AwsProvider(this, 'aws', { region: 'us-east-1', defaultTags: [{ tags: { Project: 'messaging' } }] });
    new LocalBackend(this, { path: 'terraform.tfstate' });
    const undelivered = new DeadLetterQueue(this, 'undelivered', { name: 'undelivered' });
    this.standard(undelivered, visibilityTimeoutSeconds);
    this.fifo(undelivered);
    this.inline();
  }

  private standard(undelivered: DeadLetterQueue, visibilityTimeoutSeconds: number): void {
    const deliveryPolicy = JSON.stringify({
      http: {
        defaultHealthyRetryPolicy: { minDelayTarget: 1, maxDelayTarget: 60, numRetries: 5 },
        // SNS gives it back in any case.
        disableSubscriptionOverrides: false,
      },
    });
    const topic = new Topic(this, 'created', {
      name: 'created',
      overrides: { deliveryPolicy, displayName: 'Created', tags: { Team: 'orders' } },
    });
    topic.allowSubscribe({ account: '210987654321' });
    const orders = new Queue(this, 'orders', {
      name: 'orders',
      visibilityTimeoutSeconds,
      retentionSeconds: 86_400,
      maxReceiveCount: 3,
      delaySeconds: 5,
      overrides: { tags: { Team: 'orders' } },
    });
    const bills = new Queue(this, 'bills', { name: 'bills', deadLetterQueue: undelivered });
    new Queue(this, 'sealed', {
      name: 'sealed',
      encryption: 'alias/aws/sqs',
      deadLetterQueue: undelivered,
    });
    topic.subscribeQueue(orders, {
      filter: {
        attributes: { eventType: ['created', { prefix: 'change' }], amount: [{ numeric: ['>', 10] }] },
      },
    });
    topic.subscribeQueue(bills, {
      filter: { body: { bill: { country: ['DE', 'FR'], open: [true] } } },
      rawMessageDelivery: false,
    });
  }

  private fifo(undelivered: DeadLetterQueue): void {
    const topic = new Topic(this, 'transferred', {
      name: 'transferred',
      fifo: { contentBasedDeduplication: true, throughputScope: 'MessageGroup' },
    });
    const transfers = new Queue(this, 'transfers', {
      name: 'transfers',
      fifo: { deduplicationScope: 'messageGroup', throughputLimit: 'perMessageGroupId' },
    });
    const audit = new Queue(this, 'audit', { name: 'audit', deadLetterQueue: undelivered });
    topic.subscribeQueue(transfers);
    topic.subscribeQueue(audit, { deadLetterQueue: transfers.deadLetterQueue });
  }

  /** The policies as attributes of the queue; the modules make resources of them. */
  private inline(): void {
    const arn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;
    const allow = { redrivePermission: 'byQueue', sourceQueueArns: [arn('inline')] };
    const dead = new SqsQueue(this, 'inline-dead', {
      name: 'inline-dead',
      redriveAllowPolicy: JSON.stringify(allow),
    });
    const statement = {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::000000000000:root' },
      Action: 'sqs:SendMessage',
      Resource: arn('inline'),
    };
    new SqsQueue(this, 'inline', {
      name: 'inline',
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 4 }),
      policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    });
  }
}

/** Writes the stack's Terraform into `outdir/stacks/messaging`. */
export function synthesizeMessaging(outdir: string, props: MessagingStackProps): void {
  const app = new App({ outdir, stackTraces: false });
  new MessagingStack(app, props);
  app.synth();
}
