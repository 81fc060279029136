import { type AttributeValue, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { callAws } from '../shared/aws-error';
import { conditionHeld, type DynamoDb, type Item, number, numberOf, textOf } from '../shared/dynamodb';
import { TIMELINE, Timeline } from '../shared/timeline';
import type { PaymentEvent } from './payment-event';

const TIMELINE_NAME = 'payments';

/** An event as the table and the API show it. */
export interface RecordedPayment extends Omit<PaymentEvent, 'created'> {
  /** ISO 8601 in UTC with milliseconds. */
  readonly recordedAt: string;
}

/** The table of payment events. */
export class Payments {
  constructor(
    private readonly dynamodb: DynamoDb,
    private readonly table: string,
  ) {}

  /** False if the event was there before. @throws AwsError */
  add(event: PaymentEvent, recordedAt: string, traceparent: string | undefined): Promise<boolean> {
    const { id, type, createdAt, amount, currency, paymentId, status } = event;
    const texts = { id, type, createdAt, currency, paymentId, status, traceparent };
    const command = new PutItemCommand({
      TableName: this.table,
      Item: {
        ...attributesOf(texts),
        ...(amount !== undefined && { amount: number(amount) }),
        recordedAt: { S: recordedAt },
        [TIMELINE]: { S: TIMELINE_NAME },
      },
      ConditionExpression: 'attribute_not_exists(id)',
    });
    return conditionHeld('dynamodb:PutItem', this.dynamodb.send(command));
  }

  /** @throws AwsError */
  async get(id: string): Promise<RecordedPayment | undefined> {
    const command = new GetItemCommand({ TableName: this.table, Key: { id: { S: id } } });
    const { Item } = await callAws('dynamodb:GetItem', this.dynamodb.send(command));
    return Item && toPayment(Item);
  }
}

/** Events by the time at which they were recorded. */
export function paymentsTimeline(dynamodb: DynamoDb, table: string, index: string): Timeline {
  const name = TIMELINE_NAME;
  return new Timeline({ dynamodb, table, index, name, keyAttribute: 'id', timeAttribute: 'recordedAt' });
}

function attributesOf(texts: Readonly<Record<string, string | undefined>>): Record<string, AttributeValue> {
  const given = Object.entries(texts).flatMap(([name, S]) =>
    S === undefined ? [] : [[name, { S }] as const],
  );
  return Object.fromEntries(given);
}

function toPayment(item: Item): RecordedPayment {
  return {
    id: textOf(item, 'id') ?? '',
    type: textOf(item, 'type') ?? '',
    createdAt: textOf(item, 'createdAt') ?? '',
    amount: numberOf(item, 'amount'),
    currency: textOf(item, 'currency'),
    paymentId: textOf(item, 'paymentId'),
    status: textOf(item, 'status'),
    recordedAt: textOf(item, 'recordedAt') ?? '',
  };
}
