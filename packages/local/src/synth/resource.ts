import { text } from './expression/values';
import { Fields } from './fields';
import type { Json, JsonObject } from './json';
import type { Resolver } from './resolver';

interface ResourceOptions {
  readonly type: string;
  readonly name: string;
  readonly address: string;
  readonly defaultName: string;
  readonly region: string;
  readonly declaredRegion: string;
  readonly folder: string;
  readonly body: JsonObject;
  readonly lookup: (argument: string) => Json | undefined;
  readonly resolver: Resolver;
}

/** A resource of the stack. The inherited accessors read its arguments; {@link attribute} includes what AWS computes. */
export class Resource extends Fields {
  readonly type: string;
  /** The logical name inside the stack. */
  readonly name: string;
  /** `aws_sqs_queue.jobs["a"]`; where an app has several stacks, `api/aws_sqs_queue.jobs`. */
  readonly address: string;
  /** Made of the logical name: a name for what is given none. */
  readonly defaultName: string;
  readonly region: string;
  /** That of its provider, which may be hosted in another. */
  readonly declaredRegion: string;
  /** Relative file names start here. */
  readonly folder: string;
  /** The arguments as they are written. */
  readonly body: JsonObject;
  private readonly resolver: Resolver;

  constructor(options: ResourceOptions) {
    super(options.address, options.lookup);
    this.type = options.type;
    this.name = options.name;
    this.address = options.address;
    this.defaultName = options.defaultName;
    this.region = options.region;
    this.declaredRegion = options.declaredRegion;
    this.folder = options.folder;
    this.body = options.body;
    this.resolver = options.resolver;
  }

  /** @throws ResolveError where it is neither an argument nor known as computed */
  attribute(name: string): Json {
    return this.resolver.attribute(this, name);
  }

  /** {@link attribute}, where it is text. */
  id(name = 'id'): string {
    return text(this.attribute(name));
  }

  /** The value of an argument; undefined where it is not set. */
  argument(name: string): Json | undefined {
    return this.lookup(name);
  }

  /** Addresses of the resources of a type that an argument refers to directly. */
  references(argument: string, type: string): string[] {
    return this.resolver.references(this, argument, type);
  }
}
