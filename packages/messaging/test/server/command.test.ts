import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serverHelp } from '../../src/server/config/help';
import { startCloud } from '../support';
import type { Cloud } from '../support';
import { ask, EventClient } from './support';

const BIN = join(__dirname, '..', '..', 'bin', 'aws-micro-messaging.mjs');
const LOCAL = join(__dirname, '..', '..', '..', 'local', 'bin', 'aws-micro.mjs');
const TOKEN = 'a-token-of-enough-letters';
const { PATH, HOME } = process.env;

const folder = mkdtempSync(join(tmpdir(), 'messaging-command-'));
let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(async () => {
  await cloud.close();
  rmSync(folder, { recursive: true });
});

/** The command as a process, with what it printed so far. */
class Command {
  output = '';
  notes = '';
  /** What it told its parent, as PM2 listens for. */
  readonly messages: unknown[] = [];
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;
  private told: (() => void) | undefined;

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const env = { PATH, HOME, AWS_ENDPOINT_URL: cloud.runtime.endpoint.url, ...environment };
    const stdio = ['ignore', 'pipe', 'pipe', 'ipc'] as const;
    this.child = spawn(process.execPath, [BIN, ...args], { cwd: folder, env, stdio: [...stdio] });
    this.child.stdout!.on('data', (data: Buffer) => this.took(() => (this.output += String(data))));
    this.child.stderr!.on('data', (data: Buffer) => this.took(() => (this.notes += String(data))));
    this.child.on('message', (message) => this.took(() => this.messages.push(message)));
    this.ended = new Promise((resolve) =>
      this.child.once('close', (code) => {
        this.told?.();
        resolve(code);
      }),
    );
  }

  async noted(pattern: RegExp): Promise<RegExpExecArray> {
    await this.until(() => pattern.test(this.notes));
    return pattern.exec(this.notes)!;
  }

  /** Until the condition holds, asked after everything it prints or tells. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      const { exitCode, signalCode } = this.child;
      if (exitCode !== null || signalCode !== null) {
        throw new Error(`ended with ${exitCode ?? signalCode}: ${this.notes}`);
      }
      await new Promise<void>((resolve) => (this.told = resolve));
    }
  }

  async url(): Promise<string> {
    return (await this.noted(/^(http:\S+) serves/m))[1]!;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  private took(note: () => void): void {
    note();
    this.told?.();
  }
}

const run = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  promisify(execFile)(process.execPath, args, { cwd: folder, env: { PATH, HOME, ...environment } }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      stdout: error.stdout,
      stderr: error.stderr,
    }),
  );

test('serves with a token of its own, and at SIGTERM is not ready first, finishes what runs, ends streams', async () => {
  const command = new Command(['--port', '0', '--watch', 'off', '--shutdown-delay-seconds', '1']);
  const url = await command.url();
  const token = (await command.noted(/^token of this run: (\S+)$/m))[1]!;
  expect(command.notes).toContain(`serves ${cloud.runtime.endpoint.url}\n`);
  expect(command.notes).not.toContain('NodeVersionSupportWarning');
  await command.until(() => command.messages.length > 0);
  expect(command.messages).toEqual(['ready']);
  expect((await ask(`${url}/v1/queues`, { method: 'POST', token, body: { name: 'drained' } })).status).toBe(
    201,
  );
  const stream = new EventClient(`${url}/v1/events`, token);
  await stream.connect();
  const agent = new Agent({ keepAlive: true });
  const ready = () =>
    new Promise<number | undefined>((resolve, reject) => {
      const asking = request(`${url}/health/ready`, { agent }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode));
      });
      asking.once('error', reject);
      asking.end();
    });
  expect(await ready()).toBe(200);
  // A long poll that is under way when the signal comes.
  const waiting = ask(`${url}/v1/queues/drained/messages/receive`, {
    method: 'POST',
    token,
    body: { waitSeconds: 3 },
  });
  // Answered later than the poll was begun, so that the poll runs.
  expect((await ask(`${url}/v1/queues/drained`, { token })).status).toBe(200);
  command.signal('SIGTERM');
  await command.noted(/^stopping$/m);
  expect(await ready()).toBe(503);
  expect((await ask(`${url}/v1/queues`, { token })).headers['connection']).toBe('close');
  expect(await waiting).toMatchObject({ status: 200, json: { messages: [] } });
  await stream.until(() => stream.ended);
  expect(stream.retry).toBe('5000');
  expect(await command.ended).toBe(0);
  agent.destroy();
  const lines = command.output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { path: string });
  expect(lines.map(({ path }) => path)).toContain('/v1/queues/drained/messages/receive');
  expect(command.output).not.toContain(token);
});

test('what does not finish in time is cut off; a second signal ends it at once', async () => {
  // The one by options, the other by the file of its folder.
  writeFileSync(
    join(folder, 'messaging.config.json'),
    JSON.stringify({ port: 1, environments: { test: { port: 0, accessLog: false, tokensFile: 'tokens' } } }),
  );
  writeFileSync(join(folder, 'tokens'), `ops:admin:${TOKEN}\n`);
  const options = ['--watch', 'off', '--shutdown-timeout-seconds', '1'];
  const tokens = { AWS_MICRO_TOKENS: `me:admin:${TOKEN}` };
  const byFile = new Command(options, { AWS_MICRO_ENV: 'test' });
  const byOptions = new Command([...options, '--port', '0'], tokens);
  const polls = await Promise.all(
    [byFile, byOptions].map(async (command) => {
      const queues = `${await command.url()}/v1/queues`;
      await ask(queues, { method: 'POST', token: TOKEN, body: { name: 'cut' } });
      const asked = ask(`${queues}/cut/messages/receive`, {
        method: 'POST',
        token: TOKEN,
        body: { waitSeconds: 20 },
      });
      // Answered later than the poll was begun, so that the poll runs.
      await ask(`${queues}/cut`, { token: TOKEN });
      return {
        outcome: asked.then(
          ({ status }) => status,
          () => 'cut',
        ),
      };
    }),
  );
  expect(byFile.notes).toContain('configured by messaging.config.json (test)\n');
  byFile.signal('SIGINT');
  byOptions.signal('SIGINT');
  await byOptions.noted(/^stopping$/m);
  byOptions.signal('SIGINT');
  expect(await byOptions.ended).toBe(130);
  expect(await byFile.ended).toBe(0);
  expect(await Promise.all(polls.map(({ outcome }) => outcome))).toEqual(['cut', 'cut']);
  // Its token is its own, and it writes no log.
  expect(byFile.notes).not.toContain('token of this run');
  expect(byFile.output).toBe('');
});

test('wrong usage and a configuration that is wrong end it with one line', async () => {
  const [usage, config] = await Promise.all([run([BIN, '--port', 'x']), run([BIN], { AWS_MICRO_PROT: '1' })]);
  expect(usage).toMatchObject({ code: 2, stdout: '' });
  expect(usage.stderr).toMatch(
    /^aws-micro-messaging: port is "x" \(from --port\): a whole number from 0 to 65535/,
  );
  expect(config).toEqual({
    code: 1,
    stdout: '',
    stderr: 'aws-micro-messaging: there is no variable AWS_MICRO_PROT: did you mean AWS_MICRO_PORT?\n',
  });
});

test('is a command of aws-micro as well', async () => {
  const [help, wrong] = await Promise.all([
    run([LOCAL, 'serve', '--help']),
    run([LOCAL, 'serve', '--prot', '1']),
  ]);
  expect(help).toEqual({ code: 0, stdout: `${serverHelp('aws-micro serve')}\n`, stderr: '' });
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr).toMatch(/^aws-micro serve: Unknown option '--prot': did you mean --port\?/);
});
