import { subnetOf } from './cidr';
import type { Network, NetworkProps } from './network';
import { requireMatch, requireThat } from './validate';

export function validateNetwork(network: Network, props: NetworkProps): void {
  const nameRule = 'up to 54 letters, digits, ., _ and - are allowed (IAM role names, with -flow-logs)';
  requireMatch(network, 'name', props.name, /^[a-zA-Z0-9._-]{1,54}$/, nameRule);
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
  const gatewayed = services.some((service) => service === 's3' || service === 'dynamodb');
  const gatewayRule = 's3 and dynamodb have gateway endpoints, which are free (gatewayEndpoints)';
  requireThat(network, !gatewayed, 'interfaceEndpoints', services, gatewayRule);
  const twice = new Set(services).size < services.length;
  requireThat(network, !twice, 'interfaceEndpoints', services, 'a service has one endpoint in a VPC');
}

/** The block with the bits below its prefix cleared. */
function aligned(block: string): string {
  const [address = '', prefix] = block.split('/');
  const size = 2 ** (32 - Number(prefix));
  const start = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return subnetOf(`0.0.0.0/${prefix}`, 0, Math.floor(start / size));
}
