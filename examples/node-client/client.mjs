// A client for Countersign's REST and GraphQL that keeps its user logged in: it refreshes when the
// access token is about to die, once for any number of calls at the same time, and never sends a
// refresh token twice. No dependencies; Node 20 or a browser.

/** An answer that is no success. `code` is stable; `retryAfter` is in seconds, where it is given. */
export class CountersignError extends Error {
  constructor(status, problem, retryAfter) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.name = "CountersignError";
    this.status = status;
    this.code = problem.code;
    this.errors = problem.errors ?? [];
    this.retryAfter = retryAfter;
  }
}

export class Countersign {
  #base;
  #tokens = null;
  #refreshing = null;

  constructor(base = "http://127.0.0.1:4455") {
    this.#base = base;
  }

  async signUp(account) {
    return this.#keep(await this.#send("POST", "/v1/register", account));
  }

  async logIn(identifier, password) {
    return this.#keep(await this.#send("POST", "/v1/login", { identifier, password }));
  }

  async logOut() {
    if (!this.#tokens) return;
    const { refresh_token } = this.#tokens;
    this.#tokens = null;
    await this.#send("POST", "/v1/logout", { refresh_token });
  }

  /** Calls Countersign, or any API that takes its tokens, as the user who is logged in. */
  async call(method, path, body) {
    return this.#send(method, path, body, await this.accessToken());
  }

  me() {
    return this.call("GET", "/v1/me");
  }

  sessions() {
    return this.call("GET", "/v1/sessions");
  }

  async graphql(query, variables) {
    const answer = await this.call("POST", "/graphql", { query, variables });
    if (answer.errors?.length) {
      const [{ message, extensions }] = answer.errors;
      throw new CountersignError(200, { detail: message, code: extensions?.code });
    }
    return answer.data;
  }

  /** An access token that lives for at least half a minute more. */
  async accessToken() {
    if (!this.#tokens) throw new Error("nobody is logged in");
    if (Date.now() > this.#tokens.dies - 30_000) await this.refresh();
    return this.#tokens.access_token;
  }

  /** Refreshes once, however many ask at the same time. */
  async refresh() {
    this.#refreshing ??= this.#send("POST", "/v1/refresh", {
      refresh_token: this.#tokens.refresh_token,
    })
      .then((answer) => this.#keep(answer))
      .finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  #keep(answer) {
    this.#tokens = { ...answer, dies: Date.now() + answer.expires_in * 1000 };
    return answer.user;
  }

  async #send(method, path, body, token) {
    const headers = { accept: "application/json" };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (token) headers.authorization = `Bearer ${token}`;
    const answer = await fetch(new URL(path, this.#base), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    const value = text ? JSON.parse(text) : null;
    if (!answer.ok) {
      const wait = Number(answer.headers.get("retry-after")) || undefined;
      throw new CountersignError(answer.status, value ?? {}, wait);
    }
    return value;
  }
}
