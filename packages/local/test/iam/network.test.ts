import { Network } from '../../src/iam';
import { cidrContains } from '../../src/iam/network/cidr';
import type { JsonObject } from '../../src/synth';
import { resolverOf } from '../synth/support';

type Bodies = Record<string, Record<string, JsonObject>>;

const vpc = '${aws_vpc.v.id}';
const all = { protocol: '-1', from_port: 0, to_port: 0 };
const anywhere = { ...all, cidr_blocks: ['0.0.0.0/0'] };

/** A function in a private subnet whose security group lets everything out, and a database beside it. */
const base: Bodies = {
  aws_vpc: { v: { cidr_block: '10.0.0.0/16', enable_dns_hostnames: true } },
  aws_subnet: {
    a: { vpc_id: vpc, cidr_block: '10.0.1.0/24' },
    public: { vpc_id: vpc, cidr_block: '10.0.9.0/24' },
  },
  aws_route_table: { private: { vpc_id: vpc } },
  aws_route_table_association: {
    a: { subnet_id: '${aws_subnet.a.id}', route_table_id: '${aws_route_table.private.id}' },
  },
  aws_security_group: {
    fn: { vpc_id: vpc, egress: [anywhere] },
    db: { vpc_id: vpc },
    endpoint: {
      vpc_id: vpc,
      ingress: [{ protocol: 'tcp', from_port: 443, to_port: 443, cidr_blocks: ['10.0.0.0/16'] }],
    },
  },
  aws_db_subnet_group: { g: { name: 'g', subnet_ids: ['${aws_subnet.a.id}'] } },
  aws_db_instance: {
    db: {
      db_subnet_group_name: '${aws_db_subnet_group.g.name}',
      vpc_security_group_ids: ['${aws_security_group.db.id}'],
    },
  },
  aws_lambda_function: {
    inside: {
      vpc_config: { subnet_ids: ['${aws_subnet.a.id}'], security_group_ids: ['${aws_security_group.fn.id}'] },
    },
    outside: {},
  },
};

const database: Bodies = {
  aws_vpc_security_group_ingress_rule: {
    db: {
      security_group_id: '${aws_security_group.db.id}',
      referenced_security_group_id: '${aws_security_group.fn.id}',
      ip_protocol: 'tcp',
      from_port: 3306,
      to_port: 3306,
    },
  },
};

function reach(more: Bodies = {}, fn = 'inside') {
  const merged = { ...base };
  for (const [type, bodies] of Object.entries(more)) {
    merged[type] = { ...base[type], ...bodies };
  }
  const resolver = resolverOf(merged);
  const network = new Network(resolver).of(find(resolver, fn));
  return {
    service: (name: string) => describeResult(network.toService(name)),
    database: () => describeResult(network.toDatabase(resolver.resources('aws_db_instance')[0]!)),
  };
}

function find(resolver: ReturnType<typeof resolverOf>, name: string) {
  return resolver.resources('aws_lambda_function').find((fn) => fn.name === name)!;
}

function describeResult(result: { kind: string; reason?: string }): string {
  return result.kind === 'open' ? 'open' : result.reason!;
}

