import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { AdminApi } from '../../src/admin';
import { systemClock } from '../../src/clock';
import { Broker } from '../../src/engine';
import { TraceRecorder } from '../../src/trace';
import { AwsEndpoint, SecretStore } from '../../src/wire';
import { Lines } from '../support/lines';
import { clientConfig, TestGuard, TestInvoker } from '../wire/support';

/** The command line. */
export const BIN = join(__dirname, '..', '..', 'bin', 'aws-micro.mjs');

export interface Emulator {
  readonly folder: string;
  readonly broker: Broker;
  readonly traces: TraceRecorder;
  readonly endpoint: AwsEndpoint;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
}

/** SNS, SQS and the runtime's own interface on a port, without a stack. */
export async function startEmulator(): Promise<Emulator> {
  const reporter = new Lines();
  const traces = new TraceRecorder();
  const folder = mkdtempSync(join(tmpdir(), 'aws-micro-commands-'));
  const broker = await Broker.open({ folder, reporter, tracer: traces });
  const stack = { name: 'shop', apis: [], functions: [], tables: [], sites: [], userPools: [] };
  const endpoint = await AwsEndpoint.start({
    broker,
    guard: new TestGuard(),
    invoker: new TestInvoker(),
    secrets: new SecretStore(),
    reporter,
    admin: new AdminApi({ broker, traces, clock: systemClock, stack }),
    port: 0,
  });
  const config = clientConfig(endpoint.url);
  return { folder, broker, traces, endpoint, sns: new SNSClient(config), sqs: new SQSClient(config) };
}

export async function stopEmulator({ folder, endpoint, sns, sqs, broker }: Emulator): Promise<void> {
  sns.destroy();
  sqs.destroy();
  await endpoint.stop();
  await broker.close();
  rmSync(folder, { recursive: true });
}

export interface CallOptions {
  /** @default the process has none */
  readonly input?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** A command line of its own process, with nothing of this process's environment that speaks of AWS. */
export class Call {
  readonly ended: Promise<Ended>;
  output = '';
  private readonly child: ChildProcess;
  private waiting: { readonly pattern: RegExp; readonly found: () => void }[] = [];

  constructor(args: readonly string[], { input, environment, cwd }: CallOptions = {}) {
    const { PATH, HOME } = process.env;
    this.child = spawn(process.execPath, [BIN, ...args], {
      cwd,
      env: { PATH, HOME, ...environment },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    let errors = '';
    this.child.stdout!.on('data', (data: Buffer) => {
      this.output += data.toString();
      this.waiting = this.waiting.filter(({ pattern, found }) => {
        const matches = pattern.test(this.output);
        if (matches) found();
        return !matches;
      });
    });
    this.child.stderr!.on('data', (data: Buffer) => (errors += data.toString()));
    this.child.stdin?.end(input);
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code) => resolve({ code, output: this.output, errors }));
    });
  }

  /** Resolves once the output matches; rejects where the process ends before. */
  async prints(pattern: RegExp): Promise<void> {
    if (pattern.test(this.output)) return;
    const found = new Promise<void>((resolve) => this.waiting.push({ pattern, found: resolve }));
    const gone = this.ended.then(({ code, errors }) => {
      if (!pattern.test(this.output)) throw new Error(`ended with ${code}: ${this.output}${errors}`);
    });
    await Promise.race([found, gone]);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }
}

export function call(args: readonly string[], options?: CallOptions): Promise<Ended> {
  return new Call(args, options).ended;
}

/** Calls on the emulator. */
export function onEmulator({ endpoint }: Emulator) {
  const environment = { AWS_ENDPOINT_URL: endpoint.url };
  return (args: readonly string[], input?: string): Promise<Ended> => call(args, { input, environment });
}

/** The JSON objects of an output that has one a line. */
export function jsonLines<T>(output: string): T[] {
  return output
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}
