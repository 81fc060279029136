// `npm start` and `npm run reset`: set up what is missing, then hand over to the local runtime in this same process.
import { ensureInstalled } from './setup.mjs';

await ensureInstalled();
await import('../packages/local/bin/aws-micro.mjs');
