import type { Attributes } from './types';
import { arn, prefixedId, same } from './types';

function identified(prefix: string, kind: string, more: Attributes = {}): Attributes {
  return { id: prefixedId(prefix), arn: arn('ec2', (resource) => `${kind}/${resource.id()}`), ...more };
}

/** VPCs and what is in them. */
export const network: Readonly<Record<string, Attributes>> = {
  aws_vpc: identified('vpc', 'vpc', {
    default_security_group_id: prefixedId('sg'),
    default_route_table_id: prefixedId('rtb'),
    main_route_table_id: prefixedId('rtb'),
    default_network_acl_id: prefixedId('acl'),
    owner_id: (_, resolver) => resolver.accountId,
  }),
  aws_subnet: identified('subnet', 'subnet', {
    availability_zone: (subnet) => `${subnet.region}a`,
    owner_id: (_, resolver) => resolver.accountId,
  }),
  aws_security_group: identified('sg', 'security-group', {
    name: (group) => `${group.optionalText('name_prefix') ?? 'terraform-'}${group.name}`,
    owner_id: (_, resolver) => resolver.accountId,
  }),
  // The default group and the main route table are adopted, not made: they keep the ids that the VPC knows.
  aws_default_security_group: {
    id: (group, resolver) =>
      resolver.find('aws_vpc', group.text('vpc_id'), 'id')?.attribute('default_security_group_id') ??
      'sg-default',
    arn: arn('ec2', (group) => `security-group/${group.id()}`),
  },
  aws_default_route_table: { id: (table) => table.text('default_route_table_id') },
  aws_security_group_rule: {
    id: prefixedId('sgrule'),
    security_group_rule_id: prefixedId('sgr'),
  },
  aws_vpc_security_group_ingress_rule: identified('sgr', 'security-group-rule', {
    security_group_rule_id: same('id'),
  }),
  aws_vpc_security_group_egress_rule: identified('sgr', 'security-group-rule', {
    security_group_rule_id: same('id'),
  }),
  aws_route_table: identified('rtb', 'route-table'),
  aws_route: { id: prefixedId('r-rtb') },
  aws_route_table_association: { id: prefixedId('rtbassoc') },
  aws_internet_gateway: identified('igw', 'internet-gateway'),
  aws_nat_gateway: identified('nat', 'natgateway', { public_ip: () => '203.0.113.1' }),
  aws_eip: {
    id: prefixedId('eipalloc'),
    allocation_id: same('id'),
    public_ip: () => '203.0.113.1',
  },
  aws_vpc_endpoint: identified('vpce', 'vpc-endpoint', {
    prefix_list_id: (endpoint) => prefixListId(endpoint.text('service_name')),
    dns_entry: (endpoint) => [{ dns_name: `${endpoint.id()}.vpce.amazonaws.com`, hosted_zone_id: 'ZLOCAL' }],
  }),
  aws_flow_log: identified('fl', 'vpc-flow-log'),
  aws_network_acl: identified('acl', 'network-acl'),
};

/** The prefix list of a gateway endpoint's service (`com.amazonaws.us-east-1.s3`). */
export function prefixListId(serviceName: string): string {
  return `pl-${serviceName.split('.').at(-1) ?? ''}`;
}
