// The tutorial's middleware, with Countersign where Auth0 was: from the header to `req.auth`.
import { expressjwt, UnauthorizedError } from "express-jwt";
import jwksRsa from "jwks-rsa";
import { jwksOptions } from "./keys.mjs";
import { answerRefusal, Refusal } from "./rules.mjs";
import { algorithm, audience, issuer } from "./settings.mjs";

const keyOf = jwksRsa.expressJwtSecret(jwksOptions);

/**
 * Sets `req.auth` to the token's claims, or leaves it out if there is no token. A bad token is an
 * error. Nothing here says who may do what: that is for the rules, and no route is without one.
 */
export const authenticate = expressjwt({
  // RFC 9068 §4: an access token, and no other kind that the same key may sign.
  secret: (req, token) => (token?.header.typ === "at+jwt" ? keyOf(req, token) : undefined),
  issuer,
  audience,
  algorithms: [algorithm],
  clockTolerance: 5,
  credentialsRequired: false,
});

/** The last middleware: what went wrong, as an answer. */
export function answerErrors(error, req, res, next) {
  if (error instanceof Refusal) return answerRefusal(res, error);
  if (error instanceof UnauthorizedError) {
    return answerRefusal(res, new Refusal(401, "invalid_token"));
  }
  if (error.isEndpointUnavailable) return answerRefusal(res, new Refusal(503, "keys_unavailable"));
  return next(error);
}
