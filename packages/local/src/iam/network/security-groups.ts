import type { Fields, Resolver, Resource } from '../../synth';
import { cidrContains } from './cidr';

/** One side of a connection, as the rules of the other side see it. */
export interface Peer {
  /** Ids of its security groups. */
  readonly groups: readonly string[];
  /** Its address ranges: those of its subnets, `0.0.0.0/0` for the internet. */
  readonly cidrs: readonly string[];
  readonly prefixListId?: string;
}

interface Rule {
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidrs: readonly string[];
  readonly groups: readonly string[];
  readonly prefixLists: readonly string[];
}

export type Direction = 'ingress' | 'egress';

/** The rules of all security groups of a stack, from every resource type that can hold them. */
export class SecurityGroups {
  private readonly rules = new Map<string, Record<Direction, Rule[]>>();

  constructor(resolver: Resolver) {
    for (const group of resolver.resources('aws_security_group', 'aws_default_security_group')) {
      const id = group.id();
      this.of(id).ingress.push(...inline(group, 'ingress', id));
      this.of(id).egress.push(...inline(group, 'egress', id));
    }
    for (const rule of resolver.resources('aws_security_group_rule')) {
      const id = rule.text('security_group_id');
      this.of(id)[rule.text('type') === 'ingress' ? 'ingress' : 'egress'].push(listed(rule, id));
    }
    for (const rule of resolver.resources('aws_vpc_security_group_ingress_rule')) {
      this.of(rule.text('security_group_id')).ingress.push(single(rule));
    }
    for (const rule of resolver.resources('aws_vpc_security_group_egress_rule')) {
      this.of(rule.text('security_group_id')).egress.push(single(rule));
    }
  }

  /** Whether one of the groups lets TCP traffic with the peer through. Groups from outside the stack let all through. */
  allow(groups: readonly string[], direction: Direction, port: number, peer: Peer): boolean {
    return groups.some((id) => {
      const rules = this.rules.get(id)?.[direction];
      return rules === undefined || rules.some((rule) => covers(rule, port, peer));
    });
  }

  private of(id: string): Record<Direction, Rule[]> {
    const known = this.rules.get(id) ?? { ingress: [], egress: [] };
    this.rules.set(id, known);
    return known;
  }
}

function covers(rule: Rule, port: number, peer: Peer): boolean {
  const all = rule.protocol === '-1' || rule.protocol === 'all';
  const tcp = rule.protocol === 'tcp' || rule.protocol === '6';
  if (!all && !(tcp && rule.fromPort <= port && port <= rule.toPort)) {
    return false;
  }
  return (
    rule.groups.some((group) => peer.groups.includes(group)) ||
    rule.prefixLists.some((list) => list === peer.prefixListId) ||
    (peer.cidrs.length > 0 &&
      peer.cidrs.every((cidr) => rule.cidrs.some((range) => cidrContains(range, cidr))))
  );
}

function inline(group: Resource, direction: Direction, id: string): Rule[] {
  return group.blocks(direction).map((block) => ({
    ...ports(block, 'protocol'),
    cidrs: block.texts('cidr_blocks'),
    groups: [...block.texts('security_groups'), ...(block.flag('self', false) ? [id] : [])],
    prefixLists: block.texts('prefix_list_ids'),
  }));
}

function listed(rule: Resource, id: string): Rule {
  const source = rule.optionalText('source_security_group_id');
  return {
    ...ports(rule, 'protocol'),
    cidrs: rule.texts('cidr_blocks'),
    groups: [...(source === undefined ? [] : [source]), ...(rule.flag('self', false) ? [id] : [])],
    prefixLists: rule.texts('prefix_list_ids'),
  };
}

function single(rule: Resource): Rule {
  return {
    ...ports(rule, 'ip_protocol'),
    cidrs: rule.texts('cidr_ipv4'),
    groups: rule
      .texts('referenced_security_group_id')
      .map((group) => group.slice(group.lastIndexOf('/') + 1)),
    prefixLists: rule.texts('prefix_list_id'),
  };
}

function ports(fields: Fields, protocol: string) {
  return {
    protocol: fields.text(protocol).toLowerCase(),
    fromPort: fields.number('from_port', 0),
    toPort: fields.number('to_port', 65535),
  };
}
