import type { Resolver, Resource } from '../../synth';

/** A way out of a subnet for traffic that stays in no VPC. */
export type Exit = 'nat' | 'internet-gateway' | 'other' | undefined;

/** A subnet of the stack with what decides its routing. */
export interface Subnet {
  readonly id: string;
  /** `aws_subnet.private` for messages. */
  readonly address: string;
  readonly vpcId: string;
  readonly cidr: string;
  readonly routeTableId: string | undefined;
  /** Where its default route leads. */
  readonly exit: Exit;
}

/** The subnets of a stack, their route tables and default routes. */
export class Topology {
  private readonly subnets: ReadonlyMap<string, Subnet>;

  constructor(private readonly resolver: Resolver) {
    this.subnets = new Map(
      resolver.resources('aws_subnet').map((subnet) => [subnet.id(), this.describe(subnet)]),
    );
  }

  /** Undefined for a subnet from outside the stack. */
  subnet(id: string): Subnet | undefined {
    return this.subnets.get(id);
  }

  private describe(subnet: Resource): Subnet {
    const vpcId = subnet.text('vpc_id');
    const routeTableId = this.routeTableOf(subnet.id(), vpcId);
    return {
      id: subnet.id(),
      address: subnet.address,
      vpcId,
      cidr: subnet.optionalText('cidr_block') ?? '',
      routeTableId,
      exit: routeTableId === undefined ? undefined : this.exitOf(routeTableId),
    };
  }

  private routeTableOf(subnetId: string, vpcId: string): string | undefined {
    const { resolver } = this;
    const own = resolver
      .resources('aws_route_table_association')
      .find((association) => association.optionalText('subnet_id') === subnetId);
    if (own !== undefined) {
      return own.text('route_table_id');
    }
    const main = resolver
      .resources('aws_main_route_table_association')
      .find((association) => association.text('vpc_id') === vpcId);
    return main?.text('route_table_id') ?? resolver.find('aws_vpc', vpcId, 'id')?.id('main_route_table_id');
  }

  private exitOf(routeTableId: string): Exit {
    const { resolver } = this;
    const inline = resolver
      .resources('aws_route_table', 'aws_default_route_table')
      .filter((table) => table.id() === routeTableId)
      .flatMap((table) => table.blocks('route'))
      .filter((route) => route.optionalText('cidr_block') === '0.0.0.0/0');
    const own = resolver
      .resources('aws_route')
      .filter(
        (route) =>
          route.text('route_table_id') === routeTableId &&
          route.optionalText('destination_cidr_block') === '0.0.0.0/0',
      );
    const route = [...inline, ...own][0];
    if (route === undefined) {
      return undefined;
    }
    if (route.optionalText('nat_gateway_id')) {
      return 'nat';
    }
    return route.optionalText('gateway_id') ? 'internet-gateway' : 'other';
  }
}
