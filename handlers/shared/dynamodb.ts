import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AwsError } from './aws-error';

/** An item as DynamoDB gives it. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** What a table's reader or writer needs: narrow, so that a test may stand in between. */
export type DynamoDb = Pick<DynamoDBClient, 'send'>;

/**
 * Whether the condition of a write held, which is how writes at the same time are decided.
 *
 * @param call what is called: `dynamodb:PutItem`
 * @throws AwsError
 */
export async function conditionHeld(call: string, write: Promise<object>): Promise<boolean> {
  return (await answerIfHeld(call, write)) !== undefined;
}

/**
 * The answer of a write; undefined if its condition did not hold.
 *
 * @param call what is called: `dynamodb:UpdateItem`
 * @throws AwsError
 */
export async function answerIfHeld<T extends object>(
  call: string,
  write: Promise<T>,
): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if ((error as Error).name === 'ConditionalCheckFailedException') return undefined;
    throw new AwsError(call, error);
  }
}

export function number(value: number): AttributeValue {
  return { N: String(value) };
}

/** A text attribute. @returns undefined if the item has none of that name */
export function textOf(item: Item, name: string): string | undefined {
  return item[name]?.S;
}

/** A number attribute. @returns undefined if the item has none of that name */
export function numberOf(item: Item, name: string): number | undefined {
  const text = item[name]?.N;
  return text === undefined ? undefined : Number(text);
}
