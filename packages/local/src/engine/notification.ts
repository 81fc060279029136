import type { MessageAttributes } from '../contracts';
import type { SubscriptionProtocol } from './subscription';

/** A message as it is published to a topic. */
export interface Publication {
  readonly message: string;
  readonly subject?: string;
  readonly attributes?: MessageAttributes;
  /** `json`: the message is an object with a text for each protocol, and `default`. */
  readonly messageStructure?: string;
  /** The caller's X-Amzn-Trace-Id; travels to queues as `AWSTraceHeader`. */
  readonly traceHeader?: string;
}

/** A publication that a topic has accepted. */
export interface Notification extends Publication {
  readonly messageId: string;
  readonly topicArn: string;
  /** ISO 8601. */
  readonly timestamp: string;
  /** Base URL of the AWS endpoint. */
  readonly endpointUrl: string;
}

// Nothing signs here; the value says so to whoever looks, and no verification succeeds by accident.
const SIGNATURE = 'unsigned-by-the-local-runtime';

/** The text that subscribers of a protocol get. */
export function messageFor(notification: Publication, protocol: SubscriptionProtocol): string {
  if (notification.messageStructure !== 'json') return notification.message;
  const texts = JSON.parse(notification.message) as Record<string, unknown>;
  const text = texts[protocol];
  return typeof text === 'string' ? text : (texts.default as string);
}

/** What SNS puts into a queue without raw delivery. */
export function envelope(notification: Notification, subscriptionArn: string): string {
  const { messageId, topicArn, subject, timestamp, attributes } = notification;
  return JSON.stringify({
    Type: 'Notification',
    MessageId: messageId,
    TopicArn: topicArn,
    ...(subject !== undefined && { Subject: subject }),
    Message: messageFor(notification, 'sqs'),
    Timestamp: timestamp,
    SignatureVersion: '1',
    Signature: SIGNATURE,
    SigningCertURL: certificateUrl(notification),
    UnsubscribeURL: unsubscribeUrl(notification, subscriptionArn),
    ...(attributes &&
      Object.keys(attributes).length > 0 && { MessageAttributes: renderAttributes(attributes) }),
  });
}

/** The event with which SNS invokes a function. */
export function lambdaEvent(notification: Notification, subscriptionArn: string): string {
  const { messageId, topicArn, subject, timestamp, attributes } = notification;
  const record = {
    EventSource: 'aws:sns',
    EventVersion: '1.0',
    EventSubscriptionArn: subscriptionArn,
    Sns: {
      Type: 'Notification',
      MessageId: messageId,
      TopicArn: topicArn,
      Subject: subject ?? null,
      Message: messageFor(notification, 'lambda'),
      Timestamp: timestamp,
      SignatureVersion: '1',
      Signature: SIGNATURE,
      SigningCertUrl: certificateUrl(notification),
      UnsubscribeUrl: unsubscribeUrl(notification, subscriptionArn),
      MessageAttributes: renderAttributes(attributes ?? {}),
    },
  };
  return JSON.stringify({ Records: [record] });
}

function renderAttributes(attributes: MessageAttributes): Record<string, { Type: string; Value: string }> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { dataType, value }]) => [name, { Type: dataType, Value: value }]),
  );
}

function certificateUrl(notification: Notification): string {
  return `${notification.endpointUrl}/SimpleNotificationService.pem`;
}

function unsubscribeUrl(notification: Notification, subscriptionArn: string): string {
  return `${notification.endpointUrl}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`;
}
