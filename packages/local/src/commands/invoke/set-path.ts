import { UsageError } from '../command';

const STEP = /(?:^|\.)([^.[\]]+)|\[(\d+)\]|\["([^"]*)"\]/y;

/**
 * Sets what `path=value` says: `Records[0].s3.object.key=a.txt`, `detail["a.b"]=1`. The value is JSON, or else a text. What is not
 * there on the way is made.
 *
 * @returns the event, changed
 * @throws UsageError
 */
export function setPath(event: unknown, assignment: string): unknown {
  const at = assignment.indexOf('=');
  if (at < 1) throw new UsageError(`--set is "${assignment}": path=value is needed`);
  const steps = stepsOf(assignment.slice(0, at));
  return changed(event, steps, valueOf(assignment.slice(at + 1)));
}

function stepsOf(path: string): (string | number)[] {
  const steps: (string | number)[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < path.length) {
    const match = STEP.exec(path);
    if (match === null) throw new UsageError(`--set: "${path}" is no path: Records[0].body is one`);
    steps.push(match[1] ?? match[3] ?? Number(match[2]));
  }
  return steps;
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Lists may grow by one at a time. */
function changed(value: unknown, [step, ...rest]: readonly (string | number)[], to: unknown): unknown {
  if (step === undefined) return to;
  if (typeof step === 'number') {
    const list: unknown[] = Array.isArray(value) ? [...(value as unknown[])] : [];
    if (step > list.length)
      throw new UsageError(`--set: [${step}] is behind the end of a list of ${list.length}`);
    list[step] = changed(list[step], rest, to);
    return list;
  }
  const object = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  const known = Object.hasOwn(object, step) ? (object as Record<string, unknown>)[step] : undefined;
  return { ...object, [step]: changed(known, rest, to) };
}
