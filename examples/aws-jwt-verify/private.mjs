// The function: `handler` is what Lambda calls, with the event of an HTTP API or a function URL
// (payload 2.0). A route without a rule does not exist.
import { checkAuth, Refusal } from "./check-auth.mjs";
import { issuer } from "./settings.mjs";

const anyone = () => {};
const signedIn = (user) => {
  if (!user) throw new Refusal(401, "unauthenticated");
};
const scope = (name) => (user) => {
  signedIn(user);
  if (!(user.scope ?? "").split(" ").includes(name)) {
    throw new Refusal(403, "insufficient_scope", { scope: name });
  }
};
const role = (name) => (user) => {
  signedIn(user);
  if (!user.roles?.includes(name)) throw new Refusal(403, "insufficient_role", { role: name });
};
/** The rule, and the session still lives: Countersign knows of a logout before the token expires. */
const live = (rule) => async (user) => {
  rule(user);
  const answer = await fetch(`${issuer}/v1/verify`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: user.token }),
  }).catch(() => null);
  if (!answer?.ok) throw new Refusal(503, "issuer_unavailable");
  if (!(await answer.json()).active) throw new Refusal(401, "invalid_token");
};

const comments = [];
const routes = new Map([
  ["GET /public", { rule: anyone, run: () => [200, { comments }] }],
  ["GET /hello", { rule: signedIn, run: (user) => [200, { message: `hello, ${user.sub}` }] }],
  [
    "POST /comments",
    {
      rule: scope("comments:write"),
      run(user, { text }) {
        const comment = { author: user.sub, text: String(text ?? "") };
        comments.push(comment);
        return [201, { comment }];
      },
    },
  ],
  [
    "DELETE /comments",
    {
      rule: live(role("moderator")),
      run() {
        comments.length = 0;
        return [204];
      },
    },
  ],
]);

export async function handler(event) {
  try {
    const user = await checkAuth(event);
    const { method, path } = event.requestContext.http;
    const route = routes.get(`${method} ${path}`);
    if (!route) throw new Refusal(404, "not_found");
    await route.rule(user);
    return answer(...route.run(user, body(event)));
  } catch (error) {
    if (error instanceof Refusal) return refuse(error);
    console.error(error);
    return answer(500, { code: "internal_error" });
  }
}

function body({ body, isBase64Encoded }) {
  if (!body) return {};
  try {
    return JSON.parse(isBase64Encoded ? Buffer.from(body, "base64") : body) ?? {};
  } catch {
    throw new Refusal(400, "bad_request");
  }
}

function answer(statusCode, value, headers = {}) {
  return {
    statusCode,
    headers: { "content-type": "application/json", ...headers },
    body: value === undefined ? undefined : JSON.stringify(value),
  };
}

/** A status, a challenge (RFC 6750 §3) and a code for programs. */
function refuse({ status, code, details }) {
  const told = code === "unauthenticated" ? [] : [`error="${code}"`];
  if (details.scope) told.push(`scope="${details.scope}"`);
  const challenge = { "www-authenticate": `Bearer ${told.join(", ")}`.trim() };
  return answer(status, { code, ...details }, status === 401 || status === 403 ? challenge : {});
}
