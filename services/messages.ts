import { Construct } from 'constructs';
import { Account, Bucket, Queue, stackName, Topic } from '../modules';
import type { DeadLetterQueue, LambdaFunction, LambdaFunctionProps } from '../modules';
import { authorizationFor } from './access';
import type { Access } from './access';
import type { Outputs } from './outputs';
import type { Platform } from './platform';

/** What a stage decides about the service. */
export interface MessagesStage {
  readonly access: Access;
  /** Puts the producer into the VPC; it needs the network's interface endpoint for `sns` then. */
  readonly privateProducer: boolean;
  /** Consumers at a time with the queue, 2-1000; each holds a database connection. */
  readonly consumerConcurrency: number;
  /** Instances set aside for what is in front of the database, and its limits. @default none; new accounts cannot reserve */
  readonly reservedConcurrency?: { readonly consumer: number; readonly reader: number };
  /** Subscribes the consumer to the topic itself, without the queue: an outage of over three minutes fills the dead letters. */
  readonly directDelivery: boolean;
}

export interface MessagesProps {
  readonly platform: Platform;
  readonly stage: MessagesStage;
}

/** With what the object store and then the topic may take; API Gateway waits for 30. */
const PRODUCER_TIMEOUT_SECONDS = 20;

/** Enough to insert a batch with a reconnect; a sixth of how long a failed batch stays hidden. */
const CONSUMER_TIMEOUT_SECONDS = 15;

/** Where the handlers put messages that a topic does not carry. */
const LARGE_MESSAGES = 'messages/';

/**
 * A pointer may be four days in the queue and then fourteen among the dead letters, and as long again after a redrive; the object
 * has to be there for all of it, and for other subscribers.
 */
const LARGE_MESSAGES_DAYS = 36;

/**
 * Takes messages by HTTP, passes them on through a topic, keeps them in MySQL and gives them back.
 *
 * POST /messages -> producer -> topic -> queue -> consumer -> MySQL -> reader -> GET /messages
 *                          `-> bucket ->---------'   (over 256 KiB: the topic carries a pointer)
 */
export class Messages extends Construct {
  readonly topic: Topic;
  readonly largeMessages: Bucket;
  readonly producer: LambdaFunction;
  readonly consumer: LambdaFunction;
  readonly reader: LambdaFunction;
  /** Absent with direct delivery. */
  readonly queue?: Queue;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: MessagesProps,
  ) {
    super(scope, id);
    const { platform } = props;
    this.topic = new Topic(this, 'topic', {
      name: stackName(this, 'messages'),
      encryptionKey: platform.key,
    });
    this.largeMessages = this.createBucket();
    this.producer = this.createProducer();
    this.consumer = this.createConsumer();
    this.reader = this.createReader();
    this.queue = props.stage.directDelivery ? undefined : this.createQueue();
    const deadLetters = this.queue ? this.deliverByQueue(this.queue) : this.deliverDirectly();
    this.addRoutes();
    platform.watch({
      functions: [this.producer, this.consumer, this.reader],
      queues: this.queue ? [this.queue] : [],
      deadLetters,
    });
  }

  get outputs(): Outputs {
    const description = 'Where services that want messages subscribe';
    return { messages_topic_arn: { value: this.topic.arn, description } };
  }

  private createBucket(): Bucket {
    const { platform } = this.props;
    return new Bucket(this, 'large-messages', {
      name: `${stackName(this, 'messages')}-${Account.of(this).id}`,
      encryptionKey: platform.key,
      // A key names its contents: nothing is ever overwritten by something else.
      versioned: false,
      expireAfterDays: LARGE_MESSAGES_DAYS,
      ...platform.stage.buckets,
    });
  }

  private createProducer(): LambdaFunction {
    const producer = this.createFunction('producer', {
      description: 'POST /messages: publishes a message',
      // The SDK starts twice as fast with half a core.
      memoryMb: 512,
      network: this.props.stage.privateProducer ? this.props.platform.network : undefined,
      timeoutSeconds: PRODUCER_TIMEOUT_SECONDS,
      environment: { TOPIC_ARN: this.topic.arn, LARGE_MESSAGES_BUCKET: this.largeMessages.name },
    });
    this.topic.grantPublish(producer);
    this.largeMessages.grantWrite(producer, LARGE_MESSAGES);
    return producer;
  }

  private createConsumer(): LambdaFunction {
    const { platform, stage } = this.props;
    const consumer = this.createFunction('consumer', {
      description: 'Stores messages',
      network: platform.network,
      timeoutSeconds: CONSUMER_TIMEOUT_SECONDS,
      reservedConcurrency: stage.reservedConcurrency?.consumer,
      environment: { LARGE_MESSAGES_BUCKET: this.largeMessages.name },
    });
    platform.connectToDatabase(consumer, 'messages_writer');
    this.largeMessages.grantRead(consumer, LARGE_MESSAGES);
    return consumer;
  }

  private createReader(): LambdaFunction {
    const { platform, stage } = this.props;
    const reader = this.createFunction('reader', {
      description: 'GET /messages: lists messages, or returns one',
      network: platform.network,
      reservedConcurrency: stage.reservedConcurrency?.reader,
    });
    platform.connectToDatabase(reader, 'messages_reader');
    return reader;
  }

  private createQueue(): Queue {
    return new Queue(this, 'queue', {
      name: stackName(this, 'messages'),
      encryption: this.props.platform.key,
      // Ten times 90 seconds rides out a quarter of an hour without the database.
      maxReceiveCount: 10,
    });
  }

  private deliverByQueue(queue: Queue): DeadLetterQueue[] {
    this.topic.subscribeQueue(queue);
    queue.consumeWith(this.consumer, { maximumConcurrency: this.props.stage.consumerConcurrency });
    return [queue.deadLetterQueue];
  }

  private deliverDirectly(): DeadLetterQueue[] {
    const edge = this.topic.subscribeFunction(this.consumer, { encryption: this.props.platform.key });
    return [edge.undelivered, edge.failed];
  }

  private addRoutes(): void {
    const { platform, stage } = this.props;
    const authorization = authorizationFor(stage.access);
    platform.api.route('POST /messages', this.producer, { authorization });
    platform.api.route('GET /messages', this.reader, { authorization });
    platform.api.route('GET /messages/{messageId}', this.reader, { authorization });
  }

  private createFunction(kind: string, props: Partial<LambdaFunctionProps>): LambdaFunction {
    return this.props.platform.addFunction(this, 'messages', kind, props);
  }
}
