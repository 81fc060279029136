import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';
import type { EventMap, EventName, MessagingEvent } from '../../events';
import { BoundedLabels } from './bounded-labels';

type ResourceEventName = {
  [Name in EventName]: EventMap[Name] extends { resource: string } ? Name : never;
}[EventName];

const COUNTED: readonly (readonly [event: ResourceEventName, name: string, label: string, help: string])[] = [
  ['message.sent', 'aws_micro_messages_sent_total', 'queue', 'Messages sent to a queue'],
  ['message.published', 'aws_micro_messages_published_total', 'topic', 'Messages published to a topic'],
  ['message.received', 'aws_micro_messages_received_total', 'queue', 'Messages received from a queue'],
  ['message.deleted', 'aws_micro_messages_deleted_total', 'queue', 'Messages deleted from a queue'],
  ['message.failed', 'aws_micro_messages_failed_total', 'queue', 'Messages that a consumer could not handle'],
  [
    'messages.redriven',
    'aws_micro_redrives_total',
    'queue',
    'Redrives that were started, by dead-letter queue',
  ],
];

/** Counts what this server did: each event by its queue or topic. */
export class EventCounters {
  private readonly counters: ReadonlyMap<string, (resource: string) => void>;
  private readonly errors: Counter;

  constructor(registry: Registry, maxResources: number) {
    const labels = new BoundedLabels(maxResources);
    const registers = [registry];
    this.counters = new Map(
      COUNTED.map(([event, name, label, help]) => {
        const counter = new Counter({ name, help, labelNames: [label], registers });
        return [event, (resource) => counter.inc({ [label]: labels.of(resource) })];
      }),
    );
    this.errors = new Counter({
      name: 'aws_micro_errors_total',
      help: 'Errors of consumers and watchers',
      registers,
    });
  }

  count({ name, data }: MessagingEvent): void {
    if (name === 'error') this.errors.inc();
    else if ('resource' in data) this.counters.get(name)?.(data.resource);
  }
}
