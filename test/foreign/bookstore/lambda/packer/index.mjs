import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';

const dynamodb = new DynamoDBClient({});

export const handler = async ({ Records }) => {
  for (const { body } of Records) {
    const { orderId } = JSON.parse(JSON.parse(body).Message);
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: process.env.TABLE,
        Key: { orderId: { S: orderId } },
        UpdateExpression: 'SET #status = :packed',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':packed': { S: 'packed' } },
      }),
    );
  }
};
