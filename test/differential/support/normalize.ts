import { hash } from 'node:crypto';
import type { Json, JsonObject, Outcome } from './step';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const LONG = 500;

/** Attributes whose values are JSON: white space and the order of members mean nothing. */
const DOCUMENTS = new Set([
  'Policy',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'FilterPolicy',
  'DeliveryPolicy',
  'EffectiveDeliveryPolicy',
]);
const TIMES = new Set([
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'SentTimestamp',
  'ApproximateFirstReceiveTimestamp',
  'Timestamp',
]);
const RANDOM = new Set(['ReceiptHandle', 'NextToken', 'Signature', 'SigningCertURL', 'UnsubscribeURL']);
/** Who sent a message, and other names of the account. */
const PRINCIPALS = new Set(['SenderId', 'SubscriptionPrincipal']);
/** Lists of everything in the account, of which a sequence sees its own part only. */
const LISTS = new Set(['QueueUrls', 'queueUrls', 'Topics', 'Subscriptions']);

type Raw = Record<string, unknown>;

/** Replaces what may differ between two endpoints by what has to be the same. */
export class Normalizer {
  private readonly ids = new Map<string, string>();
  private readonly sequenceNumbers = new Map<string, string[]>();
  /** The queue or topic that the answer is about. */
  private subject = '';
  private handles: string[] = [];

  constructor(
    private readonly prefix: string,
    private readonly accountId: string,
  ) {}

  answer(operation: string, input: Raw, answer: Raw): Outcome {
    this.subject = String(input['QueueUrl'] ?? input['TopicArn']);
    const { $metadata: _, ...all } = answer;
    const rest: Raw = { ...all };
    for (const name of ['Successful', 'Failed']) {
      if (Array.isArray(all[name])) rest[name] = byId(all[name] as Raw[]);
    }
    if (operation === 'ReceiveMessage') return this.received(rest['Messages'] as Raw[] | undefined);
    return this.object(rest);
  }

  /** The handles of the messages of the last answer, in its order. */
  takeHandles(): string[] {
    const { handles } = this;
    this.handles = [];
    return handles;
  }

  /** Standard queues promise no order, so that messages are sorted by what they say; FIFO queues promise one. */
  private received(messages: readonly Raw[] = []): Outcome {
    const isFifo = messages.some(({ Attributes }) => (Attributes as Raw | undefined)?.['MessageGroupId']);
    const inOrder = isFifo ? messages : this.sorted(messages);
    this.handles = inOrder.map(({ ReceiptHandle }) => String(ReceiptHandle));
    return inOrder.length === 0 ? {} : { Messages: inOrder.map((message) => this.message(message)) };
  }

  /** By body; those with the same body by when they were sent, as far as that is known. */
  private sorted(messages: readonly Raw[]): Raw[] {
    const keyed = messages.map((message) => {
      const { Body, ...rest } = new Normalizer(this.prefix, this.accountId).message(message) as JsonObject;
      const id = this.ids.get(String(message['MessageId'])) ?? '';
      return { message, key: JSON.stringify([Body ?? '', id.padStart(8), rest]) };
    });
    return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ message }) => message);
  }

  private message(message: Raw): Json {
    const { Body, MD5OfBody, ...rest } = message as { Body: string; MD5OfBody?: string } & Raw;
    const digest = MD5OfBody === hash('md5', Body, 'hex') ? 'right' : `wrong: ${MD5OfBody}`;
    return { ...this.object(rest), Body: this.body(Body), MD5OfBody: digest };
  }

  /** An envelope is read, any other body has to arrive as it is. */
  private body(body: string): Json {
    if (!/^\{[^]*"Type":\s*"Notification"/.test(body)) return this.text(body);
    const { Message, ...rest } = JSON.parse(body) as Raw;
    const around = this.subject;
    this.subject = String(rest['TopicArn']);
    const envelope = { ...this.object(rest), Message: this.text(String(Message)) };
    this.subject = around;
    return envelope;
  }

  private object(value: Raw): JsonObject {
    const entries = Object.entries(value).flatMap(([name, inner]): [string, Json][] => {
      const normal = this.member(name, inner);
      return isEmpty(normal) ? [] : [[name, normal]];
    });
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private member(name: string, value: unknown): Json {
    if (value === undefined || value === null) return null;
    if (LISTS.has(name)) return this.ownPart(value as unknown[]);
    if (name === 'Tags' && Array.isArray(value)) return sorted(value.map((tag) => this.object(tag as Raw)));
    if (typeof value !== 'string') return this.value(value);
    if (DOCUMENTS.has(name)) return this.document(value);
    if (TIMES.has(name)) return isRecent(value) ? '<now>' : `<not now: ${value}>`;
    if (name === 'SequenceNumber') return this.sequenceNumber(value);
    if (PRINCIPALS.has(name)) return '<principal>';
    return RANDOM.has(name) ? '<random>' : this.text(value);
  }

  private value(value: unknown): Json {
    if (typeof value === 'string') return this.text(value);
    if (value instanceof Uint8Array) return { $base64: Buffer.from(value).toString('base64') };
    if (Array.isArray(value)) return value.map((each) => this.value(each));
    if (typeof value === 'object' && value !== null) return this.object(value as Raw);
    return value as Json;
  }

  private ownPart(list: readonly unknown[]): Json {
    const own = list.filter((each) => JSON.stringify(each).includes(this.prefix));
    return sorted(own.map((each) => this.value(each)));
  }

  private document(text: string): Json {
    try {
      return this.plain(JSON.parse(text) as Json);
    } catch {
      return this.text(text);
    }
  }

  private plain(value: Json): Json {
    if (typeof value === 'string') return this.text(value);
    // Lists of actions, accounts, conditions: their order means nothing.
    if (Array.isArray(value)) return sorted(value.map((each) => this.plain(each as Json)));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, this.plain(inner)]));
  }

  /** Numbers of a FIFO queue or topic rise; which ones they are means nothing. */
  private sequenceNumber(value: string): string {
    const seen = this.sequenceNumbers.get(this.subject) ?? [];
    this.sequenceNumbers.set(this.subject, seen);
    if (!seen.includes(value)) seen.push(value);
    return `<number ${seen.indexOf(value)}>`;
  }

  private text(text: string): string {
    const local = text
      .replaceAll(/http:\/\/[^/\s"]+\/\d{12}\//g, '$url/')
      .replaceAll(this.accountId, '$account')
      .replaceAll(this.prefix, '')
      .replaceAll(UUID, (id) => this.id(id));
    return local.length > LONG ? `${local.slice(0, 20)}... (${local.length})` : local;
  }

  private id(id: string): string {
    const name = this.ids.get(id) ?? `<id ${this.ids.size}>`;
    this.ids.set(id, name);
    return name;
  }
}

function isEmpty(value: Json): boolean {
  if (value === null) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** A batch's entries by their ids, without the explanation of an error, which is for people. */
function byId(entries: readonly Raw[]): Raw {
  return Object.fromEntries(
    entries.map(({ Id, ...entry }): [string, unknown] => [
      Id as string,
      'SenderFault' in entry ? { ...entry, Message: undefined } : entry,
    ]),
  );
}

function sorted(values: readonly Json[]): Json[] {
  return [...values].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Seconds or milliseconds since the epoch, or ISO 8601; a sequence takes less than a minute. */
function isRecent(value: string): boolean {
  const number = Number(value);
  const time = Number.isNaN(number) ? Date.parse(value) : number < 1e11 ? number * 1000 : number;
  return Math.abs(Date.now() - time) < 60_000;
}
