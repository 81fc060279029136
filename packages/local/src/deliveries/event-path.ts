/** `.name`, `['name']`, `[0]`, `[*]` or `.*` */
const STEP = /\.([\w\-/]+|\*)|\['([^']+)'\]|\["([^"]+)"\]|\[(\d+|\*)\]/gy;

type Step = string | number | typeof EVERY;
const EVERY = Symbol('every');

/**
 * The steps of a path such as `$.detail.items[0].id`.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html for what EventBridge knows of JSONPath
 * @throws Error where it is none
 */
export function parseEventPath(path: string): readonly Step[] {
  const steps: Step[] = [];
  let end = 1;
  if (path.startsWith('$')) {
    for (const match of path.slice(1).matchAll(STEP)) {
      const [text, name, quoted, doubleQuoted, index] = match;
      if (name === '*' || index === '*') steps.push(EVERY);
      else steps.push(index === undefined ? (name ?? quoted ?? doubleQuoted)! : Number(index));
      end += text.length;
    }
  }
  if (!path.startsWith('$') || end !== path.length) {
    throw new Error(`"${path}" is no path: $.detail.id, $.resources[0] and $.detail.items[*].id are`);
  }
  return steps;
}

/** What a path means in an event; undefined where there is nothing. A wildcard makes a list. */
export function valueAt(event: unknown, path: string): unknown {
  return follow(event, parseEventPath(path));
}

function follow(value: unknown, [step, ...rest]: readonly Step[]): unknown {
  if (step === undefined) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  if (step === EVERY) {
    return Object.values(value)
      .map((each) => follow(each, rest))
      .filter((each) => each !== undefined);
  }
  const isOfList = typeof step === 'number';
  if (Array.isArray(value) !== isOfList || !Object.hasOwn(value, step)) return undefined;
  return follow((value as Readonly<Record<string | number, unknown>>)[step], rest);
}
