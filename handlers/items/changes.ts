import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { callAws } from '../shared/aws-error';
import { decodeCursor, encodeCursor } from '../shared/cursor';
import { type DynamoDb, type Item as DynamoDbItem, numberOf, textOf } from '../shared/dynamodb';
import { fromAttributes, type JsonObject, toAttributes } from '../shared/json-attributes';

export type ChangeKind = 'created' | 'changed' | 'deleted';

/** One change of an item. */
export interface Change {
  readonly id: string;
  /** The stream's number, which grows with each change of an item, filled up to 40 digits. */
  readonly sequence: string;
  readonly kind: ChangeKind;
  /** ISO 8601 in UTC, to the second. */
  readonly at: string;
  /** After the change; of a deleted item its last one. */
  readonly version: number;
  /** By field: what it was and what it is, where there was or is one. */
  readonly changes: JsonObject;
  readonly traceparent?: string;
}

/** The table of changes. */
export class Changes {
  constructor(
    private readonly dynamodb: DynamoDb,
    private readonly table: string,
  ) {}

  /** The same change again writes the same again. @throws AwsError */
  async put({ id, sequence, kind, at, version, changes, traceparent }: Change): Promise<void> {
    const texts = { id, sequence, kind, at, ...(traceparent !== undefined && { traceparent }) };
    const command = new PutItemCommand({
      TableName: this.table,
      Item: toAttributes({ ...texts, version, changes }),
    });
    await callAws('dynamodb:PutItem', this.dynamodb.send(command));
  }

  /**
   * Newest first.
   *
   * @throws AwsError
   * @throws HttpProblem 400 for a wrong cursor
   */
  async page(id: string, limit: number, cursor: string | undefined) {
    const [sequence = ''] = cursor === undefined ? [] : decodeCursor(cursor, 1);
    const command = new QueryCommand({
      TableName: this.table,
      KeyConditionExpression: 'id = :id',
      ExpressionAttributeValues: { ':id': { S: id } },
      ScanIndexForward: false,
      Limit: limit,
      ...(cursor !== undefined && { ExclusiveStartKey: { id: { S: id }, sequence: { S: sequence } } }),
    });
    const { Items = [], LastEvaluatedKey } = await callAws('dynamodb:Query', this.dynamodb.send(command));
    const last = LastEvaluatedKey?.sequence?.S;
    return { items: Items.map(toChange), nextCursor: last === undefined ? null : encodeCursor([last]) };
  }
}

function toChange(item: DynamoDbItem): Omit<Change, 'id' | 'traceparent'> {
  return {
    sequence: textOf(item, 'sequence') ?? '',
    kind: (textOf(item, 'kind') ?? 'changed') as ChangeKind,
    at: textOf(item, 'at') ?? '',
    version: numberOf(item, 'version') ?? 0,
    changes: fromAttributes(item.changes?.M ?? {}),
  };
}
