import { QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { callAws } from './aws-error';
import { decodeCursor, encodeCursor } from './cursor';
import type { DynamoDb, Item } from './dynamodb';

/** The attribute that all items of a timeline have, with the same value: the index's partition key. */
export const TIMELINE = 'timeline';

export interface TimelineOptions {
  readonly dynamodb: DynamoDb;
  readonly table: string;
  readonly index: string;
  /** The index's partition key. @default timeline */
  readonly partitionAttribute?: string;
  /** The value of that attribute. */
  readonly name: string;
  /** The table's key. */
  readonly keyAttribute: string;
  /** The index's sort key: ISO 8601 in UTC, so that the order of texts is that of time. */
  readonly timeAttribute: string;
}

export interface Page {
  readonly items: readonly Item[];
  /** Absent at the end of the list. */
  readonly nextCursor: string | null;
}

/**
 * A table in the order of time, by an index of which all items are in one partition: lists and ranges are exact and cheap,
 * and a thousand writes a second are the limit, beyond which DynamoDB throttles and callers try again.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
 */
export class Timeline {
  constructor(private readonly options: TimelineOptions) {}

  /**
   * Newest first.
   *
   * @throws AwsError
   * @throws HttpProblem 400 for a wrong cursor
   */
  async page(limit: number, cursor: string | undefined): Promise<Page> {
    const { items, last } = await this.query({
      ScanIndexForward: false,
      Limit: limit,
      ExclusiveStartKey: cursor === undefined ? undefined : this.startOf(cursor),
      KeyConditionExpression: '#timeline = :name',
    });
    return { items, nextCursor: last ? this.cursorOf(last) : null };
  }

  /**
   * Oldest first.
   *
   * @param from ISO 8601; items of this very time are in
   * @param before ISO 8601; items of this very time are not. Absent: no end
   * @throws AwsError
   */
  async *range(from: string, before?: string): AsyncGenerator<Item> {
    let start: QueryCommandInput['ExclusiveStartKey'];
    do {
      const { items, last } = await this.query({
        ExclusiveStartKey: start,
        KeyConditionExpression: '#timeline = :name AND #time >= :from',
        ExpressionAttributeValues: { ':from': { S: from } },
      });
      for (const item of items) {
        if (before !== undefined && (item[this.options.timeAttribute]?.S ?? '') >= before) return;
        yield item;
      }
      start = last;
    } while (start);
  }

  private async query(input: Partial<QueryCommandInput>) {
    const { dynamodb, table, index, name, timeAttribute, partitionAttribute = TIMELINE } = this.options;
    const ranged = input.ExpressionAttributeValues !== undefined;
    const command = new QueryCommand({
      ...input,
      TableName: table,
      IndexName: index,
      ExpressionAttributeNames: {
        '#timeline': partitionAttribute,
        ...(ranged && { '#time': timeAttribute }),
      },
      ExpressionAttributeValues: { ':name': { S: name }, ...input.ExpressionAttributeValues },
    });
    const { Items = [], LastEvaluatedKey } = await callAws('dynamodb:Query', dynamodb.send(command));
    return { items: Items, last: LastEvaluatedKey };
  }

  private startOf(cursor: string): Record<string, { S: string }> {
    const { name, keyAttribute, timeAttribute, partitionAttribute = TIMELINE } = this.options;
    const [time = '', key = ''] = decodeCursor(cursor, 2);
    return { [partitionAttribute]: { S: name }, [timeAttribute]: { S: time }, [keyAttribute]: { S: key } };
  }

  private cursorOf(last: Item): string {
    const { keyAttribute, timeAttribute } = this.options;
    return encodeCursor([last[timeAttribute]?.S ?? '', last[keyAttribute]?.S ?? '']);
  }
}
