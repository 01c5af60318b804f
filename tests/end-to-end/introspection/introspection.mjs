// Opaque tokens of a certified OpenID provider (oidc-provider), asked about by `verify` at its real RFC 7662
// endpoint. node introspection.mjs INTROSPECT, the example program of crates/verify.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [program] = process.argv.slice(2);
const audience = "https://api.example.com";
const secret = "a secret: of 32 bytes & no less!!";

const server = createServer().listen(0, "127.0.0.1");
await once(server, "listening");
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: ["my-api", "machine"].map((client_id) => ({
    client_id,
    client_secret: secret,
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
  })),
  scopes: ["comments:write"],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true, allowedPolicy: () => true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, resource) => ({
        scope: "comments:write",
        audience: resource,
        accessTokenFormat: "opaque",
        accessTokenTTL: 600,
      }),
    },
  },
});
server.on("request", provider.callback());

const encoded = (text) => new URLSearchParams({ x: text }).toString().slice(2);
async function as(client, path, form) {
  const proof = Buffer.from(`${client}:${encoded(secret)}`).toString("base64");
  const answer = await fetch(issuer + path, {
    method: "POST",
    headers: { authorization: `Basic ${proof}` },
    body: new URLSearchParams(form),
  });
  const text = await answer.text();
  assert.ok(answer.ok, text);
  return text && JSON.parse(text);
}
const issued = async (resource) => {
  const form = { grant_type: "client_credentials", scope: "comments:write", resource };
  return (await as("machine", "/token", form)).access_token;
};
/** What `verify` says of a token. */
const judged = (token, clientSecret = secret) =>
  new Promise((resolve, reject) => {
    const asking = execFile(program, [`${issuer}/token/introspection`, issuer, audience, "my-api"], (error, said) =>
      error ? reject(error) : resolve(said.trim()),
    );
    asking.stdin.end(`${clientSecret}\n${token}\n`);
  });

const ours = await issued(audience);
assert.match(ours, /^[\w-]+$/, "it is opaque");
assert.equal(await judged(ours), "active: machine through machine may comments:write");
assert.match(await judged(await issued("https://other.example.com")), /^wrong_audience: /);
assert.match(await judged("made-up"), /^inactive_token: /);
assert.match(await judged(ours, "another secret"), /^introspection_unavailable: /);
await as("machine", "/token/revocation", { token: ours });
assert.match(await judged(ours), /^inactive_token: /);
console.log("ok: opaque tokens of a real provider are taken, refused for another API, and known when revoked");
server.close();
server.closeAllConnections();
