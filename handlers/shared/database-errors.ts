/**
 * What to do about a failure of the database:
 * - `poison`: a value that the table cannot take; no retry helps
 * - `too-large`: the statement exceeds the server's packet limit; the connection is unusable
 * - `busy`: deadlock or lock wait; the same connection may try again
 * - `lost`: the connection is dead, hangs, or leads to a server that became read-only; a new one may work
 * - `outage`: the server cannot be reached or has no connection free; try later
 * - `configuration`: wrong user, grant, schema or certificate; only a deployment helps
 * - `unknown`: anything else
 */
export type FailureKind = 'poison' | 'too-large' | 'busy' | 'lost' | 'outage' | 'configuration' | 'unknown';

/** By mysql2's `code`; MySQL's and MariaDB's names of one error differ here and there, so numbers stand below. */
const BY_CODE: Readonly<Record<string, FailureKind>> = {
  PROTOCOL_CONNECTION_LOST: 'lost',
  PROTOCOL_SEQUENCE_TIMEOUT: 'lost',
  ECONNRESET: 'lost',
  EPIPE: 'lost',
  ETIMEDOUT: 'lost',
  ECONNREFUSED: 'outage',
  ENOTFOUND: 'outage',
  EAI_AGAIN: 'outage',
  EHOSTUNREACH: 'outage',
  ENETUNREACH: 'outage',
};

const BY_NUMBER: Readonly<Record<number, FailureKind>> = {
  1406: 'poison', // ER_DATA_TOO_LONG
  1048: 'poison', // ER_BAD_NULL_ERROR
  3140: 'poison', // ER_INVALID_JSON_TEXT
  4025: 'poison', // MariaDB's ER_CONSTRAINT_FAILED: invalid JSON there
  1366: 'poison', // ER_TRUNCATED_WRONG_VALUE_FOR_FIELD
  1452: 'poison', // ER_NO_REFERENCED_ROW_2: foreign key
  1153: 'too-large', // ER_NET_PACKET_TOO_LARGE
  1205: 'busy', // ER_LOCK_WAIT_TIMEOUT
  1213: 'busy', // ER_LOCK_DEADLOCK
  1290: 'lost', // ER_OPTION_PREVENTS_STATEMENT: read-only after a failover, the name leads to the new primary
  1053: 'lost', // ER_SERVER_SHUTDOWN
  1927: 'lost', // MariaDB's ER_CONNECTION_KILLED
  1040: 'outage', // ER_CON_COUNT_ERROR
  1044: 'configuration', // ER_DBACCESS_DENIED_ERROR
  1045: 'configuration', // ER_ACCESS_DENIED_ERROR
  1054: 'configuration', // ER_BAD_FIELD_ERROR
  1142: 'configuration', // ER_TABLEACCESS_DENIED_ERROR
  1146: 'configuration', // ER_NO_SUCH_TABLE
};

interface DriverError {
  readonly message: string;
  readonly code?: string;
  readonly errno?: number;
  readonly sqlMessage?: string;
}

/**
 * A failure of the database that is safe to log and to throw out of a handler. The driver's own error is not: it carries
 * the statement with its values, and Lambda logs every property of what a handler throws.
 */
export class DatabaseError extends Error {
  readonly kind: FailureKind;
  /** mysql2's name of the error: `ER_DUP_ENTRY`, `ECONNREFUSED`. */
  readonly code: string;

  /** @param quotesValues whether the server's text may quote values of the statement; it is left out then */
  constructor(error: unknown, quotesValues: boolean) {
    const { code = 'UNKNOWN', errno, message, sqlMessage } = error as DriverError;
    const kind = BY_CODE[code] ?? BY_NUMBER[errno ?? 0] ?? 'unknown';
    const silent = quotesValues && (kind === 'poison' || kind === 'unknown');
    super(silent ? `database: ${code}` : `database: ${code}: ${sqlMessage ?? message}`);
    this.kind = kind;
    this.code = code;
    // The name reaches the caller of a function as `errorType`; by it the coordinator knows what is worth a retry.
    this.name = this.unavailable ? 'DatabaseUnavailable' : 'DatabaseError';
  }

  /** The database may be back later; nothing is wrong with the statement. */
  get unavailable(): boolean {
    return this.kind === 'outage' || this.kind === 'lost' || this.kind === 'busy';
  }
}
