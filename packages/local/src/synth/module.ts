import { resolve } from 'node:path';
import { ResolveError } from '../errors';
import type { Archives } from './archives';
import { dataSource } from './data-sources';
import { evaluateBody } from './body';
import type { Scope } from './expression/evaluate';
import { withNames } from './expression/evaluate';
import type { Value } from './expression/values';
import { isMap, Namespace, plain } from './expression/values';
import { Fields } from './fields';
import { iterationsOf, isRepeated } from './iteration';
import type { Iteration } from './iteration';
import type { Json, JsonObject } from './json';
import { blocksOf, isObject } from './json';
import type { RemoteStates } from './remote-state';
import { Resource } from './resource';
import type { Resolver } from './resolver';
import { readModule, sourceProblem } from './stack';
import type { ModuleDocument, StackDocument } from './stack';
import { convert } from './types';
import type { Values } from './values';

/** What a module has from where it is called. */
export interface Call {
  readonly stack: StackDocument;
  /** In front of its resources' addresses: `''`, `api/`, `module.queue["a"].`. */
  readonly prefix: string;
  /** In front of names that are made up. */
  readonly names: readonly string[];
  /** The value of a variable; undefined where it is not given. */
  readonly input: (name: string) => Value | undefined;
  /** Region by the provider's alias, `''` for the default one. */
  readonly regions: ReadonlyMap<string, string>;
}

/** What all modules of all stacks share. */
export interface World {
  readonly resolver: Resolver;
  readonly values: Values;
  readonly remoteStates: RemoteStates;
  readonly archives: Archives;
  /** Where what belongs to a region is here. */
  readonly hostedRegion: (region: string) => string;
}

type Block = { readonly body: JsonObject; readonly iteration: Iteration };

/** An instance of a module (the root of a stack is one): where expressions get their values. */
export class Module {
  readonly scope: Scope;
  private readonly instances = new Map<string, readonly Resource[]>();
  private readonly calls = new Map<string, readonly Module[]>();
  private readonly regions: ReadonlyMap<string, string>;

  constructor(
    readonly document: ModuleDocument,
    readonly call: Call,
    private readonly world: World,
  ) {
    this.scope = {
      folder: call.stack.folder,
      root: (name) => this.root(name),
      readFile: (path) => world.archives.at(path)?.bytes,
    };
    this.regions = new Map([...call.regions, ...this.ownRegions()]);
  }

  get region(): string {
    return this.regions.get('') ?? 'us-east-1';
  }

  /** This module and those that it calls. */
  *tree(): Generator<Module> {
    yield this;
    for (const name of Object.keys(this.document.modules ?? {})) {
      for (const child of this.called(name)) yield* child.tree();
    }
  }

  /** The instances of the resources of a type. */
  resources(type: string): Resource[] {
    return Object.keys(this.document.resources[type] ?? {}).flatMap((name) => this.resource(type, name));
  }

  /** The value of an expression or of JSON with expressions in it. */
  value(json: Json, scope: Scope = this.scope): Value {
    return evaluateBody(json, scope);
  }

  output(name: string): Value {
    const { prefix } = this.call;
    const output = this.document.outputs[name];
    return this.world.values.once(`${prefix}output.${name}`, () =>
      output === undefined ? unknown(`${prefix}output.${name}`) : this.value(output['value'] ?? null),
    );
  }

  /** Every data source of a type: its address with its fields. */
  dataFields(type: string): Fields[] {
    return Object.entries(this.document.data[type] ?? {}).flatMap(([name, body]) =>
      this.iterations(`data.${type}.${name}`, body).map((iteration) =>
        this.fieldsOf(`data.${type}.${name}${suffix(iteration)}`, { body, iteration }),
      ),
    );
  }

  /** The region of the provider that a resource names. */
  regionOf(body: JsonObject): string {
    const provider = body['provider'];
    const alias = typeof provider === 'string' ? (provider.split('.')[1] ?? '').replace('}', '') : '';
    return this.regions.get(alias) ?? this.region;
  }

