// Passport's JWT strategy with Countersign's keys: from the header to `req.auth`.
import jwksRsa from "jwks-rsa";
import passport from "passport";
import { ExtractJwt, Strategy } from "passport-jwt";
import { jwksOptions } from "./keys.mjs";
import { answerRefusal, Refusal } from "./rules.mjs";
import { algorithm, audience, issuer } from "./settings.mjs";

const keyOf = jwksRsa.passportJwtSecret(jwksOptions);

/** RFC 9068 §4: an access token, and no other kind that the same key may sign. */
function isAccessToken(token) {
  try {
    return JSON.parse(Buffer.from(token.split(".")[0], "base64url")).typ === "at+jwt";
  } catch {
    return false;
  }
}

passport.use(
  new Strategy(
    {
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: (req, token, done) =>
        isAccessToken(token) ? keyOf(req, token, done) : done(null, null),
      issuer,
      audience,
      algorithms: [algorithm],
      jsonWebTokenOptions: { clockTolerance: 5 },
    },
    // The token says who calls. A user's own row, if you need it, is looked up here by `sub`.
    (claims, done) => done(null, claims),
  ),
);

/**
 * Sets `req.auth` to the token's claims, or leaves it out if there is no `Authorization` at all.
 * Anything else in there is an error, and never a call by nobody. No session: each request brings
 * its token.
 */
export function authenticate(req, res, next) {
  passport.authenticate("jwt", { session: false }, (error, claims, failure) => {
    if (error) return next(error);
    if (claims) {
      req.auth = claims;
      return next();
    }
    if (req.headers.authorization === undefined) return next();
    const away = failure?.isEndpointUnavailable;
    return next(away ? new Refusal(503, "keys_unavailable") : new Refusal(401, "invalid_token"));
  })(req, res, next);
}

/** The last middleware: what went wrong, as an answer. */
export function answerErrors(error, req, res, next) {
  return error instanceof Refusal ? answerRefusal(res, error) : next(error);
}
