/** A MySQL user: what one kind of function may do. */
export interface DatabaseUser {
  readonly name: string;
  /** `<privileges> ON <table>`. Grants are only ever added here; a migration takes one away. */
  readonly grants: readonly { readonly privileges: string; readonly table: string }[];
}

export const users: readonly DatabaseUser[] = [
  {
    name: 'messages_writer',
    // ON DUPLICATE KEY UPDATE id = id changes nothing, but MariaDB asks for UPDATE on every inserted column, and MySQL for
    // SELECT on the one that is read.
    grants: [{ privileges: 'SELECT, INSERT, UPDATE', table: 'messages' }],
  },
  { name: 'messages_reader', grants: [{ privileges: 'SELECT', table: 'messages' }] },
  {
    name: 'passwords_writer',
    grants: [{ privileges: 'SELECT, INSERT, UPDATE', table: 'password_changes' }],
  },
  { name: 'passwords_reader', grants: [{ privileges: 'SELECT', table: 'password_changes' }] },
];

/** A statement with its values; values are escaped by the driver and never in an error's text. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** How a kind of server identifies users. */
export interface UserDialect {
  /** Statements that create the user, or bring one that exists up to date. */
  createUser(name: string): readonly Statement[];
}
