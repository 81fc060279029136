import { Construct } from 'constructs';
import { publicAccess, Queue, stackName, Table, Topic } from '../../modules';
import type { JwtAuthorization, LambdaFunction, LambdaFunctionProps, Throttle } from '../../modules';
import type { Outputs } from '../outputs';
import type { Platform } from '../platform';
import { TIMELINE_INDEX, timelineIndex } from '../timeline';

type Kind = 'place' | 'recorder' | 'read' | 'list' | 'handle' | 'remove' | 'catalogue' | 'edit';

/** What a stage decides about the service. */
export interface OrdersStage {
  /** Who is mailed of each order, once they have confirmed that. @default nobody */
  readonly adminEmail?: string;
  /** Recorders of orders at a time, 2-1000. */
  readonly recorderConcurrency: number;
  /** Instances set aside for each function, and its limit. @default none; new accounts cannot reserve */
  readonly reservedConcurrency?: Readonly<Record<Kind, number>>;
}

export interface OrdersProps {
  readonly platform: Platform;
  readonly stage: OrdersStage;
  /** Who may administrate: their tokens. That they are administrators the handlers see from the group. */
  readonly administrators: JwtAuthorization;
}

const STATUS_INDEX = 'by-status';
/** A shopper orders once in a while. */
const ORDER_THROTTLE: Throttle = { ratePerSecond: 500, burst: 1000 };

/**
 * The book shop: a catalogue, and orders from the checkout to the administrators' desk.
 *
 * POST /books/order -> place -> topic -> queue -> recorder -> table -> GET /books/order/{id} (read), GET /books/order (list),
 * POST /books/order/handle (handle), DELETE /books/order (remove); the topic mails the administrator, too. GET /books ->
 * catalogue -> table of books <- edit <- POST, PUT and DELETE /books
 */
