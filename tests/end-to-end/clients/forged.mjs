// Tokens that nobody should take, made from one that is good.
import { createHmac, generateKeyPairSync, randomUUID, sign } from "node:crypto";

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const decode = (part) => JSON.parse(Buffer.from(part, "base64url"));
const foreign = generateKeyPairSync("ec", { namedCurve: "P-256" });

function signed(head, claims) {
  const input = `${encode(head)}.${encode(claims)}`;
  const by = { key: foreign.privateKey, dsaEncoding: "ieee-p1363" };
  return `${input}.${sign("sha256", Buffer.from(input), by).toString("base64url")}`;
}

/** Name → token, each of them worth a 401. `jwks` is the issuer's key set. */
export function forgeries(good, jwks) {
  const [head, claims, signature] = good.split(".");
  const [header, payload] = [decode(head), decode(claims)];
  const admin = { ...payload, scope: "comments:write", roles: ["moderator"] };
  // The signature's first character: changing the last one may change padding bits alone.
  const flipped = (signature[0] === "A" ? "B" : "A") + signature.slice(1);
  const hmac = (secret) => {
    const input = `${encode({ ...header, alg: "HS256" })}.${encode(admin)}`;
    return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
  };
  const publicKey = jwks.keys.find(({ kid }) => kid === header.kid);
  return {
    "no token at all": "nonsense",
    "a changed claim": `${head}.${encode(admin)}.${signature}`,
    "a changed signature": `${head}.${claims}.${flipped}`,
    "no signature": `${head}.${claims}.`,
    "`alg: none`": `${encode({ ...header, alg: "none" })}.${encode(admin)}.`,
    "`alg: None` with the signature left": `${encode({ ...header, alg: "None" })}.${claims}.${signature}`,
    "HS256 under the public key (CVE-2022-23540 and its kind)": hmac(JSON.stringify(publicKey)),
    "HS256 under the tutorial's secret": hmac("securesecret"),
    "a foreign key under a known id": signed(header, admin),
    "a foreign key with no id": signed({ ...header, kid: undefined }, admin),
    "a foreign key that it brings along": signed(
      { ...header, kid: undefined, jwk: foreign.publicKey.export({ format: "jwk" }) },
      admin,
    ),
    "another kind of token by another key": signed({ ...header, typ: "JWT" }, admin),
  };
}

/** A token by a key that nobody knows, under an id that nobody knows. */
export function unknownKey(good) {
  const [head, claims] = good.split(".").map((part, index) => (index < 2 ? decode(part) : part));
  return signed({ ...head, kid: randomUUID() }, claims);
}
