import { ResolveError } from '../errors';
import { attributeDecidedHere, computedAttribute } from './attributes';
import { dataSource } from './data-sources';
import type { Scope, Value } from './expression/evaluate';
import { evaluate, Namespace, text } from './expression/evaluate';
import { walk } from './expression/ast';
import { parseTemplate } from './expression/parser';
import { Fields } from './fields';
import { isRepeated, limitation } from './hosted';
import type { Json, JsonObject } from './json';
import { isObject } from './json';
import type { StackDocument } from './stack';

/** What this machine decides about the resources that it hosts. */
export interface Hosts {
  readonly accountId: string;
  /** Base URL of the AWS endpoint. */
  readonly awsEndpoint: string;
  /** Base URL under which an `aws_apigatewayv2_api` answers. */
  apiEndpoint(address: string): string;
  /** Where an `aws_db_instance` answers. */
  database(address: string): { readonly host: string; readonly port: number };
}

/** A resource of the stack. The inherited accessors read its arguments; {@link attribute} includes what AWS computes. */
export class Resource extends Fields {
  readonly address: string;

  constructor(
    readonly type: string,
    /** The logical name inside the stack. */
    readonly name: string,
    readonly region: string,
    private readonly resolver: Resolver,
  ) {
    super(`${type}.${name}`, (argument) => resolver.argument(`${type}.${name}`, argument));
    this.address = `${type}.${name}`;
  }

  /** @throws {@link ResolveError} where it is neither an argument nor known as computed */
  attribute(name: string): Json {
    return this.resolver.attribute(this, name);
  }

  /** {@link attribute}, where it is text. */
  id(name = 'id'): string {
    return text(this.attribute(name));
  }

  /** Addresses of the resources of a type that an argument refers to. */
  references(argument: string, type: string): string[] {
    return this.resolver
      .references(this.address, argument)
      .filter((address) => address.startsWith(`${type}.`));
  }
}

/** Gives the values of a stack's arguments and attributes, each computed once, when it is first asked for. */
export class Resolver {
  readonly accountId: string;
  readonly region: string;
  private readonly all = new Map<string, Resource>();
  private readonly values = new Map<string, Json>();
  private readonly pending: string[] = [];
  private readonly regions: ReadonlyMap<string, string>;

  constructor(
    readonly stack: StackDocument,
    readonly hosts: Hosts,
    /** Values of the stack's variables; the others have their defaults. */
    private readonly variables: Readonly<Record<string, string>> = {},
  ) {
    this.accountId = hosts.accountId;
    this.regions = new Map(
      stack.providers.map((provider) => [
        this.textOr(provider['alias'], ''),
        this.textOr(provider['region'], 'us-east-1'),
      ]),
    );
    this.region = this.regions.get('') ?? 'us-east-1';
    for (const [type, named] of Object.entries(stack.resources)) {
      for (const [name, body] of Object.entries(named)) {
        this.all.set(`${type}.${name}`, new Resource(type, name, this.regionOf(body), this));
      }
    }
  }

  /** The resources of the given types that are hosted; see {@link limitation}. */
  resources(...types: string[]): Resource[] {
    return types.flatMap((type) =>
      Object.entries(this.stack.resources[type] ?? {})
        .filter(([, body]) => limitation(type, body) === undefined)
        .map(([name]) => this.all.get(`${type}.${name}`)!),
    );
  }

  /** The resource of that type one of whose `keys` attributes has the value. */
  find(type: string, value: string, ...keys: string[]): Resource | undefined {
    return this.resources(type).find((resource) => keys.some((key) => resource.attribute(key) === value));
  }

  /** The same stack where the hosts decide something else. */
  with(hosts: Partial<Hosts>): Resolver {
    return new Resolver(this.stack, { ...this.hosts, ...hosts }, this.variables);
  }

  /** The value of an output. */
  output(name: string): Json {
    return this.once(`output.${name}`, () => this.value(this.stack.outputs[name]?.['value'] ?? null));
  }

  argument(address: string, name: string): Json | undefined {
    const raw = this.body(address)[name];
    return raw === undefined ? undefined : this.once(`${address}.${name} (argument)`, () => this.value(raw));
  }

  attribute(resource: Resource, name: string): Json {
    const decided = attributeDecidedHere(resource.type, name);
    const argument = decided === undefined ? (this.argument(resource.address, name) ?? null) : null;
    if (argument !== null) {
      return argument;
    }
    const computed = decided ?? computedAttribute(resource.type, name);
    if (computed !== undefined) {
      return this.once(`${resource.address}.${name}`, () => computed(resource, this));
    }
    throw new ResolveError(`${resource.address} has no attribute "${name}" that is known here`);
  }

