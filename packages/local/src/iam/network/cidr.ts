interface Range {
  readonly first: number;
  readonly last: number;
}

/** Whether the IPv4 range `outer` holds all of `inner` (`10.0.0.0/16` holds `10.0.1.0/24`); false for anything else. */
export function cidrContains(outer: string, inner: string): boolean {
  const [wide, narrow] = [parse(outer), parse(inner)];
  return wide !== undefined && narrow !== undefined && wide.first <= narrow.first && narrow.last <= wide.last;
}

function parse(cidr: string): Range | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(cidr);
  if (match === null) {
    return undefined;
  }
  const address = match.slice(1, 5).reduce((value, part) => value * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(match[5] ?? 32));
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1 };
}
