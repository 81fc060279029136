import type { Fields, Resolver, Resource } from '../../synth';
import type { Statement } from '../policy';
import type { Endpoint } from './endpoints';
import { endpointName, endpointsOf } from './endpoints';
import { SecurityGroups } from './security-groups';
import type { Subnet } from './topology';
import { Topology } from './topology';

export interface Blocked {
  readonly kind: 'blocked';
  /** In plain words, to be printed. */
  readonly reason: string;
}

export interface ServicePath {
  readonly kind: 'open';
  /** The VPC endpoint that the call goes through, with its policy. */
  readonly endpointId?: string;
  readonly policy?: readonly Statement[];
}

/** What the network lets a function reach. */
export interface NetworkReach {
  readonly vpcId: string | undefined;
  /** @param service IAM's prefix of an AWS service: `sns` */
  toService(service: string): ServicePath | Blocked;
  /** @param database an `aws_db_instance` */
  toDatabase(database: Resource): { readonly kind: 'open' } | Blocked;
}

const OPEN: ServicePath = { kind: 'open' };
const HTTPS = 443;
const INTERNET = { groups: [], cidrs: ['0.0.0.0/0'] };

/** Derives from VPCs, routes, endpoints and security groups what the functions of a stack reach. */
export class Network {
  private readonly topology: Topology;
  private readonly groups: SecurityGroups;
  private readonly endpoints: readonly Endpoint[];

  constructor(private readonly resolver: Resolver) {
    this.topology = new Topology(resolver);
    this.groups = new SecurityGroups(resolver);
    this.endpoints = endpointsOf(resolver);
  }

  /** @param fn an `aws_lambda_function` */
  of(fn: Resource): NetworkReach {
    const config = fn.block('vpc_config');
    const place = config === undefined ? undefined : this.place(config);
    const paths = new Map<string, ServicePath | Blocked>();
    return {
      vpcId: place?.vpcId,
      toService: (service) => {
        const path = paths.get(service) ?? (place === undefined ? OPEN : this.pathToService(place, service));
        paths.set(service, path);
        return path;
      },
      toDatabase: (database) => this.pathToDatabase(place, database),
    };
  }

  /** Undefined where the function is in no VPC, or in one that is not part of the stack. */
  private place(config: Fields): Place | undefined {
    const subnets = config.texts('subnet_ids').map((id) => this.topology.subnet(id));
    const known = subnets.filter((subnet) => subnet !== undefined);
    if (known.length === 0 || known.length < subnets.length) {
      return undefined;
    }
    return { vpcId: known[0]!.vpcId, subnets: known, groups: config.texts('security_group_ids') };
  }

  private pathToService(place: Place, service: string): ServicePath | Blocked {
    const name = endpointName(service);
    const endpoints = this.endpoints.filter(
      ({ vpcId, service }) => vpcId === place.vpcId && service === name,
    );
    const problems: string[] = [];
    for (const endpoint of endpoints) {
      const problem =
        endpoint.kind === 'Gateway'
          ? this.gatewayProblem(place, endpoint)
          : this.interfaceProblem(place, endpoint);
      if (problem === undefined) {
        return { kind: 'open', endpointId: endpoint.id, policy: endpoint.policy };
      }
      // With private DNS the service's name leads to the endpoint and nowhere else.
      if (endpoint.kind === 'Interface' && endpoint.privateDns) {
        return blocked(problem);
      }
      problems.push(problem);
    }
    const problem = this.internetProblem(place);
    if (problem === undefined) {
      return OPEN;
    }
    return blocked(
      [problem, ...(problems.length > 0 ? problems : [`the VPC has no endpoint for ${name}`])].join('; '),
    );
  }

