import type { Alternative, Field } from './pattern';
import type { Test } from './scalar';
import { isScalar } from './scalar';

type JsonObject = Readonly<Record<string, unknown>>;

/** What is left of a field's path at some place of the document. */
interface Requirement {
  readonly segments: readonly string[];
  readonly from: number;
  readonly test: Test;
}

/** Steps of a comparison: far more than a sensible document needs, and an end for one that is made to have none. */
const MAX_STEPS = 1_000_000;
const MAX_DEPTH = 1000;

/** Whether a JSON document matches one of the alternatives. */
export function documentMatches(alternatives: readonly Alternative[], document: JsonObject): boolean {
  const search = new Search();
  return alternatives.some((fields) => {
    const required = fields.filter((field) => !(field.orAbsent && !search.has(document, field)));
    return search.matches(
      document,
      required.map(({ segments, test }) => ({ segments, test, from: 0 })),
    );
  });
}

/**
 * Looks for the required values. Several requirements inside an array of objects must be met by one and the same object, as in
 * EventBridge's rules (https://github.com/aws/event-ruler#and-and-or-relationship-among-fields-with-event-ruler).
 */
class Search {
  private steps = 0;

  /** Whether there is any value at the field's path. */
  has(document: JsonObject, field: Field): boolean {
    return this.matches(document, [{ segments: field.segments, test: () => true, from: 0 }]);
  }

  matches(node: unknown, requirements: readonly Requirement[], depth = 0): boolean {
    if (requirements.length === 0) return true;
    this.steps += 1;
    if (this.steps > MAX_STEPS || depth > MAX_DEPTH) return false;
    if (isScalar(node)) return requirements.every((each) => isMet(each) && each.test(node));
    if (Array.isArray(node)) return this.arrayMatches(node, requirements, depth);
    return this.objectMatches(node as JsonObject, requirements, depth);
  }

  private arrayMatches(array: readonly unknown[], requirements: readonly Requirement[], depth: number) {
    const inside = requirements.filter((each) => !isMet(each));
    return (
      requirements.filter(isMet).every((each) => this.someValue(array, each.test, depth)) &&
      (inside.length === 0 ||
        array.some((element) => !isScalar(element) && this.matches(element, inside, depth + 1)))
    );
  }

  private someValue(array: readonly unknown[], test: Test, depth: number): boolean {
    this.steps += array.length;
    if (this.steps > MAX_STEPS || depth > MAX_DEPTH) return false;
    return array.some((element) => {
      if (isScalar(element)) return test(element);
      return Array.isArray(element) && this.someValue(element, test, depth + 1);
    });
  }

  private objectMatches(object: JsonObject, requirements: readonly Requirement[], depth: number): boolean {
    const [first, ...others] = requirements as readonly [Requirement, ...Requirement[]];
    return others.length === 0
      ? this.goThrough(object, first, (name, rest) => this.matches(object[name], [rest], depth + 1))
      : this.share(object, requirements, new Map(), depth);
  }

  /** Gives each requirement to one of the properties that its path can go through. */
  private share(
    object: JsonObject,
    [first, ...others]: readonly Requirement[],
    shared: ReadonlyMap<string, readonly Requirement[]>,
    depth: number,
  ): boolean {
    if (!first) {
      return [...shared].every(([name, requirements]) => this.matches(object[name], requirements, depth + 1));
    }
    return this.goThrough(object, first, (name, rest) =>
      this.share(object, others, new Map(shared).set(name, [...(shared.get(name) ?? []), rest]), depth),
    );
  }

  /** Tries the properties of the object whose names begin what is left of the path. */
  private goThrough(
    object: JsonObject,
    { segments, test, from }: Requirement,
    attempt: (name: string, rest: Requirement) => boolean,
  ): boolean {
    let name = '';
    for (let end = from + 1; end <= segments.length; end += 1) {
      name = end === from + 1 ? segments[from]! : `${name}.${segments[end - 1]}`;
      if (!Object.hasOwn(object, name)) continue;
      if (attempt(name, { segments, test, from: end })) return true;
      if (this.steps > MAX_STEPS) return false;
    }
    return false;
  }
}

function isMet({ segments, from }: Requirement): boolean {
  return from === segments.length;
}
