// A throw-away Countersign: the real binary in a directory of its own, its command line, and what a
// user does over REST.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, Program, until } from "./program.mjs";

export const password = "correct horse battery staple";

export class Countersign {
  constructor(binary, directory, port) {
    Object.assign(this, { binary, directory, base: `http://127.0.0.1:${port}`, port });
  }

  /** An instance that is not started yet, with these audiences (name → algorithm) beside its own. */
  static async in(directory, binary, audiences) {
    const tables = Object.entries(audiences).map(
      ([name, algorithm]) => `[[audiences]]\nname = "${name}"\nalgorithm = "${algorithm}"\n`,
    );
    await writeFile(join(directory, "countersign.toml"), tables.join("\n"));
    return new Countersign(binary, directory, await freePort());
  }

  /** Starts on the same data and with the same keys as before, with these settings of its own. */
  async start(own = {}) {
    const settings = {
      "http.listen": `127.0.0.1:${this.port}`,
      "ops.listen": "off",
      "throttle.enabled": "false",
      ...own,
    };
    const flags = Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
    this.program = new Program("countersign", this.binary, ["serve", ...flags], {
      cwd: this.directory,
    });
    await this.program.answers(`${this.base}/.well-known/jwks.json`);
  }

  stop() {
    return this.program?.stop();
  }

  /** A command, as an operator types it. */
  async cli(...words) {
    const { stdout } = await promisify(execFile)(this.binary, words, { cwd: this.directory });
    return stdout;
  }

  async #post(path, body) {
    const answer = await fetch(this.base + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  signUp(username, audience) {
    return this.#post("/v1/register", { username, password, audience });
  }
  logIn(identifier, audience) {
    return this.#post("/v1/login", { identifier, password, audience });
  }
  refresh(tokens, audience) {
    return this.#post("/v1/refresh", { refresh_token: tokens.refresh_token, audience });
  }
  logOut(tokens) {
    return this.#post("/v1/logout", { refresh_token: tokens.refresh_token });
  }
  verify(token) {
    return this.#post("/v1/verify", { token });
  }

  async jwks() {
    return (await fetch(`${this.base}/.well-known/jwks.json`)).json();
  }

  /** Has a new key sign from now on; gives the id of the old and of the new one. */
  async rotate(username, audience) {
    const kid = async () => header((await this.logIn(username, audience)).access_token).kid;
    const old = await kid();
    await this.cli("keys", "rotate", "--now");
    const now = await until("the server signs with the new key", async () => {
      const found = await kid();
      return found !== old && found;
    });
    return { old, now };
  }
}

/** The header of a token, unchecked. */
export const header = (token) => JSON.parse(Buffer.from(token.split(".")[0], "base64url"));
