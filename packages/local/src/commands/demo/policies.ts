/** The policy of a topic: this account publishes and subscribes, and nobody publishes without TLS. */
export function topicPolicy(topicArn: string): string {
  const [, partition, , , accountId] = topicArn.split(':');
  return policy(
    {
      Sid: 'Account',
      Effect: 'Allow',
      Principal: { AWS: `arn:${partition}:iam::${accountId}:root` },
      Action: ['sns:Publish', 'sns:Subscribe', 'sns:GetTopicAttributes', 'sns:ListSubscriptionsByTopic'],
      Resource: topicArn,
    },
    denyInsecureTransport('sns:Publish', topicArn),
  );
}

/** The policy of a queue: this topic delivers, no other one, and nobody does anything without TLS. */
export function queuePolicy(queueArn: string, topicArn: string): string {
  return policy(
    {
      Sid: 'Topic',
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queueArn,
      Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
    },
    denyInsecureTransport('sqs:*', queueArn),
  );
}

function denyInsecureTransport(action: string, resource: string): object {
  return {
    Sid: 'DenyInsecureTransport',
    Effect: 'Deny',
    Principal: '*',
    Action: action,
    Resource: resource,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}

function policy(...statements: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}
