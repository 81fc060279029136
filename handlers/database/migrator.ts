import type { Context } from 'aws-lambda';
import { openSession, serverSettings } from '../shared/connection';
import { type Environment, required } from '../shared/environment';
import { createLog } from '../shared/log';
import { migrate, type MigrationResult } from './migrate';
import { migrations } from './schema';
import { passwordDialect } from './schema/password';
import { rds } from './schema/rds';
import { type UserDialect, users } from './schema/users';

/** The database's administrator, from the coordinator. */
export interface MigratorEvent {
  readonly username: string;
  readonly password: string;
}

/** A migration may rebuild a large table. */
const QUERY_TIMEOUT_MS = 280_000;

/** Applies the migrations and creates the users, inside the VPC where the database is. */
export async function handler(event: MigratorEvent, context: Context): Promise<MigrationResult> {
  const { database = '', ...server } = serverSettings(process.env);
  const session = await openSession({
    ...server,
    user: event.username,
    login: { kind: 'password', password: event.password },
    queryTimeoutMs: QUERY_TIMEOUT_MS,
  });
  try {
    const log = createLog(context.awsRequestId);
    return await migrate({ session, database, migrations, users, dialect: dialect(process.env), log });
  } finally {
    session.destroy();
  }
}

function dialect(env: Environment): UserDialect {
  if (required(env, 'DATABASE_AUTH') === 'iam') return rds;
  return passwordDialect(required(env, 'DATABASE_USER_PASSWORD'), env.DATABASE_TLS !== 'off');
}
