// What the Node.js runtimes of Lambda do, in small: load the handler, ask the runtime API for
// events, answer with what the handler returns, resolves to, or gives to its callback.
'use strict';
const http = require('node:http');
const path = require('node:path');
const fs = require('node:fs');
const { pathToFileURL } = require('node:url');

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const BASE = '/2018-06-01/runtime';
const DONE = Symbol('done');

function call(method, url, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const data = body === undefined ? undefined : Buffer.from(body);
    const length = data ? { 'Content-Length': data.length } : {};
    const options = { host, port, agent, method, path: BASE + url, headers: { ...headers, ...length } };
    const request = http.request(options, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => resolve({ response, body: Buffer.concat(parts).toString() }));
    });
    request.on('error', reject);
    request.end(data);
  });
}

function failure(error) {
  if (error instanceof Error) {
    const trace = String(error.stack || '').split('\n');
    return { errorType: error.name, errorMessage: error.message, trace };
  }
  const text = typeof error === 'string' ? error : JSON.stringify(error);
  return { errorType: typeof error, errorMessage: text, trace: [] };
}

function report(url, error) {
  const document = failure(error);
  const headers = { 'Content-Type': 'application/json', 'Lambda-Runtime-Function-Error-Type': document.errorType };
  return call('POST', url, JSON.stringify(document), headers);
}

function named(type, message) {
  const error = new Error(message);
  error.name = type;
  return error;
}

async function load() {
  const root = process.env.LAMBDA_TASK_ROOT;
  const written = process.env._HANDLER;
  const directory = path.dirname(written);
  const [file, ...exported] = path.basename(written).split('.');
  if (exported.length === 0) throw named('Runtime.MalformedHandlerName', `${written} is no FILE.EXPORT`);
  const base = path.resolve(root, directory, file);
  const found = ['.js', '.mjs', '.cjs'].map((end) => base + end).find((name) => fs.existsSync(name));
  if (!found) {
    const source = fs.existsSync(`${base}.ts`) ? ': build the TypeScript first' : '';
    throw named('Runtime.ImportModuleError', `there is no ${base}.js, .mjs or .cjs${source}`);
  }
  const module = await import(pathToFileURL(found).href);
  const walk = (from) => exported.reduce((value, key) => (value == null ? value : value[key]), from);
  const handler = walk(module) ?? walk(module.default);
  if (typeof handler !== 'function') {
    throw named('Runtime.HandlerNotFound', `${written} is undefined or not exported`);
  }
  return handler;
}

function contextOf(headers, settle) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: (error, result) => settle(error, result),
    succeed: (result) => settle(null, result),
    fail: (error) => settle(error ?? 'handled'),
  };
  return context;
}

// Runs the handler to its answer: {error} or {result}.
function invoke(handler, event, headers) {
  return new Promise((resolve) => {
    const outcome = (error, result) => (error == null ? { result } : { error });
    let context;
    const onEmpty = () => {
      // Nothing is left to run, and nobody has answered: as on Lambda, the answer is null.
      if (promised) resolve({ error: named('Runtime.NodeJsExit', 'the promise of the handler can never be settled') });
      else resolve({ result: null });
    };
    let promised = false;
    const settle = (error, result) => {
      process.removeListener('beforeExit', onEmpty);
      if (context.callbackWaitsForEmptyEventLoop) {
        process.once('beforeExit', () => resolve(outcome(error, result)));
      } else {
        setImmediate(() => resolve(outcome(error, result)));
      }
    };
    context = contextOf(headers, settle);
    process.once('beforeExit', onEmpty);
    const finish = (value) => {
      process.removeAllListeners('beforeExit');
      resolve(value);
    };
    try {
      const returned = handler(event, context, settle);
      if (returned && typeof returned.then === 'function') {
        promised = true;
        returned.then((result) => finish({ result }), (error) => finish({ error: error ?? DONE }));
      }
    } catch (error) {
      finish({ error: error ?? DONE });
    }
  });
}

async function main() {
  let handler;
  try {
    handler = await load();
  } catch (error) {
    console.error(error);
    await report('/init/error', error);
    process.exit(1);
  }
  let current = null;
  const crash = async (error) => {
    console.error(error);
    try {
      await report(current ? `/invocation/${current}/error` : '/init/error', error);
    } finally {
      process.exit(1);
    }
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  for (;;) {
    const { response, body } = await call('GET', '/invocation/next');
    const headers = response.headers;
    current = headers['lambda-runtime-aws-request-id'];
    process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] || '';
    const { error, result } = await invoke(handler, JSON.parse(body), headers);
    if (error !== undefined) {
      const thrown = error === DONE ? named('Error', 'the handler failed with nothing') : error;
      if (thrown instanceof Error) console.error(thrown);
      await report(`/invocation/${current}/error`, thrown);
    } else {
      await call('POST', `/invocation/${current}/response`, JSON.stringify(result) ?? 'null');
    }
    current = null;
  }
}

// Without the runtime API there is nothing to do: whoever started us is gone.
main().catch(() => process.exit(1));
