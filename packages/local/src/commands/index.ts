import type { Command } from './command';
import { cleanup } from './cleanup';
import { receive } from './receive';
import { reset } from './reset';
import { send } from './send';
import { setup } from './setup';
import { sql } from './sql';
import { up } from './up';

/** Every command, in the order of the help; a new one is a file and a line here. What it needs it loads when it runs. */
export const commands: readonly Command[] = [up, reset, sql, setup, send, receive, cleanup];
