import type { Aws } from '../clients';
import { asError } from '../consumer';
import { isMessagingError } from '../errors';
import type { AlarmStateEvent, ResourceChangedEvent, ResourceEvent, ResourceType } from '../events';
import { diff } from './diff';
import { each } from './each';
import type { Attributes, Listed, Lists } from './lists';
import type { Told } from './told';

/** A resource as it was last seen; its attributes as soon as they were asked for. */
export interface Known {
  readonly listed: Listed;
  readonly attributes?: Attributes;
}

/** By type, from its first complete list on; by key, those that were not asked about for the longest time first. */
export type Memory = Map<ResourceType, Map<string, Known>>;

/** Questions at a time: the rate is the limit, this only bounds what waits for it. */
const WIDTH = 10;

/** Resources of a type that a look asks about, however many calls the lists took. */
const LEAST_REFRESHED = 20;

/** One look at everything: first what there is, then what it is like. */
export class Look {
  readonly created: ResourceEvent[] = [];
  readonly changed: ResourceChangedEvent[] = [];
  readonly deleted: ResourceEvent[] = [];
  readonly alarmStates: AlarmStateEvent[] = [];

  constructor(
    private readonly aws: Aws,
    private readonly lists: Lists,
    private readonly memory: Memory,
    private readonly told: Told,
    private readonly signal: AbortSignal,
  ) {}

  /** @param budget AWS calls, roughly: what the lists leave of it is for the attributes of what was there before */
  async run(all: readonly ResourceType[], budget: number): Promise<void> {
    const listed: [ResourceType, Listed[]][] = [];
    for (const type of all)
      await this.trying(async () => void listed.push([type, await this.lists.list(type)]));
    const before = new Map(listed.map(([type]) => [type, [...(this.memory.get(type)?.keys() ?? [])]]));
    for (const [type, resources] of listed) await this.compare(type, resources);
    let typesLeft = before.size;
    for (const [type, keys] of before) {
      const share = Math.max(LEAST_REFRESHED, Math.floor((budget - this.lists.requests) / typesLeft--));
      // Alarms are told by their list.
      const asked = type === 'alarm' ? keys : keys.slice(0, share);
      await each(asked, WIDTH, (key) => this.refresh(type, key));
    }
  }

  private async compare(type: ResourceType, resources: readonly Listed[]): Promise<void> {
    const known = this.memory.get(type);
    // The first look tells nothing: what it finds was there before.
    if (known === undefined) return this.remember(type, resources);
    const byKey = new Map(resources.map((resource) => [resource.key, resource]));
    for (const [key, resource] of known) {
      const still = byKey.get(key);
      if (still === undefined) await this.goneIs(type, key, resource);
      else known.set(key, { ...resource, listed: still });
    }
    const fresh = resources.filter(({ key }) => !known.has(key));
    await each(fresh, WIDTH, (resource) => this.appeared(resource));
  }

  private async remember(type: ResourceType, resources: readonly Listed[]): Promise<void> {
    const known = new Map<string, Known>(resources.map((listed) => [listed.key, { listed }]));
    this.memory.set(type, known);
    await each([...known.keys()], WIDTH, (key) => this.refresh(type, key));
  }

  private async appeared(listed: Listed): Promise<void> {
    // Without its attributes it is found again by the next look.
    await this.trying(async () => this.appear(listed, await this.lists.attributes(listed)));
  }

  private async appear(listed: Listed, attributes: Attributes): Promise<void> {
    this.memory.get(listed.type)!.set(listed.key, { listed, attributes });
    const event = await this.event(listed, attributes);
    this.created.push(event);
    this.told.tell('resource.created', event);
  }

  private async goneIs(type: ResourceType, key: string, { listed, attributes }: Known): Promise<void> {
    this.memory.get(type)!.delete(key);
    const event = await this.event(listed, attributes ?? {});
    this.deleted.push(event);
    this.told.tell('resource.deleted', event);
  }

  private async refresh(type: ResourceType, key: string): Promise<void> {
    const known = this.memory.get(type)!.get(key);
    if (known === undefined) return;
    await this.trying(async () => this.seen(known, await this.lists.attributes(known.listed)));
  }

  private async seen({ listed, attributes: before }: Known, attributes: Attributes): Promise<void> {
    const known = this.memory.get(listed.type)!;
    if (before !== undefined && isAnother(before, attributes)) {
      await this.goneIs(listed.type, listed.key, { listed, attributes: before });
      return this.appear(listed, attributes);
    }
    const changes = before && diff(listed.type, before, attributes);
    // At the end of the queue: the others are asked about first. What did not change stays one object.
    known.delete(listed.key);
    known.set(listed.key, {
      listed,
      attributes: before === undefined || changes || listed.type === 'alarm' ? attributes : before,
    });
    if (before !== undefined) this.tellState(listed, before, attributes);
    if (changes === undefined) return;
    const event = { ...(await this.event(listed, attributes)), changes };
    this.changed.push(event);
    this.aws.events.emit('resource.changed', event);
  }

  private tellState({ type, name, arn }: Listed, before: Attributes, after: Attributes): void {
    if (type !== 'alarm' || before['state'] === after['state']) return;
    const [from, to] = [before['state'], after['state']] as [AlarmStateEvent['from'], AlarmStateEvent['to']];
    const event = { name, arn, from, to, reason: String(after['stateReason']) };
    this.alarmStates.push(event);
    this.aws.events.emit('alarm.state', event);
  }

  private async event({ type, name, arn }: Listed, attributes: Attributes): Promise<ResourceEvent> {
    const known = arn || (typeof attributes['arn'] === 'string' ? attributes['arn'] : '');
    // SQS lists URLs alone.
    return { type, name, arn: known || (type === 'queue' ? await this.aws.queueArn(name) : ''), attributes };
  }

  /** What fails is told and forgets nothing; what has gone meanwhile is for the next list to say. */
  private async trying(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.signal.throwIfAborted();
      if (isMessagingError(error, 'closed')) throw error;
      if (!isMessagingError(error, 'not-found')) this.aws.events.emit('error', asError(error));
    }
  }
}

/** Deleted and made again between two looks. */
function isAnother(before: Attributes, after: Attributes): boolean {
  const [then, now] = [before['createdAt'], after['createdAt']];
  return then instanceof Date && now instanceof Date && then.getTime() !== now.getTime();
}
