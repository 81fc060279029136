import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Messaging } from '../../messaging';
import type { ServerSettings } from '../config/schema';
import type { Streams } from '../stream/streams';
import { EventCounters } from './event-counters';
import { HttpMetrics } from './http-metrics';
import { ResourceGauges } from './resource-gauges';

/** Everything at `/metrics`, in a registry of the server's own. */
export class Metrics {
  readonly http: HttpMetrics;
  private readonly registry = new Registry();
  private readonly resources: ResourceGauges;
  private readonly stopCounting: () => void;

  constructor(messaging: Messaging, settings: ServerSettings, streams: Streams) {
    const { cacheSeconds, maxResources } = settings.metrics;
    collectDefaultMetrics({ register: this.registry });
    this.http = new HttpMetrics(this.registry);
    this.resources = new ResourceGauges(messaging, this.registry, {
      cacheMs: cacheSeconds * 1000,
      maxResources,
    });
    const counters = new EventCounters(this.registry, maxResources);
    this.stopCounting = messaging.events.onAny((event) => counters.count(event));
    addStreamGauges(this.registry, streams);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** The text of a scrape. */
  async render(): Promise<string> {
    await this.resources.refresh();
    return this.registry.metrics();
  }

  close(): void {
    this.stopCounting();
    this.registry.clear();
  }
}

function addStreamGauges(registry: Registry, streams: Streams): void {
  const add = (name: string, help: string, read: () => number): void => {
    const gauge: Gauge = new Gauge({
      name: `aws_micro_event_${name}`,
      help,
      registers: [registry],
      collect: () => gauge.set(read()),
    });
  };
  add('streams', 'Event streams that are open', () => streams.size);
  add('log_events', 'Events that are kept for those who come back', () => streams.log.size.events);
  add('log_bytes', 'And their size', () => streams.log.size.bytes);
  add('last_sequence', 'Events since the start', () => streams.log.last);
}
