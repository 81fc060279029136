import {
  type AttributeValue,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { conditionHeld, type DynamoDb, type Item, number, numberOf, textOf } from '../shared/dynamodb';
import { TIMELINE, Timeline } from '../shared/timeline';
import type { Document, DocumentStatus } from './document';

const TIMELINE_NAME = 'documents';

/** Longer than S3's are. */
const SEQUENCER_DIGITS = 32;

/** Events of one object are in the order of their sequencers; S3 delivers them in any order, and some twice. */
const IS_NEWER = 'attribute_not_exists(#key) OR sequencer < :sequencer';

/** The table of documents. Each write answers whether it was news: an event that is late or repeated changes nothing. */
export class Documents {
  constructor(
    private readonly dynamodb: DynamoDb,
    private readonly table: string,
  ) {}

  /**
   * Puts a document in the place of what was known of its key.
   *
   * @param sequencer of the event: hexadecimal
   * @throws AwsError
   */
  record(document: Document, sequencer: string): Promise<boolean> {
    const command = new PutItemCommand({
      TableName: this.table,
      Item: {
        ...toItem(document),
        sequencer: { S: comparable(sequencer) },
        [TIMELINE]: { S: TIMELINE_NAME },
      },
      ConditionExpression: IS_NEWER,
      ExpressionAttributeNames: { '#key': 'key' },
      ExpressionAttributeValues: { ':sequencer': { S: comparable(sequencer) } },
    });
    return conditionHeld('dynamodb:PutItem', this.dynamodb.send(command));
  }

  /** What was known of it stays, so that reports of its day stay true. @throws AwsError */
  markRemoved(key: string, removedAt: string, sequencer: string): Promise<boolean> {
    const input: UpdateItemCommandInput = {
      TableName: this.table,
      Key: { key: { S: key } },
      UpdateExpression: 'SET #status = :removed, removedAt = :at, sequencer = :sequencer',
      ConditionExpression: IS_NEWER,
      ExpressionAttributeNames: { '#key': 'key', '#status': 'status' },
      ExpressionAttributeValues: {
        ':removed': { S: 'removed' satisfies DocumentStatus },
        ':at': { S: removedAt },
        ':sequencer': { S: comparable(sequencer) },
      },
    };
    return conditionHeld('dynamodb:UpdateItem', this.dynamodb.send(new UpdateItemCommand(input)));
  }
}

/** Documents by the time at which they were taken in. */
export function documentsTimeline(dynamodb: DynamoDb, table: string, index: string): Timeline {
  const name = TIMELINE_NAME;
  return new Timeline({ dynamodb, table, index, name, keyAttribute: 'key', timeAttribute: 'takenInAt' });
}

/**
 * To be compared as texts, the shorter of two sequencers gets zeros at its right end.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
function comparable(sequencer: string): string {
  return sequencer.toUpperCase().padEnd(SEQUENCER_DIGITS, '0');
}

function toItem(document: Document): Record<string, AttributeValue> {
  const attributes = Object.entries(document).flatMap(
    ([name, value]: [string, string | number | undefined]) => {
      if (value === undefined) return [];
      return [[name, typeof value === 'number' ? number(value) : { S: value }] as const];
    },
  );
  return Object.fromEntries(attributes);
}

export function toDocument(item: Item): Document {
  return {
    key: textOf(item, 'key') ?? '',
    status: (textOf(item, 'status') ?? 'unreadable') as DocumentStatus,
    takenInAt: textOf(item, 'takenInAt'),
    removedAt: textOf(item, 'removedAt'),
    contentType: textOf(item, 'contentType'),
    bytes: numberOf(item, 'bytes'),
    title: textOf(item, 'title'),
    words: numberOf(item, 'words'),
    lines: numberOf(item, 'lines'),
    sha256: textOf(item, 'sha256'),
    excerpt: textOf(item, 'excerpt'),
  };
}
