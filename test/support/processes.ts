import { execFileSync } from 'node:child_process';

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

/** Resident memory of a tree in MB: shared pages count once for each process, as `ps` counts them. */
export function residentMegabytes(tree: readonly ProcessInfo[]): number {
  return tree.reduce((sum, process) => sum + process.resident, 0) / 1e6;
}
