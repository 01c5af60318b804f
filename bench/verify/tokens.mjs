// Prints a key and an access token of Countersign's form for each algorithm, signed by OpenSSL through Node,
// good for a day.
import crypto from "node:crypto";

const now = Math.floor(Date.now() / 1000);
const claims = {
  iss: "https://id.example.com",
  aud: "https://api.example.com",
  sub: "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55",
  client_id: "countersign",
  jti: "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e56",
  iat: now - 60,
  exp: now + 86_400,
  scope: "account:read account:write",
  sid: "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e57",
  auth_time: now - 60,
  amr: ["pwd"],
  acr: "aal1",
};
const pss = {
  padding: crypto.constants.RSA_PKCS1_PSS_PADDING,
  saltLength: crypto.constants.RSA_PSS_SALTLEN_DIGEST,
};
const p1363 = { dsaEncoding: "ieee-p1363" };
const rsa = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = (namedCurve) => crypto.generateKeyPairSync("ec", { namedCurve });
const pair = (hash, keys, options = {}) => ({
  jwk: keys.publicKey.export({ format: "jwk" }),
  sign: (message) => crypto.sign(hash, message, { key: keys.privateKey, ...options }),
});
const hmac = (hash, bytes) => {
  const secret = crypto.randomBytes(bytes);
  return {
    jwk: { kty: "oct", k: secret.toString("base64url") },
    sign: (message) => crypto.createHmac(hash, secret).update(message).digest(),
  };
};
const algorithms = {
  ES256: pair("sha256", ec("P-256"), p1363),
  ES384: pair("sha384", ec("P-384"), p1363),
  ES512: pair("sha512", ec("P-521"), p1363),
  EdDSA: pair(null, crypto.generateKeyPairSync("ed25519")),
  RS256: pair("sha256", rsa),
  RS384: pair("sha384", rsa),
  RS512: pair("sha512", rsa),
  PS256: pair("sha256", rsa, pss),
  PS384: pair("sha384", rsa, pss),
  PS512: pair("sha512", rsa, pss),
  HS256: hmac("sha256", 32),
  HS384: hmac("sha384", 48),
  HS512: hmac("sha512", 64),
};
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const all = Object.entries(algorithms).map(([alg, { jwk, sign }]) => {
  const kid = crypto.createHash("sha256").update(JSON.stringify(jwk)).digest("base64url");
  const message = `${encode({ typ: "at+jwt", alg, kid })}.${encode(claims)}`;
  const signature = sign(Buffer.from(message)).toString("base64url");
  return { alg, jwk: { ...jwk, kid, alg, use: "sig" }, token: `${message}.${signature}` };
});
console.log(JSON.stringify(all));
