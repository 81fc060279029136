import { SecurityGroup as AwsSecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { pathId } from './names';
import type { ServicePath } from './network';

export interface SecurityGroupProps {
  readonly name: string;
  readonly vpcId: string;
  /** What is behind it; AWS replaces the group when this changes. */
  readonly description: string;
}

/**
 * A security group that opens nothing by itself: neither way in nor, unlike AWS's default, way out.
 *
 * Emits aws_security_group, and for each connection aws_vpc_security_group_egress_rule on this side and
 * aws_vpc_security_group_ingress_rule on the other. Rules name groups, never addresses. Free.
 *
 * @example
 * const web = new SecurityGroup(scope, 'web', { name: 'web', vpcId: network.vpc.id, description: 'Web servers' });
 * const cache = new SecurityGroup(scope, 'cache', { name: 'cache', vpcId: network.vpc.id, description: 'Cache' });
 * web.connectTo(cache, 6379, 'Redis');
 */
export class SecurityGroup extends Construct {
  readonly group: AwsSecurityGroup;

  constructor(scope: Construct, id: string, props: SecurityGroupProps) {
    super(scope, id);
    this.group = new AwsSecurityGroup(this, 'group', {
      name: props.name,
      description: props.description,
      vpcId: props.vpcId,
      tags: { Name: props.name },
    });
  }

  get id(): string {
    return this.group.id;
  }

  /**
   * Lets members of this group open TCP connections to members of the other one; asking again changes nothing.
   * @returns the two rules, for what must wait until the way is open
   */
  connectTo(other: SecurityGroup, port: number, protocol: string): ITerraformDependable[] {
    return [
      this.egress(`to-${pathId(other)}-${port}`, port, {
        referencedSecurityGroupId: other.id,
        description: `${protocol} to ${other.node.path}`,
      }),
      other.ingress(`from-${pathId(this)}-${port}`, port, {
        referencedSecurityGroupId: this.id,
        description: `${protocol} from ${this.node.path}`,
      }),
    ];
  }

  /**
   * Lets members of this group call an AWS service, by the way that their network has to it.
   * @returns what must be there for the way to be open
   */
  openPath(service: string, path: ServicePath): ITerraformDependable[] {
    switch (path.kind) {
      case 'gateway': {
        const { prefixListId } = path;
        const description = `HTTPS to ${service} by gateway endpoint`;
        return [this.egress(`to-${service}`, 443, { prefixListId, description })];
      }
      case 'interface':
        return [...this.connectTo(path.securityGroup, 443, 'HTTPS'), path.endpoint];
      case 'nat': {
        const description = 'HTTPS by NAT gateway';
        return [this.egress('to-internet', 443, { cidrIpv4: '0.0.0.0/0', description })];
      }
    }
  }

  private egress(id: string, port: number, peer: Peer): ITerraformDependable {
    const known = this.node.tryFindChild(id) as VpcSecurityGroupEgressRule | undefined;
    return known ?? new VpcSecurityGroupEgressRule(this, id, this.rule(port, peer));
  }

  private ingress(id: string, port: number, peer: Peer): ITerraformDependable {
    const known = this.node.tryFindChild(id) as VpcSecurityGroupIngressRule | undefined;
    return known ?? new VpcSecurityGroupIngressRule(this, id, this.rule(port, peer));
  }

  private rule(port: number, peer: Peer) {
    return { securityGroupId: this.id, ipProtocol: 'tcp', fromPort: port, toPort: port, ...peer };
  }
}

interface Peer {
  readonly description: string;
  readonly referencedSecurityGroupId?: string;
  readonly prefixListId?: string;
  readonly cidrIpv4?: string;
}
