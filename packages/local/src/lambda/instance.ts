import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../clock';
import type { FunctionConfig, LogSink } from '../contracts';
import { guard } from '../watchdog';
import type { DebugPort } from './debug-port';
import { functionEnvironment } from './environment';
import { executedVersion } from './qualifier';
import { describeExit, errorPayload } from './errors';
import { readFrames, writeFrame } from './frames';
import type { AnswerHeader } from './frames';
import { InvocationLog } from './log';
import { endLines, logEvent, logStreamName, startLine } from './log-format';
import type { InvocationReport } from './log-format';
import { MemoryWatch } from './memory';

/** Lambda's limit for a synchronous answer. */
const MAX_RESPONSE_BYTES = 6_291_556;
/** Lambda gives initialization ten seconds. */
const INIT_SECONDS = 10;
/** What a free process has to do before it ends takes no time, unless its code is in a loop. */
const RETIRE_MS = 2_000;
/** What a debugged invocation is told that it has left. */
const DAY_MS = 86_400_000;
/** Of its memory Lambda gives so much to the old generation; the rest is for what is not in the heap. */
const HEAP_SHARE = 0.9;

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
  /** Where a debugger reaches it; while one is attached, nothing times out. */
  readonly debug?: DebugPort;
  /** A line of the function's log; no request id outside of an invocation. */
  readonly onLog: (line: string, requestId: string | undefined) => void;
  /** Where its log is kept; undefined where its role does not let it. */
  readonly logs?: LogSink;
  /** The process has ended and takes nothing any more. */
  readonly onExit: () => void;
}

export interface Invocation {
  readonly requestId: string;
  readonly traceId: string;
  readonly payload: string;
  /** JSON. */
  readonly clientContext?: string;
  /** Version or alias that was named. */
  readonly qualifier?: string;
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
  readonly settle: (outcome: Outcome) => void;
}

/** What ended an invocation or initialization in place of the handler. */
interface Failure {
  readonly errorType: string;
  readonly message: string;
  readonly status: 'timeout' | 'error';
}

