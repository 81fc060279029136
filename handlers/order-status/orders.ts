import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { callAws } from '../shared/aws-error';
import { conditionHeld, type DynamoDb, type Item, number, numberOf } from '../shared/dynamodb';
import { fromAttribute, type Json, toAttribute } from '../shared/json-attributes';
import { TIMELINE, Timeline } from '../shared/timeline';
import type { HistoryEntry, Order } from './order';

const TIMELINE_NAME = 'orders';

/** An order as the table has it. */
export interface StoredOrder extends Order {
  /** One more with each write; 0 before the first. */
  readonly revision: number;
}

/** The table of orders. */
export class Orders {
  constructor(
    private readonly dynamodb: DynamoDb,
    private readonly table: string,
  ) {}

  /** @throws AwsError */
  async get(orderId: string): Promise<StoredOrder | undefined> {
    const command = new GetItemCommand({
      TableName: this.table,
      Key: { orderId: { S: orderId } },
      ConsistentRead: true,
    });
    const { Item } = await callAws('dynamodb:GetItem', this.dynamodb.send(command));
    return Item && { orderId, history: historyOf(Item), revision: numberOf(Item, 'revision') ?? 0 };
  }

  /**
   * False if somebody else wrote it since it was read.
   *
   * @param recordedAt ISO 8601 in UTC
   * @throws AwsError
   */
  put({ orderId, history, revision }: StoredOrder, recordedAt: string): Promise<boolean> {
    const command = new PutItemCommand({
      TableName: this.table,
      Item: {
        orderId: { S: orderId },
        // For those who look at the table; readers take the history's first entry.
        status: { S: history[0]?.status ?? '' },
        version: number(history[0]?.version ?? 0),
        history: toAttribute(history as unknown as Json),
        recordedAt: { S: recordedAt },
        revision: number(revision + 1),
        [TIMELINE]: { S: TIMELINE_NAME },
      },
      ConditionExpression: revision === 0 ? 'attribute_not_exists(orderId)' : 'revision = :seen',
      ...(revision > 0 && { ExpressionAttributeValues: { ':seen': number(revision) } }),
    });
    return conditionHeld('dynamodb:PutItem', this.dynamodb.send(command));
  }
}

/** Orders by the time at which their last change was recorded. */
export function ordersTimeline(dynamodb: DynamoDb, table: string, index: string): Timeline {
  const name = TIMELINE_NAME;
  return new Timeline({ dynamodb, table, index, name, keyAttribute: 'orderId', timeAttribute: 'recordedAt' });
}

export function historyOf(item: Item): HistoryEntry[] {
  return item.history === undefined ? [] : (fromAttribute(item.history) as unknown as HistoryEntry[]);
}
