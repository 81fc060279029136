import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { callAws } from '../shared/aws-error';
import { conditionHeld, type DynamoDb, type Item as DynamoDbItem, number } from '../shared/dynamodb';
import { fromAttributes, toAttributes } from '../shared/json-attributes';
import { TIMELINE, Timeline } from '../shared/timeline';
import { contentOf, type Item } from './item';

const TIMELINE_NAME = 'items';

/** What the table keeps beside an item. */
export interface StoredItem {
  readonly item: Item;
  /** Of the last write: whoever did not get its answer knows by it whether it was its own. */
  readonly writeId: string;
  /** SHA-256 of what it was created with: a repeated request has the same. */
  readonly firstDigest: string;
}

/** What a write leaves beside the item. */
export interface Write extends Omit<StoredItem, 'item'> {
  readonly traceparent: string;
}

/** The table of items. Each write answers whether its condition held. */
export class Items {
  constructor(
    private readonly dynamodb: DynamoDb,
    private readonly table: string,
  ) {}

  /** @throws AwsError */
  async get(id: string): Promise<StoredItem | undefined> {
    const command = new GetItemCommand({
      TableName: this.table,
      Key: { id: { S: id } },
      ConsistentRead: true,
    });
    const { Item } = await callAws('dynamodb:GetItem', this.dynamodb.send(command));
    const text = (name: string) => Item?.[name]?.S ?? '';
    return Item && { item: toItem(Item), writeId: text('writeId'), firstDigest: text('firstDigest') };
  }

  /** False if there is an item with that id, or of another version than the one before. @throws AwsError */
  put(item: Item, { writeId, firstDigest, traceparent }: Write): Promise<boolean> {
    const isNew = item.version === 1;
    const command = new PutItemCommand({
      TableName: this.table,
      Item: {
        ...toAttributes(contentOf(item)),
        id: { S: item.id },
        version: number(item.version),
        createdAt: { S: item.createdAt },
        updatedAt: { S: item.updatedAt },
        writeId: { S: writeId },
        firstDigest: { S: firstDigest },
        traceparent: { S: traceparent },
        [TIMELINE]: { S: TIMELINE_NAME },
      },
      ConditionExpression: isNew ? 'attribute_not_exists(id)' : 'version = :seen',
      ...(!isNew && { ExpressionAttributeValues: { ':seen': number(item.version - 1) } }),
    });
    return conditionHeld('dynamodb:PutItem', this.dynamodb.send(command));
  }

  /** False if it has another version, or is gone. @throws AwsError */
  delete({ id, version }: Pick<Item, 'id' | 'version'>): Promise<boolean> {
    const command = new DeleteItemCommand({
      TableName: this.table,
      Key: { id: { S: id } },
      ConditionExpression: 'version = :seen',
      ExpressionAttributeValues: { ':seen': number(version) },
    });
    return conditionHeld('dynamodb:DeleteItem', this.dynamodb.send(command));
  }
}

/** Items by the time at which they were made. */
export function itemsTimeline(dynamodb: DynamoDb, table: string, index: string): Timeline {
  const name = TIMELINE_NAME;
  return new Timeline({ dynamodb, table, index, name, keyAttribute: 'id', timeAttribute: 'createdAt' });
}

export function toItem(attributes: DynamoDbItem): Item {
  const { id, version, createdAt, updatedAt, ...content } = fromAttributes(attributes) as unknown as Item;
  return {
    id,
    version,
    ...contentOf({ id, version, createdAt, updatedAt, ...content }),
    createdAt,
    updatedAt,
  };
}
