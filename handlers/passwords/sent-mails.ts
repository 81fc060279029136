import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { callAws } from '../shared/aws-error';

/** Longer than a message can come again: a queue keeps it for 14 days, and its dead letters for as long. */
const KEPT_SECONDS = 30 * 24 * 60 * 60;

/** Which changes a mail was sent for. */
export class SentMails {
  constructor(
    private readonly dynamodb: Pick<DynamoDBClient, 'send'>,
    private readonly table: string,
  ) {}

  /** @throws AwsError */
  async has(changeId: string): Promise<boolean> {
    const command = new GetItemCommand({
      TableName: this.table,
      Key: { changeId: { S: changeId } },
      ConsistentRead: true,
    });
    const { Item } = await callAws('dynamodb:GetItem', this.dynamodb.send(command));
    return Item !== undefined;
  }

  /**
   * @param sentAt milliseconds since the epoch
   * @throws AwsError
   */
  async add(changeId: string, sentAt: number): Promise<void> {
    const command = new PutItemCommand({
      TableName: this.table,
      Item: {
        changeId: { S: changeId },
        sentAt: { S: new Date(sentAt).toISOString() },
        expiresAt: { N: String(Math.floor(sentAt / 1000) + KEPT_SECONDS) },
      },
    });
    await callAws('dynamodb:PutItem', this.dynamodb.send(command));
  }
}
