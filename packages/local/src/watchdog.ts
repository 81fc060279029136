import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/** How a guarded process is ended: `TERM` gives it ten seconds to finish, `KILL` none. */
export type EndSignal = 'TERM' | 'KILL';

/**
 * Reads orders from a pipe whose only writer is the runtime. The end of the pipe is the end of the runtime, however it
 * came about, SIGKILL included; what is still guarded then is ended. A shell, because it needs a megabyte and not a Node.
 */
const SCRIPT = `
trap '' INT TERM HUP
guarded=' '
while read -r order entry; do
  case "$order $guarded" in
    'guard '*) guarded="$guarded$entry " ;;
    'release '*" $entry "*) guarded="\${guarded%% $entry *} \${guarded#* $entry }" ;;
  esac
done
for entry in $guarded; do kill -s "\${entry%%:*}" "\${entry#*:}" 2>/dev/null; done
tries=100
while [ $tries -gt 0 ]; do
  alive=''
  for entry in $guarded; do kill -0 "\${entry#*:}" 2>/dev/null && alive=yes; done
  [ -z "$alive" ] && exit 0
  sleep 0.1
  tries=$((tries - 1))
done
for entry in $guarded; do kill -s KILL "\${entry#*:}" 2>/dev/null; done
`;

let shell: ChildProcess | undefined;
const guarded = new Set<string>();

/**
 * Sees to it that a child process does not outlive this one.
 *
 * @returns ends the guard; call it as soon as the process has exited, before its id can be another's.
 */
export function guard(pid: number, signal: EndSignal): () => void {
  const entry = `${signal}:${pid}`;
  guarded.add(entry);
  if (shell) send(shell, 'guard', entry);
  else startShell();
  return () => {
    if (!guarded.delete(entry) || !shell) return;
    send(shell, 'release', entry);
  };
}

function startShell(): void {
  // A session of its own: a Ctrl-C in the terminal is for the runtime alone.
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'aws-micro-watchdog'], {
    cwd: '/',
    detached: true,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell = child;
  child.once('error', () => (shell = undefined));
  child.once('exit', () => {
    if (shell !== child) return;
    shell = undefined;
    if (guarded.size > 0) startShell();
  });
  child.stdin?.on('error', () => undefined);
  child.unref();
  (child.stdin as { unref?: () => void } | null)?.unref?.();
  for (const entry of guarded) send(child, 'guard', entry);
}

function send(child: ChildProcess, order: 'guard' | 'release', entry: string): void {
  child.stdin?.write(`${order} ${entry}\n`);
}
