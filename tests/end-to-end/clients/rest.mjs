// What every REST API behind Countersign's tokens owes its users, whatever the library. Each example
// is `{name, url}` and has the same four routes.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { jwksCacheSeconds } from "./apis.mjs";
import { header } from "./countersign.mjs";
import { forgeries, unknownKey } from "./forged.mjs";
import { until } from "./program.mjs";

const bearer = (token) => ({ authorization: `Bearer ${token}` });

/** The API's answer: its status, its challenge and its body. */
export async function call(api, method, path, headers = {}) {
  const answer = await fetch(new URL(path, api.url), {
    method,
    headers: method === "POST" ? { "content-type": "application/json", ...headers } : headers,
    body: method === "POST" ? JSON.stringify({ text: "well said" }) : undefined,
  });
  const text = await answer.text();
  const body = text && JSON.parse(text);
  return { status: answer.status, challenge: answer.headers.get("www-authenticate"), body };
}
export const hello = (api, token) => call(api, "GET", "/hello", bearer(token));
const status = async (answer) => (await answer).status;

/** Before the keys rotate. `tokens()` gives the users that the test has made. */
export function admits(api, tokens) {
  describe(`${api.name}: who gets in`, () => {
    it("shows anybody what is public", async () => {
      assert.equal(await status(call(api, "GET", "/public")), 200);
    });

    it("asks for a token where it takes one", async () => {
      const answer = await call(api, "GET", "/hello");
      assert.equal(answer.status, 401);
      assert.equal(answer.challenge, "Bearer");
    });

    it("knows the user of a good token", async () => {
      const { jill } = tokens();
      const answer = await hello(api, jill.access_token);
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.body, { message: `hello, ${jill.user.id}` });
    });

    it("takes `bearer` in any letters", async () => {
      const headers = { authorization: `bEARER ${tokens().jill.access_token}` };
      assert.equal(await status(call(api, "GET", "/hello", headers)), 200);
    });

    it("takes a token from nowhere but the header", async () => {
      const token = tokens().jill.access_token;
      for (const path of [`/hello?access_token=${token}`, `/hello?token=${token}`]) {
        assert.equal(await status(call(api, "GET", path)), 401);
      }
      assert.equal(await status(call(api, "GET", "/hello", { cookie: `token=${token}` })), 401);
      assert.equal(await status(call(api, "GET", "/hello", { authorization: token })), 401);
    });

    it("refuses the good token of another API, or of another issuer", async () => {
      for (const { access_token } of [tokens().elsewhere, tokens().impostor]) {
        const answer = await hello(api, access_token);
        assert.equal(answer.status, 401);
        assert.match(answer.challenge, /error="invalid_token"/);
      }
    });

    it("refuses a refresh token", async () => {
      assert.equal(await status(hello(api, tokens().jill.refresh_token)), 401);
    });

    it("refuses every forgery, and never takes it for a call by nobody", async () => {
      const { jill, jwks } = tokens();
      for (const [what, token] of Object.entries(forgeries(jill.access_token, jwks))) {
        assert.equal(await status(hello(api, token)), 401, what);
        assert.equal(await status(call(api, "GET", "/public", bearer(token))), 401, what);
        assert.equal(await status(call(api, "POST", "/comments", bearer(token))), 401, what);
      }
    });
  });
}

export function authorizes(api, tokens) {
  describe(`${api.name}: who may do what`, () => {
    it("asks for the scope, and says which", async () => {
      const { jill, writer } = tokens();
      const refused = await call(api, "POST", "/comments", bearer(jill.access_token));
      assert.equal(refused.status, 403);
      assert.match(refused.challenge, /error="insufficient_scope".*scope="comments:write"/);
      const made = await call(api, "POST", "/comments", bearer(writer.access_token));
      assert.equal(made.status, 201);
      assert.deepEqual(made.body.comment, { author: writer.user.id, text: "well said" });
    });

    it("asks for the role", async () => {
      const { writer, moderator } = tokens();
      assert.equal(await status(call(api, "DELETE", "/comments")), 401);
      const remove = (user) => status(call(api, "DELETE", "/comments", bearer(user.access_token)));
      assert.equal(await remove(writer), 403);
      assert.equal(await remove(moderator), 204);
    });

    it("believes the token of a session that has ended, except where it asks Countersign", async () => {
      const { gone } = tokens();
      assert.equal(await status(hello(api, gone.access_token)), 200);
      const answer = await call(api, "DELETE", "/comments", bearer(gone.access_token));
      assert.equal(answer.status, 401);
      assert.match(answer.challenge, /error="invalid_token"/);
    });
  });
}

/** After the keys have rotated. */
export function followsKeys(api, tokens) {
  describe(`${api.name}: keys`, () => {
    it("finds the new key, and still takes tokens by the old one", async () => {
      const { jill, renewed } = tokens();
      await until("the new key is found", async () => {
        assert.equal(await status(hello(api, jill.access_token)), 200);
        return (await status(hello(api, renewed.access_token))) === 200;
      });
    });

    it("is not put off by a flood of unknown key ids", async () => {
      const { jill, renewed } = tokens();
      const flood = Array.from({ length: 60 }, () => hello(api, unknownKey(jill.access_token)));
      for (const answer of await Promise.all(flood)) assert.ok([401, 503].includes(answer.status));
      assert.equal(await status(hello(api, jill.access_token)), 200);
      assert.equal(await status(hello(api, renewed.access_token)), 200);
    });
  });
}

/** When the token `early` must be about to die. */
export function expires(api, tokens) {
  describe(`${api.name}: what has expired`, () => {
    it("refuses a token that has, and no other by the same key", async () => {
      const { early, jill } = tokens();
      assert.equal(header(early.access_token).kid, header(jill.access_token).kid);
      await until("the token expires", async () => (await status(hello(api, early.access_token))) !== 200);
      const answer = await call(api, "GET", "/public", bearer(early.access_token));
      assert.equal(answer.status, 401);
      assert.match(answer.challenge, /error="invalid_token"/);
      assert.equal(await status(hello(api, jill.access_token)), 200);
    });
  });
}

/** Last of all, for most of the tokens are by the key that is retired. */
export function forgets(api, tokens) {
  describe(`${api.name}: what was taken back`, () => {
    it("refuses the tokens of a retired key when its copy of the keys is old", async () => {
      const { jill, renewed } = tokens();
      const answer = await until("the retired key is forgotten", async () => {
        assert.equal(await status(hello(api, renewed.access_token)), 200);
        const answer = await status(hello(api, jill.access_token));
        return answer !== 200 && answer;
      });
      // 503 where the library waits a while before it looks for yet another unknown key.
      assert.ok([401, 503].includes(answer), String(answer));
    });
  });
}

/** With Countersign stopped: for longer than the API's copy of the keys is fresh. */
export function outlasts(api, tokens) {
  describe(`${api.name}: Countersign is away`, () => {
    it("still knows its users, and refuses what only Countersign could tell", async () => {
      const { renewed, latest } = tokens();
      const end = performance.now() + (jwksCacheSeconds + 2) * 1000;
      do {
        assert.equal(await status(hello(api, renewed.access_token)), 200);
        const remove = call(api, "DELETE", "/comments", bearer(latest.access_token));
        assert.equal(await status(remove), 503);
        await pause(250);
      } while (performance.now() < end);
    });
  });
}
