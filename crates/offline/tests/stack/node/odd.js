// Answers in every way that a function shouldn't.
const { spawn } = require('node:child_process');
const answers = {
  text: () => 'just text',
  object: () => ({ hello: 'there' }),
  nothing: () => undefined,
  nobody: () => ({ statusCode: 204 }),
  upgrade: () => ({ statusCode: 101, headers: { upgrade: 'x', connection: 'upgrade' } }),
  unstringified: () => ({ statusCode: 200, body: { a: 1 } }),
  throws: () => { throw new Error('on purpose'); },
  crashes: () => process.exit(3),
  hangs: () => new Promise((resolve) => setTimeout(resolve, 60000)),
  never: () => new Promise(() => {}),
  large: () => ({ statusCode: 200, body: 'x'.repeat(6 * 1024 * 1024 + 1) }),
  image: () => ({ statusCode: 200, headers: { 'Content-Type': 'image/png' }, body: Buffer.from([0x89, 0x50, 0, 0xff]).toString('base64'), isBase64Encoded: true }),
  cookies: () => ({ statusCode: 200, cookies: ['a=1', 'b=2'], multiValueHeaders: { 'Set-Cookie': ['c=3', 'd=4'] }, body: '' }),
  pid: () => ({ statusCode: 200, body: String(process.pid) }),
  // A child that ignores signals, and that outlives its parent unless somebody ends it.
  stubborn: () => {
    process.on('SIGTERM', () => {});
    const child = spawn('sh', ['-c', 'trap "" TERM INT; while :; do sleep 60; done'], { stdio: 'ignore' });
    return { statusCode: 200, body: JSON.stringify([process.pid, child.pid]) };
  },
};
exports.handler = async (event) => answers[event.pathParameters.what](event);
