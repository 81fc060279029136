import type { Resolver, Resource } from '../../synth';
import { parsePolicy } from '../policy';
import type { Statement } from '../policy';

/** An `aws_vpc_endpoint`. */
export interface Endpoint {
  readonly id: string;
  readonly address: string;
  readonly vpcId: string;
  /** The last part of its service's name: `sns`. */
  readonly service: string;
  readonly kind: 'Gateway' | 'Interface';
  readonly privateDns: boolean;
  readonly subnetIds: readonly string[];
  readonly groups: readonly string[];
  readonly routeTableIds: readonly string[];
  readonly prefixListId: string;
  /** Undefined lets everything through, as AWS's default policy does. */
  readonly policy: readonly Statement[] | undefined;
}

/** Endpoint services whose name is not IAM's prefix. */
const ENDPOINT_NAMES: Readonly<Record<string, string>> = {
  cloudwatch: 'monitoring',
  kinesis: 'kinesis-streams',
  ses: 'email',
  xray: 'xray',
};

export function endpointName(service: string): string {
  return ENDPOINT_NAMES[service] ?? service;
}

export function endpointsOf(resolver: Resolver): Endpoint[] {
  return resolver.resources('aws_vpc_endpoint').map((endpoint) => describe(endpoint, resolver));
}

function describe(endpoint: Resource, resolver: Resolver): Endpoint {
  const id = endpoint.id();
  const vpcId = endpoint.text('vpc_id');
  const policy = endpoint.optionalText('policy');
  const vpc = resolver.find('aws_vpc', vpcId, 'id');
  const dns =
    vpc === undefined || (vpc.flag('enable_dns_support', true) && vpc.flag('enable_dns_hostnames', false));
  const associated = (type: string, key: string) =>
    resolver
      .resources(type)
      .filter((association) => association.text('vpc_endpoint_id') === id)
      .map((association) => association.text(key));
  return {
    id,
    address: endpoint.address,
    vpcId,
    service: endpoint.text('service_name').split('.').at(-1)!,
    kind: endpoint.optionalText('vpc_endpoint_type') === 'Interface' ? 'Interface' : 'Gateway',
    privateDns: dns && endpoint.flag('private_dns_enabled', false),
    subnetIds: [
      ...endpoint.texts('subnet_ids'),
      ...associated('aws_vpc_endpoint_subnet_association', 'subnet_id'),
    ],
    groups: endpoint.texts('security_group_ids'),
    routeTableIds: [
      ...endpoint.texts('route_table_ids'),
      ...associated('aws_vpc_endpoint_route_table_association', 'route_table_id'),
    ],
    prefixListId: endpoint.id('prefix_list_id'),
    policy: policy === undefined ? undefined : parsePolicy(policy, endpoint.address),
  };
}
