import { Alarms } from './alarms';
import { audit } from './audit';
import type { AuditOptions, AuditReport } from './audit';
import type { Identity } from './clients';
import { Aws } from './clients';
import { messages, receive } from './consumer';
import type { Consumer, ConsumeOptions, MessageHandler, OpenMessage } from './consumer';
import type { MessagingEvents } from './events';
import { Functions } from './functions';
import { Mail } from './mail';
import type { MessagingOptions } from './options';
import { Queues } from './queues';
import { Requester, respond } from './requests';
import type { RequesterOptions, RequestHandler, RespondOptions } from './requests';
import { listResources } from './resources';
import { Streams } from './streams';
import { Subscriptions } from './subscriptions';
import { Topics } from './topics';
import { ResourceWatcher } from './watcher';
import type { Resource, ResourcesOptions, WatchOptions } from './watcher';

/**
 * Queues, topics, subscriptions and alarms of one AWS account and region, by their names. A client of the SDK is loaded when
 * its service is first needed. Everything throws MessagingError.
 *
 * @example
 * await using messaging = new Messaging({ prefix: 'shop-' });
 * await messaging.queues.create({ name: 'shop-orders' });
 * await messaging.queues.send('shop-orders', { body: '{"id":1}' });
 * const consumer = messaging.receive('shop-orders', async ({ body }) => handle(body));
 *
 * @throws MessagingError 'invalid' when an option is
 */
export class Messaging {
  readonly queues: Queues;
  readonly topics: Topics;
  readonly subscriptions: Subscriptions;
  readonly alarms: Alarms;
  readonly functions: Functions;
  readonly streams: Streams;
  readonly mail: Mail;
  /** What happens to the queues, topics and messages, as far as this object does or watches it. */
  readonly events: MessagingEvents;
  /** @internal */
  readonly aws: Aws;

  constructor(options: MessagingOptions = {}) {
    const aws = new Aws(options);
    this.aws = aws;
    this.events = aws.events;
    this.queues = new Queues(aws);
    this.subscriptions = new Subscriptions(aws);
    this.topics = new Topics(aws, this.subscriptions);
    this.alarms = new Alarms(aws, this.topics, this.subscriptions);
    this.functions = new Functions(aws);
    this.streams = new Streams(aws);
    this.mail = new Mail(aws);
  }

  /** Handles a queue's messages from now on until it is stopped or this is closed. */
  receive<Data = string>(
    queue: string,
    handler: MessageHandler<Data>,
    options?: ConsumeOptions<Data>,
  ): Consumer {
    return receive(this.aws, queue, handler, options);
  }

  /** A queue's messages one by one, for `for await`. Each is deleted when its `done` is called; leaving the loop gives back the rest. */
  messages<Data = string>(queue: string, options?: ConsumeOptions<Data>): AsyncIterable<OpenMessage<Data>> {
    return messages(this.aws, queue, options);
  }

  /** Sends requests to a queue and waits for their replies. */
  requester(options: RequesterOptions): Requester {
    return new Requester(this.aws, options);
  }

  /** Answers the requests that come to a queue. */
  respond<Data = string>(
    queue: string,
    handler: RequestHandler<Data>,
    options: RespondOptions<Data>,
  ): Consumer {
    return respond(this.aws, queue, handler, options);
  }

  /** Tells by events which resources appear, change and go. It does not look before `start` or `check`. */
  watch(options?: WatchOptions): ResourceWatcher {
    return new ResourceWatcher(this.aws, options);
  }

  /** Looks for what is unused, unsafe or unwatched. */
  audit(options?: AuditOptions): Promise<AuditReport> {
    return audit(this.aws, options);
  }

  /** Every resource that the prefix lets be seen. */
  resources(options?: ResourcesOptions): AsyncIterable<Resource> {
    return listResources(this, options);
  }

  /** Who calls AWS; asked once. */
  identity(): Promise<Identity> {
    return this.aws.identity();
  }

  /** Stops consumers, responders, requesters and watchers, waits for what they do, then closes all connections. Later calls throw 'closed'. */
  close(): Promise<void> {
    return this.aws.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
