import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { DbInstance } from '@cdktf/provider-aws/lib/db-instance';
import type { DbInstanceConfig } from '@cdktf/provider-aws/lib/db-instance';
import { DbParameterGroup } from '@cdktf/provider-aws/lib/db-parameter-group';
import { DbSubnetGroup } from '@cdktf/provider-aws/lib/db-subnet-group';
import { Construct } from 'constructs';
import { Account } from './account';
import type { EncryptionKey } from './encryption-key';
import type { LambdaFunction } from './function';
import { createLogGroup } from './log-group';
import { validateClient, validateDatabase, validateUser } from './mysql-database-rules';
import type { Network } from './network';
import { SecurityGroup } from './security-group';

export interface MySqlDatabaseProps {
  readonly name: string;
  readonly network: Network;
  /** The schema that is made with the instance. @default 'app' */
  readonly databaseName?: string;
  /** Not `admin`, which everyone tries first. @default 'app_owner' */
  readonly adminUsername?: string;
  /** @default 'db.t4g.micro' */
  readonly instanceClass?: string;
  /** gp3 storage, 20-65536. @default 20 */
  readonly storageGb?: number;
  /** Up to where storage grows by itself; more than storageGb. @default 100 */
  readonly maxStorageGb?: number;
  /** A standby in another zone; doubles the price. @default false */
  readonly multiAz?: boolean;
  /** 1-35; free up to the size of the database. @default 7 */
  readonly backupRetentionDays?: number;
  /** RDS refuses to delete it, and Terraform any plan that would, until this was switched off and deployed. @default true */
  readonly deletionProtection?: boolean;
  /** Takes the snapshot `<name>-final` before deletion and keeps automated backups after it; an older one must go first. @default true */
  readonly finalSnapshot?: boolean;
  /** Seven days of query statistics, free; not on t4g.micro and t4g.small. @default false */
  readonly performanceInsights?: boolean;
  /** Queries over this time are logged, 0-31536000. @default 1 */
  readonly slowQuerySeconds?: number;
  /** @default 30 */
  readonly logRetentionDays?: number;
  /** Encrypts storage, master secret and logs. A database cannot change its key later. @default AWS's own keys */
  readonly encryptionKey?: EncryptionKey;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<DbInstanceConfig>;
}

const PORT = 3306;
const LOG_EXPORTS = ['error', 'slowquery'];

/**
 * RDS for MySQL 8.4 in a network's isolated subnets: encrypted, TLS required, IAM authentication, master password made
 * and rotated by RDS, backups, error and slow-query logs, open to no one until `allowFrom`.
 *
 * Emits aws_db_instance, aws_db_parameter_group, aws_db_subnet_group, aws_security_group and two
 * aws_cloudwatch_log_group. db.t4g.micro: 11.68 USD a month, storage 0.115 USD a GB, the secret 0.40 USD.
 *
 * @example
 * const orders = new MySqlDatabase(scope, 'database', { name: 'orders', network, multiAz: true });
 * orders.allowFrom(fn, 'orders_writer');
 */
export class MySqlDatabase extends Construct {
  readonly securityGroup: SecurityGroup;
  readonly subnetGroup: DbSubnetGroup;
  readonly parameterGroup: DbParameterGroup;
  readonly logGroups: readonly CloudwatchLogGroup[];
  readonly instance: DbInstance;
  /** MySQL users of functions, by function name. */
  readonly users = new Map<string, string>();

  constructor(
    scope: Construct,
    id: string,
    readonly props: MySqlDatabaseProps,
  ) {
    super(scope, id);
    validateDatabase(this, props);
    this.securityGroup = this.createSecurityGroup();
    this.subnetGroup = this.createSubnetGroup();
    this.parameterGroup = this.createParameterGroup();
    this.logGroups = this.createLogGroups();
    this.instance = this.createInstance();
  }

  get name(): string {
    return this.props.name;
  }

  get databaseName(): string {
    return this.props.databaseName ?? 'app';
  }

  /** The Secrets Manager secret with the master user: JSON `{ username, password }`, rotated every seven days. */
  get masterSecretArn(): string {
    return this.instance.masterUserSecret.get(0).secretArn;
  }

  /**
   * Lets a function connect as one MySQL user of its own, by IAM token, and tells it where by DATABASE_HOST,
   * DATABASE_PORT, DATABASE_NAME, DATABASE_USER and DATABASE_AUTH (`iam`).
   * @param user a MySQL user that a migration creates with the IAM plugin and the grants it needs
   */
  allowFrom(fn: LambdaFunction, user: string): void {
    validateUser(this, fn, user);
    this.users.set(fn.name, user);
    this.connectFrom(fn);
    fn.addEnvironment({ DATABASE_USER: user });
    // Not a call to an AWS API: the token is signed by the function itself and judged by the database.
    fn.grantIndirect({
      sid: 'ConnectToDatabase',
      actions: ['rds-db:connect'],
      resources: [Account.of(this).arn('rds-db', `dbuser:${this.instance.resourceId}/${user}`)],
    });
  }

