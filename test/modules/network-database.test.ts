import { EncryptionKey, LambdaFunction, MySqlDatabase, Network } from '../../modules';
import type { MySqlDatabaseProps, NetworkProps } from '../../modules';
import { statementsOf, synthesize, text } from '../support/template';
import type { TerraformStack } from 'cdktf';

const network = (stack: TerraformStack, props: Partial<NetworkProps> = {}) =>
  new Network(stack, 'network', { name: 'net', availabilityZones: ['us-east-1a', 'us-east-1b'], ...props });
const database = (stack: TerraformStack, props: Partial<MySqlDatabaseProps> = {}) =>
  new MySqlDatabase(stack, 'database', { name: 'orders', network: network(stack), ...props });

describe('Network', () => {
  const template = synthesize((stack) => void network(stack));

  test('matches its snapshot', () => expect(template.snapshot()).toMatchSnapshot());

  test('has two tiers of subnets in two zones that give out no public address', () => {
    const subnets = template.resourcesOf('aws_subnet').map(({ attributes: s }) => {
      return `${text(s['cidr_block'])} ${text(s['availability_zone'])} ${text(s['map_public_ip_on_launch'])}`;
    });
    expect(subnets.sort()).toEqual([
      '10.0.0.0/20 us-east-1a false',
      '10.0.16.0/20 us-east-1b false',
      '10.0.64.0/20 us-east-1a false',
      '10.0.80.0/20 us-east-1b false',
    ]);
  });

  test('has no way to the internet', () => {
    for (const type of ['aws_internet_gateway', 'aws_nat_gateway', 'aws_eip', 'aws_route'])
      template.countIs(type, 0);
  });

  test('has the free gateway endpoints on every private route table, and no other', () => {
    const endpoints = template.resourcesOf('aws_vpc_endpoint').map(({ attributes }) => attributes);
    expect(endpoints.map((e) => e['vpc_endpoint_type'])).toEqual(['Gateway', 'Gateway']);
    for (const endpoint of endpoints) expect(endpoint['route_table_ids']).toHaveLength(2);
  });

  test('lets only this account through its endpoints, and to its own resources', () => {
    const open = synthesize((stack) => void network(stack, { interfaceEndpoints: ['sns'] }));
    const endpoints = open.resourcesOf('aws_vpc_endpoint');
    expect(endpoints).toHaveLength(3);
    const own = [expect.stringMatching(/account_id\}$/) as string];
    for (const { attributes } of endpoints) {
      expect(statementsOf(attributes['policy'])).toMatchObject([
        {
          Principal: '*',
          Condition: {
            StringEquals: { 'aws:PrincipalAccount': own },
            StringEqualsIfExists: { 'aws:ResourceAccount': own },
          },
        },
      ]);
    }
  });

  test('empties the default security group', () => {
    const group = template.only('aws_default_security_group');
    expect(group).not.toHaveProperty('ingress');
    expect(group).not.toHaveProperty('egress');
  });

  test.each([
    ['single', 1],
    ['per-zone', 2],
  ] as const)('nat %s: %d gateways, routes for private subnets and none for isolated ones', (nat, count) => {
    const open = synthesize((stack) => void network(stack, { nat }));
    open.countIs('aws_nat_gateway', count);
    open.countIs('aws_eip', count);
    const defaults = open.resourcesOf('aws_route').map(({ attributes }) => attributes['route_table_id']);
    expect(defaults).toHaveLength(3);
    expect(defaults.map(text).join()).not.toMatch(/isolated/);
    for (const { attributes } of open.resourcesOf('aws_subnet', 'public')) {
      expect(attributes).toMatchObject({ map_public_ip_on_launch: false });
    }
  });

  test('interface endpoints answer under the public name, behind a group that lets nothing in by itself', () => {
    const open = synthesize((stack) => void network(stack, { interfaceEndpoints: ['sns'] }));
    expect(open.only('aws_vpc_endpoint', 'sns')).toMatchObject({
      vpc_endpoint_type: 'Interface',
      private_dns_enabled: true,
    });
    open.countIs('aws_vpc_security_group_ingress_rule', 0);
  });

  test('flow logs of refused connections go to a group that forgets, by a role for this account only', () => {
    const logged = synthesize((stack) => void network(stack, { flowLogs: 'reject' }));
    expect(logged.only('aws_flow_log')).toMatchObject({ traffic_type: 'REJECT' });
    expect(logged.only('aws_cloudwatch_log_group')).toMatchObject({ retention_in_days: 14 });
    const [policy] = logged.resourcesOf('aws_iam_role_policy');
    expect(logged.only('aws_flow_log')['depends_on']).toEqual([policy?.address]);
    expect(logged.only('aws_iam_role')['assume_role_policy']).toMatchObject({
      Statement: [
        {
          Principal: { Service: 'vpc-flow-logs.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': [expect.stringMatching(/account_id/)] } },
        },
      ],
    });
  });

  test.each<[Partial<NetworkProps>, RegExp]>([
    [{ availabilityZones: ['us-east-1a'] }, /availabilityZones is \["us-east-1a"\].*two to four/],
    [{ availabilityZones: ['us-east-1a', 'us-east-1a'] }, /two to four different zones/],
    [{ availabilityZones: ['a', 'b', 'c', 'd', 'e'] }, /two to four different zones/],
    [{ cidrBlock: '8.8.0.0/16' }, /cidrBlock is "8.8.0.0\/16".*RFC 1918/],
    [{ cidrBlock: '10.0.0.0/24' }, /cidrBlock is "10.0.0.0\/24".*\/16 to \/20/],
    [{ cidrBlock: '10.0.1.0/16' }, /cidrBlock is "10.0.1.0\/16".*boundary/],
    [{ cidrBlock: '10.0.300.0/20' }, /cidrBlock is "10.0.300.0\/20"/],
    [{ interfaceEndpoints: ['dynamodb'] }, /interfaceEndpoints is \["dynamodb"\].*gateway endpoint/],
    [{ interfaceEndpoints: ['sns', 's3'] }, /interfaceEndpoints is \["sns","s3"\].*gateway endpoint/],
    [{ interfaceEndpoints: ['sns', 'sns'] }, /interfaceEndpoints is \["sns","sns"\].*one endpoint/],
    [{ name: 'my net' }, /name is "my net".*54 letters/],
    [{ name: 'n'.repeat(55) }, /name is "n{55}".*54 letters/],
  ])('refuses %j', (props, message) => {
    expect(() => synthesize((stack) => void network(stack, props))).toThrow(message);
  });

  test.each(['192.168.0.0/20', '172.31.0.0/16', '10.4.0.0/18'])('takes %s', (cidrBlock) => {
    expect(() => synthesize((stack) => void network(stack, { cidrBlock }))).not.toThrow();
  });
});

