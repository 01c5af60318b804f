// The handbook's private function behind the real authorizer, on `countersign offline`, which asks and
// caches as API Gateway does.
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { forgeries } from "./forged.mjs";
import { freePort, Program, until } from "./program.mjs";

const template = join(import.meta.dirname, "../../../examples/private-hello/template.yaml");

/** Starts the stack of the template, with this executable as its authorizer. */
export async function privateHello(binary, authorizer, { ISSUER, AUDIENCE }) {
  const port = await freePort();
  const words = ["offline", "--template", template, "--port", String(port)];
  words.push("--function", `Authorizer=${authorizer}`);
  words.push("--parameter", `Issuer=${ISSUER}`, "--parameter", `Audience=${AUDIENCE}`);
  const program = new Program("private-hello", binary, words, {});
  const stack = { url: `http://127.0.0.1:${port}`, program };
  await program.answers(`${stack.url}/public`);
  return stack;
}

async function call(stack, method, path, token) {
  const answer = await fetch(stack.url + path, {
    method,
    headers: token && { authorization: `Bearer ${token}` },
    body: method === "POST" ? JSON.stringify({ text: "well said" }) : undefined,
  });
  return { status: answer.status, body: await answer.json() };
}
export const hello = (stack, token) => call(stack, "GET", "/hello", token);
const comment = (stack, token) => call(stack, "POST", "/comments", token);

/** Before the keys rotate. */
export function admits(stack, tokens) {
  describe("private-hello: who gets in", () => {
    it("shows anybody what is public, and nobody what is private", async () => {
      assert.equal((await call(stack, "GET", "/public")).status, 200);
      for (const answer of [await hello(stack), await comment(stack)]) {
        assert.deepEqual([answer.status, answer.body], [401, { message: "Unauthorized" }]);
      }
    });

    it("tells the function who calls", async () => {
      const { jill } = tokens();
      const { status, body } = await hello(stack, jill.access_token);
      assert.deepEqual([status, body], [200, { message: `hello, ${jill.user.id}` }]);
    });

    it("refuses other APIs' and issuers' tokens, refresh tokens, and every forgery", async () => {
      const { elsewhere, impostor, jill, jwks } = tokens();
      const bad = {
        "another API's": elsewhere.access_token,
        "another issuer's": impostor.access_token,
        "a refresh token": jill.refresh_token,
        ...forgeries(jill.access_token, jwks),
      };
      for (const [what, token] of Object.entries(bad)) {
        assert.equal((await hello(stack, token)).status, 401, what);
        assert.equal((await comment(stack, token)).status, 401, what);
      }
    });

    it("asks for the scope, whatever the gateway has in its cache", async () => {
      const { jill, writer } = tokens();
      for (let round = 0; round < 2; round++) {
        assert.equal((await comment(stack, jill.access_token)).status, 403);
        assert.equal((await hello(stack, jill.access_token)).status, 200);
        assert.equal((await hello(stack, writer.access_token)).status, 200);
        const made = await comment(stack, writer.access_token);
        assert.equal(made.status, 201);
        assert.deepEqual(made.body.comment, { author: writer.user.id, text: "well said" });
      }
    });
  });
}

/** After the keys have rotated, and then when the token `early` must be about to die. */
export function follows(stack, tokens) {
  describe("private-hello: keys and time", () => {
    it("finds the new key, and still takes tokens by the old one", async () => {
      const { jill, renewed } = tokens();
      await until("the new key is found", async () => {
        assert.equal((await hello(stack, jill.access_token)).status, 200);
        return (await hello(stack, renewed.access_token)).status === 200;
      });
    });

    it("does not outlive the token with the answer that the gateway keeps", async () => {
      const { early, jill } = tokens();
      assert.equal(stack.early, 200, "the gateway has kept an answer for it");
      const answer = await until("the token expires", async () => {
        const { status } = await hello(stack, early.access_token);
        return status !== 200 && status;
      });
      assert.ok([401, 403].includes(answer), String(answer));
      assert.equal((await hello(stack, jill.access_token)).status, 200);
    });
  });
}
