import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock';
import type { BusEvent } from '../contracts';
import type { BusTargets, Deliveries, NewDelivery } from '../deliveries';
import { scheduledEvent } from '../deliveries';
import type { Activity } from '../engine/activity';
import type { Operation } from '../engine/store';
import { envelopeOf } from './event';
import type { Archives } from './archives';
import type { Envelope } from './event';
import type { Registry } from './registry';
import type { Bus, Rule } from './resources';

export interface EventBusesOptions {
  readonly registry: Registry;
  readonly archives: Archives;
  readonly deliveries: Deliveries;
  readonly clock: Clock;
  readonly activity: Activity;
}

/** EventBridge: takes events, and sends them where the rules say. */
export class HostedEventBuses implements BusTargets {
  constructor(private readonly options: EventBusesOptions) {}

  get archives(): Archives {
    return this.options.archives;
  }

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

  /** An archived event comes again, for all rules or some of them. */
  async replay(busName: string, text: string, ruleArns: readonly string[]): Promise<void> {
    const { registry, deliveries, clock } = this.options;
    const event = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const rules = registry
      .matching(busName, event)
      .filter(({ arn }) => ruleArns.length === 0 || ruleArns.includes(arn));
    const envelope = { id: String(event['id']), text };
    const all = rules.flatMap((rule) => toTargets(rule, envelope, clock.now(), false));
    if (all.length > 0) await deliveries.add(all);
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
    const { registry, archives, deliveries, activity, clock } = this.options;
    const at = clock.now();
    const archived: Operation[] = [];
    const all = envelopes.flatMap((envelope) => {
      const event = JSON.parse(envelope.text) as Readonly<Record<string, unknown>>;
      const rules = registry.matching(bus.name, event);
      archived.push(...archives.operations(bus.name, envelope, event, at));
      activity.event('events', () => `${String(event['detail-type'])} on ${bus.name}: ${words(rules)}`);
      return rules.flatMap((rule) => toTargets(rule, envelope, at, forwarded));
    });
    if (all.length > 0 || archived.length > 0) await deliveries.add(all, archived);
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
