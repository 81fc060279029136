import { subnetOf } from './cidr';
import type { Network, NetworkProps } from './network';
import { requireMatch, requireThat } from './validate';

export function validateNetwork(network: Network, props: NetworkProps): void {
  const zones = props.availabilityZones;
  const zonesRule = 'two to four different zones are needed (RDS and Lambda.5 ask for two)';
  const distinct = new Set(zones).size === zones.length;
  requireThat(
    network,
    zones.length >= 2 && zones.length <= 4 && distinct,
    'availabilityZones',
    zones,
    zonesRule,
  );
  const blockRule = 'a private block of /16 to /20 that starts at its own boundary is needed (RFC 1918)';
  const block = props.cidrBlock;
  const privateBlock =
    /^(10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.)\d{1,3}(\.\d{1,3})?\.\d{1,3}\/(1[6-9]|20)$/;
  requireMatch(network, 'cidrBlock', block, privateBlock, blockRule);
  if (block) requireThat(network, subnetOf(block, 0, 0) === aligned(block), 'cidrBlock', block, blockRule);
  const services = props.interfaceEndpoints ?? [];
  const gatewayed = services.filter((service) => service === 'dynamodb');
  const gatewayRule =
    'DynamoDB has a free gateway endpoint; an interface endpoint of it has no private DNS name here';
  requireThat(network, gatewayed.length === 0, 'interfaceEndpoints', services, gatewayRule);
}

/** The block with the bits below its prefix cleared. */
function aligned(block: string): string {
  const [address = '', prefix] = block.split('/');
  const size = 2 ** (32 - Number(prefix));
  const start = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return subnetOf(`0.0.0.0/${prefix}`, 0, Math.floor(start / size));
}
