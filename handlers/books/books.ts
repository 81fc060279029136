import {
  BatchGetItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { AwsError, callAws } from '../shared/aws-error';
import { conditionHeld, type DynamoDb, type Item, number, numberOf, textOf } from '../shared/dynamodb';
import { TIMELINE, Timeline } from '../shared/timeline';
import type { Book, BookContent } from './book';

const TIMELINE_NAME = 'books';
const ATTEMPTS = 3;

/** The catalogue's table. */
export class Books {
  constructor(
    private readonly dynamodb: DynamoDb,
    private readonly table: string,
  ) {}

  /** @throws AwsError */
  async get(id: string): Promise<Book | undefined> {
    const command = new GetItemCommand({
      TableName: this.table,
      Key: { id: { S: id } },
      ConsistentRead: true,
    });
    const { Item } = await callAws('dynamodb:GetItem', this.dynamodb.send(command));
    return Item && toBook(Item);
  }

  /**
   * Those of them that there are, by id.
   *
   * @param ids up to 100, each once
   * @throws AwsError; too: when the table, throttled, leaves some out again and again
   */
  async named(ids: readonly string[]): Promise<ReadonlyMap<string, Book>> {
    const found = new Map<string, Book>();
    let keys = ids.map((id) => ({ id: { S: id } }));
    for (let attempt = 0; attempt < ATTEMPTS && keys.length > 0; attempt++) {
      const command = new BatchGetItemCommand({ RequestItems: { [this.table]: { Keys: keys } } });
      const answer = await callAws('dynamodb:BatchGetItem', this.dynamodb.send(command));
      for (const item of answer.Responses?.[this.table] ?? [])
        found.set(textOf(item, 'id') ?? '', toBook(item));
      keys = (answer.UnprocessedKeys?.[this.table]?.Keys ?? []) as typeof keys;
    }
    if (keys.length === 0) return found;
    throw new AwsError('dynamodb:BatchGetItem', {
      name: 'ThrottlingException',
      $metadata: { httpStatusCode: 400 },
    });
  }

  /** False if there is a book with that id. @throws AwsError */
  add(book: Book, createdAt: string): Promise<boolean> {
    const { id, title, author, price, description } = book;
    const command = new PutItemCommand({
      TableName: this.table,
      Item: {
        id: { S: id },
        title: { S: title },
        author: { S: author },
        price: number(price),
        ...(description !== undefined && { description: { S: description } }),
        createdAt: { S: createdAt },
        [TIMELINE]: { S: TIMELINE_NAME },
      },
      ConditionExpression: 'attribute_not_exists(id)',
    });
    return conditionHeld('dynamodb:PutItem', this.dynamodb.send(command));
  }

  /** False if there is no such book. @throws AwsError */
  change(id: string, { title, author, price, description }: BookContent): Promise<boolean> {
    const hasDescription = description !== undefined;
    const command = new UpdateItemCommand({
      TableName: this.table,
      Key: { id: { S: id } },
      UpdateExpression: `SET title = :title, author = :author, price = :price${
        hasDescription ? ', description = :description' : ' REMOVE description'
      }`,
      ConditionExpression: 'attribute_exists(id)',
      ExpressionAttributeValues: {
        ':title': { S: title },
        ':author': { S: author },
        ':price': number(price),
        ...(hasDescription && { ':description': { S: description } }),
      },
    });
    return conditionHeld('dynamodb:UpdateItem', this.dynamodb.send(command));
  }

  /** Also where it was gone before. @throws AwsError */
  async remove(id: string): Promise<void> {
    const command = new DeleteItemCommand({ TableName: this.table, Key: { id: { S: id } } });
    await callAws('dynamodb:DeleteItem', this.dynamodb.send(command));
  }
}

/** Books by the time at which they came into the catalogue. */
export function booksTimeline(dynamodb: DynamoDb, table: string, index: string): Timeline {
  const name = TIMELINE_NAME;
  return new Timeline({ dynamodb, table, index, name, keyAttribute: 'id', timeAttribute: 'createdAt' });
}

export function toBook(item: Item): Book {
  return {
    id: textOf(item, 'id') ?? '',
    title: textOf(item, 'title') ?? '',
    author: textOf(item, 'author') ?? '',
    price: numberOf(item, 'price') ?? 0,
    description: textOf(item, 'description'),
  };
}
