// `npm start` and `npm run reset`: set up what is missing, then hand over to the local runtime in this same process.
import { ensureInstalled } from './setup.mjs';

endWithNpm();
await ensureInstalled();
await import('../packages/local/bin/aws-micro.mjs');

/** A signal that is sent to npm ends npm and its shell and never gets here: their end is taken as the signal. */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  watch.unref();
}
