import { text } from '../../support/template';
import type { Attributes, Resource } from '../../support/template';
import { each, isReferredTo, none, refersTo } from './rule';
import type { Rule } from './rule';

const INGRESS = 'aws_vpc_security_group_ingress_rule';
const EGRESS = 'aws_vpc_security_group_egress_rule';

export const networkRules: readonly Rule[] = [
  each(
    INGRESS,
    'CKV_AWS_24, CKV_AWS_25, CKV_AWS_260, CKV_AWS_277, AWS-0107, EC2.18, EC2.19',
    'nothing is let in from an address, least of all from everywhere',
    (rule) => !hasAddress(rule),
  ),
  none(
    ['aws_security_group_rule'],
    'own (blind spot of the rules here)',
    'rules of security groups are of the two types that are judged',
  ),
  each(EGRESS, 'CKV_AWS_382, AWS-0104', 'nothing may connect to everywhere', (rule) => !hasAddress(rule)),
  ...[INGRESS, EGRESS].map((type) =>
    each(type, 'own (blind spot of CKV_AWS_277 and CKV_AWS_382)', `${type} names one TCP port`, (rule) => {
      return rule['ip_protocol'] === 'tcp' && rule['from_port'] === rule['to_port'];
    }),
  ),
  ...[INGRESS, EGRESS, 'aws_security_group'].map((type) =>
    each(type, 'CKV_AWS_23, AWS-0099, AWS-0124', `${type} has a description`, (rule) => {
      return typeof rule['description'] === 'string' && rule['description'].length > 0;
    }),
  ),
  each(
    'aws_security_group',
    'CKV_AWS_23',
    'security groups have no rules of their own, which would undo the others',
    (group) => group['ingress'] === undefined && group['egress'] === undefined,
  ),
  each(
    'aws_vpc',
    'CKV2_AWS_12, AWS-0173, EC2.2',
    'the default security group has no rules',
    (_vpc, { address }, template) =>
      template.resourcesOf('aws_default_security_group').some((group) => {
        const { ingress, egress } = group.attributes;
        return refersTo(group, `${address}.id`) && ingress === undefined && egress === undefined;
      }),
  ),
  each(
    'aws_security_group',
    'CKV2_AWS_5',
    'security groups are attached to something',
    (_group, resource, template) =>
      template.resources
        .filter(({ type }) => !type.startsWith('aws_vpc_security_group_'))
        .some((other) => refersTo(other, `${resource.address}.id`)),
  ),
  each('aws_subnet', 'CKV_AWS_130, AWS-0164, EC2.15', 'subnets give out no public address', (subnet) => {
    return subnet['map_public_ip_on_launch'] === false;
  }),
  each('aws_vpc', 'CKV2_AWS_11, AWS-0178, EC2.6', 'flow logs are on', (_vpc, { address }, template) =>
    template.resourcesOf('aws_flow_log').some((log) => refersTo(log, `${address}.id`)),
  ),
  none(['aws_default_vpc', 'aws_default_subnet'], 'CKV_AWS_148, AWS-0101', 'the default VPC is left alone'),
  none(
    ['aws_network_acl', 'aws_network_acl_rule', 'aws_default_network_acl'],
    'CKV_AWS_229-232, CKV_AWS_352, CKV2_AWS_1, EC2.21',
    'there are no network ACLs to get wrong; security groups decide',
  ),
  each('aws_route', 'CKV2_AWS_35, CKV2_AWS_44', 'a default route leads to a gateway', (route) => {
    const gateway = route['nat_gateway_id'] ?? route['gateway_id'];
    return route['destination_cidr_block'] !== '0.0.0.0/0' || gateway !== undefined;
  }),
  each('aws_eip', 'CKV2_AWS_19', 'addresses are in use', (_eip, resource, template) =>
    isReferredTo(template, resource, 'id'),
  ),
  each('aws_vpc_endpoint', 'own', 'gateway endpoints are on every private route table', endpointIsWired),
  each('aws_vpc_endpoint', 'own', 'endpoints are a way for this account only', ({ policy }) =>
    /"aws:PrincipalAccount":\["\$\{data\..*"aws:ResourceAccount":\["\$\{data\./.test(text(policy)),
  ),
];

function hasAddress(rule: Attributes): boolean {
  return rule['cidr_ipv4'] !== undefined || rule['cidr_ipv6'] !== undefined;
}

function endpointIsWired(endpoint: Attributes, _resource: Resource): boolean {
  if (endpoint['vpc_endpoint_type'] !== 'Gateway') return endpoint['private_dns_enabled'] === true;
  const tables = endpoint['route_table_ids'];
  return Array.isArray(tables) && tables.length >= 2;
}
