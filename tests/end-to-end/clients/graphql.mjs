// The same for Apollo Server: a user in the context, and an `addComment` that not everybody may use.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { jwksCacheSeconds } from "./apis.mjs";
import { forgeries, unknownKey } from "./forged.mjs";
import { until } from "./program.mjs";

const viewer = "{ viewer { id } }";
const addComment = 'mutation { addComment(text: "well said") { author text } }';
const removeComments = "mutation { removeComments }";

async function ask(api, query, token) {
  const answer = await fetch(api.url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = await answer.json();
  return { status: answer.status, data, code: errors?.[0].extensions.code, errors };
}

async function refused(api, token, what) {
  for (const query of [viewer, addComment, "{ comments { text } }"]) {
    const { status, data, code } = await ask(api, query, token);
    assert.deepEqual([status, data, code], [401, undefined, "UNAUTHENTICATED"], what);
  }
}

export function guards(api, tokens) {
  describe("apollo-server: who gets in, and who may do what", () => {
    it("shows anybody what is public", async () => {
      const { data, errors } = await ask(api, "{ comments { author text } }");
      assert.equal(errors, undefined);
      assert.ok(Array.isArray(data.comments));
    });

    it("denies nobody the rest of the answer", async () => {
      const { status, data, code } = await ask(api, "{ viewer { id } comments { text } }");
      assert.deepEqual([status, data.viewer, code], [200, null, "UNAUTHENTICATED"]);
      assert.ok(Array.isArray(data.comments));
    });

    it("has the user of a good token in its context", async () => {
      const { jill } = tokens();
      const { data } = await ask(api, viewer, jill.access_token);
      assert.deepEqual(data, { viewer: { id: jill.user.id } });
    });

    it("refuses the good token of another API or issuer, and every forgery", async () => {
      const { elsewhere, impostor, jill, jwks } = tokens();
      await refused(api, elsewhere.access_token, "another API's");
      await refused(api, impostor.access_token, "another issuer's");
      await refused(api, jill.refresh_token, "a refresh token");
      for (const [what, token] of Object.entries(forgeries(jill.access_token, jwks))) {
        await refused(api, token, what);
      }
    });

    it("adds a comment for whoever has the scope, under their own name", async () => {
      const { jill, writer } = tokens();
      assert.equal((await ask(api, addComment)).code, "UNAUTHENTICATED");
      const { data, code, errors } = await ask(api, addComment, jill.access_token);
      assert.deepEqual([data.addComment, code], [null, "FORBIDDEN"]);
      assert.equal(errors[0].extensions.scope, "comments:write");
      const made = await ask(api, addComment, writer.access_token);
      assert.deepEqual(made.data.addComment, { author: writer.user.id, text: "well said" });
    });

    it("removes comments for whoever has the role, while their session lives", async () => {
      const { gone, moderator, writer } = tokens();
      assert.equal((await ask(api, removeComments, writer.access_token)).code, "FORBIDDEN");
      assert.equal((await ask(api, viewer, gone.access_token)).data.viewer.id, gone.user.id);
      assert.equal((await ask(api, removeComments, gone.access_token)).code, "UNAUTHENTICATED");
      assert.equal((await ask(api, removeComments, moderator.access_token)).data.removeComments, 1);
    });
  });
}

export function followsKeys(api, tokens) {
  describe("apollo-server: keys", () => {
    const status = async (token) => (await ask(api, viewer, token)).status;

    it("finds the new key, still takes the old one's, and is not put off by a flood", async () => {
      const { jill, renewed } = tokens();
      await until("the new key is found", async () => {
        assert.equal(await status(jill.access_token), 200);
        return (await status(renewed.access_token)) === 200;
      });
      const flood = Array.from({ length: 60 }, () => status(unknownKey(jill.access_token)));
      for (const answer of await Promise.all(flood)) assert.equal(answer, 401);
      assert.equal(await status(renewed.access_token), 200);
    });
  });
}

const code = async (api, token) => (await ask(api, viewer, token)).code;

export function expires(api, tokens) {
  describe("apollo-server: what has expired", () => {
    it("refuses a token that has, and no other by the same key", async () => {
      const { early, jill } = tokens();
      await until("it expires", async () => (await code(api, early.access_token)) !== undefined);
      await refused(api, early.access_token, "expired");
      assert.equal(await code(api, jill.access_token), undefined);
    });
  });
}

export function forgets(api, tokens) {
  describe("apollo-server: what was taken back", () => {
    it("refuses the tokens of a retired key when its copy of the keys is old", async () => {
      const { jill, renewed } = tokens();
      await until("it is forgotten", async () => (await code(api, jill.access_token)) !== undefined);
      await refused(api, jill.access_token, "by a retired key");
      assert.equal(await code(api, renewed.access_token), undefined);
    });
  });
}

/** With Countersign stopped: for longer than the API's copy of the keys is fresh. */
export function outlasts(api, tokens) {
  describe("apollo-server: Countersign is away", () => {
    it("still knows its users, and refuses what only Countersign could tell", async () => {
      const { renewed, latest } = tokens();
      const end = performance.now() + (jwksCacheSeconds + 2) * 1000;
      do {
        assert.equal(await code(api, renewed.access_token), undefined);
        assert.equal((await ask(api, removeComments, latest.access_token)).code, "UNAVAILABLE");
        await pause(250);
      } while (performance.now() < end);
    });
  });
}
