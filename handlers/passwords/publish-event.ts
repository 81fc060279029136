import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { callAws } from '../shared/aws-error';
import { messageJson } from '../shared/message-json';
import { traceAttributes } from '../shared/trace-context';
import { EVENT_TYPE, type PendingEvent } from './event';

export interface Publisher {
  readonly sns: Pick<SNSClient, 'send'>;
  readonly topicArn: string;
}

/** @throws AwsError if SNS did not take it, or did not say so */
export async function publishEvent(
  { event, traceparent }: PendingEvent,
  { sns, topicArn }: Publisher,
): Promise<void> {
  const command = new PublishCommand({
    TopicArn: topicArn,
    Message: messageJson(event),
    MessageAttributes: {
      eventType: { DataType: 'String', StringValue: EVENT_TYPE },
      ...traceAttributes(traceparent),
    },
  });
  await callAws('sns:Publish', sns.send(command));
}
