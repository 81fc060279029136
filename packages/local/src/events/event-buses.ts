import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock';
import type { BusEvent } from '../contracts';
import type { BusTargets, Deliveries, NewDelivery } from '../deliveries';
import { scheduledEvent } from '../deliveries';
import type { Activity } from '../engine/activity';
import { envelopeOf } from './event';
import type { Envelope } from './event';
import type { Registry } from './registry';
import type { Bus, Rule } from './resources';

export interface EventBusesOptions {
  readonly registry: Registry;
  readonly deliveries: Deliveries;
  readonly clock: Clock;
  readonly activity: Activity;
}

/** EventBridge: takes events, and sends them where the rules say. */
export class HostedEventBuses implements BusTargets {
  constructor(private readonly options: EventBusesOptions) {}

  get registry(): Registry {
    return this.options.registry;
  }

  async put(busArn: string, events: readonly BusEvent[]): Promise<readonly string[]> {
    const { registry, clock } = this.options;
    const bus = registry.bus(busArn);
    const envelopes = events.map((event) => envelopeOf(event, clock.now(), registry.locale));
    await this.deliver(bus, envelopes, false);
    return envelopes.map(({ id }) => id);
  }

  async forward(busArn: string, event: string, traceHeader?: string): Promise<void> {
    const { id } = JSON.parse(event) as { id: string };
    await this.deliver(this.registry.bus(busArn), [{ id, text: event, traceHeader }], true);
  }

  /** A rule with a schedule is due; resolves once its event is kept for its targets. */
  async fire(ruleArn: string, at: number): Promise<void> {
    const { registry, deliveries } = this.options;
    const rule = registry.findRuleByArn(ruleArn);
    if (rule === undefined || rule.targets.length === 0) return;
    const id = randomUUID();
    const text = scheduledEvent(sourceOf(rule), id, at, registry.locale);
    await deliveries.add(toTargets(rule, { id, text }, at, false));
  }

  private async deliver(bus: Bus, envelopes: readonly Envelope[], forwarded: boolean): Promise<void> {
    const { registry, deliveries, activity, clock } = this.options;
    const all = envelopes.flatMap((envelope) => {
      const event = JSON.parse(envelope.text) as Readonly<Record<string, unknown>>;
      const rules = registry.matching(bus.name, event);
      activity.event('events', () => `${String(event['detail-type'])} on ${bus.name}: ${words(rules)}`);
      return rules.flatMap((rule) => toTargets(rule, envelope, clock.now(), forwarded));
    });
    if (all.length > 0) await deliveries.add(all);
  }
}

function toTargets(rule: Rule, envelope: Envelope, at: number, forwarded: boolean): NewDelivery[] {
  const { id: eventId, text: event, traceHeader } = envelope;
  const source = sourceOf(rule);
  return rule.targets.map((target) => ({ source, target, event, eventId, at, traceHeader, forwarded }));
}

function sourceOf({ arn, name }: Rule) {
  return { kind: 'rule', arn, name } as const;
}

function words(rules: readonly Rule[]): string {
  return rules.length === 0 ? 'no rule' : rules.map(({ name }) => name).join(', ');
}
