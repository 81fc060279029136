import { randomUUID } from 'node:crypto';
import type { MessageAttributes } from '../../contracts';
import { confirmationUrl, signatureFields, unsubscribeUrl } from './envelope';
import type { Notification } from './notification';
import { publicationSize } from './publication';
import type { SignatureVersion, Signer } from './signer';
import type { Subscription, SubscriptionRecord } from './subscription';

/** What waits to be posted or mailed; as it is stored. */
export interface Letter {
  /** The value of x-amz-sns-message-type. */
  readonly type: 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';
  readonly messageId: string;
  readonly body: string;
  /** Of a mail. */
  readonly subject?: string;
  readonly raw?: boolean;
  /** Bytes of the message, attributes included. */
  readonly bytes: number;
  /** For the dead-letter queue of a raw delivery: by HTTP no attributes travel. */
  readonly attributes?: MessageAttributes;
}

const DEFAULT_SUBJECT = 'AWS Notification Message';
const SUBJECTS = {
  SubscriptionConfirmation: 'AWS Notification - Subscription Confirmation',
  UnsubscribeConfirmation: 'AWS Notification - Unsubscribe Confirmation',
} as const;

/** A notification for a subscription that is not served by a queue. */
export function notificationLetter(notification: Notification, subscription: Subscription): Letter {
  const { record, settings, arn } = subscription;
  const { publication, messageId } = notification;
  const common = { type: 'Notification' as const, messageId, bytes: publicationSize(publication) };
  const subject = publication.subject ?? DEFAULT_SUBJECT;
  if (record.protocol === 'email') {
    const link = unsubscribeUrl(notification.options.endpointUrl, arn);
    return { ...common, subject, body: `${notification.textFor('email')}\n\n--\n${farewell(link)}` };
  }
  if (settings.raw) {
    const { attributes } = publication;
    return { ...common, raw: true, body: notification.textFor(record.protocol), attributes };
  }
  return { ...common, subject, body: notification.envelope(record.protocol, arn) };
}

function farewell(link: string): string {
  return `If you wish to stop receiving notifications from this topic, please visit the link below to unsubscribe:\n${link}\n`;
}

export interface ConfirmationOptions {
  readonly type: keyof typeof SUBJECTS;
  readonly signer: Signer;
  readonly signatureVersion: SignatureVersion;
  readonly endpointUrl: string;
  /** ISO 8601. */
  readonly timestamp: string;
}

/** Asks for a confirmation: of a subscription, or that it is to come back. */
export async function confirmationLetter(
  record: SubscriptionRecord,
  options: ConfirmationOptions,
): Promise<Letter> {
  const { type, signer, signatureVersion, endpointUrl, timestamp } = options;
  const token = record.token!;
  const SubscribeURL = confirmationUrl(endpointUrl, record.topicArn, token);
  const common = { type, messageId: randomUUID(), bytes: 0, subject: SUBJECTS[type] };
  if (record.protocol === 'email') return { ...common, body: mailText(type, record, SubscribeURL) };
  const fields = {
    Type: type,
    MessageId: common.messageId,
    Token: token,
    TopicArn: record.topicArn,
    Message: messageText(type, record),
    SubscribeURL,
    Timestamp: timestamp,
  };
  const signature = await signatureFields(signer, fields, signatureVersion, endpointUrl);
  return { ...common, body: JSON.stringify({ ...fields, ...signature }) };
}

function messageText(type: Letter['type'], { arn, topicArn }: SubscriptionRecord): string {
  if (type === 'SubscriptionConfirmation') {
    return `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`;
  }
  return `You have chosen to deactivate subscription ${arn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`;
}

function mailText(type: Letter['type'], { topicArn }: SubscriptionRecord, link: string): string {
  if (type === 'SubscriptionConfirmation') {
    return `You have chosen to subscribe to the topic:\n${topicArn}\n\nTo confirm this subscription, visit the link below (if this was in error no action is necessary):\n${link}\n`;
  }
  return `Your subscription to the topic below has been deactivated:\n${topicArn}\n\nIf this was in error, you can resubscribe by visiting the link below:\n${link}\n`;
}
