// `npm test`: set up what is missing, then run jest with whatever arguments were given.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled, projectDir } from './setup.mjs';

await ensureInstalled();
const jest = join(projectDir, 'node_modules', 'jest', 'bin', 'jest.js');
const child = spawn(process.execPath, [jest, ...process.argv.slice(2)], {
  cwd: projectDir,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('close', (code) => process.exit(code ?? 1));
