import { BlockList, isIP } from 'node:net';

/** This machine itself: no proxy could reach it. */
export function isLoopback(host: string): boolean {
  const name = unbracketed(host).toLowerCase();
  return (
    name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(\.\d+){3}$/.test(name)
  );
}

/**
 * Whether NO_PROXY names a host: `*`, `example.com` and `.example.com` (with all below it), `host:port`,
 * addresses and blocks of them (`10.0.0.0/8`), separated by commas or spaces.
 */
export function isExcluded(noProxy: string, host: string, port: number): boolean {
  const name = unbracketed(host).toLowerCase();
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matchesBlock(entry, name) || matchesName(entry, name, port));
}

function matchesName(entry: string, name: string, port: number): boolean {
  if (unbracketed(entry) === name) return true;
  const match = /^(.*?)(?::(\d+))?$/.exec(entry)!;
  if (match[2] !== undefined && Number(match[2]) !== port) return false;
  const suffix = unbracketed(match[1]!).replace(/^\*?\./, '');
  return suffix !== '' && (name === suffix || name.endsWith(`.${suffix}`));
}

function matchesBlock(entry: string, name: string): boolean {
  const [address = '', bits = ''] = entry.split('/');
  const version = isIP(address);
  if (version === 0 || isIP(name) !== version || !/^\d+$/.test(bits)) return false;
  const family = version === 6 ? 'ipv6' : 'ipv4';
  if (Number(bits) > (version === 6 ? 128 : 32)) return false;
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family);
  return block.check(name, family);
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