  private root(name: string): Value {
    switch (name) {
      case 'data':
        return new Namespace(
          'data',
          (type) => new Namespace(`data.${type}`, (source) => this.data(type, source)),
        );
      case 'local':
        return new Namespace('local', (local) => this.local(local));
      case 'var':
        return new Namespace('var', (variable) => this.variable(variable));
      case 'module':
        return new Namespace('module', (called) => this.moduleNamespace(called));
      case 'path': {
        const { folder } = this.call.stack;
        return { module: this.document.folder, root: folder, cwd: folder };
      }
      case 'terraform':
        return { workspace: 'default' };
      default:
        return new Namespace(name, (resource) => this.resourceNamespace(name, resource));
    }
  }

  private local(name: string): Value {
    const at = `${this.call.prefix}local.${name}`;
    const body = this.document.locals[name];
    return this.world.values.once(at, () => (body === undefined ? unknown(at) : this.value(body)));
  }

  private variable(name: string): Value {
    const at = `${this.call.prefix}var.${name}`;
    return this.world.values.once(at, () => {
      const declared = this.document.variables[name] ?? unknown(at);
      const given = this.call.input(name);
      // A module's `nullable = false` puts the default in the place of null as well.
      const isGiven = given !== undefined && (given !== null || declared['nullable'] !== false);
      const value = isGiven ? given : declared['default'];
      if (value === undefined) {
        throw new ResolveError(`${at} has no default: set TF_VAR_${name}`);
      }
      return convert(value, declared['type']);
    });
  }

  private resourceNamespace(type: string, name: string): Value {
    const at = `${this.call.prefix}${type}.${name}`;
    const body = this.document.resources[type]?.[name] ?? unknown(at);
    const spaces = this.resource(type, name).map(
      (resource) => new Namespace(resource.address, (attribute) => resource.attribute(attribute)),
    );
    return grouped(body, this.iterations(at, body), spaces, at);
  }

  private resource(type: string, name: string): readonly Resource[] {
    const at = `${this.call.prefix}${type}.${name}`;
    const known = this.instances.get(at);
    if (known !== undefined) {
      return known;
    }
    const body = this.document.resources[type]![name]!;
    const instances = this.iterations(at, body).map((iteration) => {
      const address = `${at}${suffix(iteration)}`;
      const { key } = iteration;
      return new Resource({
        type,
        name,
        address,
        defaultName: [...this.call.names, name, ...(key === undefined ? [] : [String(key)])].join('-'),
        region: this.world.hostedRegion(this.regionOf(body)),
        declaredRegion: this.regionOf(body),
        folder: this.call.stack.folder,
        body,
        lookup: (argument) => this.argument(address, { body, iteration }, argument),
        resolver: this.world.resolver,
      });
    });
    this.instances.set(at, instances);
    return instances;
  }

  private data(type: string, name: string): Value {
    const at = `${this.call.prefix}data.${type}.${name}`;
    const body = this.document.data[type]?.[name] ?? unknown(at);
    const iterations = this.iterations(at, body);
    const spaces = iterations.map((iteration) => {
      const address = `${at}${suffix(iteration)}`;
      const fields = this.fieldsOf(address, { body, iteration });
      return new Namespace(address, (attribute) =>
        this.world.values.once(`${address}.${attribute}`, () =>
          type === 'terraform_remote_state'
            ? this.world.remoteStates.attribute(fields, this.call.stack, attribute)
            : dataSource(type, attribute, fields, {
                region: this.world.hostedRegion(this.regionOf(body)),
                accountId: this.world.resolver.accountId,
                folder: this.call.stack.folder,
                resolver: this.world.resolver,
                archives: this.world.archives,
              }),
        ),
      );
    });
    return grouped(body, iterations, spaces, at);
  }

  private fieldsOf(address: string, block: Block): Fields {
    return new Fields(address, (argument) => this.argument(address, block, argument));
  }

