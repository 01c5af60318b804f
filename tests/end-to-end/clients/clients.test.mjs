// Starts the real Countersign and every example API, and uses the APIs as their users and their
// attackers do. Everything is in one order: what is made early has expired when it is asked for.
//
//   COUNTERSIGN=path/to/countersign AUTHORIZER=path/to/authorizer PYTHON=path/to/python \
//     node --test clients.test.mjs
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { apolloServer, restApis, trap } from "./apis.mjs";
import * as apolloClient from "./apollo-client.mjs";
import { Countersign, header } from "./countersign.mjs";
import * as graphql from "./graphql.mjs";
import { until } from "./program.mjs";
import * as gateway from "./private-hello.mjs";
import * as rest from "./rest.mjs";
import * as ruleless from "./ruleless.mjs";

const audience = "https://comments.example.com";
/** Libraries with keys of other kinds than ES256's, each with an audience of its own. */
const otherwise = {
  RS256: { example: "express-jwt", audience: "https://rs256.example.com" },
  PS256: { example: "passport-jwt", audience: "https://ps256.example.com" },
  EdDSA: { example: "python-pyjwt", audience: "https://eddsa.example.com" },
};
const tokens = {};
const started = [];
let directory;
let countersign;

/** A stand-in for an API until it has started: the tests are declared before. */
const starting = restApis(process.env.PYTHON);
const apis = Object.keys(starting).map((name) => ({ name }));
for (const [algorithm, other] of Object.entries(otherwise)) {
  Object.assign(other, { api: { name: `${other.example}, ${algorithm}` }, tokens: {} });
}
const apollo = { name: "apollo-server" };
const stack = {};
const trapped = { name: "express-jwt, the tutorial's way" };

/** The instance, and what users of it have in their hands. */
async function makeUsers() {
  directory = await mkdtemp(join(tmpdir(), "countersign-clients-"));
  const others = Object.entries(otherwise).map(([algorithm, { audience }]) => [audience, algorithm]);
  const audiences = { [audience]: "ES256", ...Object.fromEntries(others) };
  countersign = await Countersign.in(directory, process.env.COUNTERSIGN, audiences);
  await countersign.start({ "tokens.issuer": "http://127.0.0.2:4455" });
  tokens.impostor = await countersign.signUp("impostor", audience);
  await countersign.stop();
  await countersign.start();

  for (const name of ["jill", "writer", "moderator", "gone", "fresh"]) {
    tokens[name] = await countersign.signUp(name);
  }
  await countersign.cli("roles", "define", "moderator", "comments:remove");
  await countersign.cli("grant", "writer", "comments:write");
  await countersign.cli("grant", "moderator", "moderator");
  await countersign.cli("grant", "gone", "moderator");
  tokens.elsewhere = await countersign.logIn("jill");
  for (const name of ["jill", "writer", "moderator", "gone"]) {
    tokens[name] = await countersign.logIn(name, audience);
  }
  tokens.left = await countersign.logIn("gone");
  await countersign.logOut(tokens.gone);
  await countersign.logOut(tokens.left);
  tokens.jwks = await countersign.jwks();

  for (const [algorithm, other] of Object.entries(otherwise)) {
    other.tokens = {
      ...tokens,
      jill: await countersign.logIn("jill", other.audience),
      elsewhere: tokens.jill,
      impostor: tokens.elsewhere,
    };
    assert.equal(header(other.tokens.jill.access_token).alg, algorithm);
  }
}

async function startApis() {
  const env = { ISSUER: countersign.base, AUDIENCE: audience };
  const begin = async (api, start, own = {}) => {
    const found = await start({ ...env, ...own });
    started.push(found.program);
    Object.assign(api, { url: found.url, program: found.program });
  };
  await Promise.all([
    ...apis.map((api) => begin(api, starting[api.name])),
    ...Object.entries(otherwise).map(([algorithm, { api, audience, example }]) =>
      begin(api, starting[example], { AUDIENCE: audience, ALGORITHM: algorithm }),
    ),
    begin(apollo, apolloServer),
    begin(trapped, trap),
    begin(stack, (env) => gateway.privateHello(process.env.COUNTERSIGN, process.env.AUTHORIZER, env)),
  ]);
}

/** Tokens of the shortest life that there is: one is used now, and both when they have expired. */
async function makeShortLived() {
  await countersign.stop();
  await countersign.start({ "tokens.access_lifetime": "30s" });
  tokens.dozing = await countersign.signUp("dozing");
  tokens.early = await countersign.signUp("early", audience);
  stack.early = (await gateway.hello(stack, tokens.early.access_token)).status;
  await countersign.stop();
  await countersign.start();
}

before(async () => {
  await makeUsers();
  await startApis();
  await makeShortLived();
});

after(async () => {
  await Promise.all(started.map((program) => program.stop()));
  await countersign?.stop();
  if (directory) await rm(directory, { recursive: true });
});

for (const api of apis) {
  rest.admits(api, () => tokens);
  rest.authorizes(api, () => tokens);
}
for (const other of Object.values(otherwise)) rest.admits(other.api, () => other.tokens);
gateway.admits(stack, () => tokens);
graphql.guards(apollo, () => tokens);

describe("the tutorial's `credentialsRequired: false`", () => {
  it("lets nobody through the handler that remembers, and anybody through the one that forgot", async () => {
    assert.equal((await rest.call(trapped, "POST", "/comments")).status, 401);
    assert.equal((await rest.call(trapped, "DELETE", "/comments")).status, 204);
  });
});

ruleless.doNotStart(process.env.PYTHON);

describe("the keys rotate", () => {
  it("and from now on a new one signs", async () => {
    tokens.keys = await countersign.rotate("jill", audience);
    tokens.renewed = await countersign.logIn("jill", audience);
  });
});

for (const api of apis) rest.followsKeys(api, () => tokens);
graphql.followsKeys(apollo, () => tokens);

gateway.follows(stack, () => tokens);
for (const api of apis) rest.expires(api, () => tokens);
graphql.expires(apollo, () => tokens);
apolloClient.refreshes(() => countersign, () => tokens);

describe("the old key leaks", () => {
  it("and is retired", async () => {
    await countersign.cli("keys", "retire", tokens.keys.old, "--yes");
    await until("it is out of the key set", async () => {
      const ids = (await countersign.jwks()).keys.map(({ kid }) => kid);
      assert.ok(ids.includes(tokens.keys.now));
      return !ids.includes(tokens.keys.old);
    });
  });
});

for (const api of apis) rest.forgets(api, () => tokens);
graphql.forgets(apollo, () => tokens);

describe("Countersign stops", () => {
  it("after it has signed one more token", async () => {
    tokens.latest = await countersign.logIn("moderator", audience);
    for (const api of apis) assert.equal((await rest.hello(api, tokens.latest.access_token)).status, 200);
    await countersign.stop();
  });
});

describe("and the APIs go on", { concurrency: true }, () => {
  for (const api of apis) rest.outlasts(api, () => tokens);
  graphql.outlasts(apollo, () => tokens);
});