describe('MySqlDatabase', () => {
  const template = synthesize((stack) => {
    const key = new EncryptionKey(stack, 'key', { name: 'key' });
    database(stack, { encryptionKey: key });
  });
  const instance = template.only('aws_db_instance');

  test('matches its snapshot', () => {
    const plain = synthesize((stack) => void database(stack));
    const own = [
      'aws_db_instance',
      'aws_db_parameter_group',
      'aws_db_subnet_group',
      'aws_cloudwatch_log_group',
    ];
    expect(
      own.flatMap((type) => plain.resourcesOf(type).map(({ attributes }) => attributes)),
    ).toMatchSnapshot();
  });

  test('is MySQL 8.4 with minor upgrades', () => {
    expect(instance).toMatchObject({
      engine: 'mysql',
      engine_version: '8.4',
      auto_minor_version_upgrade: true,
    });
  });

  test('is not public and lies in the isolated subnets', () => {
    expect(instance).toMatchObject({ publicly_accessible: false });
    const subnets = template.resourcesOf('aws_subnet', 'isolated').map(({ address }) => `\${${address}.id}`);
    expect(template.only('aws_db_subnet_group')['subnet_ids']).toEqual(subnets);
  });

  test('storage and master secret are encrypted by the key', () => {
    expect(instance).toMatchObject({ storage_encrypted: true });
    expect(instance['kms_key_id']).toMatch(/aws_kms_key/);
    expect(instance['master_user_secret_kms_key_id']).toMatch(/aws_kms_key/);
  });

  test('RDS makes the master password; none is in the configuration', () => {
    expect(instance).toMatchObject({ manage_master_user_password: true, username: 'app_owner' });
    expect(Object.keys(instance)).not.toContain('password');
  });

  test('IAM authentication is on', () =>
    expect(instance).toMatchObject({ iam_database_authentication_enabled: true }));

  test('TLS is required, and slow queries reach the log', () => {
    expect(template.only('aws_db_parameter_group')).toMatchObject({
      family: 'mysql8.4',
      parameter: [
        { name: 'require_secure_transport', value: '1' },
        { name: 'slow_query_log', value: '1' },
        { name: 'long_query_time', value: '1' },
        { name: 'log_output', value: 'FILE' },
      ],
      lifecycle: { create_before_destroy: true },
    });
    expect(instance['parameter_group_name']).toMatch(/aws_db_parameter_group/);
  });

  test('error and slow-query logs go to groups that are created first and forget', () => {
    expect(instance['enabled_cloudwatch_logs_exports']).toEqual(['error', 'slowquery']);
    const groups = template.resourcesOf('aws_cloudwatch_log_group');
    expect(groups.map(({ attributes }) => attributes['name'])).toEqual([
      '/aws/rds/instance/orders/error',
      '/aws/rds/instance/orders/slowquery',
    ]);
    expect(instance['depends_on']).toEqual(groups.map(({ address }) => address));
  });

  test('is protected by default: backups for seven days, no deletion, a final snapshot', () => {
    expect(instance).toMatchObject({
      backup_retention_period: 7,
      deletion_protection: true,
      skip_final_snapshot: false,
      final_snapshot_identifier: 'orders-final',
      delete_automated_backups: false,
      copy_tags_to_snapshot: true,
      lifecycle: { prevent_destroy: true },
    });
  });

  test('can be made to go without a trace', () => {
    const gone = synthesize(
      (stack) => void database(stack, { deletionProtection: false, finalSnapshot: false }),
    );
    expect(gone.only('aws_db_instance')).toMatchObject({
      deletion_protection: false,
      skip_final_snapshot: true,
      delete_automated_backups: true,
    });
    expect(gone.only('aws_db_instance')).not.toHaveProperty('lifecycle');
  });

  test('nobody may connect', () => template.countIs('aws_vpc_security_group_ingress_rule', 0));

  test.each<[Partial<MySqlDatabaseProps>, RegExp]>([
    [{ name: 'Orders' }, /name is "Orders".*lower-case/],
    [{ name: 'or--ders' }, /name is "or--ders"/],
    [{ databaseName: '1st' }, /databaseName is "1st"/],
    [{ adminUsername: 'admin' }, /adminUsername is "admin".*RDS.25/],
    [{ adminUsername: 'a_name_that_is_too_long' }, /adminUsername is "a_name.*16 letters/],
    [{ instanceClass: 't4g.micro' }, /instanceClass is "t4g.micro"/],
    [{ storageGb: 10 }, /storageGb is 10.*20 to 65536/],
    [
      { storageGb: 100, maxStorageGb: 105 },
      /maxStorageGb is 105.*111 or more|maxStorageGb is 105.*110 or more/,
    ],
    [{ backupRetentionDays: 0 }, /backupRetentionDays is 0.*1 to 35/],
    [{ slowQuerySeconds: -1 }, /slowQuerySeconds is -1/],
    [{ performanceInsights: true }, /performanceInsights is true.*db.t4g.micro/],
    [{ performanceInsights: true, instanceClass: 'db.t3.small' }, /performanceInsights is true.*db.t3.small/],
    [{ logRetentionDays: 2 }, /logRetentionDays is 2/],
  ])('refuses %j', (props, message) => {
    expect(() => synthesize((stack) => void database(stack, props))).toThrow(message);
  });
});

describe('database.allowFrom', () => {
  const client = (stack: TerraformStack, id: string, inside?: Network) =>
    new LambdaFunction(stack, id, { name: id, entry: `${id}.ts`, network: inside });
  const template = synthesize((stack) => {
    const orders = database(stack);
    orders.allowFrom(client(stack, 'writer', orders.props.network), 'orders_writer');
  });

  test('opens 3306 from group to group, both ways described, and no address', () => {
    for (const type of ['aws_vpc_security_group_ingress_rule', 'aws_vpc_security_group_egress_rule']) {
      const rule = template.only(type);
      expect(rule).toMatchObject({ from_port: 3306, to_port: 3306, ip_protocol: 'tcp' });
      expect(rule['description']).toMatch(/^MySQL (to|from) /);
      expect(rule['referenced_security_group_id']).toMatch(/^\$\{aws_security_group/);
      expect(Object.keys(rule)).not.toContain('cidr_ipv4');
    }
  });

  test('the function is created when the way is open', () => {
    const rules = ['aws_vpc_security_group_egress_rule', 'aws_vpc_security_group_ingress_rule'].map(
      (type) => template.resourcesOf(type)[0]?.address,
    );
    expect(template.only('aws_lambda_function')['depends_on']).toEqual(expect.arrayContaining(rules));
  });

  test('lets the function connect as its own user of this database only', () => {
    const connect = template.statements('aws_iam_role_policy').find(({ Sid }) => Sid === 'ConnectToDatabase');
    expect(connect?.Action).toEqual(['rds-db:connect']);
    expect(connect?.Resource).toEqual([
      expect.stringMatching(/:rds-db:.*:dbuser:\$\{aws_db_instance\.[^}]*\.resource_id\}\/orders_writer$/),
    ]);
  });

  test('tells the function where and as whom, without a secret', () => {
    expect(template.only('aws_lambda_function')['environment']).toEqual({
      variables: {
        NODE_OPTIONS: '--enable-source-maps',
        DATABASE_HOST: expect.stringMatching(/aws_db_instance.*\.address/) as string,
        DATABASE_PORT: '3306',
        DATABASE_NAME: 'app',
        DATABASE_USER: 'orders_writer',
        DATABASE_AUTH: 'iam',
      },
    });
  });

  test('refuses a function outside the network', () => {
    const build = () =>
      synthesize((stack) => database(stack).allowFrom(client(stack, 'writer'), 'orders_writer'));
    expect(build).toThrow(/function is "writer".*database's network/);
  });

  test('refuses a user that another function has', () => {
    const build = () =>
      synthesize((stack) => {
        const orders = database(stack);
        for (const id of ['writer', 'reader'])
          orders.allowFrom(client(stack, id, orders.props.network), 'same');
      });
    expect(build).toThrow(/user of reader is "same".*writer has it/);
  });

  test('refuses a name that MySQL refuses', () => {
    const build = () =>
      synthesize((stack) => {
        const orders = database(stack);
        orders.allowFrom(client(stack, 'writer', orders.props.network), "o'neill");
      });
    expect(build).toThrow(/user of writer is "o'neill".*32 letters/);
  });

  test('the master secret is one function’s to read, with its key through Secrets Manager', () => {
    const read = synthesize((stack) => {
      const orders = database(stack, { encryptionKey: new EncryptionKey(stack, 'key', { name: 'key' }) });
      orders.grantReadMasterSecret(client(stack, 'coordinator'));
    });
    const statements = read.statements('aws_iam_role_policy').slice(2);
    expect(statements.map(({ Action }) => Action)).toEqual([
      ['secretsmanager:GetSecretValue'],
      ['kms:Decrypt'],
    ]);
    expect(statements[0]?.Resource).toEqual([expect.stringMatching(/master_user_secret\[0\]\.secret_arn/)]);
  });
});