  private gatewayProblem(place: Place, endpoint: Endpoint): string | undefined {
    const off = place.subnets.find(
      ({ routeTableId }) => routeTableId === undefined || !endpoint.routeTableIds.includes(routeTableId),
    );
    if (off !== undefined) {
      return `${endpoint.address} is not on the route table of ${off.address}`;
    }
    const peer = { ...INTERNET, prefixListId: endpoint.prefixListId };
    return this.groups.allow(place.groups, 'egress', HTTPS, peer)
      ? undefined
      : `its security groups let nothing out to ${endpoint.service} on port ${HTTPS}`;
  }

  private interfaceProblem(place: Place, endpoint: Endpoint): string | undefined {
    if (!endpoint.privateDns) {
      return `${endpoint.address} has no private DNS, so the service's name does not lead to it`;
    }
    const subnets = endpoint.subnetIds.map((id) => this.topology.subnet(id)?.cidr ?? '').filter(Boolean);
    if (endpoint.subnetIds.length === 0) {
      return `${endpoint.address} is in no subnet`;
    }
    if (!this.groups.allow(place.groups, 'egress', HTTPS, { groups: endpoint.groups, cidrs: subnets })) {
      return `its security groups let nothing out to ${endpoint.address} on port ${HTTPS}`;
    }
    const caller = { groups: place.groups, cidrs: place.subnets.map(({ cidr }) => cidr) };
    if (endpoint.groups.length > 0 && !this.groups.allow(endpoint.groups, 'ingress', HTTPS, caller)) {
      return `the security groups of ${endpoint.address} do not let it in on port ${HTTPS}`;
    }
    return undefined;
  }

  private internetProblem(place: Place): string | undefined {
    const inside = place.subnets.find(({ exit }) => exit === undefined);
    if (inside !== undefined) {
      return `${inside.address} has no route to a NAT gateway`;
    }
    const gateway = place.subnets.find(({ exit }) => exit === 'internet-gateway');
    if (gateway !== undefined) {
      return `${gateway.address} leads to an internet gateway, but a function has no public address`;
    }
    return this.groups.allow(place.groups, 'egress', HTTPS, INTERNET)
      ? undefined
      : `its security groups let nothing out to the internet on port ${HTTPS}`;
  }

  private pathToDatabase(place: Place | undefined, database: Resource): { kind: 'open' } | Blocked {
    const port = database.number('port', 3306);
    const groups = database.texts('vpc_security_group_ids');
    const home = this.databaseSubnets(database);
    if (place === undefined) {
      const open =
        home.length === 0 ||
        (database.flag('publicly_accessible', false) && this.groups.allow(groups, 'ingress', port, INTERNET));
      return open ? { kind: 'open' } : blocked(`it runs outside the VPC of ${database.address}`);
    }
    if (home.length > 0 && home[0]!.vpcId !== place.vpcId) {
      return blocked(`it runs in another VPC than ${database.address}`);
    }
    const target = { groups, cidrs: home.map(({ cidr }) => cidr) };
    if (!this.groups.allow(place.groups, 'egress', port, target)) {
      return blocked(`its security groups let nothing out to ${database.address} on port ${port}`);
    }
    const caller = { groups: place.groups, cidrs: place.subnets.map(({ cidr }) => cidr) };
    if (groups.length > 0 && !this.groups.allow(groups, 'ingress', port, caller)) {
      return blocked(`the security groups of ${database.address} do not let it in on port ${port}`);
    }
    return { kind: 'open' };
  }

  private databaseSubnets(database: Resource): Subnet[] {
    const name = database.optionalText('db_subnet_group_name');
    const group =
      name === undefined ? undefined : this.resolver.find('aws_db_subnet_group', name, 'name', 'id');
    return (group?.texts('subnet_ids') ?? [])
      .map((id) => this.topology.subnet(id))
      .filter((subnet) => subnet !== undefined);
  }
}

interface Place {
  readonly vpcId: string;
  readonly subnets: readonly Subnet[];
  readonly groups: readonly string[];
}

function blocked(reason: string): Blocked {
  return { kind: 'blocked', reason };
}
