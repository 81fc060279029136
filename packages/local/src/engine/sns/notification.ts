import type { MessageAttributes } from '../../contracts';
import type { SignatureFields } from './envelope';
import { signatureFields, unsubscribeUrl } from './envelope';
import type { AttributeValues, Filterable } from './filter';
import { attributeValues, bodyObject } from './filter';
import type { SignatureVersion, Signer } from './signer';
import type { SubscriptionProtocol } from './subscription-endpoint';

/** A message as it is published to a topic. */
export interface Publication {
  readonly message: string;
  readonly subject?: string;
  readonly attributes?: MessageAttributes;
  /** `json`: the message is an object with a text for each protocol, and `default`. */
  readonly messageStructure?: string;
  /** `MessageGroupId`: a FIFO topic needs it, a standard topic passes it on to queues. */
  readonly groupId?: string;
  /** `MessageDeduplicationId`, FIFO only. @default SHA-256 of the message, where the topic deduplicates by content */
  readonly deduplicationId?: string;
  /** The caller's X-Amzn-Trace-Id; travels to queues as `AWSTraceHeader`. */
  readonly traceHeader?: string;
}

export interface NotificationOptions {
  readonly messageId: string;
  readonly topicArn: string;
  /** ISO 8601. */
  readonly timestamp: string;
  /** Base URL of the AWS endpoint. */
  readonly endpointUrl: string;
  /** 20 digits; FIFO topics only. */
  readonly sequenceNumber?: string;
}

/** A publication that a topic has accepted, in every form in which subscribers get it. */
export class Notification implements Filterable {
  private values: AttributeValues | undefined;
  private object: { readonly value: Readonly<Record<string, unknown>> | undefined } | undefined;
  private structured: Readonly<Record<string, unknown>> | undefined;
  private readonly signatures = new Map<string, SignatureFields>();

  constructor(
    readonly publication: Publication,
    readonly options: NotificationOptions,
  ) {}

  get messageId(): string {
    return this.options.messageId;
  }

  get topicArn(): string {
    return this.options.topicArn;
  }

  attributes(): AttributeValues {
    this.values ??= attributeValues(this.publication.attributes);
    return this.values;
  }

  body(): Readonly<Record<string, unknown>> | undefined {
    // Filters of all protocols see the same message; its structure is the publisher's matter with the protocols.
    this.object ??= { value: bodyObject(this.publication.message) };
    return this.object.value;
  }

  /** The text that subscribers of a protocol get. */
  textFor(protocol: SubscriptionProtocol): string {
    const { message, messageStructure } = this.publication;
    if (messageStructure !== 'json') return message;
    this.structured ??= JSON.parse(message) as Record<string, unknown>;
    const text = Object.hasOwn(this.structured, protocol) ? this.structured[protocol] : undefined;
    return typeof text === 'string' ? text : (this.structured.default as string);
  }

  /** Signs what these protocols get: once a text, since nothing of the subscription is signed. */
  async sign(
    protocols: Iterable<SubscriptionProtocol>,
    signer: Signer,
    version: SignatureVersion,
  ): Promise<void> {
    const texts = new Set([...protocols].map((protocol) => this.textFor(protocol)));
    const { messageId: MessageId, topicArn: TopicArn, timestamp: Timestamp, endpointUrl } = this.options;
    const { subject: Subject } = this.publication;
    await Promise.all(
      [...texts].map(async (Message) => {
        const fields = { Message, MessageId, Subject, Timestamp, TopicArn, Type: 'Notification' };
        this.signatures.set(Message, await signatureFields(signer, fields, version, endpointUrl));
      }),
    );
  }

  /** The JSON around the text, without raw delivery. FIFO topics do not sign, as AWS's do not. */
  envelope(protocol: SubscriptionProtocol, subscriptionArn: string): string {
    const { messageId, topicArn, timestamp, endpointUrl, sequenceNumber } = this.options;
    const { subject, attributes } = this.publication;
    const text = this.textFor(protocol);
    return JSON.stringify({
      Type: 'Notification',
      MessageId: messageId,
      ...(sequenceNumber !== undefined && { SequenceNumber: sequenceNumber }),
      TopicArn: topicArn,
      ...(subject !== undefined && { Subject: subject }),
      Message: text,
      Timestamp: timestamp,
      ...this.signatures.get(text),
      UnsubscribeURL: unsubscribeUrl(endpointUrl, subscriptionArn),
      ...(attributes &&
        Object.keys(attributes).length > 0 && { MessageAttributes: renderAttributes(attributes) }),
    });
  }

  /** The event with which SNS invokes a function. */
  lambdaEvent(subscriptionArn: string): string {
    const { messageId, topicArn, timestamp, endpointUrl } = this.options;
    const { subject, attributes } = this.publication;
    const text = this.textFor('lambda');
    const signature = this.signatures.get(text);
    const record = {
      EventSource: 'aws:sns',
      EventVersion: '1.0',
      EventSubscriptionArn: subscriptionArn,
      Sns: {
        Type: 'Notification',
        MessageId: messageId,
        TopicArn: topicArn,
        Subject: subject ?? null,
        Message: text,
        Timestamp: timestamp,
        SignatureVersion: signature?.SignatureVersion,
        Signature: signature?.Signature,
        SigningCertUrl: signature?.SigningCertURL,
        UnsubscribeUrl: unsubscribeUrl(endpointUrl, subscriptionArn),
        MessageAttributes: renderAttributes(attributes ?? {}),
      },
    };
    return JSON.stringify({ Records: [record] });
  }
}

function renderAttributes(attributes: MessageAttributes): Record<string, { Type: string; Value: string }> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { dataType, value }]) => [name, { Type: dataType, Value: value }]),
  );
}
