import { readFileSync } from 'node:fs';
import { UserError } from '../../errors';
import { UsageError } from '../command';
import type { Terminal } from '../terminal';

/** The JSON of `--payload`: itself, of `@file`, or of standard input for `-`. @throws UsageError, UserError */
export async function payloadOf(given: string, terminal: Terminal): Promise<unknown> {
  const text = await textOf(given, terminal);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`--payload is no JSON: ${(error as Error).message}`);
  }
}

async function textOf(given: string, terminal: Terminal): Promise<string> {
  if (given === '-' || given === '@-') return (await terminal.input()).toString('utf8');
  if (!given.startsWith('@')) return given;
  try {
    return readFileSync(given.slice(1), 'utf8');
  } catch (error) {
    throw new UserError(`The payload cannot be read: ${(error as Error).message}`);
  }
}
