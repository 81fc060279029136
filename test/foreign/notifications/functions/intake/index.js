const { PublishCommand, SNSClient } = require('@aws-sdk/client-sns');

const sns = new SNSClient({});

exports.handler = async ({ httpMethod, pathParameters, body }) => {
  const { channel } = pathParameters;
  if (!JSON.parse(process.env.QUEUES)[channel]) {
    return { statusCode: 404, body: JSON.stringify({ message: `no channel ${channel}` }) };
  }
  const { MessageId } = await sns.send(
    new PublishCommand({
      TopicArn: process.env.TOPIC_ARN,
      Message: body,
      MessageAttributes: { channel: { DataType: 'String', StringValue: channel } },
    }),
  );
  return { statusCode: 202, body: JSON.stringify({ method: httpMethod, id: MessageId }) };
};
