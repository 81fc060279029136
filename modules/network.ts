import { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group';
import { RouteTable } from '@cdktf/provider-aws/lib/route-table';
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association';
import { Subnet } from '@cdktf/provider-aws/lib/subnet';
import { Vpc } from '@cdktf/provider-aws/lib/vpc';
import type { VpcConfig } from '@cdktf/provider-aws/lib/vpc';
import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint';
import { Construct } from 'constructs';
import { Account } from './account';
import { subnetOf } from './cidr';
import type { EncryptionKey } from './encryption-key';
import { ownAccountPolicy } from './endpoint-policy';
import { FlowLogs } from './flow-logs';
import { NatGateways } from './nat-gateways';
import { validateNetwork } from './network-rules';
import { SecurityGroup } from './security-group';

/** AWS services with a gateway endpoint, which is free. */
export type GatewayService = 's3' | 'dynamodb';

export interface NetworkProps {
  readonly name: string;
  /** Two to four zones by name. Named, not looked up: a zone that AWS adds must not move subnets. */
  readonly availabilityZones: readonly string[];
  /** A private IPv4 block of /16 to /20; each subnet gets a sixteenth. @default '10.0.0.0/16' */
  readonly cidrBlock?: string;
  /** The way to the internet for private subnets; 33 USD a month for each gateway. @default 'none' */
  readonly nat?: 'none' | 'single' | 'per-zone';
  /** Services that are reached through their free gateway endpoint. @default ['s3', 'dynamodb'] */
  readonly gatewayEndpoints?: readonly GatewayService[];
  /** Services that are reached by PrivateLink, as in `com.amazonaws.<region>.<service>`; 7.30 USD a month each and zone. @default none */
  readonly interfaceEndpoints?: readonly string[];
  /** Logs refused connections (`reject`) or all of them. @default 'none' */
  readonly flowLogs?: 'none' | 'reject' | 'all';
  /** How long flow logs are kept. @default 14 */
  readonly logRetentionDays?: number;
  /** Encrypts the flow logs. @default CloudWatch's own encryption */
  readonly encryptionKey?: EncryptionKey;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<VpcConfig>;
}

/** How a service is reached from the private subnets. */
export type ServicePath =
  | { readonly kind: 'gateway'; readonly prefixListId: string }
  | { readonly kind: 'interface'; readonly securityGroup: SecurityGroup; readonly endpoint: VpcEndpoint }
  | { readonly kind: 'nat' };

const BITS = 4;
/** Offsets of the tiers among the sixteen subnets; up to four zones each. */
const TIER = { private: 0, isolated: 4, public: 8 } as const;

/**
 * A VPC with private subnets for functions and isolated ones for databases (no route out, whatever `nat` says) in two
 * or more zones. There is no way to the internet unless asked for, and no security group that opens anything; endpoints let
 * this account's principals through to this account's resources only.
 *
 * Emits aws_vpc, aws_default_security_group (emptied), aws_subnet, aws_route_table, aws_route_table_association and
 * aws_vpc_endpoint; with `nat` also aws_internet_gateway, aws_eip, aws_nat_gateway and aws_route; with `flowLogs`
 * aws_flow_log, aws_cloudwatch_log_group and a role. Free by default; see `nat` and `interfaceEndpoints`.
 *
 * @example
 * new Network(scope, 'network', { name: 'orders', availabilityZones: ['us-east-1a', 'us-east-1b'] });
 */
export class Network extends Construct {
  readonly vpc: Vpc;
  readonly defaultSecurityGroup: DefaultSecurityGroup;
  readonly privateSubnets: readonly Subnet[];
  readonly isolatedSubnets: readonly Subnet[];
  readonly privateRouteTables: readonly RouteTable[];
  readonly endpoints = new Map<string, VpcEndpoint>();
  readonly endpointSecurityGroup?: SecurityGroup;
  readonly natGateways?: NatGateways;
  readonly flowLogs?: FlowLogs;

  constructor(
    scope: Construct,
    id: string,
    readonly props: NetworkProps,
  ) {
    super(scope, id);
    validateNetwork(this, props);
    this.vpc = this.createVpc();
    this.defaultSecurityGroup = this.emptyDefaultSecurityGroup();
    this.privateSubnets = this.createSubnets('private');
    this.isolatedSubnets = this.createSubnets('isolated');
    this.privateRouteTables = this.createPrivateRoutes();
    this.natGateways = this.createNatGateways();
    for (const service of props.gatewayEndpoints ?? ['s3', 'dynamodb']) this.addGatewayEndpoint(service);
    const interfaces = props.interfaceEndpoints ?? [];
    if (interfaces.length > 0) this.endpointSecurityGroup = this.createEndpointSecurityGroup();
    for (const service of interfaces) this.addInterfaceEndpoint(service);
    this.flowLogs = this.createFlowLogs();
  }

  get privateSubnetIds(): string[] {
    return this.privateSubnets.map((subnet) => subnet.id);
  }

  /** How private subnets reach an AWS service, `undefined` where they do not. */
  pathTo(service: string): ServicePath | undefined {
    const endpoint = this.endpoints.get(service);
    if (endpoint && this.endpointSecurityGroup && this.props.interfaceEndpoints?.includes(service)) {
      return { kind: 'interface', securityGroup: this.endpointSecurityGroup, endpoint };
    }
    if (endpoint) return { kind: 'gateway', prefixListId: endpoint.prefixListId };
    return this.natGateways ? { kind: 'nat' } : undefined;
  }

  /** Subnets of a tier, one a zone, that give nothing a public address. */
  createSubnets(tier: keyof typeof TIER): Subnet[] {
    const block = this.props.cidrBlock ?? '10.0.0.0/16';
    return this.props.availabilityZones.map((availabilityZone, zone) => {
      return new Subnet(this, `${tier}-${zone}`, {
        vpcId: this.vpc.id,
        availabilityZone,
        cidrBlock: subnetOf(block, BITS, TIER[tier] + zone),
        mapPublicIpOnLaunch: false,
        tags: this.named(`${tier}-${availabilityZone}`),
      });
    });
  }

  private createVpc(): Vpc {
    return new Vpc(this, 'vpc', {
      cidrBlock: this.props.cidrBlock ?? '10.0.0.0/16',
      // Interface endpoints answer under the services' public names, and RDS under a name of its own.
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: { Name: this.props.name },
      ...this.props.overrides,
    });
  }

  /** AWS's default group lets its members talk to each other and to everyone; managed without rules it has none. */
  private emptyDefaultSecurityGroup(): DefaultSecurityGroup {
    return new DefaultSecurityGroup(this, 'default-security-group', {
      vpcId: this.vpc.id,
      tags: this.named('default-unused'),
    });
  }

  private createPrivateRoutes(): RouteTable[] {
    const tables = this.props.availabilityZones.map((zone, index) => {
      const tags = this.named(`private-${zone}`);
      return new RouteTable(this, `private-routes-${index}`, { vpcId: this.vpc.id, tags });
    });
    this.associate('private', this.privateSubnets, tables);
    const tags = this.named('isolated');
    const isolated = new RouteTable(this, 'isolated-routes', { vpcId: this.vpc.id, tags });
    this.associate(
      'isolated',
      this.isolatedSubnets,
      this.isolatedSubnets.map(() => isolated),
    );
    return tables;
  }

  private associate(tier: string, subnets: readonly Subnet[], tables: readonly RouteTable[]): void {
    subnets.forEach((subnet, zone) => {
      const table = tables[zone];
      if (!table) return;
      new RouteTableAssociation(this, `${tier}-association-${zone}`, {
        subnetId: subnet.id,
        routeTableId: table.id,
      });
    });
  }

  private createNatGateways(): NatGateways | undefined {
    const { nat = 'none' } = this.props;
    if (nat === 'none') return undefined;
    return new NatGateways(this, 'nat', {
      name: this.props.name,
      network: this,
      perZone: nat === 'per-zone',
    });
  }

  private addGatewayEndpoint(service: GatewayService): void {
    const endpoint = new VpcEndpoint(this, `endpoint-${service}`, {
      vpcId: this.vpc.id,
      vpcEndpointType: 'Gateway',
      serviceName: this.serviceName(service),
      routeTableIds: this.privateRouteTables.map((table) => table.id),
      policy: ownAccountPolicy(this),
      tags: this.named(service),
    });
    this.endpoints.set(service, endpoint);
  }

  private createEndpointSecurityGroup(): SecurityGroup {
    return new SecurityGroup(this, 'endpoints', {
      name: `${this.props.name}-endpoints`,
      vpcId: this.vpc.id,
      description: 'Interface endpoints of AWS services',
    });
  }

  private addInterfaceEndpoint(service: string): void {
    const endpoint = new VpcEndpoint(this, `endpoint-${service}`, {
      vpcId: this.vpc.id,
      vpcEndpointType: 'Interface',
      serviceName: this.serviceName(service),
      privateDnsEnabled: true,
      subnetIds: this.privateSubnetIds,
      securityGroupIds: this.endpointSecurityGroup && [this.endpointSecurityGroup.id],
      policy: ownAccountPolicy(this),
      tags: this.named(service),
    });
    this.endpoints.set(service, endpoint);
  }

  private createFlowLogs(): FlowLogs | undefined {
    const { flowLogs = 'none', name, encryptionKey, logRetentionDays } = this.props;
    if (flowLogs === 'none') return undefined;
    return new FlowLogs(this, 'flow-logs', {
      name,
      vpcId: this.vpc.id,
      traffic: flowLogs,
      encryptionKey,
      logRetentionDays,
    });
  }

  private serviceName(service: string): string {
    return `com.amazonaws.${Account.of(this).region}.${service}`;
  }

  private named(suffix: string): Record<string, string> {
    return { Name: `${this.props.name}-${suffix}` };
  }
}