/** An initialization that failed. */
export class InitError extends Error {
  /** @param outcome what the invocation that waited for it gets; undefined where the process could not even be started */
  constructor(
    message: string,
    readonly outcome: ((requestId: string) => Outcome) | undefined,
  ) {
    super(message);
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
  private readonly memory: MemoryWatch;
  private readonly startedAt: number;
  private timeout: Timer | undefined;
  private initMs: number | undefined;
  private running: Running | undefined;
  private initialized: { resolve: () => void; reject: (error: InitError) => void } | undefined;
  private alive = true;

  constructor(private readonly options: InstanceOptions) {
    const { onLog, clock, config, debug, logs } = options;
    this.startedAt = clock.now();
    const logStream = logStreamName(config, this.startedAt);
    this.log = new InvocationLog(
      (line) => onLog(line, this.running?.invocation.requestId),
      (line) => debug?.readLine(line) ?? false,
      (line) => logs?.append(config.logGroup, logStream, clock.now(), logEvent(line)),
    );
    this.child = startProcess(options, logStream);
    const limit = { clock, limitMb: config.memoryMb, onExceeded: () => this.onMemoryExceeded() };
    this.memory = new MemoryWatch(this.child.pid, limit);
    const release = this.child.pid === undefined ? () => undefined : guard(this.child.pid, 'KILL');
    this.child.stdout?.on('data', (chunk: Buffer) => this.log.add('stdout', chunk));
    this.child.stderr?.on('data', (chunk: Buffer) => this.log.add('stderr', chunk));
    // Without a process there may be no pipe.
    this.pipe = (this.child.stdio?.[3] ?? new PassThrough()) as Duplex;
    // A process that ends while it is written to is reported by its exit.
    this.pipe.on('error', () => undefined);
    readFrames(this.pipe, (header, body) => this.onAnswer(header, body));
    this.child.once('exit', release);
    this.closed = this.whenClosed();
    this.ready = new Promise((resolve, reject) => {
      this.initialized = { resolve, reject };
    });
    this.limitTime(Math.max(INIT_SECONDS, config.timeoutSeconds));
    this.memory.start();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** The instance must be ready and free. */
  run(invocation: Invocation): Promise<Outcome> {
    const { clock, config, debug } = this.options;
    const { requestId, traceId, payload } = invocation;
    this.log.begin(startLine(config.logFormat ?? 'Text', requestId, clock.now()));
    return new Promise((settle) => {
      this.running = { invocation, startedAt: clock.now(), settle };
      this.limitTime(config.timeoutSeconds);
      this.memory.start();
      const remainingMs = debug?.isAttached === true ? DAY_MS : config.timeoutSeconds * 1000;
      const header = { requestId, traceId, remainingMs, ...called(invocation, config) };
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

  private whenClosed(): Promise<void> {
    return new Promise((resolve) => {
      this.child.once('error', ({ message }) => {
        // It has never run: the fault is this machine's, not the function's.
        this.leave();
        this.settleInit(new InitError(message, undefined));
        resolve();
      });
      // 'close' comes after the last output.
      this.child.once('close', (code, signal) => {
        this.fail({ errorType: 'Runtime.ExitError', message: describeExit(code, signal), status: 'error' });
        resolve();
      });
    });
  }

  private limitTime(seconds: number): void {
    this.timeout = this.options.clock.schedule(seconds * 1000, () => this.onTimeout(seconds));
  }

  private onAnswer(header: AnswerHeader, body: Buffer): void {
    if (header.type === 'ready') {
      this.memory.baseBytes = header.baseBytes;
      this.settleInit(undefined);
      return;
    }
    if (header.type === 'fatal') this.leave();
    const payload = body.toString();
    if (this.initialized) {
      this.log.whenComplete(header.written, () => this.settleInit(this.initError(() => payload)));
      return;
    }
    if (!this.running || header.requestId !== this.running.invocation.requestId) return;
    this.log.whenComplete(header.written, () => {
      if (body.length > MAX_RESPONSE_BYTES) this.settle(true, tooLarge(), header.durationMs);
      else this.settle(header.type !== 'result', payload, header.durationMs);
    });
  }

  private onTimeout(seconds: number): void {
    if (this.options.debug?.isAttached === true) {
      this.limitTime(seconds);
      return;
    }
    const message = `Task timed out after ${seconds.toFixed(2)} seconds`;
    this.log.addLine(message);
    this.end({ errorType: 'Sandbox.Timedout', message, status: 'timeout' });
  }

  private onMemoryExceeded(): void {
    const { memoryMb } = this.options.config;
    this.log.addLine(`out of memory: it has ${this.memory.peakMb} MB, of ${memoryMb}`);
    const message = 'Runtime exited with error: signal: killed';
    this.end({ errorType: 'Runtime.OutOfMemory', message, status: 'error' });
  }

  private end(failure: Failure): void {
    this.leave();
    this.kill();
    this.fail(failure);
  }

  private fail(failure: Failure): void {
    const payload = (requestId: string) => errorPayload(failure.errorType, requestId, failure.message);
    this.leave();
    this.settleInit(this.initError(payload, failure));
    this.settle(true, payload(this.running?.invocation.requestId ?? ''), undefined, failure);
  }

  /** Takes no more invocations, though the process may still be ending. */
  private leave(): void {
    if (!this.alive) return;
    this.alive = false;
    this.options.onExit();
  }

  private initError(payload: (requestId: string) => string, failure?: Failure): InitError {
    const durationMs = this.options.clock.now() - this.startedAt;
    return new InitError(payload('-'), (requestId) => {
      const { logFormat = 'Text' } = this.options.config;
      const start = startLine(logFormat, requestId, this.options.clock.now());
      this.log.note(start);
      const logTail = `${start}\n${this.endLog(requestId, durationMs, failure ?? { status: 'error' })}`;
      return { failed: true, payload: payload(requestId), logTail, durationMs };
    });
  }

  private settleInit(error: InitError | undefined): void {
    const { initialized } = this;
    if (!initialized) return;
    this.initialized = undefined;
    this.timeout?.cancel();
    this.memory.stop();
    this.initMs = this.options.clock.now() - this.startedAt;
    if (error) initialized.reject(error);
    else initialized.resolve();
  }

  private settle(failed: boolean, payload: string, measuredMs: number | undefined, failure?: Failure): void {
    const { running } = this;
    if (!running) return;
    this.timeout?.cancel();
    this.memory.stop();
    const durationMs = measuredMs ?? this.options.clock.now() - running.startedAt;
    const logTail = this.endLog(running.invocation.requestId, durationMs, failure);
    this.initMs = undefined;
    this.running = undefined;
    running.settle({ failed, payload, logTail, durationMs });
  }

  private endLog(requestId: string, durationMs: number, failure: InvocationReport['failure']): string {
    const { config, clock } = this.options;
    const { memoryMb, logFormat = 'Text' } = config;
    const maxMemoryMb = Math.min(this.memory.peakMb, memoryMb);
    const report = { requestId, durationMs, memoryMb, maxMemoryMb, initMs: this.initMs, failure };
    return this.log.end(endLines(logFormat, report, clock.now()));
  }
}

/** What a handler is told of how it was called. */
function called({ qualifier, clientContext }: Invocation, { arn, aliases }: FunctionConfig) {
  return {
    functionArn: qualifier === undefined ? arn : `${arn}:${qualifier}`,
    version: executedVersion(aliases, qualifier),
    clientContext: clientContext === undefined ? undefined : (JSON.parse(clientContext) as unknown),
  };
}

function tooLarge(): string {
  return JSON.stringify({
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
  });
}

function startProcess(
  { config, code, region, endpointUrl, debug }: InstanceOptions,
  logStream: string,
): ChildProcess {
  const environment = { region, endpointUrl, taskRoot: code, runtimeFolder: dirname(BOOTSTRAP), logStream };
  const limits = [`--max-old-space-size=${Math.floor(config.memoryMb * HEAP_SHARE)}`, ...SMALL];
  const inspect = debug ? ['--inspect=127.0.0.1:0'] : [];
  return spawn(process.execPath, [...limits, ...inspect, BOOTSTRAP], {
    cwd: code,
    // A session of its own: Ctrl-C reaches the runtime, which lets invocations finish.
    detached: true,
    env: functionEnvironment(config, environment),
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
}
