// Who may call a route. Every route is made by `route`, which asks for a rule: a route that nobody
// thought about does not start, where the tutorial's was open to everybody.

/** No, as an HTTP answer (RFC 6750 §3.1). */
export class Refusal extends Error {
  constructor(status, code, details = {}) {
    super(code);
    Object.assign(this, { status, code, details });
  }
}

const words = (text) => (text ?? "").split(" ");

/** Anybody, logged in or not. */
export const anyone = () => {};

/** Whoever brought a good token. */
export const signedIn = ({ auth }) => {
  if (!auth) throw new Refusal(401, "unauthenticated");
};

/** Whoever's token has the scope. */
export const scope = (name) => (req) => {
  signedIn(req);
  if (!words(req.auth.scope).includes(name)) {
    throw new Refusal(403, "insufficient_scope", { scope: name });
  }
};

/** Whoever has the role. Countersign leaves `roles` out for a user who has none. */
export const role = (name) => (req) => {
  signedIn(req);
  if (!req.auth.roles?.includes(name)) throw new Refusal(403, "insufficient_role", { role: name });
};

/**
 * All of these, and the session still lives: asks Countersign, which knows of a logout at once, where
 * the token alone is good until it expires. For what is worth a request.
 */
export const live = (rule, issuer) => async (req) => {
  await rule(req);
  const [, token] = req.headers.authorization.split(" ");
  const answer = await fetch(`${issuer}/v1/verify`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  }).catch(() => null);
  if (!answer?.ok) throw new Refusal(503, "issuer_unavailable");
  if (!(await answer.json()).active) throw new Refusal(401, "invalid_token");
};

/** Adds a route: `method` and `path` as Express has them, who may call it, and what it does. */
export function route(app, method, path, rule, handler) {
  if (typeof rule !== "function" || typeof handler !== "function") {
    throw new TypeError(`${method.toUpperCase()} ${path} needs a rule: who may call it?`);
  }
  app[method](path, async (req, res) => {
    await rule(req);
    await handler(req, res);
  });
}

/** The answer to a refusal: a status, a challenge, and a code for programs. */
export function answerRefusal(res, { status, code, details }) {
  if (status === 401 || status === 403) {
    const told = code === "unauthenticated" ? [] : [`error="${code}"`];
    if (details.scope) told.push(`scope="${details.scope}"`);
    res.set("WWW-Authenticate", ["Bearer", told.join(", ")].join(" ").trim());
  }
  res.status(status).json({ code, ...details });
}