  /**
   * Opens the network between a function and the database, for a function that gets its user some other way; sets all
   * variables but DATABASE_USER.
   */
  connectFrom(fn: LambdaFunction): void {
    validateClient(this, fn);
    fn.addEnvironment({
      DATABASE_HOST: this.instance.address,
      DATABASE_PORT: String(PORT),
      DATABASE_NAME: this.databaseName,
      DATABASE_AUTH: 'iam',
    });
    fn.connectTo(this.securityGroup, PORT, 'MySQL');
  }

  /** Lets the function's code read the master user's secret. Only what creates users needs that. */
  grantReadMasterSecret(fn: LambdaFunction): void {
    const actions = ['secretsmanager:GetSecretValue'];
    fn.grant({ sid: 'ReadMasterSecret', actions, resources: [this.masterSecretArn] });
    this.props.encryptionKey?.grantDecrypt(fn, 'secretsmanager');
  }

  private createSecurityGroup(): SecurityGroup {
    return new SecurityGroup(this, 'security-group', {
      name: `${this.name}-database`,
      vpcId: this.props.network.vpc.id,
      description: `Database ${this.name}`,
    });
  }

  private createSubnetGroup(): DbSubnetGroup {
    return new DbSubnetGroup(this, 'subnet-group', {
      name: this.name,
      description: `Isolated subnets for ${this.name}`,
      subnetIds: this.props.network.isolatedSubnets.map((subnet) => subnet.id),
    });
  }

  private createParameterGroup(): DbParameterGroup {
    return new DbParameterGroup(this, 'parameter-group', {
      // A group cannot change its family: the next one gets another name and is there before this one goes.
      name: `${this.name}-mysql84`,
      family: 'mysql8.4',
      description: `Parameters of ${this.name}`,
      parameter: [
        { name: 'require_secure_transport', value: '1' },
        { name: 'slow_query_log', value: '1' },
        { name: 'long_query_time', value: String(this.props.slowQuerySeconds ?? 1) },
        // RDS writes slow queries to a table by default, which is not exported.
        { name: 'log_output', value: 'FILE' },
      ],
      lifecycle: { createBeforeDestroy: true },
    });
  }

  /** RDS makes these groups itself otherwise, and they keep everything for ever. */
  private createLogGroups(): CloudwatchLogGroup[] {
    return LOG_EXPORTS.map((log) =>
      createLogGroup(this, `log-group-${log}`, {
        name: `/aws/rds/instance/${this.name}/${log}`,
        retentionDays: this.props.logRetentionDays ?? 30,
        encryptionKey: this.props.encryptionKey,
      }),
    );
  }

  private createInstance(): DbInstance {
    const { props } = this;
    return new DbInstance(this, 'instance', {
      identifier: this.name,
      engine: 'mysql',
      engineVersion: '8.4',
      autoMinorVersionUpgrade: true,
      instanceClass: props.instanceClass ?? 'db.t4g.micro',
      dbName: this.databaseName,
      port: PORT,
      multiAz: props.multiAz ?? false,
      backupWindow: '03:00-04:00',
      maintenanceWindow: 'sun:04:30-sun:05:30',
      parameterGroupName: this.parameterGroup.name,
      enabledCloudwatchLogsExports: LOG_EXPORTS,
      ...this.accessSettings(),
      ...this.storageSettings(),
      ...this.protectionSettings(),
      ...(props.performanceInsights && {
        performanceInsightsEnabled: true,
        performanceInsightsRetentionPeriod: 7,
        performanceInsightsKmsKeyId: props.encryptionKey?.arn,
      }),
      dependsOn: [...this.logGroups],
      ...props.overrides,
    });
  }

  private accessSettings() {
    return {
      username: this.props.adminUsername ?? 'app_owner',
      manageMasterUserPassword: true,
      masterUserSecretKmsKeyId: this.props.encryptionKey?.key.keyId,
      iamDatabaseAuthenticationEnabled: true,
      caCertIdentifier: 'rds-ca-rsa2048-g1',
      publiclyAccessible: false,
      dbSubnetGroupName: this.subnetGroup.name,
      vpcSecurityGroupIds: [this.securityGroup.id],
    };
  }

  private storageSettings() {
    return {
      storageType: 'gp3',
      allocatedStorage: this.props.storageGb ?? 20,
      maxAllocatedStorage: this.props.maxStorageGb ?? 100,
      storageEncrypted: true,
      kmsKeyId: this.props.encryptionKey?.arn,
    };
  }

  private protectionSettings() {
    const { backupRetentionDays = 7, deletionProtection = true, finalSnapshot = true } = this.props;
    return {
      backupRetentionPeriod: backupRetentionDays,
      copyTagsToSnapshot: true,
      deletionProtection,
      skipFinalSnapshot: !finalSnapshot,
      deleteAutomatedBackups: !finalSnapshot,
      ...(finalSnapshot && { finalSnapshotIdentifier: `${this.name}-final` }),
      // RDS's own protection comes last in a destroy: queues with their messages would be gone by then.
      ...(deletionProtection && { lifecycle: { preventDestroy: true } }),
    };
  }
}
