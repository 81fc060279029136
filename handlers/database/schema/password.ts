import type { UserDialect } from './users';

/**
 * Any other MySQL or MariaDB: users log in with the password that the local runtime made up.
 *
 * @param tls whether the server refuses them without TLS
 */
export function passwordDialect(password: string, tls: boolean): UserDialect {
  return {
    createUser: (name) => [
      { sql: "CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ?", values: [name, password] },
      // Not only for a new password: a user of an earlier run may have another one.
      {
        sql: `ALTER USER ?@'%' IDENTIFIED BY ? REQUIRE ${tls ? 'SSL' : 'NONE'}`,
        values: [name, password],
      },
    ],
  };
}
