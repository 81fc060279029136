import type { MessagingEvent } from './event-map';

/** CloudEvents 1.0, structured JSON: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  /** URI reference of who tells; with `id` unique. */
  readonly source: string;
  readonly type: `aws-micro.messaging.${MessagingEvent['name']}`;
  /** Name of the queue, topic, subscription or alarm; absent from `error`. */
  readonly subject?: string;
  /** RFC 3339. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** The event's fields as JSON has them: dates are RFC 3339, bytes base64, errors `{name, code?, message}`. */
  readonly data: unknown;
}

export interface CloudEventOptions {
  /** @default '/aws-micro/messaging' */
  readonly source?: string;
}

/** The event as others read it. */
export function toCloudEvent(event: MessagingEvent, options: CloudEventOptions = {}): CloudEvent {
  const subject = subjectOf(event);
  return {
    specversion: '1.0',
    id: event.id,
    source: options.source ?? '/aws-micro/messaging',
    type: `aws-micro.messaging.${event.name}`,
    ...(subject === undefined ? {} : { subject }),
    time: event.at.toISOString(),
    datacontenttype: 'application/json',
    data: asJson(event.data),
  };
}

function subjectOf({ data }: MessagingEvent): string | undefined {
  if (data instanceof Error) return undefined;
  return 'resource' in data ? data.resource : data.name;
}

function asJson(value: unknown): unknown {
  if (value instanceof Error) return errorAsJson(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(asJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, asJson(part)]));
}

function errorAsJson(error: Error): Record<string, unknown> {
  const code = 'code' in error ? error.code : undefined;
  return { name: error.name, ...(typeof code === 'string' ? { code } : {}), message: error.message };
}
