import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { LambdaInvocation } from '@cdktf/provider-aws/lib/lambda-invocation';
import { Construct } from 'constructs';
import { LambdaFunction, stackName } from '../modules';
import type { BundlingOptions, EncryptionKey, MySqlDatabase, Network } from '../modules';

export interface MigrationsProps {
  readonly database: MySqlDatabase;
  readonly network: Network;
  readonly encryptionKey: EncryptionKey;
  readonly logRetentionDays: number;
  readonly bundling: BundlingOptions;
}

const HANDLERS = path.join(__dirname, '..', 'handlers', 'database');
const TIMEOUT_SECONDS = 300;

/**
 * Brings the database's schema and users up to date, at each deploy that changes them.
 *
 * Two functions, because no one function may both reach the database and read its secret without an endpoint that costs
 * money: the coordinator, outside the VPC, reads the master secret and invokes the migrator, inside it. The password is
 * in that one encrypted payload only. Terraform keeps the invocation's input and result in its state: a hash and counts.
 */
export class Migrations extends Construct {
  readonly migrator: LambdaFunction;
  readonly coordinator: LambdaFunction;
  readonly invocation: LambdaInvocation;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: MigrationsProps,
  ) {
    super(scope, id);
    const { database } = props;
    this.migrator = this.createFunction('migrator', TIMEOUT_SECONDS, props.network);
    database.connectFrom(this.migrator);
    // Longer than the migrator's, so that the coordinator lives to report what became of it.
    this.coordinator = this.createFunction('coordinator', TIMEOUT_SECONDS + 30);
    database.grantReadMasterSecret(this.coordinator);
    this.migrator.grantInvoke(this.coordinator);
    this.coordinator.addEnvironment({
      DATABASE_SECRET_ARN: database.masterSecretArn,
      MIGRATOR_FUNCTION_NAME: this.migrator.function.functionName,
    });
    this.invocation = new LambdaInvocation(this, 'invocation', {
      functionName: this.coordinator.function.functionName,
      input: JSON.stringify({ migrations: hashOfFolder(path.join(HANDLERS, 'schema')) }),
      // A database that was replaced is empty, whatever the state says was applied.
      triggers: { database: database.instance.resourceId },
      dependsOn: [this.coordinator.function, this.migrator.function],
    });
  }

  /** The function's code is deployed only when the schema it expects is there. */
  before(fn: LambdaFunction): void {
    fn.dependOn(this.invocation);
  }

  private createFunction(kind: string, timeoutSeconds: number, network?: Network): LambdaFunction {
    return new LambdaFunction(this, kind, {
      name: stackName(this, `database-${kind}`),
      entry: path.join(HANDLERS, `${kind}.ts`),
      bundling: this.props.bundling,
      description: `Database migrations: ${kind}`,
      timeoutSeconds,
      network,
      encryptionKey: this.props.encryptionKey,
      logRetentionDays: this.props.logRetentionDays,
    });
  }
}

/** SHA-256 over names and contents of a folder's files. */
function hashOfFolder(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!/\.(sql|ts)$/.test(name)) continue;
    const contents = readFileSync(path.join(folder, name));
    hash.update(`${name}\0${contents.length}\0`).update(contents);
  }
  return hash.digest('hex');
}
