import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHROMIUM_REMEDY, ensureChromium } from '../../bin/chromium';
import { startMySql } from '../../packages/local/src/mysql';

/**
 * One private database server for the whole run; each test file makes a database of its own on it. A place for the synth that
 * systems share. And a browser, for the tests
 * that need one: where it cannot be had they are skipped, in CI they fail.
 */
export default async function globalSetup(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'aws-micro-test-'));
  const reporter = {
    event: (scope: string, text: string) => process.stderr.write(`${scope}: ${text}\n`),
    warn: (scope: string, text: string) => process.stderr.write(`${scope}: ${text}\n`),
  };
  const server = await startMySql({ dataDir: join(dataDir, 'mysql'), env: process.env, reporter });
  const url = new URL(`mysql://${server.host}:${server.port}`);
  url.username = server.admin.user;
  url.password = server.admin.password;
  if (server.caFile !== undefined) url.searchParams.set('ca', server.caFile);
  process.env.TEST_MYSQL_URL = url.href;
  process.env.TEST_SYNTH_FOLDER = join(dataDir, 'synth');
  const chromium = await ensureChromium(process.env, reporter);
  if (chromium !== undefined) process.env.CHROMIUM_PATH = chromium;
  else {
    delete process.env.CHROMIUM_PATH;
    const fate = process.env.CI ? 'fail' : 'are skipped';
    reporter.warn('chromium', `tests in a browser ${fate}: ${CHROMIUM_REMEDY}`);
  }
  globalThis.testDatabase = { server, dataDir };
}

declare global {
  var testDatabase:
    { readonly server: Awaited<ReturnType<typeof startMySql>>; readonly dataDir: string } | undefined;
}
