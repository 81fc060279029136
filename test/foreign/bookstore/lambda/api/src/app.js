const { DynamoDBClient, GetItemCommand, PutItemCommand } = require('@aws-sdk/client-dynamodb');
const { PublishCommand, SNSClient } = require('@aws-sdk/client-sns');
const { answer } = require('./lib/answer');

const dynamodb = new DynamoDBClient({});
const sns = new SNSClient({});

exports.handler = async (event) => {
  if (event.httpMethod === 'POST' && event.path === '/orders') return order(JSON.parse(event.body));
  const [, orderId] = /^\/orders\/([\w-]+)$/.exec(event.path) ?? [];
  if (event.httpMethod === 'GET' && orderId) return find(orderId);
  return answer(404, { message: `${event.httpMethod} ${event.path} is not known` });
};

async function order({ book, customer }) {
  const orderId = `${book}-${Date.now()}`;
  await dynamodb.send(
    new PutItemCommand({
      TableName: process.env.TABLE,
      Item: { orderId: { S: orderId }, customer: { S: customer }, status: { S: 'placed' } },
    }),
  );
  await sns.send(
    new PublishCommand({
      TopicArn: process.env.TOPIC_ARN,
      Message: JSON.stringify({ orderId, customer }),
    }),
  );
  return answer(201, { orderId });
}

async function find(orderId) {
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: process.env.TABLE, Key: { orderId: { S: orderId } } }),
  );
  return Item ? answer(200, { orderId, status: Item.status.S }) : answer(404, { message: 'no such order' });
}