  /** Addresses (`aws_db_instance.main`) that an argument refers to directly. */
  references(address: string, argument: string): string[] {
    const found = new Set<string>();
    const visit = (value: Json | undefined): void => {
      if (typeof value === 'string') {
        walk(parseTemplate(value), (node) => {
          if (node.kind === 'attribute' && node.of.kind === 'name') {
            found.add(`${node.of.name}.${node.name}`);
          }
        });
      } else if (typeof value === 'object' && value !== null) {
        Object.values(value as JsonObject).forEach(visit);
      }
    };
    visit(this.body(address)[argument]);
    return [...found];
  }

  /** Resolves every expression in a JSON value. */
  value(json: Json): Json {
    if (typeof json === 'string') {
      return this.string(json);
    }
    if (Array.isArray(json)) {
      return (json as readonly Json[]).map((item) => this.value(item));
    }
    if (isObject(json)) {
      return Object.fromEntries(Object.entries(json).map(([name, item]) => [name, this.value(item)]));
    }
    return json;
  }

  private string(source: string): Json {
    const expression = parseTemplate(source);
    try {
      return expression.kind === 'literal' ? expression.value : evaluate(expression, this.scope);
    } catch (error) {
      throw error instanceof ResolveError && !error.message.includes(' in "')
        ? new ResolveError(`${error.message}, in "${source}"`)
        : error;
    }
  }

  private readonly scope: Scope = { root: (name) => this.root(name) };

  private root(name: string): Value {
    switch (name) {
      case 'data':
        return new Namespace(
          'data',
          (type) => new Namespace(`data.${type}`, (source) => this.data(type, source)),
        );
      case 'local':
        return new Namespace('local', (local) =>
          this.once(`local.${local}`, () =>
            this.value(this.stack.locals[local] ?? unknown(`local.${local}`)),
          ),
        );
      case 'var':
        return new Namespace('var', (variable) => this.variable(variable));
      case 'path':
        return { module: this.stack.folder, root: this.stack.folder, cwd: this.stack.folder };
      case 'terraform':
        return { workspace: 'default' };
      default:
        return new Namespace(name, (resource) => this.resourceNamespace(name, resource));
    }
  }

  private resourceNamespace(type: string, name: string): Namespace {
    const resource = this.all.get(`${type}.${name}`) ?? unknown(`${type}.${name}`);
    if (isRepeated(this.body(resource.address))) {
      throw new ResolveError(`${resource.address} uses count or for_each, which is not hosted`);
    }
    return new Namespace(resource.address, (attribute) => resource.attribute(attribute));
  }

  private data(type: string, name: string): Namespace {
    const address = `data.${type}.${name}`;
    const body = this.stack.data[type]?.[name] ?? unknown(address);
    return new Namespace(address, (attribute) =>
      this.once(`${address}.${attribute}`, () => {
        const fields = new Fields(address, (argument) => this.value(body[argument] ?? null));
        return dataSource(type, attribute, fields, this);
      }),
    );
  }

  private variable(name: string): Json {
    const declared = this.stack.variables[name] ?? unknown(`var.${name}`);
    const given = this.variables[name] ?? declared['default'];
    if (given === undefined) {
      throw new ResolveError(`var.${name} has no default: set TF_VAR_${name}`);
    }
    return given;
  }

  private body(address: string): JsonObject {
    const [type = '', name = ''] = address.split('.');
    return this.stack.resources[type]?.[name] ?? {};
  }

  private once(key: string, compute: () => Json): Json {
    const known = this.values.get(key);
    if (known !== undefined) {
      return known;
    }
    if (this.pending.includes(key)) {
      const cycle = [...this.pending.slice(this.pending.indexOf(key)), key];
      throw new ResolveError(`these refer to each other in a circle: ${cycle.join(' -> ')}`);
    }
    this.pending.push(key);
    try {
      const value = compute();
      this.values.set(key, value);
      return value;
    } catch (error) {
      // The innermost address is the one to quote.
      throw error instanceof ResolveError && !error.message.startsWith('[')
        ? new ResolveError(`[${key.replace(' (argument)', '')}] ${error.message}`)
        : error;
    } finally {
      this.pending.pop();
    }
  }

  private regionOf(body: JsonObject): string {
    const provider = body['provider'];
    const alias = typeof provider === 'string' ? (provider.split('.')[1] ?? '').replace('}', '') : '';
    return this.regions.get(alias) ?? this.region;
  }

  private textOr(value: Json | undefined, fallback: string): string {
    const resolved = value === undefined ? fallback : this.value(value);
    return typeof resolved === 'string' ? resolved : fallback;
  }
}

function unknown(address: string): never {
  throw new ResolveError(`${address} does not exist in the stack`);
}
