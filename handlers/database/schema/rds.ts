import type { UserDialect } from './users';

/** RDS: users log in by IAM, with tokens that are good for 15 minutes. There is no password that could leak. */
export const rds: UserDialect = {
  createUser: (name) => [
    {
      sql: "CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS'",
      values: [name],
    },
    { sql: "ALTER USER ?@'%' REQUIRE SSL", values: [name] },
  ],
};
