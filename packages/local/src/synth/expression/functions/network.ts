import { ResolveError } from '../../../errors';
import { number, text } from '../values';
import type { Value } from '../values';
import { pureAll } from './types';

const BITS = 32;

interface Prefix {
  /** The first address, as a number. */
  readonly base: number;
  readonly bits: number;
}

/** Calculations with IPv4 prefixes such as `10.0.0.0/16`. */
export const network = pureAll({
  cidrhost: (prefix, host) => {
    const { base, bits } = parse(prefix);
    const size = 2 ** (BITS - bits);
    const offset = number(host) < 0 ? size + number(host) : number(host);
    return offset >= 0 && offset < size
      ? address(base + offset)
      : refuse(`${text(prefix)} has no host ${number(host)}`);
  },
  cidrnetmask: (prefix) => address(2 ** BITS - 2 ** (BITS - parse(prefix).bits)),
  cidrsubnet: (prefix, more, index) => subnet(parse(prefix), number(more), number(index)),
  cidrsubnets: (prefix, ...more) => subnets(parse(prefix), more.map(number)),
});

function refuse(problem: string): never {
  throw new ResolveError(problem);
}

function parse(value: Value | undefined): Prefix {
  const [, place = '', length] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(text(value)) ?? [];
  const parts = place.split('.').map(Number);
  const bits = Number(length);
  if (length === undefined || bits > BITS || parts.some((part) => part > 255)) {
    return refuse(`"${text(value)}" is no IPv4 prefix`);
  }
  const all = parts.reduce((sum, part) => sum * 256 + part, 0);
  return { base: all - (all % 2 ** (BITS - bits)), bits };
}

function subnet({ base, bits }: Prefix, more: number, index: number): string {
  const length = bits + more;
  if (length > BITS || index < 0 || index >= 2 ** more) {
    return refuse(`${address(base)}/${bits} has no subnet ${index} of ${more} more bits`);
  }
  return `${address(base + index * 2 ** (BITS - length))}/${length}`;
}

/** One after the other, each at the next place that its size allows. */
function subnets({ base, bits }: Prefix, more: readonly number[]): Value {
  let next = base;
  return more.map((each) => {
    const size = 2 ** (BITS - bits - each);
    next = Math.ceil(next / size) * size;
    const result = `${address(next)}/${bits + each}`;
    next += size;
    return next <= base + 2 ** (BITS - bits) ? result : refuse(`${address(base)}/${bits} has no room left`);
  });
}

function address(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
