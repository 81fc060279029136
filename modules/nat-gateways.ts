import { Eip } from '@cdktf/provider-aws/lib/eip';
import { InternetGateway } from '@cdktf/provider-aws/lib/internet-gateway';
import { NatGateway } from '@cdktf/provider-aws/lib/nat-gateway';
import { Route } from '@cdktf/provider-aws/lib/route';
import { RouteTable } from '@cdktf/provider-aws/lib/route-table';
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association';
import type { Subnet } from '@cdktf/provider-aws/lib/subnet';
import { Construct } from 'constructs';
import type { Network } from './network';

export interface NatGatewaysProps {
  readonly name: string;
  readonly network: Network;
  /** One gateway a zone survives the loss of a zone; a single one is cheaper. */
  readonly perZone: boolean;
}

/**
 * The way from a network's private subnets to the internet, by NAT gateways in public subnets that hold nothing else.
 * Made by `Network`; isolated subnets get no route to it.
 *
 * Emits aws_internet_gateway, aws_subnet, aws_route_table, aws_route, aws_route_table_association, aws_eip and
 * aws_nat_gateway. 32.85 USD a month for each gateway, 0.045 USD a GB.
 */
export class NatGateways extends Construct {
  readonly internetGateway: InternetGateway;
  readonly publicSubnets: readonly Subnet[];
  readonly gateways: readonly NatGateway[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: NatGatewaysProps,
  ) {
    super(scope, id);
    const vpcId = props.network.vpc.id;
    this.internetGateway = new InternetGateway(this, 'internet-gateway', {
      vpcId,
      tags: this.named('internet'),
    });
    this.publicSubnets = props.network.createSubnets('public');
    this.routePublicSubnets(vpcId);
    const gatewaySubnets = props.perZone ? this.publicSubnets : this.publicSubnets.slice(0, 1);
    this.gateways = gatewaySubnets.map((subnet, zone) => this.createGateway(subnet, zone));
    this.routePrivateSubnets();
  }

  private routePublicSubnets(vpcId: string): void {
    const table = new RouteTable(this, 'public-routes', { vpcId, tags: this.named('public') });
    new Route(this, 'public-default', {
      routeTableId: table.id,
      destinationCidrBlock: '0.0.0.0/0',
      gatewayId: this.internetGateway.id,
    });
    this.publicSubnets.forEach((subnet, zone) => {
      new RouteTableAssociation(this, `public-association-${zone}`, {
        subnetId: subnet.id,
        routeTableId: table.id,
      });
    });
  }

  private createGateway(subnet: Subnet, zone: number): NatGateway {
    const tags = this.named(`nat-${zone}`);
    const address = new Eip(this, `address-${zone}`, { domain: 'vpc', tags });
    return new NatGateway(this, `gateway-${zone}`, {
      allocationId: address.id,
      subnetId: subnet.id,
      tags,
      dependsOn: [this.internetGateway],
    });
  }

  private routePrivateSubnets(): void {
    this.props.network.privateRouteTables.forEach((table, zone) => {
      new Route(this, `private-default-${zone}`, {
        routeTableId: table.id,
        destinationCidrBlock: '0.0.0.0/0',
        natGatewayId: (this.gateways[zone] ?? this.gateways[0])?.id,
      });
    });
  }

  private named(suffix: string): Record<string, string> {
    return { Name: `${this.props.name}-${suffix}` };
  }
}
