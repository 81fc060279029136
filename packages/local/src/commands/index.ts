import { cleanup } from './cleanup';
import type { Command } from './command';
import { curl } from './curl';
import { invoke } from './invoke';
import { logs } from './logs';
import { peek } from './peek';
import { purge } from './purge';
import { queues } from './queues';
import { receive } from './receive';
import { redrive } from './redrive';
import { reset } from './reset';
import { send } from './send';
import { serve } from './serve';
import { setup } from './setup';
import { sql } from './sql';
import { trace } from './trace';
import { up } from './up';

/** Every command, in the order of the help; a new one is a file and a line here. What it needs it loads when it runs. */
export const commands: readonly Command[] = [
  up,
  reset,
  sql,
  curl,
  invoke,
  logs,
  trace,
  queues,
  peek,
  redrive,
  purge,
  setup,
  send,
  receive,
  cleanup,
  serve,
];
