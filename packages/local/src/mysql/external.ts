import { readFile } from 'node:fs/promises';
import type { DatabaseServer } from '../contracts';
import { UserError } from '../errors';

const CONNECT_TIMEOUT_MS = 5_000;
const FORM = 'mysql://user:password@host:port[?ca=/path/to/ca.pem]';

/** The server that MYSQL_URL names, once a connection to it has been made. */
export async function connectExternal(mysqlUrl: string): Promise<DatabaseServer> {
  const { host, port, user, password, caFile } = parseMysqlUrl(mysqlUrl);
  const ca = caFile === undefined ? undefined : await readCa(caFile);
  const { createConnection } = await import('mysql2/promise');
  try {
    const connection = await createConnection({
      host,
      port,
      user,
      password,
      connectTimeout: CONNECT_TIMEOUT_MS,
      ...(ca === undefined ? {} : { ssl: { ca, verifyIdentity: true } }),
    });
    const [rows] = await connection.query('SELECT VERSION() AS version');
    await connection.end();
    const version = (rows as { version: string }[])[0]?.version ?? '';
    const description = `${version.includes('MariaDB') ? 'MariaDB' : 'MySQL'} ${version} at ${host}:${port} (MYSQL_URL)`;
    return { host, port, admin: { user, password }, caFile, description, stop: () => Promise.resolve() };
  } catch (error) {
    throw new UserError(
      `MYSQL_URL: cannot connect to ${host}:${port} as ${user}: ${reasonOf(error)}. ` +
        `Start that server or correct MYSQL_URL; without it a private server is started here.`,
    );
  }
}

/** Node reports a refusal on every address of a name as one error without a message. */
function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || 'no answer';
}

async function readCa(caFile: string): Promise<string> {
  try {
    return await readFile(caFile, 'utf8');
  } catch {
    throw new UserError(`MYSQL_URL: cannot read the certificate file ${caFile} that \`ca\` names`);
  }
}

interface MysqlUrl {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly caFile: string | undefined;
}

/** Throws a UserError that never repeats the password. */
export function parseMysqlUrl(text: string): MysqlUrl {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UserError(`MYSQL_URL is not a URL; it has the form ${FORM}`);
  }
  if (url.protocol !== 'mysql:') {
    throw new UserError(`MYSQL_URL begins with "${url.protocol}"; it has the form ${FORM}`);
  }
  if (url.hostname === '' || url.username === '') {
    throw new UserError(
      `MYSQL_URL names no ${url.hostname === '' ? 'host' : 'user'}; it has the form ${FORM}`,
    );
  }
  const unknown = [...url.searchParams.keys()].find((name) => name !== 'ca');
  if (unknown !== undefined) {
    throw new UserError(`MYSQL_URL has the parameter "${unknown}"; only \`ca\` is known: ${FORM}`);
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const caFile = url.searchParams.get('ca') ?? undefined;
  if (caFile === undefined && !isLoopback(host)) {
    throw new UserError(
      `MYSQL_URL names ${host} without \`ca\`: passwords would travel unencrypted. Add ?ca=/path/to/ca.pem; ` +
        `plain connections are only made to this machine.`,
    );
  }
  return {
    host,
    port: url.port === '' ? 3306 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    caFile,
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
