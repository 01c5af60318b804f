// From the header to the user of the context: nobody, this user, or an error. Never the third taken
// for the first.
import { GraphQLError } from "graphql";
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify } from "jose";
import { algorithm, audience, issuer, jwksCacheSeconds } from "./settings.mjs";

const fetched = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), {
  cacheMaxAge: jwksCacheSeconds * 1000,
  // At most one fetch in so many milliseconds for key ids that nobody knows.
  cooldownDuration: 5000,
  timeoutDuration: 3000,
});

/** What jose says of a token, in contrast to what keeps it from saying anything. */
const isVerdict = (error) => /^ERR_(JWT|JWS|JOSE|JWKS_NO_MATCHING_KEY)/.test(error.code ?? "");

/** The key of a token. An outage of the issuer is not one of ours: the keys that we have go on. */
async function keyOf(header, token) {
  try {
    return await fetched(header, token);
  } catch (error) {
    const known = fetched.jwks();
    if (isVerdict(error) || !known) throw error;
    console.error(`the keys can't be fetched: ${error.message}`);
    return createLocalJWKSet(known)(header, token).catch(() => {
      throw error;
    });
  }
}

const refusal = (message, code, status) =>
  new GraphQLError(message, { extensions: { code, http: { status } } });

/** The user that the `Authorization` header (or undefined) speaks for; null if there is none. */
export async function authenticate(header) {
  if (header === undefined) return null;
  const [, token] = /^Bearer +(\S+)$/i.exec(header) ?? [];
  if (!token) throw refusal("send the token as `Authorization: Bearer …`", "UNAUTHENTICATED", 401);
  try {
    const { payload } = await jwtVerify(token, keyOf, {
      issuer,
      audience,
      algorithms: [algorithm],
      typ: "at+jwt",
      requiredClaims: ["sub", "exp"],
      clockTolerance: 5,
    });
    return {
      id: payload.sub,
      scopes: (payload.scope ?? "").split(" "),
      roles: payload.roles ?? [],
      token,
    };
  } catch (error) {
    if (isVerdict(error)) {
      throw refusal("the token is not good: log in again", "UNAUTHENTICATED", 401);
    }
    throw refusal("the keys can't be fetched: try again", "UNAVAILABLE", 503);
  }
}
