import { documentMatches } from './document';
import type { AttributeValues } from './message';
import type { Alternative } from './pattern';
import { parsePattern } from './pattern';
import { PatternError } from './scalar';

export type FilterPolicyScope = 'MessageAttributes' | 'MessageBody';

// https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
const MAX_BYTES = 262_144;
const MAX_KEYS = 5;
const MAX_COMBINATIONS = 150;

/** What a filter asks of a message; each is worked out when the first filter asks for it. */
export interface Filterable {
  attributes(): AttributeValues;
  /** Undefined where the body is no JSON object. */
  body(): Readonly<Record<string, unknown>> | undefined;
}

/** A subscription's filter policy, checked and ready to be applied. */
export class FilterPolicy {
  private constructor(
    readonly scope: FilterPolicyScope,
    private readonly alternatives: readonly Alternative[],
  ) {}

  /** @throws PatternError */
  static parse(json: string, scope: FilterPolicyScope): FilterPolicy {
    if (Buffer.byteLength(json) > MAX_BYTES) {
      throw new PatternError(`Filter policy is larger than ${MAX_BYTES} bytes`);
    }
    const alternatives = parsePattern(json);
    checkSize(alternatives);
    return new FilterPolicy(scope, alternatives);
  }

  /** Whether a property inside another one is meant, which attributes do not have. */
  get isNested(): boolean {
    return this.alternatives.some((fields) => fields.some(({ path }) => path.length > 1));
  }

  /** Whether a message with these values is delivered. */
  accepts(message: Filterable): boolean {
    if (this.alternatives.some((fields) => fields.length === 0)) return true;
    return this.scope === 'MessageBody' ? this.acceptsBody(message) : this.acceptsAttributes(message);
  }

  /**
   * A name and texts of which one must be there, so that subscriptions can be found by a message's attributes; undefined where
   * the policy has no such part.
   */
  get key(): { readonly name: string; readonly texts: readonly string[] } | undefined {
    const [fields, ...others] = this.alternatives;
    if (this.scope !== 'MessageAttributes' || others.length > 0) return undefined;
    const field = fields?.find(({ texts }) => texts !== undefined);
    return field && { name: field.path[0]!, texts: field.texts! };
  }

  private acceptsAttributes(message: Filterable): boolean {
    const attributes = message.attributes();
    return this.alternatives.some((fields) =>
      fields.every(({ path, test, orAbsent }) => {
        const values = attributes.get(path[0]!);
        return values === undefined ? orAbsent : values.some(test);
      }),
    );
  }

  private acceptsBody(message: Filterable): boolean {
    const body = message.body();
    return body !== undefined && documentMatches(this.alternatives, body);
  }
}

function checkSize(alternatives: readonly Alternative[]): void {
  const keys = new Set(alternatives.flat().map(({ path }) => path[0]));
  if (keys.size > MAX_KEYS) throw new PatternError(`Filter policy can not have more than ${MAX_KEYS} keys`);
  // Each array counts as often as it has values, times the depth at which it is.
  const combinations = alternatives.map((fields) =>
    fields.reduce((product, { values, path }) => product * values * path.length, 1),
  );
  if (combinations.reduce((sum, each) => sum + each, 0) > MAX_COMBINATIONS) {
    throw new PatternError('Filter policy is too complex');
  }
}
