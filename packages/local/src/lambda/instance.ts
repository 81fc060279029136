import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../clock';
import type { FunctionConfig } from '../contracts';
import { guard } from '../watchdog';
import { functionEnvironment } from './environment';
import { describeExit, errorPayload } from './errors';
import { readFrames, writeFrame } from './frames';
import type { AnswerHeader } from './frames';
import { InvocationLog } from './log';

/** Lambda's limit for a synchronous answer. */
const MAX_RESPONSE_BYTES = 6_291_556;
/** Lambda gives initialization ten seconds. */
const INIT_SECONDS = 10;
/** What a free process has to do before it ends takes no time, unless its code is in a loop. */
const RETIRE_MS = 2_000;

/** The bootstrap lies beside this file, and beside the bundle that this file becomes part of. */
const BOOTSTRAP = join(__dirname, 'bootstrap.js');

/**
 * A third less memory at the same speed, measured with the AWS SDK publishing: garbage is collected earlier, and one thread
 * compiles and collects in the background in place of four.
 */
const SMALL = ['--max-semi-space-size=2', '--v8-pool-size=1'];

export interface InstanceOptions {
  readonly config: FunctionConfig;
  /** Folder of the unzipped code. */
  readonly code: string;
  readonly region: string;
  readonly endpointUrl: string;
  readonly clock: Clock;
  /** A line of the function's log; no request id outside of an invocation. */
  readonly onLog: (line: string, requestId: string | undefined) => void;
  /** The process has ended and takes nothing any more. */
  readonly onExit: () => void;
}

export interface Invocation {
  readonly requestId: string;
  readonly traceId: string;
  readonly payload: string;
}

export interface Outcome {
  readonly failed: boolean;
  readonly payload: string;
  readonly logTail: string;
  readonly durationMs: number;
}

interface Running {
  readonly invocation: Invocation;
  readonly startedAt: number;
  readonly timeout: Timer;
  readonly settle: (outcome: Outcome) => void;
}

/** Lambda's error object for an initialization that failed, as JSON. */
export class InitError extends Error {
  constructor(readonly payload: (requestId: string) => string) {
    super(payload('-'));
  }
}

/** A process with the function's code loaded; runs one invocation at a time. */
export class Instance {
  /** Resolves when the handler is loaded. Rejects with an InitError. */
  readonly ready: Promise<void>;
  /** Resolves when the process is gone. */
  readonly closed: Promise<void>;
  private readonly child: ChildProcess;
  private readonly pipe: Duplex;
  private readonly log: InvocationLog;
  private running: Running | undefined;
  private initialized:
    { resolve: () => void; reject: (error: InitError) => void; timeout: Timer } | undefined;
  private alive = true;

