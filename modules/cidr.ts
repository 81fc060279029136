/**
 * The IPv4 block number `index` of those of `prefix + bits` length inside `block`: computed here rather than by
 * Terraform, so that a reviewer reads addresses.
 *
 * `subnetOf('10.0.0.0/16', 4, 2)` is `10.0.32.0/20`.
 */
export function subnetOf(block: string, bits: number, index: number): string {
  const [address = '', prefixText] = block.split('/');
  const prefix = Number(prefixText) + bits;
  const start = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const subnet = start + index * 2 ** (32 - prefix);
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(subnet / 2 ** shift) % 256);
  return `${octets.join('.')}/${prefix}`;
}
