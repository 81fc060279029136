#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

// A package that is installed is built; where its sources are, they may be newer.
const builder = new URL('build.mjs', import.meta.url);
if (existsSync(builder)) {
  const { build, isStale } = await import(builder);
  if (isStale()) await build();
}
const { runServer } = createRequire(import.meta.url)('../dist/server/index.js');
process.exitCode = await runServer(process.argv.slice(2), process.env);
