import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';

const dynamodb = new DynamoDBClient({});

export async function audit(event) {
  for (const { Sns } of event.Records) {
    const { orderId, customer } = JSON.parse(Sns.Message);
    await dynamodb.send(
      new PutItemCommand({
        TableName: process.env.TABLE,
        Item: { orderId: { S: `audit-${orderId}` }, customer: { S: customer }, status: { S: 'noted' } },
      }),
    );
  }
}
