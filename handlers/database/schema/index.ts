import messages from './0001_messages.sql';
import messagesTraceParent from './0002_messages_trace_parent.sql';
import passwordChanges from './0003_password_changes.sql';

/** A change of the schema: applied once, in this order, and never edited afterwards. */
export interface Migration {
  readonly name: string;
  /** One statement, because MySQL commits each change of a schema by itself: two could be applied by half. */
  readonly sql: string;
}

export const migrations: readonly Migration[] = [
  { name: '0001_messages', sql: messages },
  { name: '0002_messages_trace_parent', sql: messagesTraceParent },
  { name: '0003_password_changes', sql: passwordChanges },
];
