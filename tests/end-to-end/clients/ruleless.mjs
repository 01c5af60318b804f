// The examples deny by default: what nobody wrote a rule for does not start.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { guarded } from "../../../examples/apollo-server/guard.mjs";
import { anyone, route } from "../../../examples/express-jwt/rules.mjs";

const open = () => {};
const flask = `
from flask import Flask
from auth import guard
app = Flask(__name__, static_folder=None)
@app.delete("/comments")
def remove_comments(): return ""
guard(app, {})
`;

export function doNotStart(python) {
  describe("what has no rule does not start", () => {
    it("in Express", () => {
      const added = [];
      const app = { delete: (path) => added.push(path) };
      assert.throws(() => route(app, "delete", "/comments", open), /DELETE \/comments needs a rule/);
      assert.deepEqual(added, []);
      route(app, "delete", "/comments", anyone, open);
      assert.deepEqual(added, ["/comments"]);
    });

    it("in Apollo Server", () => {
      const resolvers = { Mutation: { removeComments: open } };
      assert.throws(() => guarded(resolvers, {}), /Mutation\.removeComments needs a rule/);
      const rules = { "Mutation.removeComments": anyone, "Mutation.remove": anyone };
      assert.throws(() => guarded(resolvers, rules), /no such field: Mutation\.remove/);
    });

    it("in Flask", async () => {
      const cwd = join(import.meta.dirname, "../../../examples/python-pyjwt");
      const started = promisify(execFile)(python, ["-c", flask], { cwd });
      await assert.rejects(started, /who may call remove_comments\?/);
    });
  });
}
