// What this API has to know: who issues the tokens, and for whom they must be.
const { env } = process;

/** The instance of Countersign, as it stands in `iss`. */
export const issuer = env.ISSUER ?? "http://127.0.0.1:4455";
/** The name of this API, as it stands in `aud`. */
export const audience = env.AUDIENCE ?? issuer;
/** What Countersign signs with for this audience: ES256, unless you have chosen another. */
export const algorithm = env.ALGORITHM ?? "ES256";
/** Where this API listens; 0 takes a free port. */
export const port = Number(env.PORT ?? 4464);
/** For how long a public key is believed without asking again; bounds how long a retired key lives here. */
export const jwksCacheSeconds = Number(env.JWKS_CACHE_SECONDS ?? 600);
