import { ResolveError } from '../errors';
import { Archives } from './archives';
import { attributeDecidedHere, computedAttribute } from './attributes';
import { plain } from './expression/values';
import { limitation } from './hosted';
import type { Json } from './json';
import type { Call } from './module';
import { Module } from './module';
import { RemoteStates } from './remote-state';
import type { Resource } from './resource';
import type { StackDocument } from './stack';
import { Values } from './values';

export { Resource } from './resource';

/** What this machine decides about the resources that it hosts. */
export interface Hosts {
  readonly accountId: string;
  /** Base URL of the AWS endpoint. */
  readonly awsEndpoint: string;
  /** Base URL under which an `aws_apigatewayv2_api` answers. */
  apiEndpoint(address: string): string;
  /** Where an `aws_db_instance` answers. */
  database(address: string): { readonly host: string; readonly port: number };
  /** What random values are drawn from, so that they stay the same. @default '' */
  readonly seed?: string;
  /** Whether everything is in the first stack's region, whatever the providers say. @default false */
  readonly oneRegion?: boolean;
}

/** Gives the values of the stacks' arguments and attributes, each computed once, when it is first asked for. */
export class Resolver {
  readonly accountId: string;
  readonly archives: Archives;
  private readonly stacks: readonly StackDocument[];
  private readonly values = new Values();
  private readonly roots: ReadonlyMap<StackDocument, Module>;
  private readonly byType = new Map<string, readonly Resource[]>();

  constructor(
    stacks: StackDocument | readonly StackDocument[],
    readonly hosts: Hosts,
    /** Values of the stacks' variables from the environment; the others are given in files, or have their defaults. */
    private readonly variables: Readonly<Record<string, string>> = {},
  ) {
    this.stacks = Array.isArray(stacks) ? (stacks as readonly StackDocument[]) : [stacks as StackDocument];
    this.accountId = hosts.accountId;
    this.archives = new Archives(() => this.modules);
    const remoteStates = new RemoteStates(this.stacks, (stack, name) => this.roots.get(stack)!.output(name));
    const world = {
      resolver: this,
      values: this.values,
      remoteStates,
      archives: this.archives,
      hostedRegion: (region: string) => (hosts.oneRegion ? this.region : region),
    };
    this.roots = new Map(this.stacks.map((stack) => [stack, new Module(stack, this.callOf(stack), world)]));
  }

  /** Of the first stack. */
  get region(): string {
    return this.first.region;
  }

  /** Every module of every stack. */
  get modules(): Module[] {
    return [...this.roots.values()].flatMap((root) => [...root.tree()]);
  }

  /** The types of the resources that the stacks have, hosted or not. */
  get types(): string[] {
    return [...new Set(this.modules.flatMap(({ document }) => Object.keys(document.resources)))];
  }

  /** The resources of the given types that are hosted; see {@link limitation}. */
  resources(...types: string[]): Resource[] {
    return types
      .flatMap((type) => this.every(type))
      .filter(({ type, body }) => limitation(type, body) === undefined);
  }

  /** The resources of a type, hosted or not. */
  every(type: string): readonly Resource[] {
    const known = this.byType.get(type);
    if (known !== undefined) {
      return known;
    }
    const resources = this.modules.flatMap((module) => module.resources(type));
    this.byType.set(type, resources);
    return resources;
  }

  /** The resource of that type one of whose `keys` attributes has the value. */
  find(type: string, value: string, ...keys: string[]): Resource | undefined {
    return this.resources(type).find((resource) => keys.some((key) => resource.attribute(key) === value));
  }

  /** The same stacks where the hosts decide something else. */
  with(hosts: Partial<Hosts>): Resolver {
    const { accountId, awsEndpoint, seed, oneRegion } = this.hosts;
    const same: Hosts = {
      accountId,
      awsEndpoint,
      seed,
      oneRegion,
      apiEndpoint: (address) => this.hosts.apiEndpoint(address),
      database: (address) => this.hosts.database(address),
    };
    return new Resolver(this.stacks, { ...same, ...hosts }, this.variables);
  }

  /** The value of an output of the first stack. */
  output(name: string): Json {
    return plain(this.first.output(name));
  }

  attribute(resource: Resource, name: string): Json {
    const { type, address } = resource;
    return plain(
      this.values.attribute(address, `${address}.${name}`, () => {
        const decided = attributeDecidedHere(type, name);
        const argument = decided === undefined ? (resource.argument(name) ?? null) : null;
        const computed = argument === null ? (decided ?? computedAttribute(type, name)) : undefined;
        return argument ?? computed?.(resource, this) ?? nothing(address, name, computed !== undefined);
      }),
    );
  }

  /** Addresses (`aws_db_instance.main`) of the resources of a type that an argument refers to directly. */
  references(resource: Resource, argument: string, type: string): string[] {
    resource.argument(argument);
    const touched = this.values.touchedBy(`${resource.address}.${argument} (argument)`);
    return this.every(type)
      .map(({ address }) => address)
      .filter((address) => touched.includes(address));
  }

  /** Resolves every expression in a JSON value, in the first stack. */
  value(json: Json): Json {
    return plain(this.first.value(json));
  }

  private get first(): Module {
    return this.roots.get(this.stacks[0]!)!;
  }

  private callOf(stack: StackDocument): Call {
    const qualifier = stack.qualifier ?? '';
    return {
      stack,
      prefix: qualifier === '' ? '' : `${qualifier}/`,
      names: qualifier === '' ? [] : [qualifier],
      input: (name) => stack.given?.[name] ?? this.variables[name],
      regions: new Map(),
    };
  }
}

function nothing(address: string, name: string, isKnown: boolean): Json {
  if (isKnown) {
    return null;
  }
  throw new ResolveError(`${address} has no attribute "${name}" that is known here`);
}
