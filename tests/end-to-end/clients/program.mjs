// Programs that a test starts, waits for, and stops; and waiting for what must come to be.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** A port of this machine that nothing listens on. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Asks until the answer is truthy, and gives it; fails with `what` after `seconds`. */
export async function until(what, ask, seconds = 60) {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`waited ${seconds} s in vain: ${what}`);
    await pause(100);
  }
}

export class Program {
  #said = "";

  constructor(name, command, words, { cwd, env = {} }) {
    this.name = name;
    this.child = spawn(command, words, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.on("error", (error) => (this.#said += error.message));
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on("data", (chunk) => (this.#said = (this.#said + chunk).slice(-8000)));
    }
  }

  /** Waits until the program answers HTTP at `url`, with whatever status. */
  async answers(url) {
    await until(`${this.name} answers`, async () => {
      if (this.child.exitCode !== null) throw new Error(`${this.name} ended:\n${this.#said}`);
      return fetch(url).then(
        (answer) => answer.body?.cancel() ?? true,
        () => false,
      ).then((answer) => answer !== false);
    });
  }

  /** What it wrote last. */
  get said() {
    return this.#said;
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, "exit");
    this.child.kill("SIGTERM");
    await gone;
  }
}
