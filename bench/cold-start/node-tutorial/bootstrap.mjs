// A Node.js runtime for Lambda as small as it can be: `node bootstrap.mjs folder/file.handler`. AWS's own
// does more, so it is not faster than this one.
import http from 'node:http';
import { createRequire } from 'node:module';

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const options = { host, port, agent, method, path: `/2018-06-01/runtime/${path}`, headers };
    const request = http.request(options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

function run(handler, event) {
  return new Promise((resolve, reject) => {
    const context = {};
    const done = (error, answer) => (error ? reject(error) : resolve(answer));
    const promised = handler(event, context, done);
    if (promised?.then) promised.then(resolve, reject);
  });
}

const [module, name] = process.argv[2].split('.');
const handler = createRequire(import.meta.url)(`./${module}.js`)[name];
for (;;) {
  const next = await call('GET', 'invocation/next');
  const id = next.headers['lambda-runtime-aws-request-id'];
  try {
    const answer = await run(handler, JSON.parse(next.body));
    await call('POST', `invocation/${id}/response`, JSON.stringify(answer ?? null));
  } catch (error) {
    const told = { errorMessage: String(error?.message ?? error), errorType: 'Error' };
    await call('POST', `invocation/${id}/error`, JSON.stringify(told));
  }
}
