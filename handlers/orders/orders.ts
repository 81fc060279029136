import {
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { callAws } from '../shared/aws-error';
import { answerIfHeld, conditionHeld, type DynamoDb, type Item, number } from '../shared/dynamodb';
import { fromAttributes, toAttribute, toAttributes } from '../shared/json-attributes';
import { TIMELINE, Timeline } from '../shared/timeline';
import type { Order, OrderStatus, PlacedOrder } from './order';

const TIMELINE_NAME = 'orders';

/** An order with what the table keeps beside it. */
export interface StoredOrder {
  readonly order: Order;
  /** Of what settled it: whoever did not get the answer knows by it whether it was its own. */
  readonly settledBy?: string;
}

/** The end of an order: processed, or deleted. */
export interface Settlement {
  /** Unique to the request. */
  readonly settledBy: string;
  /** ISO 8601. */
  readonly at: string;
}

/** The table of orders: one item an order. Each write is under a condition. */
export class Orders {
  constructor(
    private readonly dynamodb: DynamoDb,
    private readonly table: string,
  ) {}

  /** Deleted ones too. @throws AwsError */
  async get(id: string): Promise<StoredOrder | undefined> {
    const command = new GetItemCommand({
      TableName: this.table,
      Key: { id: { S: id } },
      ConsistentRead: true,
    });
    const { Item } = await callAws('dynamodb:GetItem', this.dynamodb.send(command));
    return Item && { order: toOrder(Item), settledBy: Item['settledBy']?.S };
  }

  /** As pending; false if the order was there before, whatever has become of it. @throws AwsError */
  add({ lines, ...order }: PlacedOrder, traceparent: string | undefined): Promise<boolean> {
    const status: OrderStatus = 'pending';
    const command = new PutItemCommand({
      TableName: this.table,
      Item: {
        ...toAttributes({ ...order, status }),
        lines: toAttribute(lines),
        ...(traceparent !== undefined && { traceparent: { S: traceparent } }),
        [TIMELINE]: { S: TIMELINE_NAME },
      },
      ConditionExpression: 'attribute_not_exists(id)',
    });
    return conditionHeld('dynamodb:PutItem', this.dynamodb.send(command));
  }

  /** The processed order; undefined if it is not pending. @throws AwsError */
  process(id: string, { settledBy, at }: Settlement): Promise<Order | undefined> {
    return this.settle(id, settledBy, 'processed', {
      UpdateExpression: 'SET #status = :status, settledBy = :settledBy, processedAt = :at',
      ExpressionAttributeValues: { ':at': { S: at } },
    });
  }

  /**
   * What stays of it is in no list, and goes by itself when no message can come back any more.
   *
   * @param expiresAt seconds since the epoch
   * @returns undefined if it is not pending
   * @throws AwsError
   */
  delete(id: string, { settledBy, at }: Settlement, expiresAt: number): Promise<Order | undefined> {
    return this.settle(id, settledBy, 'deleted', {
      UpdateExpression: `SET #status = :status, settledBy = :settledBy, deletedAt = :at, expiresAt = :expiresAt REMOVE ${TIMELINE}`,
      ExpressionAttributeValues: { ':at': { S: at }, ':expiresAt': number(expiresAt) },
    });
  }

  private async settle(
    id: string,
    settledBy: string,
    status: OrderStatus,
    { UpdateExpression, ExpressionAttributeValues }: Partial<UpdateItemCommandInput>,
  ): Promise<Order | undefined> {
    const command = new UpdateItemCommand({
      TableName: this.table,
      Key: { id: { S: id } },
      UpdateExpression,
      ConditionExpression: '#status = :pending',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ...ExpressionAttributeValues,
        ':status': { S: status },
        ':settledBy': { S: settledBy },
        ':pending': { S: 'pending' satisfies OrderStatus },
      },
      // Read afterwards, it could be refused, and the client would not know that the order is settled.
      ReturnValues: 'ALL_NEW',
    });
    const answer = await answerIfHeld('dynamodb:UpdateItem', this.dynamodb.send(command));
    return answer?.Attributes && toOrder(answer.Attributes);
  }
}

/** The names of the table's indexes. */
export interface OrderIndexes {
  /** Of all orders but deleted ones. */
  readonly timeline: string;
  readonly byStatus: string;
}

/** Orders by the time at which they were placed: all of them, or those of a status. */
export function ordersTimeline(
  dynamodb: DynamoDb,
  table: string,
  indexes: OrderIndexes,
  status?: OrderStatus,
): Timeline {
  const common = { dynamodb, table, keyAttribute: 'id', timeAttribute: 'createdAt' };
  return status === undefined
    ? new Timeline({ ...common, index: indexes.timeline, name: TIMELINE_NAME })
    : new Timeline({ ...common, index: indexes.byStatus, partitionAttribute: 'status', name: status });
}

export function toOrder(item: Item): Order {
  const { id, status, lines, subtotal, shipping, total, createdAt, processedAt } = fromAttributes(
    item,
  ) as unknown as Order;
  return { id, status, lines, subtotal, shipping, total, createdAt, processedAt };
}
