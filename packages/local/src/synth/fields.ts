import { ResolveError } from '../errors';
import type { Json, JsonObject } from './json';
import { blocksOf, isObject } from './json';

/** Typed access to the resolved arguments of a resource or of a block inside one; errors name the argument. */
export class Fields {
  constructor(
    /** Who is asked, for messages: `aws_sqs_queue.messages`, `aws_lambda_function.f vpc_config`. */
    readonly where: string,
    /** The value of an argument, undefined or null where it is not set. */
    protected readonly lookup: (name: string) => Json | undefined,
    private readonly all: JsonObject = {},
  ) {}

  /** @throws {@link ResolveError} where it is not set or not text */
  text(name: string): string {
    return this.optionalText(name) ?? this.missing(name);
  }

  optionalText(name: string): string | undefined {
    const value = this.lookup(name) ?? undefined;
    if (value === undefined || typeof value === 'string') {
      return value;
    }
    return typeof value === 'object' ? this.wrong(name, 'text') : String(value);
  }

  number(name: string, fallback: number): number {
    return this.optionalNumber(name) ?? fallback;
  }

  optionalNumber(name: string): number | undefined {
    const value = this.lookup(name) ?? undefined;
    if (value === undefined || value === '') {
      return undefined;
    }
    const number = typeof value === 'object' ? NaN : Number(value);
    return Number.isNaN(number) ? this.wrong(name, 'a number') : number;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.lookup(name) ?? fallback;
    return value === true || value === 'true';
  }

  /** Empty where it is not set; a single text is a list of one. */
  texts(name: string): string[] {
    const value = this.lookup(name) ?? [];
    const items: readonly Json[] = Array.isArray(value) ? (value as readonly Json[]) : [value];
    return items.map((item) =>
      typeof item === 'object' ? this.wrong(name, 'a list of texts') : String(item),
    );
  }

  /** Empty where it is not set. */
  textMap(name: string): Record<string, string> {
    const value = this.lookup(name) ?? {};
    if (!isObject(value)) {
      return this.wrong(name, 'a map');
    }
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => item !== null)
        .map(([key, item]) => [
          key,
          typeof item === 'object' ? this.wrong(name, 'a map of texts') : String(item),
        ]),
    );
  }

  blocks(name: string): Fields[] {
    return blocksOf(this.lookup(name)).map((block) => Fields.of(block, `${this.where} ${name}`));
  }

  block(name: string): Fields | undefined {
    return this.blocks(name)[0];
  }

  /** Every argument of a block as it is; empty for a resource, whose arguments are asked for by name. */
  argumentMap(): Readonly<Record<string, Json>> {
    return this.all;
  }

  static of(object: JsonObject, where: string): Fields {
    return new Fields(where, (name) => object[name], object);
  }

  private missing(name: string): never {
    throw new ResolveError(`${this.where}: "${name}" is not set`);
  }

  private wrong(name: string, wanted: string): never {
    throw new ResolveError(`${this.where}: "${name}" is not ${wanted}`);
  }
}
