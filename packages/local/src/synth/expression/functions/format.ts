import { ResolveError } from '../../../errors';
import type { Value } from '../values';
import { canonical, number, text, truth } from '../values';

const VERB = /%(?:%|([-+0 ]*)(\d+)?(?:\.(\d+))?(?:\[(\d+)\])?([a-zA-Z]))/g;

/**
 * Terraform's format(): the verbs of Go's fmt for plain values, with flags, width, precision and `%[2]s`.
 *
 * @throws {@link ResolveError} where there is no argument for a verb, or no such verb
 */
export function format(spec: string, args: readonly Value[]): string {
  let next = 0;
  return spec.replace(VERB, (whole: string, ...groups: (string | undefined)[]) => {
    if (whole === '%%') {
      return '%';
    }
    const [flags = '', width = '0', precision, position, verb = ''] = groups;
    const index = position === undefined ? next : Number(position) - 1;
    next = index + 1;
    if (index >= args.length) {
      throw new ResolveError(`format() has no argument for ${whole}`);
    }
    const value = verbatim(verb, args[index]!, precision);
    const signed =
      flags.includes('+') && 'dfeg'.includes(verb) && !value.startsWith('-') ? `+${value}` : value;
    return padded(signed, Number(width), flags);
  });
}

function padded(value: string, width: number, flags: string): string {
  if (flags.includes('-')) {
    return value.padEnd(width);
  }
  const sign = flags.includes('0') ? (/^[+-]/.exec(value)?.[0] ?? '') : '';
  return sign + value.slice(sign.length).padStart(width - sign.length, flags.includes('0') ? '0' : ' ');
}

function verbatim(verb: string, value: Value, precision: string | undefined): string {
  const digits = precision === undefined ? 6 : Number(precision);
  switch (verb) {
    case 'd':
      return String(Math.trunc(number(value)));
    case 'f':
      return number(value).toFixed(digits);
    case 'e':
      return number(value)
        .toExponential(digits)
        .replace(/e([+-])(\d)$/, 'e$10$2');
    case 'g':
      return String(number(value));
    case 'b':
      return Math.trunc(number(value)).toString(2);
    case 'o':
      return Math.trunc(number(value)).toString(8);
    case 'x':
    case 'X': {
      const hex =
        typeof value === 'string'
          ? Buffer.from(value).toString('hex')
          : Math.trunc(number(value)).toString(16);
      return verb === 'X' ? hex.toUpperCase() : hex;
    }
    case 't':
      return String(truth(value));
    case 'q':
      return JSON.stringify(text(value));
    case 'v':
      return typeof value === 'object' ? canonical(value) : text(value);
    case 's':
      return precision === undefined ? text(value) : [...text(value)].slice(0, Number(precision)).join('');
    default:
      throw new ResolveError(`format() does not know %${verb}`);
  }
}
