// Judges tokens with jose. Reads the set-ups from the first line, then batches, one a line: pairs of a
// set-up and a token. Answers each batch with a line: for each token what was read from it, or why not.
import readline from "node:readline";
import { decodeJwt, importJWK, jwtVerify } from "jose";
import { check, read, requiredClaims } from "./profiles.mjs";

const judges = [];
let world;

async function prepare({ profile, algorithms, keys }) {
  const byId = new Map();
  for (const jwk of keys) byId.set(jwk.kid, await importJWK(jwk));
  const strict = profile === "rfc9068";
  const options = {
    algorithms: algorithms.flatMap((name) => (name === "EdDSA" ? [name, "Ed25519"] : [name])),
    issuer: world.issuer,
    clockTolerance: world.leeway,
    currentDate: new Date(world.now * 1000),
    // With it, jose looks at `iat` as well: it must be there, and not in the future.
    maxTokenAge: 10_000_000_000,
    requiredClaims: requiredClaims[profile],
    ...(strict && { typ: "at+jwt" }),
  };
  const key = ({ kid, alg }) => {
    // Other issuers may leave the `kid` out: each algorithm has one key here.
    const id = kid === undefined && !strict ? `key-${alg === "Ed25519" ? "EdDSA" : alg}` : kid;
    if (!byId.has(id)) throw new Error("unknown kid");
    return byId.get(id);
  };
  return async (token) => {
    // Cognito leaves `aud` out, save for tokens that are bound to a resource server.
    const instead = profile === "cognito" && decodeJwt(token).aud === undefined;
    const audience = instead ? {} : { audience: world.audience };
    const { protectedHeader, payload } = await jwtVerify(token, key, { ...options, ...audience });
    if (instead && payload.client_id !== world.audience) throw new Error("another app client");
    check[profile]?.(protectedHeader, payload);
    return read(profile, payload);
  };
}

const text = (value) => String(value).toWellFormed();

async function judge([setUp, token]) {
  try {
    return (await judges[setUp](token)).map(text);
  } catch (error) {
    return text(error.code ?? error.message);
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (world) {
    process.stdout.write(JSON.stringify(await Promise.all(message.map(judge))) + "\n");
  } else {
    world = message;
    for (const setUp of world.set_ups) judges.push(await prepare(setUp));
  }
}