  constructor(private readonly options: InstanceOptions) {
    const { onLog } = options;
    this.log = new InvocationLog((line) => onLog(line, this.running?.invocation.requestId));
    this.child = startProcess(options);
    const release = this.child.pid === undefined ? () => undefined : guard(this.child.pid, 'KILL');
    this.child.stdout?.on('data', (chunk: Buffer) => this.log.add('stdout', chunk));
    this.child.stderr?.on('data', (chunk: Buffer) => this.log.add('stderr', chunk));
    this.pipe = this.child.stdio[3] as Duplex;
    // A process that ends while it is written to is reported by its exit.
    this.pipe.on('error', () => undefined);
    readFrames(this.pipe, (header, body) => this.onAnswer(header, body));
    this.child.once('exit', release);
    // 'close' comes after the last output.
    this.closed = new Promise((resolve) => {
      const onEnd = (reason: string) => {
        this.onClose(reason);
        resolve();
      };
      this.child.once('close', (code, signal) => onEnd(describeExit(code, signal)));
      this.child.once('error', (error) => onEnd(error.message));
    });
    this.ready = new Promise((resolve, reject) => {
      const seconds = Math.max(INIT_SECONDS, options.config.timeoutSeconds);
      const timeout = options.clock.schedule(seconds * 1000, () => this.onTimeout(seconds));
      this.initialized = { resolve, reject, timeout };
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** The instance must be ready and free. */
  run(invocation: Invocation): Promise<Outcome> {
    const { clock, config } = this.options;
    const { requestId, traceId, payload } = invocation;
    const limitMs = config.timeoutSeconds * 1000;
    this.log.begin(requestId);
    return new Promise((settle) => {
      const timeout = clock.schedule(limitMs, () => this.onTimeout(config.timeoutSeconds));
      this.running = { invocation, startedAt: clock.now(), timeout, settle };
      const header = { requestId, traceId, functionArn: config.arn, remainingMs: limitMs };
      writeFrame(this.pipe, { type: 'invoke', ...header }, payload);
    });
  }

  /** Lets the process end by itself; it is free. */
  retire(): void {
    this.pipe.end();
    this.options.clock.schedule(RETIRE_MS, () => this.kill());
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private onAnswer(header: AnswerHeader, body: Buffer): void {
    if (header.type === 'ready') {
      this.settleInit(undefined);
      return;
    }
    if (header.type === 'fatal') this.leave();
    const payload = body.toString();
    if (this.initialized) {
      this.log.whenComplete(header.written, () => this.settleInit(new InitError(() => payload)));
      return;
    }
    if (!this.running || header.requestId !== this.running.invocation.requestId) return;
    this.log.whenComplete(header.written, () => {
      if (body.length > MAX_RESPONSE_BYTES) this.settle(true, tooLarge(), header.durationMs);
      else this.settle(header.type !== 'result', payload, header.durationMs);
    });
  }

  private onTimeout(seconds: number): void {
    const message = `Task timed out after ${seconds.toFixed(2)} seconds`;
    this.log.addLine(message);
    this.leave();
    this.kill();
    const payload = (requestId: string) => errorPayload('Sandbox.Timedout', requestId, message);
    this.settleInit(new InitError(payload));
    this.settle(true, payload(this.running?.invocation.requestId ?? ''), undefined);
  }

  private onClose(reason: string): void {
    const payload = (requestId: string) => errorPayload('Runtime.ExitError', requestId, reason);
    this.leave();
    this.settleInit(new InitError(payload));
    this.settle(true, payload(this.running?.invocation.requestId ?? ''), undefined);
  }

  /** Takes no more invocations, though the process may still be ending. */
  private leave(): void {
    if (!this.alive) return;
    this.alive = false;
    this.options.onExit();
  }

  private settleInit(error: InitError | undefined): void {
    const { initialized } = this;
    this.initialized = undefined;
    initialized?.timeout.cancel();
    if (error) initialized?.reject(error);
    else initialized?.resolve();
  }

  private settle(failed: boolean, payload: string, measuredMs: number | undefined): void {
    const { running } = this;
    if (!running) return;
    running.timeout.cancel();
    const durationMs = measuredMs ?? this.options.clock.now() - running.startedAt;
    const logTail = this.log.end(running.invocation.requestId, durationMs, this.options.config.memoryMb);
    this.running = undefined;
    running.settle({ failed, payload, logTail, durationMs });
  }
}

function tooLarge(): string {
  return JSON.stringify({
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
  });
}

function startProcess({ config, code, region, endpointUrl, clock }: InstanceOptions): ChildProcess {
  const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
  const logStream = `${day}/[$LATEST]${randomUUID().replaceAll('-', '')}`;
  const environment = { region, endpointUrl, taskRoot: code, runtimeFolder: dirname(BOOTSTRAP), logStream };
  const limits = [`--max-old-space-size=${config.memoryMb}`, ...SMALL];
  return spawn(process.execPath, [...limits, BOOTSTRAP], {
    cwd: code,
    // A session of its own: Ctrl-C reaches the runtime, which lets invocations finish.
    detached: true,
    env: functionEnvironment(config, environment),
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
}
