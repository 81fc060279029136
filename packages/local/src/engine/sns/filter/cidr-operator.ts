import { BlockList, isIP } from 'node:net';
import type { Scalar, Test } from './scalar';
import { PatternError } from './scalar';

/** `{"cidr": "10.0.0.0/24"}`, also for IPv6. */
export function cidr(operand: unknown): Test {
  // AWS speaks of a prefix here too.
  if (typeof operand !== 'string') throw new PatternError('prefix match pattern must be a string');
  const [address, bits, ...rest] = operand.split('/');
  if (bits === undefined || rest.length > 0) throw new PatternError("Malformed CIDR, one '/' required");
  const version = isIP(address!);
  if (!/^\d+$/.test(bits)) throw new PatternError('Malformed CIDR, mask bits must be an integer');
  if (version === 0) throw new PatternError(`Nonstandard IP address: ${address}`);
  const largest = version === 4 ? 32 : 128;
  if (Number(bits) > largest) {
    throw new PatternError(`Malformed CIDR, mask bits must not exceed ${largest}, and are ${bits}`);
  }
  const family = `ipv${version}` as 'ipv4' | 'ipv6';
  const block = new BlockList();
  block.addSubnet(address!, Number(bits), family);
  return (value: Scalar) =>
    typeof value === 'string' && isIP(value) === version && block.check(value, family);
}
