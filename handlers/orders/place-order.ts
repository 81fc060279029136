import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Books } from '../books/books';
import { answerAwsProblems } from '../shared/answer';
import { callAws } from '../shared/aws-error';
import { type HttpResponse, jsonResponse } from '../shared/http';
import { idempotentId } from '../shared/idempotent-id';
import type { Log } from '../shared/log';
import { jsonBody } from '../shared/request';
import { outgoingTraceparent, traceAttributes, TRACEPARENT } from '../shared/trace-context';
import { type PlacedOrder, serializeOrder } from './order';
import { priceOrder } from './pricing';
import { readRequestedOrder } from './requested-order';

/** Ours for good: with another namespace a repeated request would become a second order. */
const NAMESPACE = 'c2f7e0914d6b4a8f9b35e1d07a6c8f23';
const MAX_BODY_BYTES = 32_768;
/** All shoppers share the keys, and whoever guesses one sees its order: a UUID has enough of them. */
const MIN_KEY_CHARACTERS = 16;

export interface PlaceOrderOptions {
  readonly books: Pick<Books, 'named'>;
  readonly sns: Pick<SNSClient, 'send'>;
  readonly topicArn: string;
  readonly log: Log;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/**
 * `POST /books/order`: 202 once the topic has the order. That one publish is all that happens here: the queue of the recorder and
 * the administrators' notification both come of it, or neither.
 */
export function placeOrder(event: APIGatewayProxyEventV2, options: PlaceOrderOptions): Promise<HttpResponse> {
  const { books, now = Date.now, log } = options;
  const respond = async () => {
    const id = idempotentId(event.headers['idempotency-key'], NAMESPACE, MIN_KEY_CHARACTERS);
    const requested = readRequestedOrder(jsonBody(event, MAX_BODY_BYTES));
    const catalogue = await books.named(requested.books.map((book) => book.id));
    const order = { id, ...priceOrder(requested, catalogue), createdAt: new Date(now()).toISOString() };
    await publish(order, outgoingTraceparent(event.headers[TRACEPARENT]), options);
    const href = `/books/order/${id}`;
    const response = jsonResponse(202, { orderId: id, total: order.total, status: 'accepted', href });
    return { ...response, headers: { ...response.headers, location: href } };
  };
  return answerAwsProblems(respond, {
    event: 'order not placed',
    detail:
      'The order cannot be taken now. Send it again with the same Idempotency-Key: it will be one order.',
    log,
  });
}

async function publish(
  order: PlacedOrder,
  traceparent: string,
  { sns, topicArn, log }: PlaceOrderOptions,
): Promise<void> {
  const command = new PublishCommand({
    TopicArn: topicArn,
    Message: serializeOrder(order),
    // Of the mail; queues do not get it.
    Subject: `Order ${order.id.slice(0, 8)}`,
    MessageAttributes: {
      eventType: { DataType: 'String', StringValue: 'order-placed' },
      ...traceAttributes(traceparent),
    },
  });
  await callAws('sns:Publish', sns.send(command));
  log.info('order placed', { orderId: order.id, total: order.total, traceparent });
}