export class Orders extends Construct {
  readonly books: Table;
  readonly orders: Table;
  readonly topic: Topic;
  readonly queue: Queue;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: OrdersProps,
  ) {
    super(scope, id);
    const { platform } = props;
    this.books = new Table(this, 'books', {
      name: stackName(this, 'books'),
      partitionKey: { name: 'id', type: 'S' },
      globalIndexes: timelineIndex('createdAt'),
      ...platform.tableSettings,
    });
    this.orders = this.createOrders();
    this.topic = this.createTopic();
    this.queue = this.createQueue();
    const functions = [...this.addShop(), ...this.addDesk(), ...this.addCatalogue()];
    platform.watch({
      functions,
      queues: [this.queue],
      deadLetters: [this.queue.deadLetterQueue],
      tables: [this.books, this.orders],
    });
  }

  get outputs(): Outputs {
    return {
      books_table: { value: this.books.table.name, description: 'The catalogue' },
      orders_table: { value: this.orders.table.name, description: 'Where orders are kept' },
      orders_topic_arn: {
        value: this.topic.arn,
        description: 'Where services that want to know of orders subscribe',
      },
    };
  }

  private createOrders(): Table {
    return new Table(this, 'orders', {
      name: stackName(this, 'book-orders'),
      partitionKey: { name: 'id', type: 'S' },
      globalIndexes: {
        ...timelineIndex('createdAt'),
        [STATUS_INDEX]: {
          partitionKey: { name: 'status', type: 'S' },
          sortKey: { name: 'createdAt', type: 'S' },
          projection: 'ALL',
        },
      },
      timeToLiveAttribute: 'expiresAt',
      ...this.props.platform.tableSettings,
    });
  }

  private createTopic(): Topic {
    const { platform, stage } = this.props;
    const topic = new Topic(this, 'topic', {
      name: stackName(this, 'book-orders'),
      encryptionKey: platform.key,
    });
    if (stage.adminEmail !== undefined) {
      topic.subscribeEmail(stage.adminEmail, { filter: { attributes: { eventType: ['order-placed'] } } });
    }
    return topic;
  }

  /** Ten times three minutes rides out half an hour without the table. */
  private createQueue(): Queue {
    const queue = new Queue(this, 'queue', {
      name: stackName(this, 'book-orders'),
      encryption: this.props.platform.key,
      maxReceiveCount: 10,
    });
    this.topic.subscribeQueue(queue);
    return queue;
  }

  /** What shoppers need: they order, and see their order. */
  private addShop(): LambdaFunction[] {
    const { api } = this.props.platform;
    const place = this.createFunction('place', {
      description: 'POST /books/order: prices and publishes an order',
      memoryMb: 512,
      environment: { BOOKS_TABLE: this.books.table.name, TOPIC_ARN: this.topic.arn },
    });
    this.books.grant(place, ['BatchGetItem']);
    this.topic.grantPublish(place);
    api.route('POST /books/order', place, {
      authorization: publicAccess('shoppers have no account'),
      throttle: ORDER_THROTTLE,
    });
    const recorder = this.createOrdersFunction('recorder', {
      description: 'Records orders as pending',
      timeoutSeconds: 30,
    });
    this.orders.grant(recorder, ['PutItem']);
    this.queue.consumeWith(recorder, { maximumConcurrency: this.props.stage.recorderConcurrency });
    const read = this.createOrdersFunction('read', {
      description: 'GET /books/order/{id}: returns an order',
    });
    this.orders.grant(read, ['GetItem']);
    api.route('GET /books/order/{id}', read, {
      authorization: publicAccess('the id of an order cannot be guessed, and only its shopper was given it'),
    });
    return [place, recorder, read];
  }

  /** What administrators do with orders. */
  private addDesk(): LambdaFunction[] {
    const { platform, administrators: authorization } = this.props;
    const { deadLetterQueue } = this.queue;
    const list = this.createOrdersFunction('list', {
      description: 'GET /books/order: lists orders, and counts dead letters',
      environment: { TIMELINE_INDEX, STATUS_INDEX, DEAD_LETTER_QUEUES: deadLetterQueue.queue.url },
    });
    this.orders.grantIndex(list, TIMELINE_INDEX, ['Query']);
    this.orders.grantIndex(list, STATUS_INDEX, ['Query']);
    list.grant({
      sid: 'CountMessages',
      actions: ['sqs:GetQueueAttributes'],
      resources: [deadLetterQueue.arn],
    });
    platform.api.route('GET /books/order', list, { authorization });
    platform.api.route('GET /books/order/dead-letters', list, { authorization });
    const handle = this.createOrdersFunction('handle', {
      description: 'POST /books/order/handle: marks an order processed',
    });
    platform.api.route('POST /books/order/handle', handle, { authorization });
    const remove = this.createOrdersFunction('remove', {
      description: 'DELETE /books/order: removes a pending order',
    });
    platform.api.route('DELETE /books/order', remove, { authorization });
    for (const fn of [handle, remove]) this.orders.grant(fn, ['GetItem', 'UpdateItem']);
    return [list, handle, remove];
  }

  private addCatalogue(): LambdaFunction[] {
    const { platform, administrators: authorization } = this.props;
    const environment = { BOOKS_TABLE: this.books.table.name };
    const catalogue = this.createFunction('catalogue', {
      description: 'GET /books: lists books',
      environment: { ...environment, TIMELINE_INDEX },
    });
    this.books.grantIndex(catalogue, TIMELINE_INDEX, ['Query']);
    platform.api.route('GET /books', catalogue, {
      authorization: publicAccess('a shop shows what it sells'),
    });
    const edit = this.createFunction('edit', {
      description: 'POST, PUT and DELETE /books: changes the catalogue',
      environment,
    });
    this.books.grant(edit, ['DeleteItem', 'GetItem', 'PutItem', 'UpdateItem']);
    for (const routeKey of ['POST /books', 'PUT /books/{id}', 'DELETE /books/{id}']) {
      platform.api.route(routeKey, edit, { authorization });
    }
    return [catalogue, edit];
  }

  private createOrdersFunction(kind: Kind, props: Partial<LambdaFunctionProps>): LambdaFunction {
    const environment = { ORDERS_TABLE: this.orders.table.name, ...props.environment };
    return this.createFunction(kind, { ...props, environment });
  }

  private createFunction(kind: Kind, props: Partial<LambdaFunctionProps>): LambdaFunction {
    const { platform, stage } = this.props;
    const service = kind === 'catalogue' || kind === 'edit' ? 'books' : 'orders';
    return platform.addFunction(this, service, kind, {
      reservedConcurrency: stage.reservedConcurrency?.[kind],
      ...props,
    });
  }
}
