import { arnIn, digits, hex, iso, md5, uuid } from './context';
import type { SampleContext } from './context';

const MESSAGE = JSON.stringify({ message: 'hello' });

/** @see https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
export function sns(context: SampleContext) {
  const TopicArn = context.names.topicArn ?? arnIn(context, 'sns', 'messages');
  const EventSubscriptionArn = `${TopicArn}:${uuid()}`;
  const place = `https://sns.${context.region}.amazonaws.com`;
  return {
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn,
        Sns: {
          Type: 'Notification',
          MessageId: uuid(),
          TopicArn,
          Subject: 'hello',
          Message: MESSAGE,
          Timestamp: iso(context),
          SignatureVersion: '1',
          Signature: 'EXAMPLE',
          SigningCertUrl: `${place}/SimpleNotificationService-${hex(16)}.pem`,
          UnsubscribeUrl: `${place}/?Action=Unsubscribe&SubscriptionArn=${EventSubscriptionArn}`,
          MessageAttributes: { kind: { Type: 'String', Value: 'sample' } },
        },
      },
    ],
  };
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export function sqs(context: SampleContext) {
  return { Records: [sqsRecord(context, context.names.queueArn ?? arnIn(context, 'sqs', 'messages'), {})] };
}

/** From a FIFO queue. */
export function sqsFifo(context: SampleContext) {
  const { queueArn } = context.names;
  const fifo = queueArn?.endsWith('.fifo') ? queueArn : arnIn(context, 'sqs', 'messages.fifo');
  const order = { SequenceNumber: digits(20), MessageGroupId: 'group-1', MessageDeduplicationId: hex(32) };
  return { Records: [sqsRecord(context, fifo, order)] };
}

function sqsRecord<T>(context: SampleContext, eventSourceARN: string, order: T) {
  return {
    messageId: uuid(),
    receiptHandle: hex(48),
    body: MESSAGE,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(context.now),
      SenderId: context.accountId,
      ApproximateFirstReceiveTimestamp: String(context.now + 1),
      ...order,
    },
    messageAttributes: {},
    md5OfBody: md5(MESSAGE),
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion: context.region,
  };
}

const FROM = 'Jane Doe <jane@example.com>';
const TO = 'johndoe@example.com';
const PASS = { status: 'PASS' } as const;

/** Incoming mail. @see https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda-event.html */
export function ses(context: SampleContext) {
  const messageId = hex(20);
  const subject = 'hello';
  const date = new Date(context.now).toUTCString();
  return {
    Records: [
      {
        eventSource: 'aws:ses',
        eventVersion: '1.0',
        ses: {
          mail: {
            timestamp: iso(context),
            source: 'jane@example.com',
            messageId,
            destination: [TO],
            headersTruncated: false,
            headers: [
              { name: 'From', value: FROM },
              { name: 'To', value: TO },
              { name: 'Subject', value: subject },
            ],
            commonHeaders: {
              returnPath: 'jane@example.com',
              from: [FROM],
              date,
              to: [TO],
              messageId: `<${messageId}@example.com>`,
              subject,
            },
          },
          receipt: {
            timestamp: iso(context),
            processingTimeMillis: 574,
            recipients: [TO],
            spamVerdict: PASS,
            virusVerdict: PASS,
            spfVerdict: PASS,
            dkimVerdict: PASS,
            dmarcVerdict: PASS,
            action: {
              type: 'Lambda' as const,
              functionArn: context.functionArn,
              invocationType: 'Event',
            },
          },
        },
      },
    ],
  };
}
