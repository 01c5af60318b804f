// The example APIs, each as its README starts it, on a port of its own.
import { join } from "node:path";
import { freePort, Program } from "./program.mjs";

const examples = join(import.meta.dirname, "../../../examples");

/** For how long an API believes its copy of the keys. */
export const jwksCacheSeconds = 5;

/** Starts one: `words` is its command line, in its folder; `ready` a path that it answers. */
async function start(name, words, env, ready = "/public") {
  const port = await freePort();
  const [command, ...rest] = words;
  const program = new Program(name, command, rest, {
    cwd: join(examples, name),
    env: { ...env, PORT: String(port), JWKS_CACHE_SECONDS: String(jwksCacheSeconds) },
  });
  const api = { name, url: `http://127.0.0.1:${port}`, program };
  await program.answers(api.url + ready);
  return api;
}

/** The REST APIs by name, not started yet. `python` is an interpreter that has the requirements. */
export const restApis = (python) => ({
  "express-jwt": (env) => start("express-jwt", ["node", "server.mjs"], env),
  "passport-jwt": (env) => start("passport-jwt", ["node", "server.mjs"], env),
  "aws-jwt-verify": (env) => start("aws-jwt-verify", ["node", "server.mjs"], env),
  "python-pyjwt": (env) => start("python-pyjwt", [python, "app.py"], env),
});
export const trap = (env) => start("express-jwt", ["node", "trap.mjs"], env, "/");
export const apolloServer = (env) => start("apollo-server", ["node", "server.mjs"], env, "/");
