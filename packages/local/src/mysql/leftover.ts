import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { UserError } from '../errors';
import { readIfThere } from './files';
import type { ServerFiles } from './files';

const GRACE_MS = 10_000;

/**
 * Ends a server that a killed runtime left on this data directory. A process is ended only if its command line names the
 * directory, and only if the runtime that started it is gone.
 *
 * @param ownerPid the runtime that started the server last
 */
export async function endLeftover(files: ServerFiles, ownerPid: number | undefined): Promise<boolean> {
  const pid = Number(await readIfThere(files.pid));
  const found = pid > 1 ? await inspectProcess(pid) : undefined;
  if (!found || !found.command.includes(`--datadir=${files.data}`)) return false;
  if (ownerPid !== undefined && found.parentPid === ownerPid) {
    throw new UserError(
      `Process ${ownerPid} is running a database on ${files.folder}. Stop it first, or use another data folder.`,
    );
  }
  await endProcess(pid);
  return true;
}

/** Polls with the machine's own time: another process's end cannot be waited for otherwise. */
async function endProcess(pid: number): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGTERM', GRACE_MS],
    ['SIGKILL', GRACE_MS],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += 20) {
      if (!(await inspectProcess(pid))) return;
      await sleep(20);
    }
  }
  throw new UserError(
    `The database of an earlier run (process ${pid}) does not end. End it, then start again.`,
  );
}

interface ProcessFacts {
  readonly parentPid: number;
  readonly command: string;
}

/** Undefined where no such process runs; a zombie counts as ended, since it holds nothing any more. */
async function inspectProcess(pid: number): Promise<ProcessFacts | undefined> {
  try {
    return process.platform === 'linux' ? await inspectProc(pid) : await inspectPs(pid);
  } catch {
    return undefined;
  }
}

async function inspectProc(pid: number): Promise<ProcessFacts | undefined> {
  const [stat, command] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/cmdline`, 'utf8'),
  ]);
  // The name before the last parenthesis may hold anything; state and parent follow it.
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z') return undefined;
  return { parentPid: Number(parent), command: command.replaceAll('\0', ' ') };
}

async function inspectPs(pid: number): Promise<ProcessFacts | undefined> {
  const { stdout } = await promisify(execFile)('ps', [
    '-ww',
    '-o',
    'ppid=,state=,command=',
    '-p',
    String(pid),
  ]);
  const [, parent, state, command] = /^\s*(\d+)\s+(\S+)\s+(.*)$/s.exec(stdout) ?? [];
  if (command === undefined || state?.startsWith('Z')) return undefined;
  return { parentPid: Number(parent), command };
}
