// Measures the libraries of Node.js, one at a time, as it is asked line by line: {library, alg, seconds}. The
// answer is {count, seconds}, in seconds of processor time of all threads of this process; or null, if the
// library has no such algorithm.
import crypto from "node:crypto";
import { readFileSync } from "node:fs";
import readline from "node:readline";
import { JwtVerifier } from "aws-jwt-verify";
import { importJWK, jwtVerify } from "jose";
import jsonwebtoken from "jsonwebtoken";

const issuer = "https://id.example.com";
const audience = "https://api.example.com";
const tokens = new Map(JSON.parse(readFileSync(process.argv[2])).map((one) => [one.alg, one]));

// Each: the key is prepared, and what comes back verifies the token once.
const libraries = {
  async jose({ alg, jwk, token }) {
    const key = await importJWK(jwk);
    const options = { issuer, audience, algorithms: [alg], typ: "at+jwt", requiredClaims: ["exp"] };
    return async () => (await jwtVerify(token, key, options)).payload.sub;
  },
  async jsonwebtoken({ alg, jwk, token }) {
    if (alg === "EdDSA") return null;
    const key = jwk.k
      ? crypto.createSecretKey(Buffer.from(jwk.k, "base64url"))
      : crypto.createPublicKey({ key: jwk, format: "jwk" });
    const options = { issuer, audience, algorithms: [alg] };
    return () => jsonwebtoken.verify(token, key, options).sub;
  },
  async "aws-jwt-verify"({ alg, jwk, token }) {
    if (/^(PS|HS)/.test(alg)) return null;
    const verifier = JwtVerifier.create({ issuer, audience, jwksUri: `${issuer}/jwks.json` });
    verifier.cacheJwks({ keys: [jwk] });
    return () => verifier.verifySync(token).sub;
  },
};

async function measure({ library, alg, seconds }) {
  const verify = await libraries[library](tokens.get(alg));
  if (!verify) return null;
  if (!(await verify())) throw new Error(`${library} read nothing from its token`);
  const start = process.cpuUsage();
  const spent = () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e6;
  };
  let count = 0;
  while (spent() < seconds) {
    for (let i = 0; i < 20; i += 1) {
      const verified = verify();
      // Awaiting what is no promise would cost what the library does not.
      if (verified instanceof Promise) await verified;
    }
    count += 20;
  }
  return { count, seconds: spent() };
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await measure(JSON.parse(line))) + "\n");
}
