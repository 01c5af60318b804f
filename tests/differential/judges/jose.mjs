// Judges tokens with jose. Reads the set-ups from the first line, then batches, one a line: pairs of a
// set-up and a token. Answers each batch with a line: for each token what was read from it, or why not.
import readline from "node:readline";
import { importJWK, jwtVerify } from "jose";

const judges = [];
let world;

async function prepare({ profile, algorithms, keys }) {
  const byId = new Map();
  for (const jwk of keys) byId.set(jwk.kid, await importJWK(jwk));
  const strict = profile === "rfc9068";
  const options = {
    algorithms: algorithms.flatMap((name) => (name === "EdDSA" ? [name, "Ed25519"] : [name])),
    issuer: world.issuer,
    audience: world.audience,
    clockTolerance: world.leeway,
    currentDate: new Date(world.now * 1000),
    // With it, jose looks at `iat` as well: it must be there, and not in the future.
    maxTokenAge: 10_000_000_000,
    requiredClaims: strict ? ["sub", "exp", "client_id", "jti"] : ["sub", "exp"],
    ...(strict && { typ: "at+jwt" }),
  };
  const key = ({ kid, alg }) => {
    // Issuers of OpenID Connect may leave the `kid` out: each algorithm has one key here.
    const id = kid === undefined && !strict ? `key-${alg}` : kid;
    if (!byId.has(id)) throw new Error("unknown kid");
    return byId.get(id);
  };
  return (token) => jwtVerify(token, key, options);
}

const text = (value) => String(value).toWellFormed();

async function judge([setUp, token]) {
  try {
    const { payload } = await judges[setUp](token);
    const { iss, sub, iat, exp, client_id, jti } = payload;
    return [iss, sub, iat, exp, client_id, jti].map(text);
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
