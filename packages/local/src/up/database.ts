import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DatabaseServer, Reporter } from '../contracts';
import { startMySql } from '../mysql';
import { masterSecretArn } from '../synth';
import type { Resolver } from '../synth';
import type { DeclaredSecret } from '../wire';
import type { DataFolder } from './data-folder';

/** The stack's MySQL databases, all on one server. */
export interface HostedDatabase {
  readonly server: DatabaseServer;
  /** Changes when the server's data is another. */
  readonly identity: string;
  /** Names of the databases on it. */
  readonly names: readonly string[];
}

export function hasDatabase(resolver: Resolver): boolean {
  return resolver.resources('aws_db_instance').length > 0;
}

/** Starts the server. Needs nothing of the stack's values, so that the rest can be resolved meanwhile. */
export function startDatabase(
  data: DataFolder,
  environment: NodeJS.ProcessEnv,
  reporter: Reporter,
): Promise<DatabaseServer> {
  return startMySql({ dataDir: data.at('mysql'), env: environment, reporter });
}

/** Makes the databases that the stack's instances are created with. */
export async function createDatabases(
  server: DatabaseServer,
  resolver: Resolver,
  data: DataFolder,
  environment: NodeJS.ProcessEnv,
): Promise<HostedDatabase> {
  const external = environment['MYSQL_URL'];
  const identity = createHash('sha256')
    .update(external ?? server.admin.password)
    .digest('hex')
    .slice(0, 16);
  const names = resolver
    .resources('aws_db_instance')
    .flatMap((instance) => instance.optionalText('db_name') ?? []);
  // A private server keeps what was made on it; what happens on another's server is not known.
  const missing = names.filter(
    (name) => external !== undefined || !data.state.databases.includes(`${identity}/${name}`),
  );
  if (missing.length > 0) {
    await create(server, missing);
    data.remember({ databases: names.map((name) => `${identity}/${name}`) });
  }
  return { server, identity, names };
}

async function create(server: DatabaseServer, names: readonly string[]): Promise<void> {
  const { createConnection } = await import('mysql2/promise');
  const { host, port, admin, caFile } = server;
  const connection = await createConnection({
    host,
    port,
    ...admin,
    ...(caFile === undefined ? {} : { ssl: { ca: readFileSync(caFile, 'utf8') } }),
  });
  try {
    for (const name of names) {
      const quoted = `\`${name.replaceAll('`', '``')}\``;
      await connection.query(`CREATE DATABASE IF NOT EXISTS ${quoted} CHARACTER SET utf8mb4`);
    }
  } finally {
    await connection.end();
  }
}

/** The stack's secrets with the values that it gives them: its own, and those in which RDS keeps master users. */
export function secretsOf(resolver: Resolver, server: DatabaseServer | undefined): DeclaredSecret[] {
  const own = resolver.resources('aws_secretsmanager_secret').map((secret) => {
    const arn = secret.id('arn');
    const version = resolver
      .resources('aws_secretsmanager_secret_version')
      .find((each) => each.text('secret_id') === arn);
    const description = secret.optionalText('description');
    return { arn, name: secret.id('name'), description, value: version?.optionalText('secret_string') };
  });
  if (server === undefined) {
    return own;
  }
  const { user, password } = server.admin;
  const masters = resolver
    .resources('aws_db_instance')
    .filter((instance) => instance.flag('manage_master_user_password', false))
    .map((instance) => {
      const arn = masterSecretArn(instance, resolver);
      const name = arn.slice(arn.lastIndexOf(':') + 1).replace(/-\w{6}$/, '');
      return { arn, name, value: JSON.stringify({ username: user, password }) };
    });
  return [...own, ...masters];
}
