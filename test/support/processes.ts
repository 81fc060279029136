import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  /** Resident memory in bytes. */
  readonly resident: number;
  readonly command: string;
}

/** Every process of this machine, from `ps`. */
export function listProcesses(): ProcessInfo[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss=,args='], { encoding: 'utf8' })
    .trim()
    .split('\n');
  return lines.map((line) => {
    const [pid, parent, kilobytes, ...command] = line.trim().split(/\s+/);
    return {
      pid: Number(pid),
      parent: Number(parent),
      resident: Number(kilobytes) * 1024,
      command: command.join(' '),
    };
  });
}

/** The process `root` and all below it. */
export function processTree(root: number): ProcessInfo[] {
  const all = listProcesses();
  const tree = all.filter((process) => process.pid === root);
  for (const process of tree) tree.push(...all.filter((other) => other.parent === process.pid));
  return tree;
}

export interface Memory {
  /** MB as `ps` counts them: pages that processes share (the program `node`) count again for each. */
  readonly resident: number;
  /** MB with each shared page counted once, by shares. NaN where the system does not tell (it does on Linux). */
  readonly proportional: number;
}

export function memoryOf(tree: readonly ProcessInfo[]): Memory {
  const sum = (figure: (process: ProcessInfo) => number): number =>
    tree.reduce((total, process) => total + figure(process), 0) / 1e6;
  return {
    resident: sum((process) => process.resident),
    proportional: sum((process) => proportionalBytes(process.pid)),
  };
}

function proportionalBytes(pid: number): number {
  try {
    const [, kilobytes] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    // It has ended meanwhile.
    return process.platform === 'linux' ? 0 : NaN;
  }
}
