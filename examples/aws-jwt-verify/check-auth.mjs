// The handbook's `checkAuth`, done by AWS's own library: from an event to the token's claims.
import { JwtVerifier } from "aws-jwt-verify";
import { FetchError, WaitPeriodNotYetEndedJwkError } from "aws-jwt-verify/error";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import { algorithm, audience, issuer, jwksCacheSeconds } from "./settings.mjs";

// The library fetches over HTTPS alone; on this machine Countersign speaks HTTP. With an https
// issuer leave this out.
const overHttp = {
  async fetch(uri) {
    const answer = await fetch(uri, { signal: AbortSignal.timeout(3000) }).catch((error) => error);
    if (!answer.ok) throw new FetchError(uri, answer.message ?? `status ${answer.status}`);
    return answer.arrayBuffer();
  },
};
const jwksCache = issuer.startsWith("http:") ? new SimpleJwksCache({ fetcher: overHttp }) : undefined;

const verifier = JwtVerifier.create(
  {
    issuer,
    audience,
    jwksUri: `${issuer}/.well-known/jwks.json`,
    graceSeconds: 5,
    customJwtCheck({ header }) {
      // RFC 9068 §4: an access token, and no other kind that the same key may sign.
      if (header.typ !== "at+jwt") throw new Error("not an access token");
      if (header.alg !== algorithm) throw new Error("not our algorithm");
    },
  },
  { jwksCache },
);

// The library keeps the keys for as long as the process lives, those too that were retired since. So
// they are fetched anew when they are old. If that fails, those that there are go on.
let askedAt = performance.now();
async function renewKeys() {
  if (performance.now() - askedAt < jwksCacheSeconds * 1000) return;
  askedAt = performance.now();
  await verifier.hydrate().catch((error) => console.error("keys:", error.message));
}

/** No, as an HTTP answer. */
export class Refusal extends Error {
  constructor(status, code, details = {}) {
    super(code);
    Object.assign(this, { status, code, details });
  }
}

/**
 * Who calls: the token's claims, or null if there is no `Authorization`. A bad token throws, and is
 * never a call by nobody. API Gateway's REST API keeps the header's letters, its HTTP API makes them
 * small: both are looked for.
 */
export async function checkAuth({ headers = {} }) {
  const header = headers.authorization ?? headers.Authorization;
  if (header === undefined) return null;
  const [, token] = /^Bearer +(\S+)$/i.exec(header) ?? [];
  if (!token) throw new Refusal(401, "invalid_token");
  try {
    await renewKeys();
    return { ...(await verifier.verify(token)), token };
  } catch (error) {
    const away = error instanceof FetchError || error instanceof WaitPeriodNotYetEndedJwkError;
    throw away ? new Refusal(503, "keys_unavailable") : new Refusal(401, "invalid_token");
  }
}
