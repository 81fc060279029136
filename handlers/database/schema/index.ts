import messages from './0001_messages.sql';

/** A change of the schema: applied once, in this order, and never edited afterwards. */
export interface Migration {
  readonly name: string;
  /** One statement, because MySQL commits each change of a schema by itself: two could be applied by half. */
  readonly sql: string;
}

export const migrations: readonly Migration[] = [{ name: '0001_messages', sql: messages }];