  private argument(address: string, { body, iteration }: Block, name: string): Json | undefined {
    const generated = blocksOf(body['dynamic']).find((each) => each[name] !== undefined)?.[name];
    const raw = body[name];
    if (raw === undefined && generated === undefined) {
      return undefined;
    }
    return this.world.values.once(`${address}.${name} (argument)`, () => {
      const part = {
        ...(raw === undefined ? {} : { [name]: raw }),
        ...(generated === undefined ? {} : { dynamic: { [name]: generated } }),
      };
      const value = this.value(part, withNames(this.scope, iteration.names));
      return plain(isMap(value) ? (value[name] ?? null) : null);
    }) as Json;
  }

  private iterations(at: string, body: JsonObject): readonly Iteration[] {
    return isRepeated(body)
      ? this.world.values.list(`${at} (instances)`, () => iterationsOf(body, (json) => this.value(json)))
      : ONCE;
  }

  private moduleNamespace(name: string): Value {
    const at = `${this.call.prefix}module.${name}`;
    const body = this.document.modules?.[name] ?? unknown(at);
    const problem = sourceProblem(body, this.document.folder);
    if (problem !== undefined) {
      throw new ResolveError(`${at} is not hosted: ${problem}`);
    }
    const spaces = this.called(name).map(
      (child) => new Namespace(child.call.prefix.slice(0, -1), (output) => child.output(output)),
    );
    return grouped(body, this.iterations(at, body), spaces, at);
  }

  /** The instances of a module that is called; none where its source cannot be read. */
  private called(name: string): readonly Module[] {
    const known = this.calls.get(name);
    if (known !== undefined) {
      return known;
    }
    const at = `${this.call.prefix}module.${name}`;
    const body = this.document.modules![name]!;
    if (sourceProblem(body, this.document.folder) !== undefined) {
      return [];
    }
    const document = readModule(resolve(this.document.folder, body['source'] as string));
    const children = this.iterations(at, body).map((iteration) => {
      const scope = withNames(this.scope, iteration.names);
      const { key } = iteration;
      const call: Call = {
        stack: this.call.stack,
        prefix: `${at}${suffix(iteration)}.`,
        names: [...this.call.names, name, ...(key === undefined ? [] : [String(key)])],
        input: (variable) => {
          const given = body[variable];
          return given === undefined ? undefined : this.value(given, scope);
        },
        regions: this.passedRegions(body['providers']),
      };
      return new Module(document, call, this.world);
    });
    this.calls.set(name, children);
    return children;
  }

  /** `providers = { aws = aws.west }`; without it, the default provider alone is inherited. */
  private passedRegions(providers: Json | undefined): Map<string, string> {
    const given = isObject(providers) ? Object.entries(providers) : [];
    return new Map([
      ['', this.region],
      ...given.map(([name, provider]): [string, string] => [
        name.split('.')[1] ?? '',
        this.regionOf({ provider }),
      ]),
    ]);
  }

  private ownRegions(): Map<string, string> {
    return new Map(
      this.document.providers.map((provider) => [
        this.textOr(provider['alias'], ''),
        this.textOr(provider['region'], 'us-east-1'),
      ]),
    );
  }

  private textOr(value: Json | undefined, fallback: string): string {
    const resolved = value === undefined ? fallback : this.value(value);
    return typeof resolved === 'string' ? resolved : fallback;
  }
}

const ONCE: readonly Iteration[] = [{ key: undefined, names: {} }];

/** `["a"]` of `aws_sqs_queue.all["a"]`. */
function suffix({ key }: Iteration): string {
  return key === undefined ? '' : `[${JSON.stringify(key)}]`;
}

/** What the name of a block stands for: one thing, a list by `count`, or a map by `for_each`. */
function grouped(
  body: JsonObject,
  iterations: readonly Iteration[],
  spaces: readonly Namespace[],
  at: string,
): Value {
  if (body['for_each'] !== undefined) {
    return Object.fromEntries(iterations.map(({ key }, index) => [String(key), spaces[index]!]));
  }
  return body['count'] !== undefined ? spaces : (spaces[0] ?? unknown(at));
}

function unknown(address: string): never {
  throw new ResolveError(`${address} does not exist in the stack`);
}
