import { Functions } from '../../src/lambda/functions';
import { config, settings } from './support';

/** A runtime for tests to kill: one function is idle, the other in a busy loop; prints their process ids. */
async function main(folder: string, zipFile: string): Promise<void> {
  const configs = [config('idle', zipFile), config('busy', zipFile, { timeoutSeconds: 900 })];
  const options = settings(folder);
  const functions = await Functions.load({ ...options, configs });
  await functions.prewarm('idle');
  void functions.invoke('busy', '{}');
  await options.reporter.see(/^busy \w+ spinning$/);
  process.stdout.write(`${JSON.stringify([...functions.pids('idle'), ...functions.pids('busy')])}\n`);
}

const [, , folder = '', zipFile = ''] = process.argv;
void main(folder, zipFile);
