// Runs the GraphQL-over-HTTP audits of graphql-http against a server.
//
//   npm ci && node audits.mjs http://127.0.0.1:4455/graphql
//
// Prints each audit that is not met and how many are. A MUST that is not met is a failure; so is a
// SHOULD, unless it is explained here. A MAY is printed alone.

import { serverAudits } from 'graphql-http';

const EXPLAINED = {};

const url = process.argv[2];
if (!url) {
  console.error('usage: node audits.mjs URL');
  process.exit(2);
}

const counts = { ok: 0, notice: 0, warn: 0, error: 0 };
let failed = 0;
for (const audit of serverAudits({ url })) {
  const result = await audit.fn();
  counts[result.status] += 1;
  if (result.status === 'ok') continue;
  const why = EXPLAINED[audit.id];
  const isFailure = result.status !== 'notice' && !why;
  if (isFailure) failed += 1;
  console.log(`${result.status.padEnd(6)} ${audit.id} ${audit.name}: ${why ?? result.reason}`);
}
const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
console.log(`${total} audits: ${counts.ok} ok, ${counts.notice} notices (MAY), ${counts.warn} warnings (SHOULD), ${counts.error} errors (MUST)`);
process.exit(failed === 0 ? 0 : 1);
