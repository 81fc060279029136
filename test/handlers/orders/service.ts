import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Books } from '../../../handlers/books/books';
import { listOrders } from '../../../handlers/orders/list-orders';
import type { PlacedOrder } from '../../../handlers/orders/order';
import { Orders, ordersTimeline } from '../../../handlers/orders/orders';
import { placeOrder } from '../../../handlers/orders/place-order';
import { readOrder } from '../../../handlers/orders/read-order';
import { recordOrders } from '../../../handlers/orders/record-orders';
import { deleteOrder, handleOrder } from '../../../handlers/orders/settle-order';
import { clientConfig } from '../../../handlers/shared/aws';
import { operationOf, TestDynamoDb, testEnvironment } from '../../support/dynamodb';
import { answered, type Answered, capturedLog, routeEvent, sqsEvent } from '../../support/events';
import { type LoopbackServer, published, startLoopbackServer } from '../../support/loopback-server';

export const START = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
export const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
export const TOPIC_ARN = 'arn:aws:sns:us-east-1:000000000000:book-orders';
/** A UUID that no order has. */
export const NOBODY = '00000000-0000-4000-8000-000000000000';
const INDEXES = { timeline: 'timeline', byStatus: 'by-status' };

type Headers = Readonly<Record<string, string>>;
type Claims = Readonly<Record<string, unknown>>;

export const ADMIN: Claims = { 'cognito:groups': '[admin]' };

/** A request that the route's authorizer let through, with what its token says. */
export function signedIn(event: APIGatewayProxyEventV2, claims: Claims = ADMIN): APIGatewayProxyEventV2 {
  const requestContext = { authorizer: { jwt: { claims, scopes: null } } };
  return { ...event, requestContext } as unknown as APIGatewayProxyEventV2;
}

export interface Publication {
  readonly topicArn: string | null;
  readonly subject: string | null;
  readonly message: PlacedOrder;
  readonly text: string;
  readonly attributes: Readonly<Record<string, string | null>>;
}

/** The functions of orders, with a DynamoDB of their own, a topic and a queue's attributes. Time stands still. */
export class OrdersService {
  /** Milliseconds since the epoch. */
  time = START;
  readonly captured = capturedLog();

  private constructor(
    readonly dynamodb: TestDynamoDb,
    readonly topic: LoopbackServer,
    readonly queues: LoopbackServer,
    private readonly sns: SNSClient,
    private readonly sqs: SQSClient,
  ) {}

  static async start(): Promise<OrdersService> {
    const dynamodb = await TestDynamoDb.start();
    const topic = await startLoopbackServer(() => published);
    const queues = await startLoopbackServer(() => depth('0'));
    const sns = new SNSClient({ ...clientConfig('SNS', testEnvironment(topic.url)), maxAttempts: 1 });
    const sqs = new SQSClient({ ...clientConfig('SQS', testEnvironment(queues.url)), maxAttempts: 1 });
    return new OrdersService(dynamodb, topic, queues, sns, sqs);
  }

  heal(): void {
    this.time = START;
    this.dynamodb.heal();
    this.topic.respond = () => published;
    this.queues.respond = () => depth('0');
    this.topic.requests.length = 0;
    this.queues.requests.length = 0;
    this.captured.lines.length = 0;
  }

  async close(): Promise<void> {
    this.sns.destroy();
    this.sqs.destroy();
    await Promise.all([this.topic.close(), this.queues.close(), this.dynamodb.close()]);
  }

  /** Puts a book into the catalogue. */
  async stock(id: string, price: number, title = `Book ${id}`): Promise<void> {
    const books = new Books(this.dynamodb.client, 'books');
    await books.add({ id, title, author: 'A', price }, new Date(this.time).toISOString());
  }

  place(body: unknown, headers: Headers = {}): Promise<Answered> {
    return answered(
      placeOrder(routeEvent('POST /books/order', { body, headers: { traceparent: TRACE, ...headers } }), {
        books: new Books(this.dynamodb.client, 'books'),
        sns: this.sns,
        topicArn: TOPIC_ARN,
        log: this.captured.log,
        now: () => this.time,
      }),
    );
  }

