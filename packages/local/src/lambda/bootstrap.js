// Runs inside a function's process, as Lambda's Node.js runtime does: loads the handler, then answers one invocation at a
// time over file descriptor 3. Plain JavaScript without imports of its own, because it is started as it is.
//
// What differs from Lambda: between invocations the process is not frozen, so timers and sockets go on.
'use strict';

const { existsSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { Socket } = require('node:net');
const { basename, dirname, join, resolve } = require('node:path');
const { performance } = require('node:perf_hooks');
const { pathToFileURL } = require('node:url');
const { format } = require('node:util');

/** Resident before anything of the function is loaded. */
const baseBytes = process.memoryUsage.rss();

const runtime = new Socket({ fd: 3, readable: true, writable: true });
const written = { stdout: countWrites(process.stdout), stderr: countWrites(process.stderr) };
/** The invocation that is under way. */
let current;
/** What lines are logged for: they may come after the answer. */
let loggedId;
let handler;
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
replaceConsole();

// The runtime is gone: nobody waits for what this process does.
runtime.on('end', () => process.exit(0));
runtime.on('error', () => process.exit(0));
process.on('uncaughtException', (error) => die('Uncaught Exception', describe(error)));
process.on('unhandledRejection', (reason) => {
  const error = describe(reason instanceof Error ? reason : new Error(String(reason)));
  error.errorType = 'Runtime.UnhandledPromiseRejection';
  error.errorMessage = String(reason);
  die('Unhandled Promise Rejection', error);
});
process.on('beforeExit', () => {
  // Nothing is left that could call back: as on Lambda the invocation ends with what it has, or null.
  if (current) current.onIdle();
});

void start();

async function start() {
  try {
    handler = await loadHandler(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
  } catch (error) {
    die('Undefined error while initializing the runtime', describe(error));
    return;
  }
  readFrames(runtime, invoke);
  send({ type: 'ready', baseBytes });
}

function invoke(header, body) {
  const invocation = new Invocation(header);
  current = invocation;
  loggedId = header.requestId;
  process.env._X_AMZN_TRACE_ID = header.traceId;
  try {
    const result = handler(JSON.parse(body.toString()), invocation.context, invocation.callback);
    if (result !== null && typeof result === 'object' && typeof result.then === 'function') {
      result.then(invocation.context.succeed, invocation.context.fail);
    }
  } catch (error) {
    invocation.fail(error);
  }
  // From here on only what the handler began keeps the process busy, so that its end is seen.
  if (current === invocation) runtime.unref();
}

class Invocation {
  constructor(header) {
    this.requestId = header.requestId;
    this.startedAt = performance.now();
    const deadline = Date.now() + header.remainingMs;
    const { env } = process;
    let waitsForEmptyEventLoop = true;
    this.onIdle = () => this.succeed(null);
    this.callback = (error, data) => {
      if (error !== undefined && error !== null) this.fail(error);
      else if (waitsForEmptyEventLoop) this.onIdle = () => this.succeed(data);
      else this.succeed(data);
    };
    this.context = {
      get callbackWaitsForEmptyEventLoop() {
        return waitsForEmptyEventLoop;
      },
      set callbackWaitsForEmptyEventLoop(value) {
        waitsForEmptyEventLoop = value;
      },
      functionVersion: header.version,
      functionName: env.AWS_LAMBDA_FUNCTION_NAME,
      memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
      logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
      logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
      clientContext: header.clientContext,
      identity: undefined,
      invokedFunctionArn: header.functionArn,
      awsRequestId: header.requestId,
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
      done: (error, data) => (error === undefined || error === null ? this.succeed(data) : this.fail(error)),
      succeed: (data) => this.succeed(data),
      fail: (error) => this.fail(error === undefined || error === null ? 'handled' : error),
    };
  }

  succeed(data) {
    let body;
    try {
      body = JSON.stringify(data === undefined ? null : data);
    } catch {
      this.fail(new Error('Unable to stringify response body'));
      return;
    }
    // A function or a symbol has no JSON at all.
    this.finish('result', body === undefined ? 'null' : body);
  }

  fail(error) {
    if (current !== this) return;
    const description = describe(error);
    log('Invoke Error', description);
    this.finish('error', JSON.stringify(description));
  }

  finish(type, body) {
    if (current !== this) return;
    current = undefined;
    runtime.ref();
    const { requestId, startedAt } = this;
    send({ type, requestId, durationMs: performance.now() - startedAt, written: { ...written } }, body);
  }
}

/** Reports an error that ends this process, and ends it once the report is out. */
function die(title, description) {
  log(title, description);
  const requestId = current && current.requestId;
  const durationMs = current && performance.now() - current.startedAt;
  current = undefined;
  const header = { type: 'fatal', requestId, durationMs, written: { ...written } };
  send(header, JSON.stringify(description), () => process.exit(129));
}

function log(title, { errorType, errorMessage, trace }) {
  if (process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON') {
    writeLog(process.stderr, 'ERROR', [{ errorType, errorMessage, stackTrace: trace }]);
  } else {
    const details = JSON.stringify({ errorType, errorMessage, stack: trace });
    writeLog(process.stderr, 'ERROR', [`${title}\t${details}`]);
  }
}

/** Lambda's own console: in both formats each line has time, request and level. */
function replaceConsole() {
  const { AWS_LAMBDA_LOG_FORMAT, AWS_LAMBDA_LOG_LEVEL } = process.env;
  // Only the JSON format has levels to choose from.
  const least = AWS_LAMBDA_LOG_FORMAT === 'JSON' ? LEVELS.indexOf(AWS_LAMBDA_LOG_LEVEL) : 0;
  const replace = (method, level, stream) => {
    const isWanted = LEVELS.indexOf(level) >= least;
    console[method] = isWanted ? (...values) => writeLog(stream, level, values) : () => undefined;
  };
  const { stdout, stderr } = process;
  replace('trace', 'TRACE', stderr);
  replace('debug', 'DEBUG', stdout);
  replace('log', 'INFO', stdout);
  replace('info', 'INFO', stdout);
  replace('warn', 'WARN', stderr);
  replace('error', 'ERROR', stderr);
}

function writeLog(stream, level, values) {
  const time = new Date().toISOString();
  const line =
    process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON'
      ? jsonLine(time, level, values)
      : // One event in CloudWatch, however many lines it has.
        `${time}\t${loggedId}\t${level}\t${format(...values).replaceAll('\n', '\r')}`;
  stream.write(`${line}\n`);
}

function jsonLine(timestamp, level, values) {
  const head = { timestamp, level, requestId: loggedId };
  const error = values.find((value) => value instanceof Error);
  const details = error && {
    errorType: error.name,
    errorMessage: error.message,
    stackTrace: String(error.stack || '').split('\n'),
  };
  if (values.length > 1) return JSON.stringify({ ...head, message: format(...values), ...details });
  try {
    return JSON.stringify({ ...head, message: details || values[0] });
  } catch {
    return JSON.stringify({ ...head, message: format(values[0]) });
  }
}

/** Lambda's error object. */
function describe(error) {
  if (!(error instanceof Error) && Object.prototype.toString.call(error) !== '[object Error]') {
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  return {
    errorType: error.name,
    errorMessage: error.message,
    trace: String(error.stack || '').split('\n'),
  };
}

async function loadHandler(root, name) {
  const [, moduleName, exportPath] = /^([^.]+)\.(.+)$/.exec(basename(name)) || [];
  if (moduleName === undefined || name.includes('..'))
    throw named('Runtime.MalformedHandlerName', 'Bad handler');
  if (enableCompileCache) enableCompileCache(join(dirname(root), 'compiled'));
  const exported = await loadModule(resolve(root, dirname(name), moduleName));
  let found = exported;
  for (const key of exportPath.split('.'))
    found = found === undefined || found === null ? undefined : found[key];
  if (found === undefined) throw named('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof found !== 'function') throw named('Runtime.HandlerNotFound', `${name} is not a function`);
  return found;
}

async function loadModule(path) {
  const file =
    ['.js', '.mjs', '.cjs'].map((extension) => path + extension).find((each) => existsSync(each)) || path;
  try {
    return file.endsWith('.mjs') ? await import(pathToFileURL(file).href) : await requireOrImport(file);
  } catch (error) {
    if (error instanceof SyntaxError) throw named('Runtime.UserCodeSyntaxError', String(error), error);
    const missing = error && (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_MODULE_NOT_FOUND');
    throw missing ? named('Runtime.ImportModuleError', String(error), error) : error;
  }
}

/** A `.js` file may be an ES module by its package.json. */
async function requireOrImport(file) {
  try {
    return require(file);
  } catch (error) {
    if (!error || !/^ERR_REQUIRE_(ESM|ASYNC_MODULE)$/.test(error.code)) throw error;
    return import(pathToFileURL(file).href);
  }
}

function named(name, message, from) {
  const error = new Error(message);
  error.name = name;
  error.stack = `${name}: ${message}\n${String((from && from.stack) || '')}`;
  return error;
}

/** Frame: length of the rest, length of the header (both 32 bit, little endian), header as JSON, body. */
function send(header, body = '', sent) {
  const head = Buffer.from(JSON.stringify(header));
  const size = Buffer.byteLength(body);
  const frame = Buffer.allocUnsafe(8 + head.length + size);
  frame.writeUInt32LE(4 + head.length + size, 0);
  frame.writeUInt32LE(head.length, 4);
  head.copy(frame, 8);
  frame.write(body, 8 + head.length);
  runtime.write(frame, sent);
}

function readFrames(socket, onFrame) {
  let chunks = [];
  let size = 0;
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    while (size >= 4) {
      if (chunks[0].length < 4) chunks = [Buffer.concat(chunks)];
      const end = 4 + chunks[0].readUInt32LE(0);
      if (size < end) return;
      const all = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      const rest = all.subarray(end);
      chunks = rest.length > 0 ? [rest] : [];
      size = rest.length;
      const bodyAt = 8 + all.readUInt32LE(4);
      onFrame(JSON.parse(all.subarray(8, bodyAt).toString()), all.subarray(bodyAt, end));
    }
  });
}

/** How much this process has written, so that the runtime can wait for all of it before it closes an invocation's log. */
function countWrites(stream) {
  const counter = { bytes: 0, toJSON: () => counter.bytes };
  const write = stream.write;
  stream.write = function (chunk, encoding, callback) {
    counter.bytes += Buffer.byteLength(chunk, typeof encoding === 'string' ? encoding : undefined);
    return write.call(stream, chunk, encoding, callback);
  };
  return counter;
}
