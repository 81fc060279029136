import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection, ResultSetHeader } from 'mysql2/promise';
import { createConnection } from 'mysql2/promise';
import { UserError } from './errors';
import { findProject } from './synth';
import type { Owner } from './up/data-folder';

export interface SqlOptions {
  /** The project, or a folder in it. */
  readonly folder: string;
  readonly dataFolder?: string;
  readonly statement: string;
}

/**
 * Runs one statement on the database of the running stack, as its administrator.
 *
 * @returns the rows, or how many were changed
 * @throws UserError where nothing runs, or the server refuses the statement
 */
export async function runSql({ folder, dataFolder, statement }: SqlOptions): Promise<object[] | number> {
  const connection = await connect(findProject(folder, dataFolder).dataFolder);
  try {
    const [result] = await connection.query(statement);
    return Array.isArray(result) ? result : (result as ResultSetHeader).affectedRows;
  } catch (error) {
    throw new UserError(`The database says: ${(error as Error).message}`);
  } finally {
    connection.destroy();
  }
}

async function connect(dataFolder: string): Promise<Connection> {
  const file = join(dataFolder, 'owner.json');
  const owner = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Owner) : undefined;
  if (owner?.database === undefined) {
    throw new UserError(`No stack with a database runs on ${dataFolder}: start it first (aws-micro up)`);
  }
  const { caFile, name, ...login } = owner.database;
  const ssl = caFile === undefined ? undefined : { ca: readFileSync(caFile) };
  return createConnection({ ...login, database: name, ssl, dateStrings: true }).catch((error: Error) => {
    throw new UserError(`The database of ${dataFolder} cannot be reached: ${error.message}`);
  });
}
