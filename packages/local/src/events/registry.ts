import type { Clock } from '../clock';
import type { Target } from '../deliveries';
import type { Locale } from '../engine/arn';
import { ServiceError } from '../engine/errors';
import { JsonFile } from '../json-file';
import type { Schedule, Scheduler } from '../scheduler';
import { EventPattern } from './event-pattern';
import type { Bus, Rule } from './resources';
import { DEFAULT_BUS } from './resources';

export interface RegistryOptions {
  /** Where buses and rules that were made by the API are kept. */
  readonly file: string;
  readonly clock: Clock;
  readonly locale: Locale;
  /** Calls rules by the time. */
  readonly scheduler: Pick<Scheduler, 'put' | 'delete' | 'find'>;
}

interface Content {
  readonly buses: readonly Bus[];
  readonly rules: readonly Rule[];
}

/** A rule of a bus, ready to be applied. */
interface Compiled {
  readonly rule: Rule;
  /** Undefined where it goes by the time alone. */
  readonly pattern: EventPattern | undefined;
}

/** The buses, their rules and the rules' targets. What the API changes in those of the stack lasts until the runtime stops. */
export class Registry {
  private readonly buses = new Map<string, Bus>();
  /** By the bus's name, and then by the rule's. */
  private readonly rules = new Map<string, Map<string, Compiled>>();
  private readonly file: JsonFile<Content>;

  constructor(private readonly options: RegistryOptions) {
    this.file = new JsonFile<Content>(options.file, { buses: [], rules: [] });
    const { buses, rules } = this.file.content;
    const at = options.clock.now();
    const own = { tags: {}, declared: true, createdAt: at, modifiedAt: at };
    this.keep({ ...own, name: DEFAULT_BUS, arn: this.busArn(DEFAULT_BUS) });
    buses.forEach((bus) => this.keep(bus));
    // A bus of an earlier stack may be gone.
    rules.filter(({ busName }) => this.buses.has(busName)).forEach((rule) => this.keepRule(rule));
  }

  get now(): number {
    return this.options.clock.now();
  }

  get locale(): Locale {
    return this.options.locale;
  }

  busArn(name: string): string {
    const { region, accountId } = this.options.locale;
    return `arn:aws:events:${region}:${accountId}:event-bus/${name}`;
  }

  ruleArn(busName: string, name: string): string {
    const { region, accountId } = this.options.locale;
    const path = busName === DEFAULT_BUS ? name : `${busName}/${name}`;
    return `arn:aws:events:${region}:${accountId}:rule/${path}`;
  }

  /** @param nameOrArn @default the default bus */
  findBus(nameOrArn = DEFAULT_BUS): Bus | undefined {
    const bus = this.buses.get(busNameOf(nameOrArn));
    return !nameOrArn.startsWith('arn:') || bus?.arn === nameOrArn ? bus : undefined;
  }

  /** @throws ServiceError ResourceNotFoundException */
  bus(nameOrArn?: string): Bus {
    const bus = this.findBus(nameOrArn);
    if (bus === undefined) {
      throw notFound(`Event bus ${busNameOf(nameOrArn ?? DEFAULT_BUS)} does not exist.`);
    }
    return bus;
  }

  /** By name. */
  listBuses(): Bus[] {
    return [...this.buses.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** In place of the one with its name, if there is one. */
  putBus(bus: Bus): void {
    this.keep(bus);
    if (!bus.declared) this.save();
  }

  /** With its rules, of which none may have targets. @throws ServiceError ValidationException */
  deleteBus(name: string): void {
    if (name === DEFAULT_BUS) throw invalid('Cannot delete event bus default.');
    if (this.listRules(name).length > 0) {
      throw invalid(`Cannot delete event bus ${name}: it still has rules.`);
    }
    this.buses.delete(name);
    this.rules.delete(name);
    this.save();
  }

  findRule(busName: string, name: string): Rule | undefined {
    return this.rules.get(busName)?.get(name)?.rule;
  }

  findRuleByArn(arn: string): Rule | undefined {
    return this.allRules().find((rule) => rule.arn === arn);
  }

  /** @throws ServiceError ResourceNotFoundException */
  rule(busName: string, name: string): Rule {
    const rule = this.findRule(busName, name);
    if (rule === undefined) throw notFound(`Rule ${name} does not exist on EventBus ${busName}.`);
    return rule;
  }

  /** By name. */
  listRules(busName: string): Rule[] {
    const rules = [...(this.rules.get(busName)?.values() ?? [])].map(({ rule }) => rule);
    return rules.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  allRules(): Rule[] {
    return [...this.buses.keys()].flatMap((name) => this.listRules(name));
  }

  /**
   * In place of the one with its name, if there is one.
   * @throws ServiceError InvalidEventPatternException
   */
  putRule(rule: Rule): void {
    this.keepRule(rule);
    if (!rule.declared) this.save();
  }

  /** @throws ServiceError ValidationException where it has targets */
  deleteRule({ busName, name, arn, targets }: Rule): void {
    if (targets.length > 0) throw invalid("Rule can't be deleted since it has targets.");
    this.rules.get(busName)?.delete(name);
    this.options.scheduler.delete(arn);
    this.save();
  }

  /** Targets take the place of those with their ids. */
  putTargets(rule: Rule, targets: readonly Target[]): void {
    const ids = new Set(targets.map(({ id }) => id));
    const others = rule.targets.filter(({ id }) => !ids.has(id));
    this.putRule({ ...rule, targets: [...others, ...targets] });
  }

  removeTargets(rule: Rule, ids: readonly string[]): void {
    this.putRule({ ...rule, targets: rule.targets.filter(({ id }) => !ids.includes(id)) });
  }

  /** The rules of a bus that take an event. */
  matching(busName: string, event: Readonly<Record<string, unknown>>): Rule[] {
    const rules = [...(this.rules.get(busName)?.values() ?? [])];
    return rules
      .filter(({ rule, pattern }) => rule.enabled && pattern?.matches(event) === true)
      .map(({ rule }) => rule);
  }

  private keep(bus: Bus): void {
    this.buses.set(bus.name, bus);
    if (!this.rules.has(bus.name)) this.rules.set(bus.name, new Map());
  }

  private keepRule(rule: Rule): void {
    const pattern = rule.pattern === undefined ? undefined : new EventPattern(rule.pattern);
    this.rules.get(rule.busName)!.set(rule.name, { rule, pattern });
    const scheduler = this.options.scheduler;
    if (rule.scheduleExpression !== undefined) {
      scheduler.put(timetableOf(rule, rule.scheduleExpression, this.now));
    } else if (scheduler.find(rule.arn) !== undefined) {
      scheduler.delete(rule.arn);
    }
  }

  private save(): void {
    this.file.change({
      buses: this.listBuses().filter(({ declared }) => !declared),
      rules: this.allRules().filter(({ declared }) => !declared),
    });
  }
}

/** Of a name or an ARN. */
export function busNameOf(nameOrArn: string): string {
  return /:event-bus\/(.+)$/.exec(nameOrArn)?.[1] ?? nameOrArn;
}

function timetableOf({ arn, name, enabled }: Rule, expression: string, now: number): Schedule {
  return {
    kind: 'rule',
    arn,
    name,
    groupName: '',
    expression,
    timeZone: 'UTC',
    enabled,
    targets: [],
    afterCompletion: 'NONE',
    // Rules are kept here.
    declared: true,
    createdAt: now,
    modifiedAt: now,
  };
}

export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

function notFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message);
}
