import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startRuntime, stopRuntime } from '../../packages/local/test/wire/support';
import type { Runtime } from '../../packages/local/test/wire/support';

const run = promisify(execFile);
const root = join(__dirname, '..', '..');
const tsc = require.resolve('typescript/bin/tsc');

/** What each of the programs below does: a queue, a message there and back. */
const USE = `
  const queue = 'packed-' + process.argv[2];
  await messaging.queues.create({ name: queue });
  await messaging.queues.send(queue, { body: 'from ' + queue });
  const [message] = await messaging.queues.receive(queue, { waitSeconds: 5 });
  console.log(message?.body);
  await messaging.close();
`;

let runtime: Runtime;
let project: string;

beforeAll(async () => {
  runtime = await startRuntime();
  project = realpathSync(mkdtempSync(join(tmpdir(), 'aws-micro-packed-')));
  await run('npm', ['pack', '--pack-destination', project], { cwd: join(root, 'packages', 'messaging') });
  const [tarball] = readdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "name": "elsewhere", "private": true }');
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await run('npm', ['install', ...options, `./${tarball}`], { cwd: project });
});

afterAll(async () => {
  rmSync(project, { recursive: true, force: true });
  await stopRuntime(runtime);
});

/** Runs a program of the project; its options come from the environment, as on AWS. */
async function output(...args: string[]): Promise<string> {
  const env = {
    PATH: process.env['PATH'],
    HOME: project,
    AWS_ENDPOINT_URL: runtime.endpoint.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'developer',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  return (await run(process.execPath, args, { cwd: project, env })).stdout.trim();
}

describe('the packed messaging package, installed elsewhere', () => {
  test('is used by a CommonJS program', async () => {
    const source = `const { Messaging } = require('@aws-micro/messaging');
      (async () => { const messaging = new Messaging(); ${USE} })();`;
    writeFileSync(join(project, 'common.cjs'), source);
    expect(await output('common.cjs', 'common')).toBe('from packed-common');
  });

  test('is used by an ES module', async () => {
    const source = `import { Messaging, MessagingError } from '@aws-micro/messaging';
      const messaging = new Messaging(); ${USE}
      if (typeof MessagingError !== 'function') throw new Error('no class');`;
    writeFileSync(join(project, 'module.mjs'), source);
    expect(await output('module.mjs', 'module')).toBe('from packed-module');
  });

  test.each(['node16', 'bundler', 'node10'])(
    'is typed for a TypeScript project with %s resolution',
    async (resolution) => {
      const source = `import { Messaging } from '@aws-micro/messaging';
      import type { QueueInfo, ReceivedMessage } from '@aws-micro/messaging';
      import { createRestApp } from '@aws-micro/messaging/rest';
      import { startServer } from '@aws-micro/messaging/server';
      export async function use(): Promise<void> {
        await using messaging = new Messaging({ region: 'eu-west-1' });
        const info: QueueInfo = await messaging.queues.create({ name: 'typed' });
        const messages: ReceivedMessage[] = await messaging.queues.receive(info.name);
        // @ts-expect-error a queue has no such attribute
        void info.nothing;
        // @ts-expect-error a body is text
        await messaging.queues.send('typed', { body: 1 });
        void [messages, createRestApp({ messaging }), startServer];
      }`;
      writeFileSync(join(project, 'use.ts'), source);
      const module = { node16: 'node16', bundler: 'esnext', node10: 'commonjs' }[resolution]!;
      const strict = [
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        '--target',
        'es2022',
        '--lib',
        'es2022,esnext.disposable,dom',
      ];
      const args = [tsc, ...strict, '--module', module, '--moduleResolution', resolution, 'use.ts'];
      await expect(run(process.execPath, args, { cwd: project })).resolves.toBeDefined();
    },
  );

  test('brings its OpenAPI document, the types of it, the schema of its configuration, and a server', async () => {
    const at = join(project, 'node_modules', '@aws-micro', 'messaging');
    const document = JSON.parse(readFileSync(join(at, 'dist', 'openapi.json'), 'utf8')) as {
      openapi: string;
    };
    expect(document.openapi).toMatch(/^3\.1/);
    expect(readFileSync(join(at, 'dist', 'openapi.d.ts'), 'utf8')).toContain('"/v1/queues"');
    expect(JSON.parse(readFileSync(join(at, 'dist', 'config.schema.json'), 'utf8'))).toHaveProperty(
      '$schema',
    );
    expect(await output(join(at, 'bin', 'aws-micro-messaging.mjs'), '--help')).toContain('--allow-writes');
  });

  test('brings neither sources, tests nor a native addon', () => {
    const at = join(project, 'node_modules', '@aws-micro', 'messaging');
    expect(readdirSync(at).sort()).toEqual(
      [
        'Dockerfile',
        'README.md',
        'bin',
        'dist',
        'ecosystem.config.js',
        'messaging.config.example.json',
        'package.json',
      ].sort(),
    );
  });
});
