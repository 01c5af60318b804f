// What the profiles of `verify` promise beyond what jose can be asked for, written anew from their
// documentation: which tokens are access tokens, and under which names their claims stand.

/** The claims that must be there, besides `iss`, `aud` and `iat`, which jose insists on by its options. */
export const requiredClaims = {
  rfc9068: ["sub", "exp", "client_id", "jti"],
  auth0: ["sub", "exp"],
  cognito: ["sub", "exp", "client_id", "jti", "token_use"],
  openid: ["sub", "exp"],
};

const insist = (holds, what) => {
  if (!holds) throw new Error(what);
};
const has = (payload, ...names) => names.some((name) => Object.hasOwn(payload, name));
const first = (payload, ...names) => payload[names.find((name) => has(payload, name))] ?? "";

/** The type of a token; `application/` may be left out, and letters may be large or small. */
function typeOf({ typ }) {
  if (typ === undefined) return "none";
  return typeof typ === "string" ? typ.toLowerCase().replace(/^application\/(?=at\+jwt$)/, "") : "other";
}

/** Refuses what is no access token of the profile. */
export const check = {
  auth0(header, payload) {
    insist(["jwt", "at+jwt"].includes(typeOf(header)), "typ");
    insist(!has(payload, "nonce", "at_hash", "c_hash"), "an ID token");
    insist(has(payload, "azp", "client_id"), "no client");
  },
  cognito(header, payload) {
    insist(["none", "jwt"].includes(typeOf(header)), "typ");
    insist(payload.token_use === "access", "token_use");
  },
  openid(header, payload) {
    const type = typeOf(header);
    if (type === "at+jwt") return;
    insist(["none", "jwt"].includes(type), "typ");
    const bearer = payload.typ === "Bearer";
    const forAccess = payload.token_use === "access";
    insist(bearer || !has(payload, "typ", "nonce"), "typ or nonce");
    insist(forAccess || !has(payload, "token_use"), "token_use");
    insist(!has(payload, "at_hash", "c_hash", "events"), "another kind of token");
    const marks = ["scope", "scp", "permissions", "client_id", "cid", "appid", "azpacr"];
    insist(bearer || forAccess || has(payload, ...marks), "nothing marks an access token");
  },
};

const listed = (value) => (Array.isArray(value) ? value : String(value).split(" "));

function scopes(profile, payload) {
  const claim = profile === "openid" && !has(payload, "scope") ? payload.scp : payload.scope;
  const more = profile === "auth0" ? (payload.permissions ?? []) : [];
  const all = [...listed(claim ?? ""), ...more].filter((scope) => scope !== "");
  return [...new Set(all)].sort().join(" ");
}

function roles(profile, payload) {
  if (profile === "cognito") return payload["cognito:groups"] ?? [];
  const realm = profile === "openid" ? (payload.realm_access?.roles ?? []) : [];
  return [payload.roles ?? [], realm].flat();
}

/** Issuer, user, `iat`, `exp`, client, id, scopes and roles. */
export function read(profile, payload) {
  const clients = {
    auth0: ["azp", "client_id"],
    openid: ["client_id", "azp", "cid", "appid"],
  }[profile] ?? ["client_id"];
  const { iss, sub, iat, exp, jti } = payload;
  const client = first(payload, ...clients);
  return [iss, sub, iat, exp, client, jti ?? "", scopes(profile, payload), roles(profile, payload).join(",")];
}
