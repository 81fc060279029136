import { spawn } from 'node:child_process';

/**
 * Runs a script that writes, in a process of its own, and kills it after so many lines that it has printed: one for each fact that
 * was acknowledged to it, `<kind> <key>`.
 *
 * @throws Error where it ends by itself
 */
export function runUntilKilled<Kind extends string>(
  script: string,
  args: readonly string[],
  facts: Readonly<Record<Kind, Set<string>>>,
  limit: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let count = 0;
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const [kind, key] = line.split(' ') as [Kind, string];
        facts[kind].add(key);
      }
      count += lines.length;
      if (count >= limit) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve();
      else reject(new Error(`it ended by itself with ${code ?? signal}`));
    });
  });
}
