import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock';
import type { Mailbox, Tracer } from '../../contracts';
import type { Activity } from '../activity';
import type { Locale } from '../arn';
import { Undelivered } from './undelivered';
import type { DeduplicationWindow } from '../sqs/deduplication';
import type { InvokePermission } from './delivery-targets';
import { DeliveryTargets } from './delivery-targets';
import { invalidParameter } from '../errors';
import { sequenceKey } from '../sqs/message';
import type { Publication } from './notification';
import { Outbound } from './outbound';
import { checkContent } from './publication';
import type { Published } from './publisher';
import { Publisher } from './publisher';
import type { QueueRegistry } from '../sqs/queue-registry';
import type { Certificate } from './signer';
import { Signer } from './signer';
import type { Store } from '../store';
import { phoneDigits } from './subscription-endpoint';
import { SubscriptionRegistry } from './subscription-registry';
import { TopicRegistry } from './topic-registry';

export interface SnsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly locale: Locale;
  readonly queues: QueueRegistry;
  readonly deduplication: DeduplicationWindow;
  readonly mayInvoke: InvokePermission;
  readonly mailbox: Mailbox | undefined;
  readonly tracer: Tracer | undefined;
}

/** The topics' side of the broker, put together. */
export class Sns {
  readonly topics: TopicRegistry;
  readonly subscriptions: SubscriptionRegistry;
  readonly outbound: Outbound;
  /** Base URL of the AWS endpoint, for the links in messages. */
  endpointUrl = 'http://127.0.0.1';
  private readonly publisher: Publisher;
  private readonly signer: Signer;
  private readonly targets: DeliveryTargets;

  constructor(options: SnsOptions) {
    const { store, clock, queues, activity, locale } = options;
    const endpointUrl = () => this.endpointUrl;
    const newId = () => sequenceKey(queues.nextSequence());
    this.signer = new Signer(store, clock);
    this.targets = new DeliveryTargets(options);
    const undelivered = new Undelivered(queues, this.targets, activity);
    this.topics = new TopicRegistry({ store, locale, newId });
    this.outbound = new Outbound({ ...options, topics: this.topics, undelivered });
    const shared = { outbound: this.outbound, signer: this.signer, endpointUrl };
    this.subscriptions = new SubscriptionRegistry({ ...shared, store, clock, topics: this.topics });
    this.publisher = new Publisher({ ...options, ...shared, targets: this.targets, undelivered });
  }

  /** After the queues are restored. */
  async restore(): Promise<void> {
    await this.topics.restore();
    await this.subscriptions.restore();
  }

  publish(topicArn: string, publications: readonly Publication[]): Promise<Published[]> {
    return this.publisher.publish(this.topics.get(topicArn), publications);
  }

  /**
   * Sends a text message: a line of the log.
   * @throws ServiceError InvalidParameter, ParameterValueInvalid
   */
  text(phoneNumber: string, publication: Publication): Published {
    const number = phoneDigits(phoneNumber);
    if (number === undefined) {
      throw invalidParameter(`PhoneNumber Reason: ${phoneNumber.slice(0, 100)} is not valid to publish to`);
    }
    checkContent(publication);
    this.outbound.text(number, publication.message);
    return { messageId: randomUUID() };
  }

  /** Asks again which topics may invoke which functions. */
  forgetPermissions(): void {
    this.targets.forgetPermissions();
  }

  certificate(): Promise<Certificate> {
    return this.signer.certificate();
  }
}