  /** What reached the topic. */
  publications(): Publication[] {
    return this.topic.requests.map(({ body }) => {
      const form = new URLSearchParams(body);
      const attributes = [1, 2].map((index) => {
        const entry = `MessageAttributes.entry.${index}`;
        return [form.get(`${entry}.Name`), form.get(`${entry}.Value.StringValue`)] as const;
      });
      const text = form.get('Message') ?? '{}';
      return {
        topicArn: form.get('TopicArn'),
        subject: form.get('Subject'),
        message: JSON.parse(text) as PlacedOrder,
        text,
        attributes: Object.fromEntries(attributes) as Record<string, string | null>,
      };
    });
  }

  record(bodies: readonly string[], remainingMs = 30_000, traceparents: string[] = []) {
    return recordOrders(sqsEvent(bodies, traceparents), {
      orders: this.orders(),
      log: this.captured.log,
      remainingMs: () => remainingMs,
    });
  }

  read(id: string): Promise<Answered> {
    const event = routeEvent('GET /books/order/{id}', { pathParameters: { id } });
    return answered(readOrder(event, { orders: this.orders(), log: this.captured.log }));
  }

  list(queryStringParameters?: Readonly<Record<string, string>>, claims?: Claims): Promise<Answered> {
    return this.listed(signedIn(routeEvent('GET /books/order', { queryStringParameters }), claims));
  }

  deadLetters(claims?: Claims): Promise<Answered> {
    return this.listed(signedIn(routeEvent('GET /books/order/dead-letters'), claims));
  }

  /** @param patient the SDK tries again, as it does in Lambda */
  handle(body: unknown, { claims, patient }: Asked = {}): Promise<Answered> {
    const event = signedIn(routeEvent('POST /books/order/handle', { body }), claims);
    return answered(handleOrder(event, this.settling(patient)));
  }

  remove(body: unknown, { claims, patient, id }: Asked & { readonly id?: string } = {}): Promise<Answered> {
    const queryStringParameters = id === undefined ? undefined : { id };
    const event = routeEvent('DELETE /books/order', { body, queryStringParameters });
    return answered(deleteOrder(signedIn(event, claims), this.settling(patient)));
  }

  /** The answer of a write is lost on its way, once. */
  loseAnswerOf(operation: string): void {
    let lost = false;
    this.dynamodb.network.respond = async (request) => {
      const answer = await this.dynamodb.forward(request);
      if (lost || operationOf(request) !== operation) return answer;
      lost = true;
      return 'reset';
    };
  }

  listed(event: APIGatewayProxyEventV2): Promise<Answered> {
    const { client } = this.dynamodb;
    return answered(
      listOrders(event, {
        timeline: (status) => ordersTimeline(client, 'book-orders', INDEXES, status),
        sqs: this.sqs,
        deadLetterQueues: [`${this.queues.url}/000000000000/book-orders-dead-letters`],
        log: this.captured.log,
      }),
    );
  }

  private settling(patient = false) {
    return { orders: this.orders(patient), log: this.captured.log, now: () => this.time };
  }

  private orders(patient = false): Orders {
    return new Orders(patient ? this.dynamodb.patient : this.dynamodb.client, 'book-orders');
  }
}

interface Asked {
  readonly claims?: Claims;
  readonly patient?: boolean;
}

/** What SQS answers of a queue with so many messages. */
export function depth(messages: string) {
  return {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify({ Attributes: { ApproximateNumberOfMessages: messages } }),
  };
}

/** An order as it is published. */
export function placed(id: string, createdAt: string = new Date(START).toISOString()): string {
  const lines = [{ id: 'b1', name: 'größe 😀', qty: 2, price: 100, amount: 200 }];
  return JSON.stringify({ id, lines, subtotal: 200, shipping: 10, total: 210, createdAt });
}
