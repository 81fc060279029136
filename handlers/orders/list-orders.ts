import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { requireAdmin } from '../shared/admin';
import { answerAwsProblems } from '../shared/answer';
import { callAws } from '../shared/aws-error';
import { HttpProblem, type HttpResponse, jsonResponse } from '../shared/http';
import type { Log } from '../shared/log';
import { pageLimit } from '../shared/page';
import type { Timeline } from '../shared/timeline';
import type { OrderStatus } from './order';
import { toOrder } from './orders';

export interface ListOrdersOptions {
  /** Of all orders, or of a status. */
  readonly timeline: (status?: OrderStatus) => Timeline;
  readonly sqs: Pick<SQSClient, 'send'>;
  /** URLs of the dead-letter queues of orders. */
  readonly deadLetterQueues: readonly string[];
  readonly log: Log;
}

const DEAD_LETTERS_ROUTE = 'GET /books/order/dead-letters';
const DEPTH = 'ApproximateNumberOfMessages';

/** `GET /books/order` and `GET /books/order/dead-letters`: for administrators. */
export function listOrders(event: APIGatewayProxyEventV2, options: ListOrdersOptions): Promise<HttpResponse> {
  const respond = async () => {
    requireAdmin(event);
    return event.routeKey === DEAD_LETTERS_ROUTE ? deadLetters(options) : orderPage(event, options);
  };
  return answerAwsProblems(respond, {
    event: 'orders not read',
    detail: 'The orders cannot be read now.',
    log: options.log,
  });
}

/** Newest first. */
async function orderPage(
  { queryStringParameters: { status, limit, cursor } = {} }: APIGatewayProxyEventV2,
  { timeline }: ListOrdersOptions,
): Promise<HttpResponse> {
  const { items, nextCursor } = await timeline(statusOf(status)).page(pageLimit(limit), cursor);
  return jsonResponse(200, { items: items.map(toOrder), nextCursor });
}

/** @throws HttpProblem 400 */
function statusOf(status: string | undefined): OrderStatus | undefined {
  if (status === undefined || status === 'pending' || status === 'processed') return status;
  const detail = 'must be pending or processed';
  throw new HttpProblem(400, `The status ${detail}.`, [{ parameter: 'status', detail }]);
}

async function deadLetters({ sqs, deadLetterQueues }: ListOrdersOptions): Promise<HttpResponse> {
  const items = await Promise.all(
    deadLetterQueues.map(async (QueueUrl) => {
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [DEPTH] });
      const { Attributes } = await callAws('sqs:GetQueueAttributes', sqs.send(command));
      return { queue: QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1), messages: Number(Attributes?.[DEPTH]) };
    }),
  );
  return jsonResponse(200, { items });
}
