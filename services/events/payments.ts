import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { publicAccess, Queue, Secret, stackName, Table, Topic } from '../../modules';
import type { LambdaFunction, Throttle } from '../../modules';
import { authorizationFor } from '../access';
import { timelineIndex } from '../timeline';
import { addFunction } from './functions';
import type { EventsPartProps } from './functions';

/** Far above what a provider sends, far below what everyone could. */
const WEBHOOK_THROTTLE: Throttle = { ratePerSecond: 100, burst: 200 };

/**
 * Takes signed events of a payment provider, and records each once.
 *
 * POST /webhooks/payments -> webhook -> topic -> queue -> recorder -> table -> reader -> GET /payments/{id}
 */
export class Payments extends Construct {
  readonly secret: Secret;
  readonly topic: Topic;
  readonly queue: Queue;
  readonly table: Table;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: EventsPartProps,
  ) {
    super(scope, id);
    const { platform } = props;
    this.secret = new Secret(this, 'secret', {
      name: `${TerraformStack.of(this).node.id}/payments/webhook-secret`,
      description:
        'What the payment provider signs events with: one text, or a JSON list while it is replaced',
      encryptionKey: platform.key,
      ...platform.stage.secrets,
    });
    this.topic = new Topic(this, 'topic', { name: stackName(this, 'payments'), encryptionKey: platform.key });
    this.queue = new Queue(this, 'queue', {
      name: stackName(this, 'payments'),
      encryption: platform.key,
      // Ten times three minutes rides out half an hour without the table.
      maxReceiveCount: 10,
    });
    this.topic.subscribeQueue(this.queue);
    this.table = new Table(this, 'table', {
      name: stackName(this, 'payments'),
      partitionKey: { name: 'id', type: 'S' },
      globalIndexes: timelineIndex('recordedAt', { include: ['type'] }),
      ...platform.tableSettings,
    });
    platform.watch({
      functions: [this.createWebhook(), this.createRecorder(), this.createReader()],
      queues: [this.queue],
      deadLetters: [this.queue.deadLetterQueue],
      tables: [this.table],
    });
  }

  private createWebhook(): LambdaFunction {
    const webhook = addFunction(this, this.props, 'payments-webhook', {
      description: 'POST /webhooks/payments: publishes signed events',
      memoryMb: 512,
      // A secret and a topic that answer at the third try.
      timeoutSeconds: 20,
      environment: { WEBHOOK_SECRET: this.secret.name, TOPIC_ARN: this.topic.arn },
    });
    this.secret.grantRead(webhook);
    this.topic.grantPublish(webhook);
    this.props.platform.api.route('POST /webhooks/payments', webhook, {
      authorization: publicAccess(
        "the signature is the credential, and the provider's servers have no other",
      ),
      throttle: WEBHOOK_THROTTLE,
    });
    return webhook;
  }

  private createRecorder(): LambdaFunction {
    const recorder = addFunction(this, this.props, 'payments-recorder', {
      description: 'Records payment events',
      // Ten events, one after the other.
      timeoutSeconds: 30,
      environment: { PAYMENTS_TABLE: this.table.table.name },
    });
    this.table.grant(recorder, ['PutItem']);
    this.queue.consumeWith(recorder, { maximumConcurrency: this.props.stage.recorderConcurrency });
    return recorder;
  }

  private createReader(): LambdaFunction {
    const { platform, stage } = this.props;
    const reader = addFunction(this, this.props, 'payments-reader', {
      description: 'GET /payments/{id}: returns a payment event',
      environment: { PAYMENTS_TABLE: this.table.table.name },
    });
    this.table.grant(reader, ['GetItem']);
    platform.api.route('GET /payments/{id}', reader, { authorization: authorizationFor(stage.access) });
    return reader;
  }
}
