import { randomBytes } from 'node:crypto';
import type { DatabaseServer, Reporter } from '../contracts';
import { missingActions } from '../iam';
import type { Resolver, Resource } from '../synth';
import { BlackHole } from './black-hole';
import type { StackFunction } from './functions';

export interface EnvironmentOptions {
  readonly resolver: Resolver;
  readonly server: DatabaseServer | undefined;
  /** Of the MySQL users that migrations create. */
  readonly userPassword: string;
  readonly reporter: Reporter;
  /** Gets every black hole that is opened. */
  readonly onOpen: (hole: BlackHole) => void;
}

/**
 * A function's variables, resolved. The databases that they refer to are reached where this machine hosts them: at a black
 * hole where the network would not let the function through, and by password where it would authenticate by IAM, for
 * private servers know no IAM.
 */
export async function functionEnvironment(
  fn: StackFunction,
  options: EnvironmentOptions,
): Promise<Record<string, string>> {
  const { resolver, server } = options;
  const databases = fn.resource
    .references('environment', 'aws_db_instance')
    .map((address) => resolver.resources('aws_db_instance').find((each) => each.address === address))
    .filter((database) => database !== undefined);
  const [database] = databases;
  if (server === undefined || database === undefined) {
    return variables(fn.resource);
  }
  const hole = await blackHole(fn, databases, options);
  const place = hole === undefined ? server : { host: '127.0.0.1', port: hole.port };
  const elsewhere = resolver.with({ database: () => place });
  const own = elsewhere
    .resources('aws_lambda_function')
    .find(({ address }) => address === fn.resource.address)!;
  return withCredentials(fn, database, withPort(variables(own), place), options);
}

function variables(resource: Resource): Record<string, string> {
  return resource.block('environment')?.textMap('variables') ?? {};
}

async function blackHole(
  fn: StackFunction,
  databases: readonly Resource[],
  { reporter, onOpen }: EnvironmentOptions,
): Promise<BlackHole | undefined> {
  for (const database of databases) {
    const path = fn.reach.toDatabase(database);
    if (path.kind === 'blocked') {
      const hole = await BlackHole.open(() =>
        reporter.warn(fn.name, `cannot reach the database, as on AWS: ${path.reason}`),
      );
      onOpen(hole);
      return hole;
    }
  }
  return undefined;
}

/** Stacks often write the port as a number. Beside a `*_HOST` that is the database's, `*_PORT` is its port here. */
function withPort(
  variables: Readonly<Record<string, string>>,
  { host, port }: { readonly host: string; readonly port: number },
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => {
      const isPort = name.endsWith('_PORT') && variables[name.replace(/_PORT$/, '_HOST')] === host;
      return [name, isPort ? String(port) : value];
    }),
  );
}

function withCredentials(
  fn: StackFunction,
  database: Resource,
  variables: Readonly<Record<string, string>>,
  options: EnvironmentOptions,
): Record<string, string> {
  if (variables['DATABASE_AUTH'] !== 'iam') {
    return variables;
  }
  const { caFile } = options.server!;
  return {
    ...variables,
    DATABASE_AUTH: 'password',
    ...(caFile === undefined ? { DATABASE_TLS: 'off' } : { DATABASE_CA_FILE: caFile }),
    ...passwords(fn, database, variables['DATABASE_USER'], options),
  };
}

/** The password of its own user, or, without one, the password for the users that it creates. */
function passwords(
  fn: StackFunction,
  database: Resource,
  user: string | undefined,
  { resolver, userPassword, reporter }: EnvironmentOptions,
): Record<string, string> {
  if (user === undefined) {
    return { DATABASE_USER_PASSWORD: userPassword };
  }
  const { region } = database;
  const account = `arn:aws:rds-db:${region}:${resolver.accountId}:dbuser:${database.id('resource_id')}/${user}`;
  if (missingActions(fn.role, account, ['rds-db:connect']).length === 0) {
    return { DATABASE_PASSWORD: userPassword };
  }
  reporter.warn(fn.name, `its role does not allow rds-db:connect as ${user}: the database will refuse it`);
  return { DATABASE_PASSWORD: randomBytes(18).toString('base64url') };
}
