import { Placeholder, unknown } from './shown';
import type { Shown, ShownChange, ShownObject } from './shown';

/** One line of a resource's changes: what goes (`-`), what comes (`+`), or a remark. */
export interface DiffLine {
  readonly sign: '-' | '+' | ' ';
  readonly text: string;
}

export interface Diff {
  readonly lines: readonly DiffLine[];
  /** Attributes whose new value AWS decides. */
  readonly unknown: readonly string[];
}

const longestOneLine = 120;

/** Compares attribute by attribute; JSON in strings (policies) is compared as JSON, lists without regard to position. */
export function diff(change: ShownChange, forcing: readonly string[] = []): Diff {
  const comparison = new Comparison(forcing);
  comparison.compare('', change.before ?? undefined, change.after ?? undefined);
  return comparison;
}

class Comparison implements Diff {
  readonly lines: DiffLine[] = [];
  readonly unknown: string[] = [];

  constructor(private readonly forcing: readonly string[]) {}

  compare(path: string, before: Shown, after: Shown): void {
    if (equal(before, after)) return;
    const [one, other] = [decode(before), decode(after)];
    if (equal(one, other)) {
      this.remark(`${path} is the same JSON, written differently`);
    } else if (Array.isArray(one) && Array.isArray(other)) {
      this.compareLists(path, one, other);
    } else if (isObject(one) && isObject(other)) {
      for (const key of keysOf(one, other)) this.compare(join(path, key), one[key], other[key]);
    } else if (other === unknown && !this.forces(path)) {
      this.unknown.push(path);
    } else {
      this.list('-', path, one);
      this.list('+', path, other);
    }
  }

  private compareLists(path: string, before: readonly Shown[], after: readonly Shown[]): void {
    const gone = without(before, after);
    const come = without(after, before);
    if (gone.length === 0 && come.length === 0) this.remark(`${path} has another order`);
    for (let index = 0; index < Math.max(gone.length, come.length); index++) {
      const place = gone[index]?.index ?? come[index]?.index ?? index;
      this.compare(`${path}[${place}]`, gone[index]?.item, come[index]?.item);
    }
  }

  private list(sign: '-' | '+', path: string, value: Shown): void {
    const decoded = decode(value);
    if (decoded === unknown && !this.forces(path)) {
      this.unknown.push(path);
    } else if (isObject(decoded) && !this.fitsOneLine(path, decoded)) {
      for (const key of Object.keys(decoded).sort()) this.list(sign, join(path, key), decoded[key]);
    } else if (Array.isArray(decoded) && !decoded.every(isScalar)) {
      decoded.forEach((item, index) => this.list(sign, `${path}[${index}]`, item));
    } else if (!isEmpty(decoded)) {
      const reason = this.forces(path) ? '  # forces replacement' : '';
      this.lines.push({ sign, text: `${path === '' ? 'value' : path} = ${format(decoded)}${reason}` });
    }
  }

  /** Maps of simple values, such as tags or a short statement of a policy. */
  private fitsOneLine(path: string, value: ShownObject): boolean {
    const isForced = this.forcing.some((prefix) => prefix.startsWith(`${path}.`));
    const isPlain = (item: Shown): boolean => item !== unknown && isScalar(item);
    const isFlat = Object.values(value).every((item) =>
      Array.isArray(item) ? item.every(isPlain) : isPlain(item),
    );
    return path !== '' && !isForced && isFlat && format(value).length <= longestOneLine;
  }

  private forces(path: string): boolean {
    return this.forcing.some(
      (prefix) => path === prefix || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`),
    );
  }

  private remark(text: string): void {
    this.lines.push({ sign: ' ', text });
  }
}

/** `attribute.list[0]["odd key"]`, as in a Terraform expression. */
export function renderPath(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : join(text, part)),
    '',
  );
}

/** On one line and without control characters, whatever the value holds. */
export function format(value: Shown): string {
  if (value instanceof Placeholder) return value.text;
  if (Array.isArray(value)) return `[${value.map(format).join(', ')}]`;
  if (isObject(value))
    return `{${Object.entries(value)
      .map(([key, item]) => `${key} = ${format(item)}`)
      .join(', ')}}`;
  return printable(JSON.stringify(value ?? null));
}

/** Escapes what a terminal would act on; JSON itself lets DEL and the C1 controls through. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- that is what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** JSON objects and lists inside strings, as policies have them, taken apart. */
export function decode(value: Shown): Shown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as Shown;
  } catch {
    return value;
  }
}

export function isObject(value: Shown): value is ShownObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Placeholder)
  );
}

function isScalar(value: Shown): boolean {
  return !Array.isArray(value) && !isObject(value);
}

function isEmpty(value: Shown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    (isObject(value) && Object.keys(value).length === 0) ||
    (Array.isArray(value) && value.length === 0)
  );
}

function join(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}[${printable(JSON.stringify(key))}]`;
  return path === '' ? key : `${path}.${key}`;
}

function keysOf(...objects: readonly ShownObject[]): string[] {
  return [...new Set(objects.flatMap((object) => Object.keys(object)))].sort();
}

function without(list: readonly Shown[], other: readonly Shown[]): { index: number; item: Shown }[] {
  const left = other.map(canonical);
  return list.flatMap((item, index) => {
    const found = left.indexOf(canonical(item));
    if (found < 0) return [{ index, item }];
    left.splice(found, 1);
    return [];
  });
}

function equal(one: Shown, other: Shown): boolean {
  return canonical(one) === canonical(other);
}

/** Text that is equal for equal values: keys in order, and a placeholder unlike any string. */
function canonical(value: Shown): string {
  if (value instanceof Placeholder) return value.text;
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value ?? null);
  return `{${keysOf(value)
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
    .join(',')}}`;
}
