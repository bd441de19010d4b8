// Runs a Node handler against the Lambda Runtime API, over one kept-alive connection, one write per message.
import { createConnection } from 'node:net';
import { writeSync, existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { format, inspect } from 'node:util';
import { Writable } from 'node:stream';

const API = '/2018-06-01/runtime/';
const env = process.env;
let requestId;
let tenantId;

// ---- the API

class Api {
  constructor(address) {
    const at = address.lastIndexOf(':');
    this.address = address;
    this.kept = Buffer.alloc(0);
    this.socket = createConnection({ host: address.slice(0, at), port: Number(address.slice(at + 1)), noDelay: true });
    this.socket.on('data', (data) => this.take(data));
    this.socket.on('close', () => process.exit(0));
    this.socket.on('error', () => process.exit(0));
  }

  call(method, path, body = '', extra = '') {
    const head = `${method} ${API}${path} HTTP/1.1\r\nHost: ${this.address}\r\n${extra}`
      + `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
    this.socket.write(head + body);
    this.socket.ref();
    return new Promise((done) => { this.done = done; });
  }

  /** Starts a request whose body comes in chunks; the promise is its answer. */
  begin(path, type) {
    this.socket.write(`POST ${API}${path} HTTP/1.1\r\nHost: ${this.address}\r\nContent-Type: ${header(type)}\r\n`
      + 'Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n'
      + 'Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n');
    this.socket.ref();
    return new Promise((done) => { this.done = done; });
  }

  chunk(bytes, done) {
    if (!bytes.length) {
      done?.();
      return;
    }
    this.socket.write(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]), done);
  }

  end(trailers) {
    this.socket.write(`0\r\n${trailers}\r\n`);
  }

  post(path, body, errorType) {
    const extra = errorType ? `Lambda-Runtime-Function-Error-Type: ${errorType}\r\n` : '';
    return this.call('POST', path, body, `Content-Type: application/json\r\n${extra}`);
  }

  take(data) {
    this.kept = this.kept.length ? Buffer.concat([this.kept, data]) : data;
    if (!this.headers) {
      const end = this.kept.indexOf('\r\n\r\n');
      if (end < 0) return;
      const lines = this.kept.toString('latin1', 0, end).split('\r\n');
      this.status = Number(lines[0].split(' ')[1]);
      this.headers = {};
      for (const line of lines.slice(1)) {
        const colon = line.indexOf(':');
        this.headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
      }
      this.kept = this.kept.subarray(end + 4);
    }
    const length = Number(this.headers['content-length'] ?? 0);
    if (this.kept.length < length) return;
    const answer = { status: this.status, headers: this.headers, body: this.kept.toString('utf8', 0, length) };
    this.kept = this.kept.subarray(length);
    this.headers = undefined;
    // Only the handler's own work keeps the event loop busy while it runs.
    this.socket.unref();
    this.done(answer);
  }
}

// ---- streamed answers

const STREAMED = Symbol.for('aws.lambda.runtime.handler.streaming');

/** What a streaming handler writes to: a chunked request that starts with the first write. */
class ResponseStream extends Writable {
  constructor(path) {
    super({ highWaterMark: 64 * 1024 });
    this.path = path;
    this.type = 'application/octet-stream';
  }

  setContentType(type) {
    if (this.answer) throw new Error('Cannot set content-type, too late.');
    this.type = type;
  }

  begin() {
    this.answer ??= api.begin(this.path, this.type);
  }

  _write(chunk, encoding, done) {
    if (this.onBeforeFirstWrite && !this.answer) {
      const before = this.onBeforeFirstWrite;
      this.onBeforeFirstWrite = undefined;
      before((data) => { this.begin(); api.chunk(Buffer.from(data)); });
    }
    this.begin();
    api.chunk(Buffer.from(chunk, encoding), done);
  }

  _final(done) {
    this.begin();
    if (!this.broken) api.end('');
    done();
  }

  /** Ends what has begun with an error. */
  break(error) {
    this.broken = true;
    const told = describe(error);
    const body = Buffer.from(JSON.stringify(told)).toString('base64');
    api.end(`Lambda-Runtime-Function-Error-Type: ${header(told.errorType)}\r\n`
      + `Lambda-Runtime-Function-Error-Body: ${body}\r\n`);
    this.destroy();
  }
}

globalThis.awslambda = {
  ...globalThis.awslambda,
  streamifyResponse(handler, options) {
    handler[STREAMED] = 'response';
    if (options?.highWaterMark) handler[Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark')] = options.highWaterMark;
    return handler;
  },
  HttpResponseStream: {
    from(stream, prelude) {
      stream.setContentType('application/vnd.awslambda.http-integration-response');
      stream.onBeforeFirstWrite = (write) => {
        write(JSON.stringify(prelude));
        write(new Uint8Array(8));
      };
      return stream;
    },
  },
};

async function runStreamed(handler, event, headers, path) {
  const stream = new ResponseStream(`${path}/response`);
  const finished = new Promise((done, failed) => stream.on('finish', done).on('error', failed));
  finished.catch(() => {});
  try {
    const ended = new Promise((_, failed) => { whenIdle = () => failed(new Fault('Runtime.StreamNotEnded', 'The response stream was not ended.')); });
    await Promise.race([Promise.all([handler(event, stream, makeContext(headers, () => {})), finished]), ended]);
    whenIdle = undefined;
    await stream.answer;
  } catch (error) {
    whenIdle = undefined;
    if (!stream.answer) {
      await fail(`${path}/error`, error, 'Invoke Error');
      return;
    }
    logLine('ERROR', `Invoke Error \t${JSON.stringify(describe(error))}`);
    stream.break(error);
    await stream.answer;
  }
}

// ---- the console

function print(text) {
  let bytes = Buffer.from(text);
  while (bytes.length) {
    try {
      bytes = bytes.subarray(writeSync(1, bytes));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const isJson = env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
const lowest = isJson ? Math.max(LEVELS.indexOf(env.AWS_LAMBDA_LOG_LEVEL), 0) : 0;

const apart = (error) => ({
  errorType: error.constructor?.name ?? 'UnknownError',
  errorMessage: error.message,
  stackTrace: typeof error.stack === 'string' ? error.stack.split('\n') : [],
});

/** A line in JSON: one argument keeps its structure, and what of several is an error is told beside the message. */
function logJson(level, args) {
  const told = { timestamp: new Date().toISOString(), level, requestId, tenantId };
  const replaced = (_, value) => (value instanceof Error ? { ...apart(value), ...value } : value);
  if (args.length === 1) told.message = args[0];
  else Object.assign(told, { message: format(...args) }, ...args.filter((each) => each instanceof Error).slice(0, 1).map(apart));
  try {
    print(`${JSON.stringify(told, replaced)}\n`);
  } catch {
    print(`${JSON.stringify({ ...told, message: format(...args) })}\n`);
  }
}

function logLine(level, text) {
  if (isJson) {
    logJson(level, [text]);
    return;
  }
  // The service takes a carriage return for a line within one event.
  print(`${new Date().toISOString()}\t${requestId}\t${level}\t${text.replace(/\n/g, '\r')}\n`);
}

function patchConsole() {
  const levels = { log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR', debug: 'DEBUG', trace: 'TRACE', fatal: 'FATAL' };
  for (const [name, level] of Object.entries(levels)) {
    console[name] = (...args) => {
      if (LEVELS.indexOf(level) < lowest) return;
      if (isJson) logJson(level, args);
      else logLine(level, format(...args));
    };
  }
}

// ---- errors

class Fault extends Error {
  constructor(name, message, stack) {
    super(message);
    this.name = name;
    if (stack) this.stack = stack;
  }
}

function describe(error) {
  if (!(error instanceof Error)) {
    const text = typeof error === 'string' ? error : inspect(error);
    return { errorType: typeof error, errorMessage: text, trace: [] };
  }
  const trace = (error.stack ?? `${error.name}: ${error.message}`).replace(/^[^\n]*/, (first) =>
    first.startsWith(error.name) ? first : `${error.name}: ${error.message}`.split('\n')[0]).split('\n');
  return { errorType: error.name || error.constructor.name, errorMessage: error.message, trace };
}

async function fail(path, error, title) {
  const told = describe(error);
  const extra = error instanceof Error ? { ...error } : {};
  const { trace, ...rest } = told;
  logLine('ERROR', `${title} \t${JSON.stringify({ ...rest, ...extra, stack: trace })}`);
  await api.post(path, JSON.stringify(told), header(told.errorType));
}

function header(text) {
  return String(text).replace(/[^\x20-\x7e]/g, '?');
}

// ---- the handler

function packageIsModule(folder) {
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, 'package.json');
    if (existsSync(file)) {
      try {
        return JSON.parse(readFileSync(file, 'utf8')).type === 'module';
      } catch {
        return false;
      }
    }
    if (at === dirname(at)) return false;
  }
}

async function loadModule(root, path) {
  const base = resolve(root, path);
  const require = createRequire(join(root, 'noop.js'));
  const load = (file) => import(pathToFileURL(file).href);
  if (existsSync(`${base}.js`)) return packageIsModule(dirname(base)) ? load(`${base}.js`) : require(`${base}.js`);
  if (existsSync(`${base}.mjs`)) return load(`${base}.mjs`);
  if (existsSync(`${base}.cjs`)) return require(`${base}.cjs`);
  try {
    return require(require.resolve(path, { paths: [root, dirname(base)] }));
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND' || !error.message.includes(`'${path}'`)) throw error;
    throw new Fault('Runtime.ImportModuleError',
      `Error: Cannot find module '${basename(path)}'\nRequire stack:\n- /var/runtime/index.mjs`);
  }
}

async function loadHandler() {
  const text = env._HANDLER;
  const file = basename(text);
  const match = file.match(/^([^.]*)\.(.*)$/);
  if (!match || text.includes('..')) throw new Fault('Runtime.MalformedHandlerName', 'Bad handler');
  const path = text.slice(0, text.length - file.length) + match[1];
  let loaded;
  try {
    loaded = await loadModule(env.LAMBDA_TASK_ROOT, path);
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (error instanceof SyntaxError) throw new Fault('Runtime.UserCodeSyntaxError', String(error), error.stack);
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
      throw new Fault('Runtime.ImportModuleError', `Error: ${error.message}`, error.stack);
    }
    throw error;
  }
  const find = (start) => match[2].split('.').reduce((value, name) => value?.[name], start);
  const handler = find(loaded) ?? find(loaded.default);
  if (handler === undefined) {
    throw new Fault('Runtime.HandlerNotFound', `${text} is undefined or not exported`);
  }
  if (typeof handler !== 'function') throw new Fault('Runtime.HandlerNotFound', `${text} is not a function`);
  refuseCallbacks(handler);
  return handler;
}

/** Since Node.js 24, a third parameter makes a handler one with a callback, and those are no more. */
function refuseCallbacks(handler) {
  const version = Number(env.AWS_EXECUTION_ENV?.match(/nodejs(\d+)/)?.[1] ?? 0);
  if (version < 24 || handler[STREAMED] || handler.length < 3) return;
  throw new Fault('Runtime.CallbackHandlerDeprecated',
    'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. '
    + 'You need to modify this function to use a supported handler signature to use Node.js 24 or later. '
    + 'For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.');
}

function makeContext(headers, finish) {
  const deadline = Number(headers['lambda-runtime-deadline-ms'] ?? 0);
  const parse = (name) => (headers[name] ? JSON.parse(headers[name]) : undefined);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parse('lambda-runtime-client-context'),
    identity: parse('lambda-runtime-cognito-identity'),
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    tenantId: headers['lambda-runtime-aws-tenant-id'],
    getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
    succeed: (result) => finish(null, result, false),
    fail: (error) => finish(error, undefined, false),
    done: (error, result) => finish(error, result, false),
  };
}

/** Runs the handler; the promise settles when its answer may be sent. */
function run(handler, event, headers) {
  return new Promise((succeed, fail) => {
    // With nothing left to do, no answer can come any more: AWS answers null.
    whenIdle = () => succeed(undefined);
    const settle = (error, result) => (error === null || error === undefined ? succeed(result) : fail(error));
    const finish = (error, result, waits) => {
      if (waits) whenIdle = () => settle(error, result);
      else settle(error, result);
    };
    const context = makeContext(headers, finish);
    const callback = (error, result) => finish(error, result, context.callbackWaitsForEmptyEventLoop);
    const returned = handler(event, context, callback);
    if (typeof returned?.then === 'function') returned.then(succeed, fail);
  });
}

function encode(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch (error) {
    throw new Fault('Runtime.MarshalError', 'Unable to stringify response body');
  }
}

async function serve(handler) {
  for (;;) {
    const { headers, body } = await api.call('GET', 'invocation/next');
    requestId = headers['lambda-runtime-aws-request-id'];
    tenantId = headers['lambda-runtime-aws-tenant-id'];
    if (headers['lambda-runtime-trace-id']) env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
    else delete env._X_AMZN_TRACE_ID;
    const path = `invocation/${requestId}`;
    if (handler[STREAMED]) {
      await runStreamed(handler, JSON.parse(body), headers, path);
      continue;
    }
    try {
      const answer = encode(await run(handler, JSON.parse(body), headers));
      whenIdle = undefined;
      const { status } = await api.post(`${path}/response`, answer);
      if (status === 413) logLine('ERROR', 'Failed to post handler success response. Http response code: 413.');
    } catch (error) {
      whenIdle = undefined;
      await fail(`${path}/error`, error, 'Invoke Error');
    }
  }
}

/** What ends the process on AWS ends it here, after it has been told. */
async function die(error, title, status) {
  api.socket.ref();
  await fail(requestId ? `invocation/${requestId}/error` : 'init/error', error, title);
  process.exit(status);
}

let whenIdle;
const api = new Api(env.AWS_LAMBDA_RUNTIME_API);
patchConsole();
process.on('beforeExit', () => {
  const idle = whenIdle;
  whenIdle = undefined;
  idle?.();
});
process.on('uncaughtException', (error) => die(error, 'Uncaught Exception', 129));
process.on('unhandledRejection', (reason) => {
  const fault = new Fault('Runtime.UnhandledPromiseRejection', reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason), reason?.stack);
  die(fault, 'Unhandled Promise Rejection', 128);
});
let handler;
try {
  handler = await loadHandler();
} catch (error) {
  await die(error, 'Uncaught Exception', 1);
}
serve(handler);
