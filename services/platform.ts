import path from 'node:path';
import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { bundlingFor, handlerFiles } from '../handlers/bundling';
import {
  Alarms,
  EncryptionKey,
  HttpApi,
  LambdaFunction,
  MySqlDatabase,
  Network,
  prepareFunctions,
  stackName,
} from '../modules';
import type { BundlingOptions, DeadLetterQueue, LambdaFunctionProps, Queue, Table } from '../modules';
import type { Stage } from '../stages';
import { Migrations } from './migrations';

export interface PlatformProps {
  readonly stage: Stage;
}

const HANDLERS = path.join(__dirname, '..', 'handlers');

/** What services share: key, network, database with its migrations, HTTP API and alarms. */
export class Platform extends Construct {
  readonly stage: Stage;
  /** How handlers are bundled for the stage's region. */
  readonly bundling: BundlingOptions;
  readonly key: EncryptionKey;
  readonly network: Network;
  readonly database: MySqlDatabase;
  readonly migrations: Migrations;
  readonly api: HttpApi;
  readonly alarms: Alarms;

  constructor(scope: Construct, id: string, { stage }: PlatformProps) {
    super(scope, id);
    this.stage = stage;
    this.bundling = bundlingFor(stage.region);
    prepareFunctions(this, handlerFiles(), this.bundling);
    const name = stackName(this, 'platform');
    const { logRetentionDays } = stage;
    this.key = new EncryptionKey(this, 'key', { name, description: 'Messages, data and logs' });
    const shared = { name, encryptionKey: this.key, logRetentionDays };
    this.network = new Network(this, 'network', {
      ...shared,
      ...stage.network,
      availabilityZones: stage.availabilityZones,
    });
    this.database = new MySqlDatabase(this, 'database', {
      ...shared,
      ...stage.database,
      network: this.network,
    });
    this.migrations = new Migrations(this, 'migrations', {
      ...shared,
      bundling: this.bundling,
      database: this.database,
      network: this.network,
    });
    this.api = new HttpApi(this, 'api', { ...shared, throttle: stage.throttle });
    this.alarms = this.createAlarms(TerraformStack.of(this).node.id);
  }

  /** The function `<service>-<kind>`, whose handler is handlers/<service>/<kind>.ts, with what is the same for all. */
  addFunction(
    scope: Construct,
    service: string,
    kind: string,
    props: Partial<LambdaFunctionProps>,
  ): LambdaFunction {
    return new LambdaFunction(scope, kind, {
      name: stackName(this, `${service}-${kind}`),
      entry: path.join(HANDLERS, service, `${kind}.ts`),
      bundling: this.bundling,
      encryptionKey: this.key,
      logRetentionDays: this.stage.logRetentionDays,
      ...props,
    });
  }

  /** Of every table: encrypted by the stack's key, and protected as the stage says. */
  get tableSettings() {
    return { encryptionKey: this.key, deletionProtection: this.stage.tables.deletionProtection };
  }

  /**
   * Connects a function to the database as a MySQL user of its own, and deploys its code after the migrations.
   * @param user one of handlers/database/schema/users.ts
   */
  connectToDatabase(fn: LambdaFunction, user: string): void {
    this.database.allowFrom(fn, user);
    this.migrations.before(fn);
  }

  /** Alarms for a service, as many as the stage pays for; dead letters always. */
  watch(service: {
    readonly functions: readonly LambdaFunction[];
    readonly queues: readonly Queue[];
    readonly deadLetters: readonly DeadLetterQueue[];
    /** @default none */
    readonly tables?: readonly Table[];
  }): void {
    service.deadLetters.forEach((queue) => this.alarms.watchDeadLetters(queue));
    if (this.stage.alarms.watch === 'dead-letters') return;
    service.queues.forEach((queue) => this.alarms.watchQueue(queue));
    service.functions.forEach((fn) => this.alarms.watchFunction(fn));
    service.tables?.forEach((table) => this.alarms.watchTable(table));
  }

  private createAlarms(name: string): Alarms {
    const { watch, maxConnections, emailAddresses } = this.stage.alarms;
    const dashboard = watch === 'everything';
    const alarms = new Alarms(this, 'alarms', {
      name,
      encryptionKey: this.key,
      emailAddresses,
      dashboard,
    });
    if (watch === 'everything') alarms.watchDatabase(this.database, maxConnections);
    return alarms;
  }
}
