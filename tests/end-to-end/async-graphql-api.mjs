// The async-graphql example with real clients: fetch, and graphql-ws over a real WebSocket; a JWT, and a
// personal access token that the API asks Countersign about.
// node async-graphql-api.mjs COUNTERSIGN API BINARY DIRECTORY
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { subscriber } from "../../examples/async-graphql-api/client/subscribe.mjs";

const [countersign, api, binary, directory] = process.argv.slice(2);
const ok = (what) => console.log(`ok: ${what}`);

async function post(url, body, token) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: text && JSON.parse(text) };
}
const rest = async (path, body, token) => {
  const answer = await post(countersign + path, body, token);
  assert.ok(answer.status < 300, JSON.stringify(answer));
  return answer.body;
};
const graphql = (query, token, variables) => post(`${api}/graphql`, { query, variables }, token);
const code = (answer) => answer.body.errors?.[0]?.extensions?.code;
const addComment = "mutation($text: String!) { addComment(text: $text) { author text } }";

const credentials = { username: "jill", password: "correct horse battery staple" };
let tokens = await rest("/v1/register", credentials);
const refresh = async () => {
  tokens = await rest("/v1/refresh", { refresh_token: tokens.refresh_token });
  return tokens.access_token;
};
const me = (await graphql("{ me }", tokens.access_token)).body.data.me;
ok("a caller is known by their token");

assert.deepEqual((await graphql("{ comments { text } }")).body.data, { comments: [] });
assert.equal(code(await graphql("{ me }")), "UNAUTHENTICATED");
assert.equal(code(await graphql("{ commentCount }", tokens.access_token)), "FORBIDDEN");
assert.equal(code(await graphql(addComment, tokens.access_token, { text: "hi" })), "FORBIDDEN");
assert.equal((await graphql("{ comments { text } }", `${tokens.access_token}x`)).status, 401);
ok("the public is for all, the rest for whoever may, and a bad token is no anonymous call");

const run = (...args) => execFileSync(binary, args, { cwd: directory, stdio: "pipe" });
run("grant", credentials.username, "comments:write");
await refresh();

const got = [];
let pongs = 0;
const { client, renew } = subscriber(`${api.replace(/^http/, "ws")}/graphql/ws`, () => tokens.access_token, {
  message: (message) => (pongs += message.type === "pong" && message.payload?.expiresAt > 0 ? 1 : 0),
});
const heard = new EventTarget();
client.subscribe(
  { query: "subscription { commentAdded { author text } }" },
  {
    next: (result) => {
      got.push(result);
      heard.dispatchEvent(new Event("comment"));
    },
    error: (error) => assert.fail(JSON.stringify(error)),
    complete: () => {},
  },
);
/** Says something until the subscription, which begins when it begins, has heard it. */
async function commentIsHeard(text, token) {
  const before = got.length;
  while (got.length === before) {
    const next = once(heard, "comment", { signal: AbortSignal.timeout(500) }).catch(() => {});
    const answer = await graphql(addComment, token, { text });
    assert.deepEqual(answer.body.data?.addComment, { author: me, text }, JSON.stringify(answer));
    await next;
  }
  assert.deepEqual(got.at(-1).data.commentAdded, { author: me, text });
}
await commentIsHeard("first", tokens.access_token);
ok("graphql-ws hears of a comment");

await refresh();
await renew();
await commentIsHeard("second", tokens.access_token);
assert.equal(pongs, 1);
ok("a new token in a ping renews the connection, and the subscription goes on");

const personal = await rest("/v1/tokens", { name: "script", scope: "comments:write" }, tokens.access_token);
const secret = personal.token;
await commentIsHeard("by a script", secret);
ok("a personal access token works where a JWT does, by asking Countersign");
assert.equal((await graphql("{ me }", `${secret.slice(0, -1)}x`)).status, 401);
ok("one that Countersign does not know is refused");
await client.dispose();

// Tokens that live for two seconds: the server closes, and graphql-ws comes again with the next one.
const short = async () =>
  (await rest("/v1/tokens", { name: "short", scope: "comments:write", expires_in: 2 }, tokens.access_token)).token;
const codes = [];
let opened = 0;
await new Promise((resolve, reject) => {
  const again = subscriber(`${api.replace(/^http/, "ws")}/graphql/ws`, short, {
    closed: ({ code }) => codes.push(code),
    connected: () => (opened += 1) === 2 && resolve(again.client.dispose()),
  });
  again.client.subscribe(
    { query: "subscription { commentAdded { text } }" },
    { next: () => {}, error: reject, complete: () => {} },
  );
});
assert.equal(codes[0], 4403);
ok("a connection ends with its token, and graphql-ws opens another with a new one");

const closed = await new Promise((resolve) => {
  const stranger = subscriber(`${api.replace(/^http/, "ws")}/graphql/ws`, () => "not.a.token", { closed: resolve });
  stranger.client.subscribe(
    { query: "subscription { commentAdded { text } }" },
    { next: () => assert.fail("a stranger hears"), error: () => {}, complete: () => {} },
  );
});
assert.equal(closed.code, 4401);
ok("a bad token closes the connection with 4401, and graphql-ws does not try again");