describe('AWS services', () => {
  test('a function outside any VPC reaches them all', () => {
    expect(reach({}, 'outside').service('sns')).toBe('open');
  });

  test('a private subnet without endpoints reaches none', () => {
    expect(reach().service('sns')).toBe(
      'aws_subnet.a has no route to a NAT gateway; the VPC has no endpoint for sns',
    );
  });

  test.each<[string, Bodies]>([
    [
      'in the table',
      { aws_route_table: { private: { route: [{ cidr_block: '0.0.0.0/0', nat_gateway_id: 'nat-1' }] } } },
    ],
    [
      'of its own',
      {
        aws_route: {
          r: {
            route_table_id: '${aws_route_table.private.id}',
            destination_cidr_block: '0.0.0.0/0',
            nat_gateway_id: 'nat-1',
          },
        },
      },
    ],
  ])('a NAT route %s leads to them', (_, more) => {
    expect(reach(more).service('sns')).toBe('open');
    const closed = { ...more, aws_security_group: { fn: { egress: [] } } };
    expect(reach(closed).service('sns')).toContain(
      'its security groups let nothing out to the internet on port 443',
    );
  });

  test('an internet gateway does not: functions have no public address', () => {
    const table = { route: [{ cidr_block: '0.0.0.0/0', gateway_id: 'igw-1' }] };
    expect(reach({ aws_route_table: { private: table } }).service('sns')).toContain(
      'a function has no public address',
    );
  });

  describe('by an interface endpoint', () => {
    const endpoint = {
      vpc_id: vpc,
      service_name: 'com.amazonaws.eu-west-1.sns',
      vpc_endpoint_type: 'Interface',
      private_dns_enabled: true,
      subnet_ids: ['${aws_subnet.a.id}'],
      security_group_ids: ['${aws_security_group.endpoint.id}'],
    };
    const withEndpoint = (change: JsonObject, more: Bodies = {}) =>
      reach({ aws_vpc_endpoint: { sns: { ...endpoint, ...change } }, ...more }).service('sns');

    test('for that service', () => {
      expect(withEndpoint({})).toBe('open');
      expect(reach({ aws_vpc_endpoint: { sns: endpoint } }).service('sqs')).toContain('no endpoint for sqs');
    });

    test.each<[string, JsonObject, Bodies, string]>([
      ['with private DNS', { private_dns_enabled: false }, {}, 'aws_vpc_endpoint.sns has no private DNS'],
      [
        'in a VPC with DNS names',
        {},
        { aws_vpc: { v: { cidr_block: '10.0.0.0/16' } } },
        'has no private DNS',
      ],
      ['in a subnet', { subnet_ids: [] }, {}, 'is in no subnet'],
      [
        'that lets it in',
        {},
        { aws_security_group: { endpoint: { ingress: [] } } },
        'the security groups of aws_vpc_endpoint.sns do not let it in on port 443',
      ],
      [
        'that it may reach',
        {},
        {
          aws_security_group: {
            fn: { egress: [{ protocol: 'tcp', from_port: 80, to_port: 80, cidr_blocks: ['0.0.0.0/0'] }] },
          },
        },
        'its security groups let nothing out to aws_vpc_endpoint.sns on port 443',
      ],
      ['in its own VPC', { vpc_id: 'vpc-other' }, {}, 'the VPC has no endpoint for sns'],
    ])('%s', (_, change, more, message) => {
      expect(withEndpoint(change, more)).toContain(message);
    });
  });

  describe('by a gateway endpoint', () => {
    const endpoint = { vpc_id: vpc, service_name: 'com.amazonaws.eu-west-1.dynamodb' };
    const onTable = { ...endpoint, route_table_ids: ['${aws_route_table.private.id}'] };

    test('on its route table', () => {
      expect(reach({ aws_vpc_endpoint: { d: onTable } }).service('dynamodb')).toBe('open');
      expect(reach({ aws_vpc_endpoint: { d: endpoint } }).service('dynamodb')).toContain(
        'aws_vpc_endpoint.d is not on the route table of aws_subnet.a',
      );
    });

    test('which its security groups may reach by prefix list', () => {
      const rule = (prefix: string) => ({
        aws_vpc_endpoint: { d: onTable },
        aws_security_group: { fn: { egress: [] } },
        aws_vpc_security_group_egress_rule: {
          out: {
            security_group_id: '${aws_security_group.fn.id}',
            prefix_list_id: prefix,
            ip_protocol: 'tcp',
            from_port: 443,
            to_port: 443,
          },
        },
      });
      expect(reach(rule('${aws_vpc_endpoint.d.prefix_list_id}')).service('dynamodb')).toBe('open');
      expect(reach(rule('pl-other')).service('dynamodb')).toContain('let nothing out to dynamodb');
    });
  });
});

describe('the database', () => {
  test('lets in the security groups that its rules name, on its port', () => {
    expect(reach(database).database()).toBe('open');
    expect(reach().database()).toBe(
      'the security groups of aws_db_instance.db do not let it in on port 3306',
    );
    const other = { aws_db_instance: { db: { ...base['aws_db_instance']!['db'], port: 3307 } } };
    expect(reach({ ...database, ...other }).database()).toContain('on port 3307');
  });

  test('must be let out to', () => {
    const closed = { aws_security_group: { fn: { egress: [] } } };
    expect(reach({ ...database, ...closed }).database()).toBe(
      'its security groups let nothing out to aws_db_instance.db on port 3306',
    );
  });

  test('knows rules of every resource type', () => {
    const rule = { protocol: 'tcp', from_port: 3306, to_port: 3306 };
    const group = '${aws_security_group.fn.id}';
    expect(
      reach({ aws_security_group: { db: { ingress: [{ ...rule, security_groups: [group] }] } } }).database(),
    ).toBe('open');
    const separate = {
      ...rule,
      type: 'ingress',
      security_group_id: '${aws_security_group.db.id}',
      source_security_group_id: group,
    };
    expect(reach({ aws_security_group_rule: { r: separate } }).database()).toBe('open');
    expect(reach({ aws_security_group_rule: { r: { ...separate, type: 'egress' } } }).database()).not.toBe(
      'open',
    );
  });

  test('is out of reach from outside its VPC, unless it is public', () => {
    expect(reach(database, 'outside').database()).toBe('it runs outside the VPC of aws_db_instance.db');
    const open = {
      aws_db_instance: { db: { ...base['aws_db_instance']!['db'], publicly_accessible: true } },
      aws_security_group: { db: { ingress: [anywhere] } },
    };
    expect(reach(open, 'outside').database()).toBe('open');
  });

  test('is out of reach from another VPC', () => {
    const subnet = { vpc_id: 'vpc-other', cidr_block: '10.0.1.0/24' };
    const config = {
      subnet_ids: ['${aws_subnet.x.id}'],
      security_group_ids: ['${aws_security_group.fn.id}'],
    };
    const more = {
      ...database,
      aws_subnet: { x: subnet },
      aws_lambda_function: { inside: { vpc_config: config } },
    };
    expect(reach(more).database()).toBe('it runs in another VPC than aws_db_instance.db');
  });
});

test.each([
  ['10.0.0.0/16', '10.0.3.0/24', true],
  ['0.0.0.0/0', '255.255.255.255', true],
  ['10.0.3.0/24', '10.0.0.0/16', false],
  ['10.0.0.0/8', '11.0.0.1/32', false],
  ['::/0', '10.0.0.0/8', false],
])('%s holds %s: %s', (outer, inner, expected) => {
  expect(cidrContains(outer, inner)).toBe(expected);
});
